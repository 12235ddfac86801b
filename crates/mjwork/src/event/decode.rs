//! Reading the bodies: which fields each has, which of them it must have, and what they may hold.

use super::Reason;
use super::body::{
    Available, Cancelled, Carried, CarriedDefinition, CarriedLate, CarriedProgress, CarriedState, Claimed,
    Completed, Coordination, Failed, Heartbeat, Problem, Progress, Requeue,
};
use crate::board::Status;
use crate::fields::{Field, Fields, Kind, field};
use crate::text::Text;

/// The fields of each body, as [`parse`](crate::fields::parse) wants them.
pub(super) mod fields {
    use super::{Field, Kind, field};
    use Kind::{AgentId, Count, Flag, Number, Object, Raw, TaskId, TaskIds, Text, Texts};

    pub const AVAILABLE: &[Field] = &[
        field("task_id", TaskId),
        field("title", Text),
        field("description", Text),
        field("blocked_by", TaskIds),
        field("priority", Text),
        field("tags", Texts),
        field("max_attempts", Count),
        field("by", Text),
        field("after", Count),
        field("requeue", Object(&[field("reason", Text)])),
    ];
    pub const CLAIMED: &[Field] = &[
        field("task_id", TaskId),
        field("agent_id", AgentId),
        field("session", Text),
        field("after", Count),
        field("seen", Count),
    ];
    pub const PROGRESS: &[Field] = &[
        field("task_id", TaskId),
        field("agent_id", AgentId),
        field("session", Text),
        field("claim", Count),
        field("percent", Number),
        field("note", Text),
    ];
    pub const COMPLETED: &[Field] = &[
        field("task_id", TaskId),
        field("agent_id", AgentId),
        field("session", Text),
        field("claim", Count),
        field("result", Raw),
        field("accept", Count),
        field("by", Text),
        field("after", Count),
    ];
    pub const FAILED: &[Field] = &[
        field("task_id", TaskId),
        field("agent_id", AgentId),
        field("error", Text),
        field("session", Text),
        field("claim", Count),
        field("kind", Text),
        field("by", Text),
        field("after", Count),
    ];
    pub const CANCELLED: &[Field] =
        &[field("task_id", TaskId), field("by", Text), field("reason", Text), field("after", Count)];
    pub const CARRIED: &[Field] = &[
        field("task_id", TaskId),
        field("after", Count),
        field("origin", Count),
        field("base", Count),
        field("state", Object(STATE)),
        field("forget", Flag),
    ];
    const STATE: &[Field] = &[
        field("definition", Object(DEFINITION)),
        field("status", Text),
        field("version", Count),
        field("claim", Count),
        field("owner", AgentId),
        field("session", Text),
        field("attempts", Count),
        field("created_ns", Count),
        field("since_ns", Count),
        field("progress", Object(&[field("time_ns", Count), field("percent", Number), field("note", Text)])),
        field(
            "late",
            Object(&[
                field("seq", Count),
                field("agent_id", AgentId),
                field("session", Text),
                field("result", Raw),
            ]),
        ),
    ];
    const DEFINITION: &[Field] = &[
        field("title", Text),
        field("description", Text),
        field("blocked_by", TaskIds),
        field("priority", Text),
        field("tags", Texts),
        field("max_attempts", Count),
        field("by", Text),
    ];
    pub const COORDINATION: &[Field] = &[field("agent_id", AgentId), field("message", Text)];
    pub const PROBLEM: &[Field] = &[
        field("message", Text),
        field("agent_id", AgentId),
        field("task_id", TaskId),
        field("level", Text),
        field("stack", Text),
    ];
    pub const HEARTBEAT: &[Field] = &[
        field("agent_id", AgentId),
        field("session", Text),
        field("status", Text),
        field("task_id", TaskId),
        field("description", Text),
        field("interval_s", Number),
        field("host", Text),
        field("version", Text),
    ];
}

impl<'a> Available<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        Ok(Self {
            task_id: required(&mut f, "task_id")?,
            title: required(&mut f, "title")?,
            description: f.text("description"),
            blocked_by: f.list("blocked_by"),
            priority: f.text("priority"),
            tags: f.list("tags"),
            max_attempts: small(&mut f, "max_attempts")?,
            by: f.text("by"),
            after: f.count("after"),
            requeue: f.object("requeue").map(|mut f| Requeue { reason: f.text("reason") }),
        })
    }
}

impl<'a> Claimed<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        Ok(Self {
            task_id: required(&mut f, "task_id")?,
            agent_id: required(&mut f, "agent_id")?,
            session: f.text("session"),
            after: f.count("after"),
            seen: f.count("seen"),
        })
    }
}

impl<'a> Progress<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        let percent = f.number("percent");
        if let Some(percent) = percent.filter(|p| !(0.0..=100.0).contains(p)) {
            return Err(Reason::Fields(format!(
                "percent lies from 0 to 100, this one is {}",
                shown(percent)
            )));
        }
        Ok(Self {
            task_id: required(&mut f, "task_id")?,
            agent_id: required(&mut f, "agent_id")?,
            session: f.text("session"),
            claim: f.count("claim"),
            percent,
            note: f.text("note"),
        })
    }
}

impl<'a> Completed<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        let body = Self {
            task_id: required(&mut f, "task_id")?,
            agent_id: f.text("agent_id"),
            session: f.text("session"),
            claim: f.count("claim"),
            result: f.raw("result"),
            accept: f.count("accept"),
            by: f.text("by"),
            after: f.count("after"),
        };
        match (body.accept, &body.by, &body.agent_id) {
            (Some(_), None, _) => Err(missing("by")),
            (None, _, None) => Err(missing("agent_id")),
            _ => Ok(body),
        }
    }
}

