//! What an agent's row shows, in which order agents stand, and the work that waits for somebody to look after it.
//! Plain values that can be compared, so that a row is touched only when what it shows did change.

use crate::beats::Strip;
use crate::card::whole_percent;
use crate::format::one_line;
use crate::live::Live;
use crate::search::Search;
use hashbrown::HashMap;
use mjwork::board::{Agent, Board, Liveness, Status, Task};
use mjwork::{AgentId, Duration, TaskId, Timestamp};

/// A task whose owner's process lives is stalled when nothing was heard of it for so long.
pub const STALLED_AFTER: Duration = Duration::from_secs(10 * 60);

/// What each agent works on, as the fold has it: the task that it claimed last, and how many it holds.
#[derive(Debug, Default)]
pub struct Work<'a>(HashMap<&'a AgentId, Held<'a>>);

/// What one agent works on.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// The task that it claimed last.
    pub task: &'a Task,
    /// How many it holds.
    pub count: usize,
}

impl<'a> Work<'a> {
    /// The work of everybody.
    #[must_use]
    pub fn of(live: &'a Live) -> Self {
        let mut work = Self::default();
        for task in live.tasks_in(Status::InProgress) {
            if let Some(owner) = &task.owner {
                // Longest claimed first: the last one stays.
                let held = work.0.entry(&owner.agent).or_insert(Held { task, count: 0 });
                *held = Held { task, count: held.count + 1 };
            }
        }
        work
    }

    /// The work of one agent.
    #[must_use]
    pub fn of_agent(&self, id: &AgentId) -> Option<Held<'a>> {
        self.0.get(id).copied()
    }
}

impl Live {
    /// The tasks of a status, in the order in which they show. One code for all who look through them.
    #[inline(never)]
    #[must_use]
    pub fn tasks_in(&self, status: Status) -> Vec<&Task> {
        let mut tasks = Vec::with_capacity(self.orders().len(status));
        for id in self.orders().iter(status) {
            tasks.extend(self.board().task(id.as_str()));
        }
        tasks
    }

    /// What one agent works on.
    #[must_use]
    pub fn work_of(&self, id: &AgentId) -> Option<Held<'_>> {
        let mut held: Option<Held<'_>> = None;
        for task in self.tasks_in(Status::InProgress) {
            if task.owner.as_ref().is_some_and(|owner| owner.agent == *id) {
                held = Some(Held { task, count: held.map_or(0, |held| held.count) + 1 });
            }
        }
        held
    }
}

/// An agent's row.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentRow {
    /// The agent.
    pub id: AgentId,
    /// Whether its process lives.
    pub liveness: Liveness,
    /// When it last beat.
    pub beat: Option<Timestamp>,
    /// Its process.
    pub session: String,
    /// The machine that it runs on.
    pub host: String,
    /// What it does, in a word.
    pub status: String,
    /// The task that it works on: the one it claimed last, or the one that it says.
    pub task: Option<TaskId>,
    /// What that task is called.
    pub title: String,
    /// Since when it has the task; none where it only says so.
    pub since: Option<Timestamp>,
    /// How many tasks it holds beside that one.
    pub more: usize,
    /// How far the task is, in whole percent.
    pub percent: Option<u8>,
    /// Its last word on the task.
    pub note: String,
    /// When it last reported progress.
    pub reported: Option<Timestamp>,
    /// How many tasks it completed.
    pub completed: usize,
    /// How many tasks it failed.
    pub failed: usize,
    /// When it beat lately.
    pub strip: Strip,
}

