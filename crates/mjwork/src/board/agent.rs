//! Agents, and whether their processes live.
//! Three clocks run apart: the process (last heartbeat), the claim (since when), the work (last progress).

use super::{Board, Status, Task};
use crate::{AgentId, Duration, TaskId, Timestamp};
use std::fmt;
use std::sync::Arc;

/// Seconds between heartbeats for an agent that does not say.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(30);
/// An interval counts as this at the most.
const MAX_INTERVAL: Duration = Duration::from_secs(24 * 3_600);
/// So long a heartbeat is kept: `Nats-TTL: 5m`.
const BEAT_LIVES: Duration = Duration::from_secs(5 * 60);

/// So long the stream keeps the heartbeat of an agent that writes `interval_s`: five minutes, and at least long
/// enough to tell that it is lost.
#[must_use]
pub fn beat_lives(interval_s: Option<f64>) -> Duration {
    BEAT_LIVES.max(Beat::interval(interval_s) * 4)
}

/// Whether a process lives, as far as one can know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Liveness {
    /// It beat within 1.5 of its intervals.
    Live,
    /// It beat within 3 of its intervals.
    Late,
    /// It did not; or another process goes by its name now.
    Lost,
    /// It never beat and never said that it would: nobody can know.
    Silent,
}

impl Liveness {
    /// One word, as the hook `data-liveness` has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Late => "late",
            Self::Lost => "lost",
            Self::Silent => "silent",
        }
    }

    fn of(age: Duration, interval: Duration) -> Self {
        if age <= interval.mul_f64(1.5) {
            Self::Live
        } else if age <= interval * 3 {
            Self::Late
        } else {
            Self::Lost
        }
    }
}

impl fmt::Display for Liveness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An agent's last heartbeat.
#[derive(Clone, Debug, PartialEq)]
pub struct Beat {
    /// When the server stored it.
    pub time: Timestamp,
    /// The process that beats.
    pub session: Option<Arc<str>>,
    /// What it does, in a word.
    pub status: Option<Box<str>>,
    /// The task that it says it works on.
    pub task: Option<TaskId>,
    /// What it is for.
    pub description: Option<Box<str>>,
    /// How often it means to beat.
    pub interval: Duration,
    /// The machine that it runs on.
    pub host: Option<Box<str>>,
    /// The version of its program.
    pub version: Option<Box<str>>,
}

impl Beat {
    /// How often an agent beats that wrote `interval_s`.
    pub(super) fn interval(seconds: Option<f64>) -> Duration {
        seconds
            .and_then(|s| Duration::try_from_secs_f64(s).ok())
            .map_or(DEFAULT_INTERVAL, |d| d.clamp(Duration::from_secs(1), MAX_INTERVAL))
    }

    /// Until when it counts: as long as it is in the stream.
    pub(super) fn expires(&self) -> Timestamp {
        self.time + BEAT_LIVES.max(self.interval * 4)
    }
}

/// An agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    /// Its name.
    pub id: AgentId,
    /// Its last heartbeat, while that counts.
    pub beat: Option<Beat>,
    /// When it last did something to a task, refused or not.
    pub acted: Option<Timestamp>,
    /// When it last gave a session with a claim, and so promised to beat.
    pub promised: Option<Timestamp>,
    /// How many tasks it completed.
    pub completed: usize,
    /// How many tasks it failed.
    pub failed: usize,
}

impl Agent {
    pub(super) fn new(id: AgentId) -> Self {
        Self { id, beat: None, acted: None, promised: None, completed: 0, failed: 0 }
    }

    /// Its last heartbeat, while the stream still has it at `now`: a reader that comes later knows no other.
    #[must_use]
    pub fn beat_at(&self, now: Timestamp) -> Option<&Beat> {
        self.beat.as_ref().filter(|beat| beat.expires() >= now)
    }

    /// Whether its process lives, by the server's time.
    #[must_use]
    pub fn liveness(&self, now: Timestamp) -> Liveness {
        match self.beat_at(now) {
            Some(beat) => Liveness::of(now.since(beat.time), beat.interval),
            None if self.promised.is_some() => Liveness::Lost,
            None => Liveness::Silent,
        }
    }
}

impl Board {
    /// Whether the process that owns `task` lives; none while nobody works on it.
    ///
    /// | heartbeat | its session and the claim's | liveness |
    /// | --- | --- | --- |
    /// | some | not both given, or the same | by the age of the later of heartbeat and claim |
    /// | some, since the claim | different | lost: the process was replaced |
    /// | some, before the claim | different | by the age of the claim |
    /// | none | the claim gave one | by the age of the claim: who gives a session beats |
    /// | none | the claim gave none | silent |
    #[must_use]
    pub fn owner_liveness(&self, task: &Task, now: Timestamp) -> Option<Liveness> {
        let owner = task.owner.as_ref().filter(|_| task.status == Status::InProgress)?;
        let by_claim = |interval| Liveness::of(now.since(task.since), interval);
        let beat = self.agents.get(&owner.agent).and_then(|a| a.beat_at(now));
        Some(match (beat, &owner.session) {
            (Some(beat), session) => {
                let other = matches!((&beat.session, session), (Some(a), Some(b)) if a != b);
                match (other, beat.time > task.since) {
                    (true, true) => Liveness::Lost,
                    (true, false) => by_claim(beat.interval),
                    (false, _) => Liveness::of(now.since(beat.time.max(task.since)), beat.interval),
                }
            }
            (None, Some(_)) => by_claim(DEFAULT_INTERVAL),
            (None, None) => Liveness::Silent,
        })
    }

    /// Whether the owner of `task` is lost, so that anyone may requeue it.
    #[must_use]
    pub fn is_orphaned(&self, task: &Task, now: Timestamp) -> bool {
        self.owner_liveness(task, now) == Some(Liveness::Lost)
    }
}
