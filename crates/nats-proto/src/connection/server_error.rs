//! What a server means by `-ERR`. It says so only in words, so this is the one place that reads them.

use std::str::Chars;

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
            // … for Publish to "a.b" | … for Subscription to "a.b" [using queue "q"]; with each quoted as Go does it.
            let operation =
                if has(&lower, "for subscription") { Operation::Subscribe } else { Operation::Publish };
            if let Some((subject, rest)) = unquote(&words) {
                let queue = unquote(rest).map(|(queue, _)| queue);
                return Self::Permission(operation, Subject::from(subject), queue);
            }
        }
        // The server's patience with a slow link, "Authentication Timeout", says nothing of the credentials.
        let is_refusal = has(&lower, "authorization violation") || has(&lower, "authentication");
        if is_refusal && lower != "authentication timeout" {
            return Self::Authorization(words);
        }
        Self::Other(words)
    }
}

/// Whether the words have these among them. They are few and short: what the standard library has for texts of any length
/// would be a hundredth of the client.
fn has(words: &str, part: &str) -> bool {
    words.as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
}

/// The first text in quotes, as it was before Go quoted it, and what follows it.
fn unquote(words: &str) -> Option<(String, &str)> {
    let mut rest = words.split_once('"')?.1.chars();
    let mut text = String::new();
    loop {
        text.push(match rest.next()? {
            '"' => return Some((text, rest.as_str())),
            '\\' => escaped(&mut rest)?,
            other => other,
        });
    }
}

/// The character that stands behind a backslash.
fn escaped(rest: &mut Chars<'_>) -> Option<char> {
    let digits = match rest.next()? {
        'a' => return Some('\u{7}'),
        'b' => return Some('\u{8}'),
        'f' => return Some('\u{c}'),
        'v' => return Some('\u{b}'),
        'x' => 2,
        'u' => 4,
        'U' => 8,
        // A quote or a backslash; white space is in no subject.
        other => return Some(other),
    };
    let (number, later) = rest.as_str().split_at_checked(digits)?;
    *rest = later.chars();
    char::from_u32(u32::from_str_radix(number, 16).ok()?)
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
            (
                r#"Permissions Violation for Publish to "a.\"b\"\\""#,
                denied(Operation::Publish, r#"a."b"\"#, None),
            ),
            (
                r#"Permissions Violation for Subscription to "ä\x01\a\u200b\U000e0001" using queue "\"""#,
                denied(Operation::Subscribe, "ä\u{1}\u{7}\u{200b}\u{e0001}", Some("\"")),
            ),
            (
                r#"Permissions Violation for Publish to "a\xf"#,
                ServerError::Other(r#"Permissions Violation for Publish to "a\xf"#.into()),
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
