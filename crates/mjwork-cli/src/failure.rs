//! Why a command did not do what it was asked: one sentence for a person, one exit code for a script.

use mjwork::SendError;
use mjwork::board::Refusal;
use mjwork::reader::Fault;
use std::fmt;

/// The exit codes, as the help says them.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    `doctor` found something that does not work
  2    wrong words, or a file that cannot be read
  3    refused by the fold: taken, stale, not the owner, no such task, nothing ready …
  4    not connected
  5    refused by the server: not allowed, no such stream …
  6    no answer in time
  126  the command of `work` cannot be run
  127  the command of `work` is not found";

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// Words that make no sense, or files that cannot be read.
    Usage(String),
    /// The fold says no.
    Refused(Refusal),
    /// The board has nothing of what was asked for.
    Nothing(String),
    /// There is no connection to the server.
    NotConnected(String),
    /// The server says no.
    Denied(String),
    /// The server said nothing in time.
    NoAnswer(String),
    /// A check of `doctor` failed; what it said is the sentence.
    Unsound,
    /// The command of `work` cannot be run.
    CannotRun(String),
    /// The command of `work` is not there.
    NotFound(String),
    /// Nobody reads what is written any more, as when it is piped into `head`.
    Unheard,
}

impl Failure {
    /// The exit code, as the help says.
    pub fn code(&self) -> u8 {
        match self {
            Self::Unheard => 0,
            Self::Unsound => 1,
            Self::Usage(_) => 2,
            Self::Refused(_) | Self::Nothing(_) => 3,
            Self::NotConnected(_) => 4,
            Self::Denied(_) => 5,
            Self::NoAnswer(_) => 6,
            Self::CannotRun(_) => 126,
            Self::NotFound(_) => 127,
        }
    }

    /// Whether there is anything to say that was not said already.
    pub fn is_silent(&self) -> bool {
        matches!(self, Self::Unheard | Self::Unsound)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "refused: {refusal}"),
            Self::Usage(words)
            | Self::Nothing(words)
            | Self::NotConnected(words)
            | Self::Denied(words)
            | Self::NoAnswer(words)
            | Self::CannotRun(words)
            | Self::NotFound(words) => f.write_str(words),
            Self::Unsound => f.write_str("not everything works"),
            Self::Unheard => f.write_str("nobody reads this"),
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
            SendError::TimedOut | SendError::Unavailable(_) | SendError::Unread { .. } => {
                Self::NoAnswer(words)
            }
            SendError::TooLarge(_) => Self::Usage(words),
            SendError::NotSent(_) => Self::NotConnected(words),
            _ => Self::Denied(words),
        }
    }
}

impl From<std::io::Error> for Failure {
    /// Of writing to the standard output.
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::Unheard,
            _ => Self::CannotRun(format!("the output cannot be written: {error}")),
        }
    }
}
