//! What a server means by `-ERR`. It says so only in words, so this is the one place that reads them.

use crate::Subject;

use super::event::Operation;

/// A complaint, sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ServerError {
    /// The credentials are refused, missing, expired or revoked.
    Authorization(String),
    /// A publish or a subscription is not permitted; in which queue group, if it was to share the messages.
    Permission(Operation, Subject, Option<String>),
    /// Anything else.
    Other(String),
}

impl ServerError {
    pub(super) fn read(words: String) -> Self {
        let lower = words.to_ascii_lowercase();
        if lower.starts_with("permissions violation") {
            // … for Publish to "a.b" | … for Subscription to "a.b" [using queue "q"]
            let operation =
                if lower.contains("for subscription") { Operation::Subscribe } else { Operation::Publish };
            let mut parts = words.split('"');
            if let Some(subject) = parts.nth(1) {
                return Self::Permission(operation, Subject::from(subject), parts.nth(1).map(str::to_owned));
            }
        }
        // The server's patience with a slow link, "Authentication Timeout", says nothing of the credentials.
        let is_refusal = lower.contains("authorization violation") || lower.contains("authentication");
        if is_refusal && lower != "authentication timeout" {
            return Self::Authorization(words);
        }
        Self::Other(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_real_server() {
        let denied = |operation, subject: &str, queue: Option<&str>| {
            ServerError::Permission(operation, subject.into(), queue.map(str::to_owned))
        };
        for (words, meaning) in [
            (
                r#"Permissions Violation for Publish to "secret.x""#,
                denied(Operation::Publish, "secret.x", None),
            ),
            (r#"Permissions Violation for Subscription to "h.>""#, denied(Operation::Subscribe, "h.>", None)),
            (
                r#"Permissions Violation for Subscription to "h" using queue "q""#,
                denied(Operation::Subscribe, "h", Some("q")),
            ),
            ("Authorization Violation", ServerError::Authorization("Authorization Violation".into())),
            ("Authentication Timeout", ServerError::Other("Authentication Timeout".into())),
            ("User Authentication Expired", ServerError::Authorization("User Authentication Expired".into())),
            ("Unknown Protocol Operation", ServerError::Other("Unknown Protocol Operation".into())),
            ("Permissions Violation", ServerError::Other("Permissions Violation".into())),
            ("", ServerError::Other(String::new())),
        ] {
            assert_eq!(ServerError::read(words.to_owned()), meaning);
        }
    }
}
