//! Names that cannot be wrong: tasks and agents.
//! Both are cheap to copy, as the fold shares one text among everything that names it.

use serde::de::{self, Deserialize, Deserializer};
use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// At most this many characters make a task id (PROTOCOL.md, "Subjects and bodies").
const TASK_ID_CHARS: usize = 256;
/// At most this many characters make an agent id (PROTOCOL.md, "Subjects and bodies").
const AGENT_ID_CHARS: usize = 64;

pub(crate) fn is_task_id(text: &str) -> bool {
    // A text of no more bytes than that cannot have more characters, and nearly all are such.
    !text.is_empty() && (text.len() <= TASK_ID_CHARS || text.chars().count() <= TASK_ID_CHARS)
}

pub(crate) fn is_agent_id(text: &str) -> bool {
    (1..=AGENT_ID_CHARS).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A text that is no id, with the rule that it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidId {
    rule: &'static str,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rule)
    }
}

impl std::error::Error for InvalidId {}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $check:path, $rule:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id of this text.
            ///
            /// # Errors
            /// When the text breaks the rule that the error states.
            pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidId> {
                let text = text.as_ref();
                if $check(text) { Ok(Self(text.into())) } else { Err(InvalidId { rule: $rule }) }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// For text that [`crate::event::decode`] has already checked.
            pub(crate) fn from_checked(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }
    };
}

id!(
    /// A task's id: 1 to 256 characters.
    TaskId,
    is_task_id,
    "a task id has 1 to 256 characters"
);
id!(
    /// An agent's id: one subject token of 1 to 64 of `A-Z a-z 0-9 - _`.
    AgentId,
    is_agent_id,
    "an agent id has 1 to 64 characters of A-Z a-z 0-9 - _"
);

impl<'de> Deserialize<'de> for TaskId {
    /// A text, or an integer, as on the wire.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TaskIdVisitor)
    }
}

struct TaskIdVisitor;

impl de::Visitor<'_> for TaskIdVisitor {
    type Value = TaskId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a task id: a text of 1 to 256 characters, or an integer")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<TaskId, E> {
        TaskId::new(text).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<TaskId, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<TaskId, E> {
        self.visit_str(&number.to_string())
    }
}

impl AgentId {
    /// The id of a text that others share.
    pub(crate) fn from_shared(text: Arc<str>) -> Option<Self> {
        is_agent_id(&text).then_some(Self(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_id_is_counted_in_characters() {
        assert!(TaskId::new("").is_err());
        assert!(TaskId::new("ü".repeat(256)).is_ok());
        assert!(TaskId::new("ü".repeat(257)).is_err());
    }

    #[test]
    fn an_agent_id_is_one_subject_token() {
        for good in ["a", "Agent-Alpha_7", &"x".repeat(64)] {
            assert!(AgentId::new(good).is_ok(), "{good}");
        }
        for bad in ["", "a.b", "a b", "*", ">", "ä", "a\n", &"x".repeat(65)] {
            assert!(AgentId::new(bad).is_err(), "{bad:?}");
        }
    }
}