impl AgentRow {
    /// The row of an agent at `now`, which works on `held`.
    #[must_use]
    pub fn of(live: &Live, agent: &Agent, held: Option<Held<'_>>, now: Timestamp) -> Self {
        let beat = agent.beat_at(now);
        let text = |text: Option<&str>| one_line(text.unwrap_or_default(), 60);
        let said = beat.and_then(|b| b.task.clone());
        let said_title = said.as_ref().and_then(|id| live.board().task(id.as_str()));
        let title = held.map(|held| held.task).or(said_title).map(|task| &*task.definition.title);
        let progress = held.and_then(|held| held.task.progress.as_ref());
        Self {
            id: agent.id.clone(),
            liveness: agent.liveness(now),
            beat: beat.map(|b| b.time),
            session: text(beat.and_then(|b| b.session.as_deref())),
            host: text(beat.and_then(|b| b.host.as_deref())),
            status: text(beat.and_then(|b| b.status.as_deref())),
            task: held.map(|held| held.task.id.clone()).or(said),
            title: one_line(title.unwrap_or_default(), 120),
            since: held.map(|held| held.task.since),
            more: held.map_or(0, |held| held.count - 1),
            percent: progress.and_then(|p| p.percent).map(whole_percent),
            note: one_line(progress.and_then(|p| p.note.as_deref()).unwrap_or_default(), 160),
            reported: progress.map(|p| p.time),
            completed: agent.completed,
            failed: agent.failed,
            strip: live.beats().strip(&agent.id, beat.map(|b| b.time), now),
        }
    }
}

/// In which order agents stand.
///
/// | order | first | then |
/// | --- | --- | --- |
/// | name | A | by name |
/// | process | lost, late, live, silent | by name |
/// | last beat | who has been quiet longest; who never beat comes last | by name |
/// | work | who has held a task longest; who holds none comes last | by name |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By name.
    #[default]
    Name,
    /// By liveness.
    Process,
    /// By the last heartbeat.
    Beat,
    /// By the claim.
    Work,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 4] = [Self::Name, Self::Process, Self::Beat, Self::Work];

    /// Its word in the address; empty for the one that needs none.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "",
            Self::Process => "process",
            Self::Beat => "beat",
            Self::Work => "work",
        }
    }

    /// The order with this word.
    #[must_use]
    pub fn named(word: &str) -> Self {
        Self::ALL.into_iter().find(|sort| sort.as_str() == word).unwrap_or_default()
    }
}

/// The names of the agents that match, in order.
#[must_use]
pub fn listed(live: &Live, search: &Search, sort: Sort, now: Timestamp) -> Vec<String> {
    let work = Work::of(live);
    let mut listed: Vec<((u8, i64), &str)> = Vec::new();
    for agent in live.board().agents() {
        let held = work.of_agent(&agent.id);
        if matches(agent, held, search, now) {
            let one = (rank(agent, held, sort, now), agent.id.as_str());
            // They are few: a sort would cost the bundle more than this costs time.
            listed.insert(listed.partition_point(|other| *other < one), one);
        }
    }
    listed.into_iter().map(|(_, id)| id.to_owned()).collect()
}

fn rank(agent: &Agent, held: Option<Held<'_>>, sort: Sort, now: Timestamp) -> (u8, i64) {
    let oldest_first = |time: Option<Timestamp>| (0, time.map_or(i64::MAX, Timestamp::as_nanos));
    match sort {
        Sort::Name => (0, 0),
        Sort::Process => match agent.liveness(now) {
            Liveness::Lost => (0, 0),
            Liveness::Late => (1, 0),
            Liveness::Live => (2, 0),
            Liveness::Silent => (3, 0),
        },
        Sort::Beat => oldest_first(agent.beat_at(now).map(|beat| beat.time)),
        Sort::Work => oldest_first(held.map(|held| held.task.since)),
    }
}

fn matches(agent: &Agent, held: Option<Held<'_>>, search: &Search, now: Timestamp) -> bool {
    if search.is_empty() {
        return true;
    }
    let beat = agent.beat_at(now);
    let mut texts = vec![agent.id.as_str(), agent.liveness(now).as_str()];
    if let Some(beat) = beat {
        texts.extend(
            [&beat.host, &beat.status, &beat.description, &beat.version]
                .into_iter()
                .filter_map(Option::as_deref),
        );
        texts.extend(beat.session.as_deref());
        texts.extend(beat.task.as_ref().map(TaskId::as_str));
    }
    if let Some(held) = held {
        texts.extend([held.task.id.as_str(), &held.task.definition.title]);
    }
    search.matches_any(&texts)
}

/// Work whose owner is lost, and so waits for somebody to requeue it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// The task.
    pub id: TaskId,
    /// What it is called.
    pub title: String,
    /// Who had it.
    pub owner: AgentId,
    /// Since when.
    pub since: Timestamp,
}

