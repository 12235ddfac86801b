//! Subjects, and what a message's subject says about its body.
//! The prefixes are a deployment's own: `mjwork`, `mjboard` and so on are only what they are by default.

/// The subjects of one deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subjects {
    prefix: String,
}

impl Default for Subjects {
    fn default() -> Self {
        Self::new("mjwork")
    }
}

/// What a subject says of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic<'s> {
    /// `tasks.available`
    Available,
    /// `tasks.claimed`
    Claimed,
    /// `tasks.progress`
    Progress,
    /// `tasks.completed`
    Completed,
    /// `tasks.failed`
    Failed,
    /// `tasks.cancelled`
    Cancelled,
    /// `tasks.carried`
    Carried,
    /// `coordination`
    Coordination,
    /// `errors`
    Errors,
    /// `heartbeat.{agent_id}`, with that token
    Heartbeat(&'s str),
    /// A subject that the contract does not know.
    Other,
}

impl Subjects {
    /// The subjects under `prefix` (one or more tokens, no wildcards, no dot at the end).
    #[must_use]
    pub fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into() }
    }

    /// The prefix, `mjwork` by default.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Everything of this deployment: `mjwork.>`.
    #[must_use]
    pub fn all(&self) -> String {
        format!("{}.>", self.prefix)
    }

    /// The subject of a task verb, `available` or `claimed` for instance: `mjwork.tasks.{verb}`.
    #[must_use]
    pub fn task(&self, verb: &str) -> String {
        format!("{}.tasks.{verb}", self.prefix)
    }

    /// The subject of an agent's heartbeats.
    #[must_use]
    pub fn heartbeat(&self, agent: &crate::AgentId) -> String {
        format!("{}.heartbeat.{agent}", self.prefix)
    }

    /// Where agents and operators talk.
    #[must_use]
    pub fn coordination(&self) -> String {
        format!("{}.coordination", self.prefix)
    }

    /// Where errors are reported.
    #[must_use]
    pub fn errors(&self) -> String {
        format!("{}.errors", self.prefix)
    }

    /// What `subject` says of its message.
    #[must_use]
    pub fn topic<'s>(&self, subject: &'s str) -> Topic<'s> {
        let Some(rest) = subject.strip_prefix(self.prefix.as_str()).and_then(|s| s.strip_prefix('.')) else {
            return Topic::Other;
        };
        match rest {
            "tasks.available" => Topic::Available,
            "tasks.claimed" => Topic::Claimed,
            "tasks.progress" => Topic::Progress,
            "tasks.completed" => Topic::Completed,
            "tasks.failed" => Topic::Failed,
            "tasks.cancelled" => Topic::Cancelled,
            "tasks.carried" => Topic::Carried,
            "coordination" => Topic::Coordination,
            "errors" => Topic::Errors,
            _ => match rest.strip_prefix("heartbeat.") {
                Some(agent) => Topic::Heartbeat(agent),
                None => Topic::Other,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_whole_token() {
        let subjects = Subjects::default();
        assert_eq!(subjects.topic("mjwork.tasks.claimed"), Topic::Claimed);
        assert_eq!(subjects.topic("mjwork.heartbeat.a-1"), Topic::Heartbeat("a-1"));
        assert_eq!(subjects.topic("mjworks.tasks.claimed"), Topic::Other);
        assert_eq!(subjects.topic("mjwork"), Topic::Other);
        assert_eq!(Subjects::new("team.a").topic("team.a.errors"), Topic::Errors);
    }
}
