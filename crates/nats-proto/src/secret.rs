//! A text that nobody may see: a password, a token, a token of credentials.
//! It is never printed, and its memory is wiped when it is dropped.

use std::fmt;

use bytes::{Bytes, BytesMut};
use zeroize::{Zeroize, Zeroizing};

/// A secret text. It is no value for serde, as who asks for the text says so:
///
/// ```compile_fail,E0277
/// let _ = serde_json::to_string(&nats_proto::Secret::from("hunter2"));
/// ```
///
/// ```
/// # use nats_proto::Secret;
/// let secret = Secret::from("hunter2");
/// assert_eq!((secret.expose(), format!("{secret:?}").as_str()), ("hunter2", "…"));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself.
    ///
    /// ```
    /// assert_eq!(nats_proto::Secret::from("hunter2").expose(), "hunter2");
    /// ```
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    ///
    /// ```
    /// assert!(nats_proto::Secret::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Wipes bytes that have been sent, if nobody else holds them. Whether they were.
///
/// ```
/// # use nats_proto::secret::wipe;
/// let sent = bytes::Bytes::from(b"hunter2".to_vec());
/// let copy = sent.clone();
/// assert!(!wipe(sent) && wipe(copy));
/// ```
pub fn wipe(bytes: Bytes) -> bool {
    wiped(bytes).is_some()
}

fn wiped(bytes: Bytes) -> Option<BytesMut> {
    let mut bytes = bytes.try_into_mut().ok()?;
    bytes.zeroize();
    Some(bytes)
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wiped_is_the_memory_that_was_sent() {
        let mut written = BytesMut::with_capacity(100);
        written.extend_from_slice(b"CONNECT {\"pass\":\"hunter2\"}");
        let sent = written.freeze();
        let (at, length) = (sent.as_ptr(), sent.len());
        let wiped = wiped(sent).expect("nobody else holds it");
        assert_eq!((wiped.as_ptr(), &wiped[..]), (at, &vec![0; length][..]));
    }
}
