//! A filter over subjects as NATS has them: `*` stands for one token, `>` at the end for one or more.

use std::fmt;

/// Which subjects are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectFilter(Box<str>);

/// Why a text is no filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterFault {
    /// Two dots stand together, or one at an end.
    EmptyToken,
    /// It has a space in it, or what cannot be seen.
    Space,
    /// Something follows `>`.
    NotLast,
    /// A wildcard is part of a token, where it stands for itself.
    NotAlone,
}

impl fmt::Display for FilterFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EmptyToken => "A token is empty: mind the dots.",
            Self::Space => "A subject has no spaces.",
            Self::NotLast => "> stands at the end only.",
            Self::NotAlone => "* and > stand alone between dots.",
        })
    }
}

impl SubjectFilter {
    /// Reads a filter; white space around it does not count.
    ///
    /// # Errors
    /// When no server would take it, or it would not mean what it seems to.
    pub fn parse(text: &str) -> Result<Self, FilterFault> {
        let text = text.trim();
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(FilterFault::Space);
        }
        let mut tokens = text.split('.').peekable();
        while let Some(token) = tokens.next() {
            match token {
                "" => return Err(FilterFault::EmptyToken),
                ">" if tokens.peek().is_some() => return Err(FilterFault::NotLast),
                ">" | "*" => {}
                _ if token.contains(['*', '>']) => return Err(FilterFault::NotAlone),
                _ => {}
            }
        }
        Ok(Self(text.into()))
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this subject is meant.
    #[must_use]
    pub fn matches(&self, subject: &str) -> bool {
        let mut tokens = subject.split('.');
        for wanted in self.0.split('.') {
            match (wanted, tokens.next()) {
                (">", Some(_)) => return true,
                ("*", Some(_)) => {}
                (wanted, Some(token)) if wanted == token => {}
                _ => return false,
            }
        }
        tokens.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_mean_what_they_mean_to_the_server() {
        for (filter, subject, is_meant) in [
            ("mjwork.>", "mjwork.tasks.claimed", true),
            ("mjwork.>", "mjwork", false),
            ("mjwork.tasks.*", "mjwork.tasks.claimed", true),
            ("mjwork.tasks.*", "mjwork.tasks", false),
            ("mjwork.tasks.*", "mjwork.tasks.claimed.twice", false),
            ("mjwork.*.claimed", "mjwork.tasks.claimed", true),
            ("mjwork.heartbeat.>", "mjwork.heartbeat.a", true),
            ("mjwork.errors", "mjwork.errors", true),
            ("mjwork.errors", "mjwork.errors2", false),
            ("*.errors", "mjwork.errors", true),
            (" > ", "anything.at.all", true),
        ] {
            assert_eq!(
                SubjectFilter::parse(filter).unwrap().matches(subject),
                is_meant,
                "{filter} {subject}"
            );
        }
    }

    #[test]
    fn what_no_server_takes_is_refused_with_the_reason() {
        for (text, fault) in [
            ("", FilterFault::EmptyToken),
            ("a..b", FilterFault::EmptyToken),
            (".a", FilterFault::EmptyToken),
            ("a.", FilterFault::EmptyToken),
            ("a b", FilterFault::Space),
            ("a.>.b", FilterFault::NotLast),
            ("a.b*", FilterFault::NotAlone),
            ("a.>b", FilterFault::NotAlone),
        ] {
            assert_eq!(SubjectFilter::parse(text), Err(fault), "{text:?}");
        }
    }
}
