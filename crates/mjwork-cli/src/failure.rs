//! Why a command did not do what it was asked: one sentence for a person, one exit code for a script.

use mjwork::SendError;
use mjwork::board::Refusal;
use mjwork::reader::Fault;
use std::fmt;

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// Words that make no sense.
    Usage(String),
    /// The fold says no.
    Refused(Refusal),
    /// There is no connection to the server.
    NotConnected(String),
    /// The server says no.
    Denied(String),
    /// The server said nothing in time.
    NoAnswer(String),
}

impl Failure {
    /// The exit code, as the help says.
    pub fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Refused(_) => 3,
            Self::NotConnected(_) => 4,
            Self::Denied(_) => 5,
            Self::NoAnswer(_) => 6,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "refused: {refusal}"),
            Self::Usage(words) | Self::NotConnected(words) | Self::Denied(words) | Self::NoAnswer(words) => {
                f.write_str(words)
            }
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let words = fault.to_string();
        match fault {
            Fault::TimedOut => Self::NoAnswer(words),
            Fault::Closed => Self::NotConnected(words),
            _ => Self::Denied(words),
        }
    }
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        let words = error.to_string();
        match error {
            SendError::TimedOut => Self::NoAnswer(words),
            SendError::NotSent(_) => Self::NotConnected(words),
            _ => Self::Denied(words),
        }
    }
}
