//! Why no connection came about.

use std::fmt;

use nats_proto::connection::{CloseReason, DisconnectReason};

use crate::error::Error;

/// Why no connection came about.
pub type ConnectError = Error<ConnectErrorKind>;

/// What went wrong while connecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectErrorKind {
    /// The address is no `ws://` or `wss://` URL.
    ServerParse,
    /// The credentials cannot be used: the seed of the key is none, or whoever was asked for them had none.
    Authentication,
    /// The server refuses the credentials.
    AuthorizationViolation,
    /// The server did not answer in time.
    TimedOut,
    /// The server is unreachable, refuses the connection or this page's origin, or does not speak NATS. A browser does
    /// not tell a page which of these it is.
    Io,
    /// As many attempts as allowed have failed.
    MaxReconnects,
}

impl fmt::Display for ConnectErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ServerParse => "the server's address is not a ws:// or wss:// URL",
            Self::Authentication => "authentication error",
            Self::AuthorizationViolation => "authorization violation",
            Self::TimedOut => "timed out",
            Self::Io => "IO error",
            Self::MaxReconnects => "reached maximum number of reconnects",
        })
    }
}

/// What the end of a connection says of why it never came about.
pub(super) fn of(reason: CloseReason) -> ConnectError {
    let kind = match &reason {
        CloseReason::Authorization(_) | CloseReason::InitialConnect(DisconnectReason::Authorization(_)) => {
            ConnectErrorKind::AuthorizationViolation
        }
        CloseReason::InitialConnect(DisconnectReason::Credentials(_)) => ConnectErrorKind::Authentication,
        CloseReason::InitialConnect(DisconnectReason::TimedOut) => ConnectErrorKind::TimedOut,
        CloseReason::MaxReconnects(_) => ConnectErrorKind::MaxReconnects,
        _ => ConnectErrorKind::Io,
    };
    match reason {
        CloseReason::InitialConnect(reason) | CloseReason::MaxReconnects(reason) => {
            ConnectError::with_source(kind, reason)
        }
        other => ConnectError::with_source(kind, other),
    }
}
