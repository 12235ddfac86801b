//! One task as the fold knows it: what it is, where it stands, and all that happened to it.

use super::packed::Unpack;
use super::{History, Needs};
use crate::event::{Available, CarriedDefinition};
use crate::{AgentId, Sequence, TaskId, Text, Timestamp};
use serde::Serialize;
use std::fmt;
use std::sync::Arc;

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It waits for another task.
    Blocked,
    /// Anybody may take it.
    Available,
    /// Somebody works on it.
    InProgress,
    /// Its owner, or who gave it up, said that it cannot be done.
    Failed,
    /// It is done.
    Completed,
    /// An operator withdrew it.
    Cancelled,
}

impl Status {
    /// Every status, in the order in which a board shows them.
    pub const ALL: [Self; 6] =
        [Self::Blocked, Self::Available, Self::InProgress, Self::Failed, Self::Completed, Self::Cancelled];

    /// The word that the wire uses: `in_progress`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Available => "available",
            Self::InProgress => "in_progress",
            Self::Failed => "failed",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// As a byte of packed bytes.
    pub(super) fn unpack(bytes: &mut Unpack<'_>) -> Option<Self> {
        Self::ALL.get(usize::from(bytes.byte()?)).copied()
    }

    /// Completed, failed or cancelled: nothing happens to it but a requeue.
    #[must_use]
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Failed | Self::Completed | Self::Cancelled)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::InProgress => "in progress",
            other => other.as_str(),
        })
    }
}

impl std::str::FromStr for Status {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|s| s.as_str() == text).ok_or_else(|| format!("{text:?} is no status"))
    }
}

/// How urgent a task is. Orders from the most urgent to the least.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// Before everything else.
    Critical,
    /// Before the normal ones.
    High,
    /// What a task is that says nothing.
    #[default]
    Normal,
    /// After the normal ones.
    Low,
    /// Any other text: kept, and sorted as normal.
    Other(Arc<str>),
}

impl Priority {
    /// The text on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
            Self::Other(text) => text,
        }
    }

    /// 0 for the most urgent, 3 for the least.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Critical => 0,
            Self::High => 1,
            Self::Normal | Self::Other(_) => 2,
            Self::Low => 3,
        }
    }
}

impl From<&str> for Priority {
    fn from(text: &str) -> Self {
        match text {
            "critical" => Self::Critical,
            "high" => Self::High,
            "normal" | "" => Self::Normal,
            "low" => Self::Low,
            other => Self::Other(other.into()),
        }
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// So many claims a task has, unless it says otherwise, before a lost owner's task is given up.
pub const DEFAULT_MAX_ATTEMPTS: u32 = 3;

/// What a task is: all that an edit may replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// What it is called.
    pub title: Box<str>,
    /// What is to be done, in Markdown.
    pub description: Option<Box<str>>,
    /// The tasks that must be completed first, each once, in the order given.
    pub blocked_by: Box<[TaskId]>,
    /// How urgent it is.
    pub priority: Priority,
    /// Free labels, in the order given.
    pub tags: Box<[Arc<str>]>,
    /// After so many claims a lost owner's task is given up and not requeued.
    pub max_attempts: u32,
}

impl Definition {
    pub(crate) fn of_available(
        event: &Available<'_>,
        tags: Box<[Arc<str>]>,
        intern: impl FnMut(&str) -> TaskId,
    ) -> Self {
        Self::new(
            &event.title,
            event.description.as_ref(),
            &event.blocked_by,
            event.priority.as_ref(),
            tags,
            event.max_attempts,
            intern,
        )
    }

    pub(super) fn of_carried(
        event: &CarriedDefinition<'_>,
        tags: Box<[Arc<str>]>,
        intern: impl FnMut(&str) -> TaskId,
    ) -> Self {
        Self::new(
            &event.title,
            event.description.as_ref(),
            &event.blocked_by,
            event.priority.as_ref(),
            tags,
            event.max_attempts,
            intern,
        )
    }

    fn new(
        title: &str,
        description: Option<&Text<'_>>,
        blocked_by: &[Text<'_>],
        priority: Option<&Text<'_>>,
        tags: Box<[Arc<str>]>,
        max_attempts: Option<u32>,
        mut intern: impl FnMut(&str) -> TaskId,
    ) -> Self {
        let mut blockers: Vec<TaskId> = Vec::with_capacity(blocked_by.len());
        let mut seen = hashbrown::HashSet::with_capacity(blocked_by.len());
        for id in blocked_by {
            if seen.insert(id.as_str()) {
                blockers.push(intern(id));
            }
        }
        Self {
            title: title.into(),
            description: description.map(|d| d.as_str().into()),
            blocked_by: blockers.into(),
            priority: priority.map_or(Priority::Normal, |p| Priority::from(p.as_str())),
            tags,
            max_attempts: max_attempts.unwrap_or(DEFAULT_MAX_ATTEMPTS),
        }
    }
}

/// Who works on a task, or finished it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The agent.
    pub agent: AgentId,
    /// Its process, where the claim said which.
    pub session: Option<Arc<str>>,
}

/// The owner's last report.
#[derive(Clone, Debug, PartialEq)]
pub struct LastProgress {
    /// When.
    pub time: Timestamp,
    /// How far, 0 to 100.
    pub percent: Option<f64>,
    /// In words.
    pub note: Option<Box<str>>,
}

/// How a task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With a result: any JSON, as its writer wrote it.
    Result(Option<Box<str>>),
    /// With an error.
    Error {
        /// What went wrong.
        error: Box<str>,
        /// `retryable`, `fatal`, `rate_limited` or any other text.
        kind: Option<Box<str>>,
        /// Who gave it up, when that was not its owner.
        by: Option<Box<str>>,
    },
    /// By an operator's word.
    Cancelled {
        /// Whose.
        by: Box<str>,
        /// Why.
        reason: Option<Box<str>>,
    },
}

