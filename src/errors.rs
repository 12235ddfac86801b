//! What went wrong, newest first, and the same in groups of one kind: reported errors, tasks that failed, messages that
//! cannot be read.
//!
//! | what | fingerprint of | agent and task |
//! | --- | --- | --- |
//! | a reported error | its message | as its writer said |
//! | a task that is failed now | its error | the task, and who failed it or gave it up |
//! | an unreadable message | the reason, as it is | none; where it was stored is its subject |

use crate::fingerprint::fingerprint;
use crate::live::Live;
use crate::search::Search;
use hashbrown::HashMap;
use mjwork::board::{Outcome, ProblemRecord, Status, Task, UnreadableRecord};
use mjwork::{AgentId, Sequence, TaskId, Timestamp};
use std::fmt::Write as _;
use std::sync::Arc;

/// So many failed tasks are listed, newest first, as many as the logs keep.
const FAILED_LISTED: usize = 5_000;
/// So many agents and tasks of a group are counted one by one.
const COUNTED: usize = 100;

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Somebody reported an error.
    Reported,
    /// A task failed.
    Failed,
    /// A message cannot be read.
    Unreadable,
}

impl Kind {
    /// What it is called; a reported error may say its own level instead.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "error",
            Self::Failed => "failed task",
            Self::Unreadable => "unreadable",
        }
    }
}

/// One thing that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it lies in the stream.
    pub seq: Sequence,
    /// What kind it is of.
    pub kind: Kind,
    /// The key of its group.
    pub group: u64,
    print: Arc<str>,
}

/// What went wrong in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Stays the same for the same kind and fingerprint, in every page.
    pub key: u64,
    /// What kind it is of.
    pub kind: Kind,
    /// What the last of it is called.
    pub level: Box<str>,
    /// What its messages have in common.
    pub print: Arc<str>,
    /// How often it is listed.
    pub count: usize,
    /// When it is listed first.
    pub first: Timestamp,
    /// When it is listed last.
    pub last: Timestamp,
    /// Which agents it met: so many at the most are named.
    pub agents: Vec<AgentId>,
    /// Which tasks it met: so many at the most are named.
    pub tasks: Vec<TaskId>,
}

/// What an entry stands for, as the fold has it.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// A reported error.
    Reported(&'a ProblemRecord),
    /// A failed task.
    Failed(&'a Task),
    /// An unreadable message.
    Unreadable(&'a UnreadableRecord),
}

impl<'a> Found<'a> {
    /// What kind it is of.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Reported(_) => Kind::Reported,
            Self::Failed(_) => Kind::Failed,
            Self::Unreadable(_) => Kind::Unreadable,
        }
    }

    /// Where it lies in the stream.
    #[must_use]
    pub const fn seq(self) -> Sequence {
        match self {
            Self::Reported(problem) => problem.seq,
            Self::Failed(task) => task.version,
            Self::Unreadable(message) => message.seq,
        }
    }

    /// When it was stored.
    #[must_use]
    pub const fn time(self) -> Timestamp {
        match self {
            Self::Reported(problem) => problem.time,
            Self::Failed(task) => task.since,
            Self::Unreadable(message) => message.time,
        }
    }

    /// How bad its writer calls it, or what kind it is of.
    #[must_use]
    pub fn level(self) -> &'a str {
        match self {
            Self::Reported(problem) => problem.level.as_deref().unwrap_or(Kind::Reported.as_str()),
            other => other.kind().as_str(),
        }
    }

    /// What went wrong.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Reported(problem) => problem.message.to_string(),
            Self::Failed(task) => error_of(task).to_owned(),
            Self::Unreadable(message) => message.reason.to_string(),
        }
    }

    /// The stack, where there is one.
    #[must_use]
    pub fn stack(self) -> Option<&'a str> {
        match self {
            Self::Reported(problem) => problem.stack.as_deref(),
            _ => None,
        }
    }

    /// Where it happened.
    #[must_use]
    pub fn agent(self) -> Option<&'a AgentId> {
        match self {
            Self::Reported(problem) => problem.agent.as_ref(),
            Self::Failed(task) => task.owner.as_ref().map(|owner| &owner.agent),
            Self::Unreadable(_) => None,
        }
    }

    /// At which task.
    #[must_use]
    pub fn task(self) -> Option<&'a TaskId> {
        match self {
            Self::Reported(problem) => problem.task.as_ref(),
            Self::Failed(task) => Some(&task.id),
            Self::Unreadable(_) => None,
        }
    }

    /// Under which subject, where that is not told by the kind.
    #[must_use]
    pub fn subject(self) -> Option<&'a str> {
        match self {
            Self::Unreadable(message) => Some(&message.subject),
            _ => None,
        }
    }

    /// All of it as text, to be copied.
    #[must_use]
    pub fn whole(self) -> String {
        let mut whole = self.text();
        if let Some(stack) = self.stack() {
            let _ = write!(whole, "\n\n{stack}");
        }
        whole
    }
}