impl<'a> Failed<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        let (agent_id, by) = (f.text("agent_id"), f.text("by"));
        if by.is_none() && agent_id.is_none() {
            return Err(missing("agent_id"));
        }
        Ok(Self {
            task_id: required(&mut f, "task_id")?,
            agent_id,
            error: required(&mut f, "error")?,
            session: f.text("session"),
            claim: f.count("claim"),
            kind: f.text("kind"),
            by,
            after: f.count("after"),
        })
    }
}

impl<'a> Cancelled<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        Ok(Self {
            task_id: required(&mut f, "task_id")?,
            by: required(&mut f, "by")?,
            reason: f.text("reason"),
            after: f.count("after"),
        })
    }
}

impl<'a> Carried<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        let task_id = required(&mut f, "task_id")?;
        let after = f.count("after").ok_or_else(|| missing("after"))?;
        let (origin, base) = (f.count("origin"), f.count("base"));
        let forget = f.flag("forget");
        let state = match f.object("state") {
            Some(state) if !forget => Some(Box::new(CarriedState::read(state)?)),
            None if !forget => return Err(missing("state")),
            _ => None,
        };
        Ok(Self { task_id, after, origin, base, state, forget })
    }
}

impl<'a> CarriedState<'a> {
    fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        let mut d = f.object("definition").ok_or_else(|| missing("state.definition"))?;
        let status: Status =
            f.text("status").ok_or_else(|| missing("state.status"))?.parse().map_err(Reason::Fields)?;
        let late = f.object("late").map(|mut f| {
            Ok(CarriedLate {
                seq: f.count("seq").ok_or_else(|| missing("state.late.seq"))?,
                agent_id: required(&mut f, "agent_id")?,
                session: f.text("session"),
                result: f.raw("result"),
            })
        });
        let state = Self {
            definition: CarriedDefinition {
                title: required(&mut d, "title")?,
                description: d.text("description"),
                blocked_by: d.list("blocked_by"),
                priority: d.text("priority"),
                tags: d.list("tags"),
                max_attempts: small(&mut d, "max_attempts")?,
                by: d.text("by"),
            },
            status,
            version: f.count("version").ok_or_else(|| missing("state.version"))?,
            claim: f.count("claim"),
            owner: f.text("owner"),
            session: f.text("session"),
            attempts: small(&mut f, "attempts")?.unwrap_or(0),
            created_ns: f.count("created_ns"),
            since_ns: f.count("since_ns"),
            progress: f.object("progress").map(|mut f| CarriedProgress {
                time_ns: f.count("time_ns"),
                percent: f.number("percent"),
                note: f.text("note"),
            }),
            late: late.transpose()?,
        };
        match status {
            Status::InProgress if state.owner.is_none() => Err(missing("state.owner")),
            Status::InProgress if state.claim.is_none() => Err(missing("state.claim")),
            Status::Blocked | Status::Available | Status::InProgress => Ok(state),
            finished => Err(Reason::Fields(format!("a {finished} task is finished, and not carried"))),
        }
    }
}

impl<'a> Coordination<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        Ok(Self { agent_id: required(&mut f, "agent_id")?, message: required(&mut f, "message")? })
    }
}

impl<'a> Problem<'a> {
    pub(super) fn read(mut f: Fields<'a>) -> Result<Self, Reason> {
        Ok(Self {
            message: required(&mut f, "message")?,
            agent_id: f.text("agent_id"),
            task_id: f.text("task_id"),
            level: f.text("level"),
            stack: f.text("stack"),
        })
    }
}

impl<'a> Heartbeat<'a> {
    pub(super) fn read(mut f: Fields<'a>, subject_token: &str) -> Result<Self, Reason> {
        let agent_id = required(&mut f, "agent_id")?;
        if agent_id.as_str() != subject_token {
            return Err(Reason::Fields(format!(
                "the subject says {subject_token:?}, the body agent_id {:?}",
                agent_id.as_str()
            )));
        }
        let interval_s = f.number("interval_s");
        if let Some(seconds) = interval_s.filter(|s| !(s.is_finite() && *s > 0.0)) {
            return Err(Reason::Fields(format!(
                "interval_s is a number of seconds above 0, this one is {}",
                shown(seconds)
            )));
        }
        Ok(Self {
            agent_id,
            session: f.text("session"),
            status: f.text("status"),
            task_id: f.text("task_id"),
            description: f.text("description"),
            interval_s,
            host: f.text("host"),
            version: f.text("version"),
        })
    }
}

/// A number as JSON writes it. Rust's own way to print one would cost the browser five kilobytes more.
fn shown(number: f64) -> String {
    serde_json::Number::from_f64(number).map_or_else(|| "none".into(), |number| number.to_string())
}

fn missing(field: &str) -> Reason {
    Reason::Fields(format!("missing field `{field}`"))
}

/// What the contract requires.
fn required<'a>(f: &mut Fields<'a>, name: &str) -> Result<Text<'a>, Reason> {
    f.text(name).ok_or_else(|| missing(name))
}

/// A count that fits into 32 bits.
fn small(f: &mut Fields<'_>, name: &str) -> Result<Option<u32>, Reason> {
    let count = f.count(name).map(u32::try_from).transpose();
    count.map_err(|_| Reason::Fields(format!("{name} is at most {}", u32::MAX)))
}