/// All orphaned work at `now`, longest claimed first, of the tasks in progress `ids`.
#[must_use]
pub fn orphans<'a>(board: &Board, ids: impl Iterator<Item = &'a TaskId>, now: Timestamp) -> Vec<Orphan> {
    ids.filter_map(|id| board.task(id.as_str()))
        .filter(|task| board.is_orphaned(task, now))
        .filter_map(|task| {
            Some(Orphan {
                id: task.id.clone(),
                title: one_line(&task.definition.title, 120),
                owner: task.owner.as_ref()?.agent.clone(),
                since: task.since,
            })
        })
        .collect()
}

/// When the owner of a task was last heard of it: the claim, or the last progress.
#[must_use]
pub fn last_word(task: &Task) -> Timestamp {
    task.progress.as_ref().map_or(task.since, |progress| progress.time.max(task.since))
}

/// The ids of the tasks whose owner's process beats at `now`, and that nothing was heard of for [`STALLED_AFTER`]:
/// longest claimed first.
#[must_use]
pub fn stalled(live: &Live, now: Timestamp) -> Vec<String> {
    let beats =
        |task: &Task| matches!(live.board().owner_liveness(task, now), Some(Liveness::Live | Liveness::Late));
    let mut ids = Vec::new();
    for task in live.tasks_in(Status::InProgress) {
        if now.since(last_word(task)) > STALLED_AFTER && beats(task) {
            ids.push(task.id.to_string());
        }
    }
    ids
}