fn error_of(task: &Task) -> &str {
    match &task.outcome {
        Some(Outcome::Error { error, .. }) => error,
        _ => "",
    }
}

/// What stands at a sequence, if it is listed.
#[must_use]
pub fn find(live: &Live, seq: Sequence) -> Option<Found<'_>> {
    for problem in live.board().problems().iter() {
        if problem.seq == seq {
            return Some(Found::Reported(problem));
        }
    }
    for message in live.board().unreadable().iter() {
        if message.seq == seq {
            return Some(Found::Unreadable(message));
        }
    }
    live.tasks_in(Status::Failed).into_iter().find(|task| task.version == seq).map(Found::Failed)
}

/// Everything that went wrong, as far as it is kept.
#[derive(Debug, Default)]
pub struct Errors {
    /// Newest first.
    entries: Vec<Entry>,
    /// Whose last entry is newest first.
    groups: Vec<Group>,
}

impl Errors {
    /// Looks at all of it. Of what was listed before the fingerprint is known.
    pub fn update(&mut self, live: &Live) {
        let before = std::mem::take(&mut self.entries);
        self.groups.clear();
        let mut places: HashMap<u64, usize> = HashMap::new();
        for found in all(live) {
            let (seq, kind) = (found.seq(), found.kind());
            let known = before.binary_search_by(|entry| seq.cmp(&entry.seq)).ok().map(|at| &before[at]);
            let entry = known.filter(|entry| entry.kind == kind).cloned().unwrap_or_else(|| {
                let print: Arc<str> = match kind {
                    // There are few reasons, and the field that they name tells them apart.
                    Kind::Unreadable => found.text().into(),
                    Kind::Reported | Kind::Failed => fingerprint(&found.text()).into(),
                };
                Entry { seq, kind, group: key(kind, &print), print }
            });
            // What comes first is newest, and so is its group.
            let place = *places.entry(entry.group).or_insert(self.groups.len());
            if place == self.groups.len() {
                self.groups.push(Group {
                    key: entry.group,
                    kind,
                    level: found.level().into(),
                    print: entry.print.clone(),
                    count: 0,
                    first: found.time(),
                    last: found.time(),
                    agents: Vec::new(),
                    tasks: Vec::new(),
                });
            }
            let group = &mut self.groups[place];
            group.count += 1;
            group.first = group.first.min(found.time());
            group.last = group.last.max(found.time());
            note(&mut group.agents, found.agent());
            note(&mut group.tasks, found.task());
            self.entries.push(entry);
        }
    }

    /// All groups; whose last entry is newest stands first.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The group with this key.
    #[must_use]
    pub fn group(&self, key: u64) -> Option<&Group> {
        self.groups.iter().find(|group| group.key == key)
    }

