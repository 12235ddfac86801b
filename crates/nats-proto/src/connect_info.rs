//! What a client says of itself in `CONNECT`.
//! Secrets are sent, and never printed: `Debug` leaves them out.

use std::fmt;

use crate::Secret;

/// The client's side of the handshake.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the fields are the protocol's")]
pub struct ConnectInfo {
    /// Whether the server acknowledges every command with `+OK`.
    pub verbose: bool,
    /// Whether the server checks subjects more strictly.
    pub pedantic: bool,
    /// Whether the client understands headers.
    pub headers: bool,
    /// Whether a request that nobody listens for is answered with status 503.
    pub no_responders: bool,
    /// Whether the client's own messages come back on its own subscriptions.
    pub echo: bool,
    /// A name for the connection, shown by the server's monitoring.
    pub name: Option<String>,
    /// The user, if signing in with a password.
    pub user: Option<String>,
    /// The password.
    pub pass: Option<Secret>,
    /// The token, if signing in with one.
    pub auth_token: Option<Secret>,
    /// The token that says who a user is (JWT), if signing in with credentials.
    pub user_jwt: Option<Secret>,
    /// The public key, if signing in with a key alone.
    pub nkey: Option<String>,
    /// What the server asked to have signed, signed.
    pub signature: Option<String>,
    /// The client's language.
    pub lang: String,
    /// The client's version.
    pub version: String,
    /// The protocol: 1 asks for `INFO` whenever it changes.
    pub protocol: u8,
}

impl Default for ConnectInfo {
    fn default() -> Self {
        Self {
            verbose: false,
            pedantic: false,
            headers: true,
            no_responders: true,
            echo: true,
            name: None,
            user: None,
            pass: None,
            auth_token: None,
            user_jwt: None,
            nkey: None,
            signature: None,
            lang: "rust".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            protocol: 1,
        }
    }
}

impl fmt::Debug for ConnectInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectInfo")
            .field("name", &self.name)
            .field("user", &self.user)
            .field("pass", &self.pass)
            .field("auth_token", &self.auth_token)
            .field("user_jwt", &self.user_jwt)
            .field("nkey", &self.nkey)
            .field("echo", &self.echo)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;
    use crate::{ServerInfo, encode};

    #[test]
    fn secrets_are_sent_and_not_printed() {
        let info = ConnectInfo {
            user: Some("ann".into()),
            pass: Some("hunter2".into()),
            auth_token: Some("t0ken".into()),
            user_jwt: Some("j.w.t".into()),
            ..ConnectInfo::default()
        };
        let printed = format!("{info:?}");
        assert!(printed.contains("ann"));
        for secret in ["hunter2", "t0ken", "j.w.t"] {
            assert!(!printed.contains(secret), "{printed}");
        }
        let mut sent = BytesMut::new();
        encode::connect(&mut sent, &info, None, &ServerInfo::default());
        let sent = String::from_utf8(sent.to_vec()).expect("it is text");
        assert!(sent.contains("hunter2") && sent.contains("t0ken") && sent.contains(r#""jwt":"j.w.t""#));
        assert!(!sent.contains("name"));
    }
}