/// The order of a list in which nothing may move: what stood there stays where it was, what is new follows, what is
/// gone leaves.
#[must_use]
pub fn unmoved(before: &[String], now: &[String]) -> Vec<String> {
    let stays = before.iter().filter(|key| now.contains(key));
    let comes = now.iter().filter(|key| !before.contains(key));
    stays.chain(comes).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Arrival;
    use mjwork::event::{Event, Subjects};

    /// One second of server time passes with each event.
    #[derive(Default)]
    struct Fleet {
        live: Live,
        seq: u64,
    }

    impl Fleet {
        fn now(&self) -> Timestamp {
            Timestamp::from_secs(1_000 + i64::try_from(self.seq).unwrap())
        }

        fn say(&mut self, subject: &str, body: &str) {
            self.seq += 1;
            let subject = format!("mjwork.{subject}");
            let event = Event::decode(Subjects::default().topic(&subject), body.as_bytes());
            let arrival =
                Arrival { seq: self.seq, time: self.now(), subject: &subject, body: body.as_bytes() };
            let local_ms = self.now().as_millis();
            self.live.apply(arrival, &event, local_ms, 0);
            self.live.flush();
        }

        fn claim(&mut self, task: &str, agent: &str, more: &str) {
            self.say("tasks.available", &format!(r#"{{"task_id":"{task}","title":"Title of {task}"}}"#));
            self.say("tasks.claimed", &format!(r#"{{"task_id":"{task}","agent_id":"{agent}"{more}}}"#));
        }

        fn beat(&mut self, agent: &str, more: &str) {
            self.say(&format!("heartbeat.{agent}"), &format!(r#"{{"agent_id":"{agent}"{more}}}"#));
        }

        fn row(&self, agent: &str) -> AgentRow {
            let agent = self.live.board().agent(agent).unwrap();
            AgentRow::of(&self.live, agent, self.live.work_of(&agent.id), self.now())
        }

        fn listed(&self, search: &str, sort: Sort, after: u64) -> Vec<String> {
            listed(&self.live, &Search::new(search), sort, self.now() + Duration::from_secs(after))
        }
    }

    fn fleet() -> Fleet {
        let mut fleet = Fleet::default();
        fleet.live.synced();
        fleet.live.flush();
        fleet
    }

    #[test]
    fn a_row_says_what_the_agent_works_on_and_how_far_it_is() {
        let mut fleet = fleet();
        fleet.beat("a", r#","session":"s1","host":"h","status":"working","task_id":"said""#);
        let row = fleet.row("a");
        assert_eq!((row.task.as_ref().map(TaskId::as_str), row.since, row.more), (Some("said"), None, 0));
        fleet.claim("first", "a", "");
        fleet.claim("second", "a", "");
        fleet.say(
            "tasks.progress",
            r#"{"task_id":"second","agent_id":"a","percent":42.9,"note":"half\nway"}"#,
        );
        let row = fleet.row("a");
        assert_eq!(row.task.as_ref().map(TaskId::as_str), Some("second"));
        assert_eq!((row.title.as_str(), row.note.as_str()), ("Title of second", "half way"));
        assert_eq!((row.percent, row.more, row.reported), (Some(42), 1, Some(fleet.now())));
        assert_eq!((row.host.as_str(), row.session.as_str(), row.status.as_str()), ("h", "s1", "working"));
        assert_eq!(row.strip.ticks.matches('M').count(), 1);
        assert_eq!(Work::of(&fleet.live).of_agent(&row.id).map(|held| held.count), Some(2));
    }

    #[test]
    fn agents_stand_in_the_order_that_was_asked_for() {
        let mut fleet = fleet();
        fleet.beat("b", r#","interval_s":1"#);
        fleet.beat("a", r#","interval_s":60"#);
        fleet.claim("t", "d", "");
        fleet.claim("u", "a", "");
        fleet.beat("c", r#","host":"build-1","interval_s":60"#);
        assert_eq!(fleet.listed("", Sort::Name, 0), ["a", "b", "c", "d"]);
        assert_eq!(fleet.listed("", Sort::Process, 10), ["b", "a", "c", "d"]);
        assert_eq!(fleet.listed("", Sort::Beat, 0), ["b", "a", "c", "d"]);
        assert_eq!(fleet.listed("", Sort::Work, 0), ["d", "a", "b", "c"]);
        for sort in Sort::ALL {
            assert_eq!(Sort::named(sort.as_str()), sort);
        }
    }

    #[test]
    fn agents_are_found_by_what_they_are_and_do() {
        let mut fleet = fleet();
        fleet.beat("a", r#","host":"build-1","session":"s-77","status":"idle","description":"writes tests""#);
        fleet.claim("parser", "b", "");
        for (search, found) in [
            ("", &["a", "b"][..]),
            ("build-1", &["a"]),
            ("s-77", &["a"]),
            ("TESTS", &["a"]),
            ("parser", &["b"]),
            ("live", &["a"]),
            ("nobody", &[]),
        ] {
            assert_eq!(fleet.listed(search, Sort::Name, 0), found, "{search}");
        }
    }

    #[test]
    fn work_of_a_lost_agent_is_orphaned() {
        let mut fleet = fleet();
        fleet.beat("x", r#","interval_s":1,"session":"s1","host":"h""#);
        fleet.claim("a", "x", r#","session":"s1""#);
        let ids = [TaskId::new("a").unwrap()];
        assert!(orphans(fleet.live.board(), ids.iter(), fleet.now()).is_empty());
        let later = fleet.now() + Duration::from_secs(60);
        let lost = orphans(fleet.live.board(), ids.iter(), later);
        assert_eq!(lost.iter().map(|o| o.owner.as_str()).collect::<Vec<_>>(), ["x"]);
    }

    #[test]
    fn work_is_stalled_when_its_owner_beats_and_says_nothing_of_it() {
        let mut fleet = fleet();
        fleet.beat("x", r#","interval_s":600"#);
        fleet.claim("a", "x", "");
        fleet.claim("unheard", "y", "");
        let later = |seconds| fleet.now() + Duration::from_secs(seconds);
        assert!(stalled(&fleet.live, later(590)).is_empty());
        assert_eq!(stalled(&fleet.live, later(605)), ["a"], "nobody knows of y");
        assert!(stalled(&fleet.live, later(3_000)).is_empty(), "lost is not stalled");
        let (mut fleet, then) = (fleet, Duration::from_secs(605));
        fleet.say("tasks.progress", r#"{"task_id":"a","agent_id":"x"}"#);
        assert!(stalled(&fleet.live, fleet.now() + then - Duration::from_secs(10)).is_empty());
    }

    #[test]
    fn nothing_moves_while_it_must_not() {
        let keys = |keys: &[&str]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(unmoved(&keys(&["a", "b", "c"]), &keys(&["d", "c", "a"])), ["a", "c", "d"]);
        assert_eq!(unmoved(&[], &keys(&["b", "a"])), ["b", "a"]);
    }
}