    /// The sequences of what matches, newest first, of one group or of all.
    #[must_use]
    pub fn listed(&self, live: &Live, group: Option<u64>, search: &Search) -> Vec<String> {
        let mut listed = Vec::new();
        let all = if search.is_empty() { Vec::new() } else { all(live) };
        for entry in &self.entries {
            let is_met = || {
                let found = all.binary_search_by(|found| entry.seq.cmp(&found.seq()));
                found.is_ok_and(|at| is_met(all[at], search))
            };
            if group.is_none_or(|group| entry.group == group) && (search.is_empty() || is_met()) {
                listed.push(entry.seq.to_string());
            }
        }
        listed
    }
}

fn is_met(found: Found<'_>, search: &Search) -> bool {
    let text = found.text();
    let mut texts = vec![text.as_str(), found.level()];
    texts.extend(found.stack());
    texts.extend(found.subject());
    texts.extend(found.agent().map(AgentId::as_str));
    texts.extend(found.task().map(TaskId::as_str));
    search.matches_any(&texts)
}

/// Everything that went wrong, newest first.
#[inline(never)]
fn all(live: &Live) -> Vec<Found<'_>> {
    // Each of these has its newest at its end.
    let mut lists: [Vec<Found<'_>>; 3] = Default::default();
    for problem in live.board().problems().iter() {
        lists[0].push(Found::Reported(problem));
    }
    for message in live.board().unreadable().iter() {
        lists[1].push(Found::Unreadable(message));
    }
    let failed = live.tasks_in(Status::Failed);
    for task in failed[..failed.len().min(FAILED_LISTED)].iter().rev() {
        lists[2].push(Found::Failed(task));
    }
    let mut all = Vec::with_capacity(lists[0].len() + lists[1].len() + lists[2].len());
    loop {
        let mut newest = 0;
        for at in 1..lists.len() {
            let last = |at: usize| lists[at].last().map_or(0, |found| found.seq());
            if last(at) > last(newest) {
                newest = at;
            }
        }
        match lists[newest].pop() {
            Some(found) => all.push(found),
            None => return all,
        }
    }
}

fn note<T: Clone + PartialEq>(noted: &mut Vec<T>, one: Option<&T>) {
    if let Some(one) = one.filter(|one| noted.len() < COUNTED && !noted.contains(one)) {
        noted.push(one.clone());
    }
}

/// How many there are, as people read it.
#[must_use]
pub fn number<T>(noted: &[T]) -> String {
    match noted.len() {
        COUNTED => format!("{COUNTED} or more"),
        few => few.to_string(),
    }
}

