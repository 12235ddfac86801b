//! Why a worker cannot do what it wants to, in a sentence each.

use crate::board::Refusal;
use crate::reader::Fault;
use crate::{InvalidId, SendError, Sequence};
use std::fmt;

/// Why there is no worker.
#[derive(Debug)]
#[non_exhaustive]
pub enum WorkerError {
    /// The name is no agent's id.
    Name(InvalidId),
    /// No connection.
    Connect(String),
    /// The stream cannot be read.
    Read(Fault),
    /// Its first heartbeat is not known to be stored.
    Send(SendError),
    /// The folder for completions that wait to be sent cannot be used.
    #[cfg(not(target_arch = "wasm32"))]
    Spool {
        /// The folder.
        path: std::path::PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

impl fmt::Display for WorkerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => error.fmt(f),
            Self::Connect(words) => write!(f, "no connection: {words}"),
            Self::Read(fault) => fault.fmt(f),
            Self::Send(error) => write!(f, "the first heartbeat was not stored: {error}"),
            #[cfg(not(target_arch = "wasm32"))]
            Self::Spool { path, error } => {
                write!(f, "the folder {} for results that wait to be sent: {error}", path.display())
            }
        }
    }
}

impl std::error::Error for WorkerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Name(error) => Some(error),
            Self::Connect(_) => None,
            Self::Read(fault) => Some(fault),
            Self::Send(error) => Some(error),
            #[cfg(not(target_arch = "wasm32"))]
            Self::Spool { error, .. } => Some(error),
        }
    }
}

/// Why a task is not this worker's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimError {
    /// It is taken, blocked, finished, unknown, or changed meanwhile.
    Refused(Refusal),
    /// The claim is not known to be stored. If it is, the task is given back as soon as that shows.
    Send(SendError),
    /// The worker was stopped.
    Stopped,
}

impl fmt::Display for ClaimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Send(error) => error.fmt(f),
            Self::Stopped => f.write_str("the worker was stopped"),
        }
    }
}

impl std::error::Error for ClaimError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Send(error) => Some(error),
            Self::Refused(_) | Self::Stopped => None,
        }
    }
}

/// Why the owner's word on a task does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HoldError {
    /// The fold refused it: the task is no longer this claim's.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The sequence under which a refused completion is kept as a late result, which an operator can accept.
        late: Option<Sequence>,
    },
    /// It is not known to be stored, or never will be.
    Send(SendError),
}

impl fmt::Display for HoldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { refusal, late: None } => refusal.fmt(f),
            Self::Refused { refusal, late: Some(seq) } => {
                write!(f, "{refusal}; the result is kept at {seq}, and an operator can accept it")
            }
            Self::Send(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for HoldError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Send(error) => Some(error),
            Self::Refused { .. } => None,
        }
    }
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailureKind {
    /// Another attempt may do better.
    #[default]
    Retryable,
    /// No attempt will.
    Fatal,
    /// Later it may go.
    RateLimited,
}

impl FailureKind {
    /// The word on the wire: `retryable`, `fatal`, `rate_limited`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retryable => "retryable",
            Self::Fatal => "fatal",
            Self::RateLimited => "rate_limited",
        }
    }
}