/// A completion that came too late, kept for an operator to accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateResult {
    /// The sequence of the refused completion: what an acceptance names.
    pub seq: Sequence,
    /// Who sent it.
    pub owner: Arc<Owner>,
    /// Any JSON, as its writer wrote it.
    pub result: Option<Box<str>>,
}

/// Completions that came too late, oldest first. Hardly any task has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::box_collection,
    reason = "a list that is nearly always empty may not take more than a pointer"
)]
pub struct LateResults(Option<Box<Vec<LateResult>>>);

impl LateResults {
    pub(super) fn push(&mut self, late: LateResult) {
        self.0.get_or_insert_default().push(late);
    }

    pub(super) fn drop_first(&mut self, count: usize) {
        if let Some(late) = &mut self.0 {
            late.drain(..count);
        }
    }
}

impl FromIterator<LateResult> for LateResults {
    fn from_iter<I: IntoIterator<Item = LateResult>>(late: I) -> Self {
        let late: Vec<_> = late.into_iter().collect();
        Self((!late.is_empty()).then(|| Box::new(late)))
    }
}

impl std::ops::Deref for LateResults {
    type Target = [LateResult];
    fn deref(&self) -> &[LateResult] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }
}

impl<'t> IntoIterator for &'t LateResults {
    type Item = &'t LateResult;
    type IntoIter = std::slice::Iter<'t, LateResult>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// What an event set out to do to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// A task was published, or its definition edited.
    Available,
    /// It was put back.
    Requeue,
    /// Somebody took it.
    Claimed,
    /// Its owner reported progress.
    Progress,
    /// Its owner was done.
    Completed,
    /// An operator accepted a late result.
    Accept,
    /// Its owner gave up.
    Failed,
    /// Somebody gave it up for a lost owner.
    GivenUp,
    /// An operator withdrew it.
    Cancelled,
    /// It was brought past the end of retention.
    Carried,
}

impl Verb {
    /// Every verb, in the order in which they are packed.
    pub(super) const ALL: [Self; 10] = [
        Self::Available,
        Self::Requeue,
        Self::Claimed,
        Self::Progress,
        Self::Completed,
        Self::Accept,
        Self::Failed,
        Self::GivenUp,
        Self::Cancelled,
        Self::Carried,
    ];

    /// One word for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Requeue => "requeue",
            Self::Claimed => "claimed",
            Self::Progress => "progress",
            Self::Completed => "completed",
            Self::Accept => "accept",
            Self::Failed => "failed",
            Self::GivenUp => "given up",
            Self::Cancelled => "cancelled",
            Self::Carried => "carried",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Which of several carried states is the newest. Between two of them the task's version has grown, or another result
/// came too late; or the one rests on the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Word {
    pub(super) origin: Sequence,
    pub(super) version: Sequence,
    pub(super) late: Sequence,
}

/// A task.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What it is.
    pub definition: Definition,
    /// Where it stands. Only the fold changes it.
    pub status: Status,
    /// The sequence of the last accepted event that changed it or made it ready: the guard `after`.
    /// Progress changes nothing that anybody guards, and leaves it.
    pub version: Sequence,
    /// The sequence of the accepted claim while it is in progress: the guard `claim`, the fencing token.
    pub claim: Option<Sequence>,
    /// Who works on it, or who completed or failed it.
    pub owner: Option<Arc<Owner>>,
    /// How often it was claimed.
    pub attempts: u32,
    /// When it was first published, however often it was carried since.
    pub created: Timestamp,
    /// Since when it has its status.
    pub since: Timestamp,
    /// The sequence of the event by which it was published, or carried last.
    pub origin: Sequence,
    /// The oldest event that it rests on: a reader that does not have it may know the task wrongly.
    pub needs: Needs,
    /// A completion of it, accepted or refused, was stored since it was published or carried.
    pub(super) handed_in: bool,
    /// An event after its needs tells of it as if it were new.
    pub(super) rewritten: bool,
    /// The word by which it was carried last.
    pub(super) word: Option<Box<Word>>,
    /// The owner's last report in this attempt.
    pub progress: Option<LastProgress>,
    /// How it ended, once it is finished.
    pub outcome: Option<Outcome>,
    /// Completions that came too late, oldest first.
    pub late: LateResults,
    /// All that happened to it, in stream order.
    pub history: History,
}
