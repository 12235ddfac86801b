//! What the user of a connection may do, as the server says.
//! The board offers nothing that the server would refuse; the server refuses all the same.

use crate::event::Subjects;
use crate::transport::Client;
use serde::Deserialize;

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
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Rights {
    allow: Option<Vec<String>>,
    deny: Option<Vec<String>>,
}

/// Where a server says who one is.
const USER_INFO: &str = "$SYS.REQ.USER.INFO";

impl Access {
    /// Asks the server. None when it does not say: then nothing is known, and one has to try.
    pub async fn read(client: &Client) -> Option<Self> {
        let answer = client.request(USER_INFO, bytes::Bytes::new()).await.ok()?;
        Self::parse(&answer.payload)
    }

    fn parse(answer: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Answer {
            data: Data,
        }
        #[derive(Deserialize)]
        struct Data {
            user: Option<String>,
            account: Option<String>,
            permissions: Option<Permissions>,
        }
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Permissions {
            publish: Option<Rights>,
            subscribe: Option<Rights>,
        }
        let Data { user, account, permissions } = serde_json::from_slice::<Answer>(answer).ok()?.data;
        let permissions = permissions.unwrap_or_default();
        Some(Self {
            user,
            account,
            publish: permissions.publish.unwrap_or_default(),
            subscribe: permissions.subscribe.unwrap_or_default(),
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

impl Rights {
    fn allows(&self, subject: &str) -> bool {
        let listed = |list: &Option<Vec<String>>| list.iter().flatten().any(|p| matches(p, subject));
        (self.allow.as_ref().is_none_or(Vec::is_empty) || listed(&self.allow)) && !listed(&self.deny)
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