/// FNV-1a: the same in every page, so that a link opens the same group.
fn key(kind: Kind, print: &str) -> u64 {
    let bytes = kind.as_str().bytes().chain([0]).chain(print.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Arrival;
    use mjwork::event::{Event, Subjects};

    fn live(events: &[(&str, &str)]) -> Live {
        let mut live = Live::default();
        for (at, (subject, body)) in events.iter().enumerate() {
            let subject = format!("mjwork.{subject}");
            let event = Event::decode(Subjects::default().topic(&subject), body.as_bytes());
            let seq = u64::try_from(at).unwrap() + 1;
            let time = Timestamp::from_secs(1_000 + i64::try_from(seq).unwrap());
            live.apply(Arrival { seq, time, subject: &subject, body: body.as_bytes() }, &event, 0, 0);
        }
        live.synced();
        live.flush();
        live
    }

    fn some() -> Live {
        live(&[
            ("errors", r#"{"message":"no disk on /tmp/1","agent_id":"a","task_id":"t1"}"#),
            ("errors", r#"{"message":"no disk on /var/2","agent_id":"b","task_id":"t1","stack":"at deep"}"#),
            ("tasks.claimed", r#"{"agent_id":"c"}"#),
            ("tasks.available", r#"{"task_id":"t","title":"T"}"#),
            ("tasks.claimed", r#"{"task_id":"t","agent_id":"a"}"#),
            ("tasks.failed", r#"{"task_id":"t","agent_id":"a","error":"no disk on /tmp/1"}"#),
            ("errors", r#"{"message":"slow","level":"warning"}"#),
        ])
    }

    #[test]
    fn what_went_wrong_in_one_way_is_one_group() {
        let live = some();
        let mut errors = Errors::default();
        errors.update(&live);
        let groups: Vec<_> = errors
            .groups()
            .iter()
            .map(|g| (g.kind, &*g.print, g.count, g.agents.len(), g.tasks.len()))
            .collect();
        assert_eq!(groups.len(), 4);
        assert_eq!(groups[0], (Kind::Reported, "slow", 1, 0, 0));
        assert_eq!(groups[1], (Kind::Failed, "no disk on /…", 1, 1, 1));
        assert_eq!((groups[2].0, groups[2].2), (Kind::Unreadable, 1));
        assert_eq!(groups[3], (Kind::Reported, "no disk on /…", 2, 2, 1));
        let disk = &errors.groups()[3];
        let levels: Vec<&str> = errors.groups().iter().map(|group| &*group.level).collect();
        assert_eq!(levels, ["warning", "failed task", "unreadable", "error"]);
        assert_eq!((disk.first, disk.last), (Timestamp::from_secs(1_001), Timestamp::from_secs(1_002)));
        assert_eq!(errors.group(disk.key), Some(disk));
        // Once more, from what is known.
        let before = errors.groups().to_vec();
        errors.update(&live);
        assert_eq!(errors.groups(), before);
    }

    #[test]
    fn a_group_and_a_search_narrow_the_list() {
        let live = some();
        let mut errors = Errors::default();
        errors.update(&live);
        let list = |group, search| errors.listed(&live, group, &Search::new(search));
        assert_eq!(list(None, ""), ["7", "6", "3", "2", "1"]);
        assert_eq!(list(Some(errors.groups()[3].key), ""), ["2", "1"]);
        assert_eq!(list(None, "disk a"), ["6", "2", "1"]);
        assert_eq!(list(Some(errors.groups()[3].key), "deep"), ["2"]);
        assert_eq!(list(None, "warning"), ["7"]);
        assert_eq!(list(None, "mjwork.tasks.claimed"), ["3"]);
        assert_eq!(list(Some(1), ""), [""; 0]);
    }

    #[test]
    fn each_is_found_whole() {
        let live = some();
        let found = find(&live, 2).unwrap();
        assert_eq!((found.kind(), found.whole().as_str()), (Kind::Reported, "no disk on /var/2\n\nat deep"));
        assert_eq!(found.agent().map(AgentId::as_str), Some("b"));
        let failed = find(&live, 6).unwrap();
        assert_eq!((failed.kind(), failed.text().as_str()), (Kind::Failed, "no disk on /tmp/1"));
        assert_eq!(find(&live, 3).unwrap().subject(), Some("mjwork.tasks.claimed"));
        assert!(find(&live, 4).is_none());
    }

    #[test]
    fn what_is_no_longer_failed_is_no_longer_listed() {
        let mut events = vec![
            ("tasks.available", r#"{"task_id":"t","title":"T"}"#),
            ("tasks.claimed", r#"{"task_id":"t","agent_id":"a"}"#),
            ("tasks.failed", r#"{"task_id":"t","agent_id":"a","error":"e"}"#),
        ];
        let mut errors = Errors::default();
        errors.update(&live(&events));
        assert_eq!(errors.groups().len(), 1);
        events.push(("tasks.available", r#"{"task_id":"t","title":"T","requeue":{"reason":"again"}}"#));
        errors.update(&live(&events));
        assert!(errors.groups().is_empty());
    }

    #[test]
    fn many_are_counted_and_few_are_named() {
        let bodies: Vec<String> =
            (0..150).map(|n| format!(r#"{{"message":"e {n}","agent_id":"a{n}"}}"#)).collect();
        let live = live(&bodies.iter().map(|body| ("errors", body.as_str())).collect::<Vec<_>>());
        let mut errors = Errors::default();
        errors.update(&live);
        let group = &errors.groups()[0];
        assert_eq!((group.count, number(&group.agents).as_str()), (150, "100 or more"));
    }
}
