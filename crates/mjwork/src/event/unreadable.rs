//! What cannot be read, and why, in a sentence that an operator can act on.
//! Nothing that arrives is dropped in silence, so each of these is shown on the board.

use crate::fields::Misfit;
use std::fmt;

/// A message that is not of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What is wrong with it.
    pub reason: Reason,
    /// The size of its body in bytes.
    pub size: usize,
}

/// Why a body cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// No bytes at all.
    Empty,
    /// Not UTF-8 from this byte on.
    NotUtf8 {
        /// The offset of the first byte that is not UTF-8.
        at: usize,
    },
    /// Not JSON; the parser's own words.
    NotJson(String),
    /// JSON, but no object.
    NotAnObject,
    /// Nested more deeply than [`MAX_DEPTH`].
    TooDeep,
    /// An object whose fields are missing, of the wrong type or out of range.
    Fields(String),
    /// A subject that the contract does not know.
    UnknownSubject,
    /// Relayed by the server on somebody's behalf, not stored as a publisher wrote it.
    Forged,
    /// It expires before the stream's own age limit, which only heartbeats may.
    Fleeting,
}

/// Objects and lists may lie in each other this deep.
pub const MAX_DEPTH: usize = 64;

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the body is empty"),
            Self::NotUtf8 { at } => write!(f, "the body is not UTF-8 from byte {at} on"),
            Self::NotJson(why) => write!(f, "the body is not JSON: {why}"),
            Self::NotAnObject => f.write_str("the body is JSON but not an object"),
            Self::TooDeep => write!(f, "the body is nested more than {MAX_DEPTH} levels deep"),
            Self::Fields(why) => f.write_str(why),
            Self::UnknownSubject => f.write_str("the contract knows no such subject"),
            Self::Fleeting => {
                f.write_str("it carries Nats-TTL, which only heartbeats may: others must not vanish")
            }
            Self::Forged => f.write_str("forged: the server relayed this message, nobody published it here"),
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

/// Whether objects and lists lie in each other deeper than [`MAX_DEPTH`].
pub(super) fn is_nested_too_deeply(body: &[u8]) -> bool {
    // What opens no more than that, in texts or outside, cannot be deeper; nearly no body does. Counted in bytes, many
    // at a time: `{` and `[` differ in one bit.
    let opened = |part: &[u8]| part.iter().map(|b| u8::from(b | 0x20 == b'{')).sum::<u8>();
    if body.chunks(255).map(|part| usize::from(opened(part))).sum::<usize>() <= MAX_DEPTH {
        return false;
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in body {
        if in_string {
            match (escaped, byte) {
                (true, _) => escaped = false,
                (false, b'\\') => escaped = true,
                (false, b'"') => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// The reason for a body that does not begin as an object.
pub(super) fn not_an_object(text: &str) -> Reason {
    if is_nested_too_deeply(text.as_bytes()) {
        return Reason::TooDeep;
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Reason::NotAnObject,
        Err(e) => Reason::NotJson(e.to_string()),
    }
}

/// The reason for a body that does not fit.
pub(super) fn explain(text: &str, misfit: Misfit) -> Reason {
    let reason = match misfit {
        Misfit::NotJson(why) => Reason::NotJson(why),
        Misfit::Field(why) => Reason::Fields(why),
    };
    or_forged(text, reason)
}

/// What the JetStream API answers has none of our fields; where its type stands, say what it really is.
pub(super) fn or_forged(text: &str, reason: Reason) -> Reason {
    if text.contains("\"io.nats.jetstream.api.") { Reason::Forged } else { reason }
}
