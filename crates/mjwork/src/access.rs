//! What the user of a connection may do, as the server says.
//! The board offers nothing that the server would refuse; the server refuses all the same.

use crate::event::Subjects;
use crate::fields::Kind::{Object, Text, Texts};
use crate::fields::{Field, Fields, Kind, field, parse};
use crate::transport::{Client, RequestErrorKind, is_denied};

/// What a user may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Who one is, by the server's word.
    pub user: Option<String>,
    /// In which account.
    pub account: Option<String>,
    publish: Rights,
    subscribe: Rights,
}

/// Subjects that are allowed and denied. Nothing allowed by name means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Rights {
    allow: Vec<String>,
    deny: Vec<String>,
}

/// Why nothing is known of one's rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsaid {
    /// The server does not say: an old one, or one that does not let this user ask.
    Unknown,
    /// No answer came; another may.
    NoAnswer,
}

impl std::fmt::Display for Unsaid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unknown => "the server does not say what this user may do",
            Self::NoAnswer => "the server did not say in time what this user may do",
        })
    }
}

impl std::error::Error for Unsaid {}

/// Where a server says who one is.
const USER_INFO: &str = "$SYS.REQ.USER.INFO";

impl Access {
    /// Asks the server.
    ///
    /// # Errors
    /// When it does not say: then one has to try.
    pub async fn read(client: &Client) -> Result<Self, Unsaid> {
        let answer =
            client.request(USER_INFO, bytes::Bytes::new()).await.map_err(|error| match error.kind() {
                RequestErrorKind::NoResponders => Unsaid::Unknown,
                _ if is_denied(&error) => Unsaid::Unknown,
                _ => Unsaid::NoAnswer,
            })?;
        Self::parse(&answer.payload).ok_or(Unsaid::Unknown)
    }

    fn parse(answer: &[u8]) -> Option<Self> {
        let mut found = parse(std::str::from_utf8(answer).ok()?, ANSWER).ok()?;
        let mut data = found.object("data")?;
        let mut permissions = data.object("permissions");
        let mut rights = |name| Rights::of(permissions.as_mut().and_then(|p| p.object(name)));
        Some(Self {
            publish: rights("publish"),
            subscribe: rights("subscribe"),
            user: data.text("user").map(|text| text.to_string()),
            account: data.text("account").map(|text| text.to_string()),
        })
    }

    /// Whether one may publish there.
    #[must_use]
    pub fn may_publish(&self, subject: &str) -> bool {
        self.publish.allows(subject)
    }

    /// Whether one may subscribe to that.
    #[must_use]
    pub fn may_subscribe(&self, subject: &str) -> bool {
        self.subscribe.allows(subject)
    }

    /// Whether one may steer: publish and requeue tasks.
    #[must_use]
    pub fn may_steer(&self, subjects: &Subjects) -> bool {
        self.may_publish(&subjects.task("available"))
    }
}

/// What the server answers, as far as it is wanted.
const ANSWER: &[Field] = &[field(
    "data",
    Object(&[
        field("user", Text),
        field("account", Text),
        field("permissions", Object(&[field("publish", RIGHTS), field("subscribe", RIGHTS)])),
    ]),
)];
const RIGHTS: Kind = Object(&[field("allow", Texts), field("deny", Texts)]);

impl Rights {
    /// The rights that these fields say.
    fn of(fields: Option<Fields<'_>>) -> Self {
        let Some(mut fields) = fields else { return Self::default() };
        let mut list = |name| fields.list(name).iter().map(ToString::to_string).collect();
        Self { allow: list("allow"), deny: list("deny") }
    }

    fn allows(&self, subject: &str) -> bool {
        let listed = |list: &[String]| list.iter().any(|p| matches(p, subject));
        (self.allow.is_empty() || listed(&self.allow)) && !listed(&self.deny)
    }
}

/// Whether a subject lies under a pattern with `*` for a token and `>` for the rest.
fn matches(pattern: &str, subject: &str) -> bool {
    let (mut pattern, mut subject) = (pattern.split('.'), subject.split('.'));
    loop {
        match (pattern.next(), subject.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(a), Some(b)) if a == b => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_of_an_operator() {
        let said = br#"{"server":{"name":"s"},"data":{"user":"operator","account":"OPS","permissions":{"publish":{"allow":["mjwork.tasks.available","mjwork.tasks.cancelled","x.*.z"]},"subscribe":{"allow":["mjboard.>","_INBOX_operator.>"],"deny":["mjboard.secret.>"]}},"expires":0}}"#;
        let access = Access::parse(said).unwrap();
        assert_eq!(access.user.as_deref(), Some("operator"));
        assert!(access.may_steer(&Subjects::default()));
        assert!(access.may_publish("x.y.z") && !access.may_publish("x.y.z.z"));
        assert!(!access.may_publish("mjwork.tasks.claimed"));
        assert!(access.may_subscribe("mjboard.tasks.available") && !access.may_subscribe("mjboard"));
        assert!(!access.may_subscribe("mjboard.secret.x"));
    }

    #[test]
    fn a_user_without_permissions_of_its_own_may_do_everything() {
        let access = Access::parse(br#"{"data":{"user":"","account":"$G"}}"#).unwrap();
        assert!(access.may_steer(&Subjects::default()));
        assert_eq!(Access::parse(b"-"), None);
    }
}
