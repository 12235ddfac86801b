//! What each tool does.

use super::desk::{Desk, Heard, LastWord};
use super::input::{self, Kind, NewTask};
use super::output::{
    AllPublished, Done, Everybody, Listed, OneAgent, OneMessage, OnePublished, Row, SaidIt, State, Taken,
    Talk, Whole,
};
use super::reply::{Answer, Reply, Trouble};
use super::server::Ended;
use mjwork::board::{Board, Said, Task};
use mjwork::{FailureKind, TaskId};
use serde_json::value::RawValue;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// Waits for a task, or takes the one that was asked for.
pub async fn next_task(desk: &Arc<Desk>, call: input::NextTask, ended: &Ended) -> Reply {
    desk.online().await?;
    let taken = if let Some(id) = call.task_id {
        Some(desk.take(&task_id(&id)?).await?)
    } else {
        let wait = Duration::from_secs(call.wait_s.into());
        ended.or(desk.take_next(wait)).await??
    };
    let Some(claim) = taken else { return Ok(nothing_ready(desk, call.wait_s)) };
    if ended.is_so() {
        desk.put_back(claim).await;
        return Err(Trouble("Nobody waited for the answer any more.".to_owned()));
    }
    let mut also_yours = desk.mine();
    also_yours.retain(|id| id != claim.id());
    let task = claim.task();
    let mut words = format!(
        "Task `{}` is yours now: {} (priority {}, attempt {} of {}).",
        task.id, task.definition.title, task.definition.priority, task.attempts, task.definition.max_attempts
    );
    if let Some(description) = &task.definition.description {
        let _ = write!(words, "\n\n{description}\n\n");
    } else {
        words.push(' ');
    }
    words.push_str("Work on it, report with progress, and end it with complete, fail or release.");
    if !also_yours.is_empty() {
        let _ = write!(words, " You also hold {}: end these, too.", quoted(&also_yours));
    }
    let data = desk.mirror().read(|board| Taken {
        agent_id: desk.worker().agent().to_string(),
        task: Some(
            board.task(task.id.as_str()).map_or_else(|| Whole::of(board, task), |now| Whole::of(board, now)),
        ),
        also_yours: also_yours.iter().map(ToString::to_string).collect(),
        counts: board.counts().into(),
        nothing_left: false,
    });
    Ok(Answer::new(words, &data))
}

/// The answer when no task became ready.
fn nothing_ready(desk: &Desk, waited: u32) -> Answer {
    let also_yours = desk.mine();
    let nothing_left = desk.worker().is_idle();
    let data = desk.mirror().read(|board| Taken {
        agent_id: desk.worker().agent().to_string(),
        task: None,
        also_yours: also_yours.iter().map(ToString::to_string).collect(),
        counts: board.counts().into(),
        nothing_left,
    });
    let mut words = if desk.mirror().is_synced() {
        format!(
            "No task became ready within {waited} s: {} blocked, {} in progress.",
            data.counts.blocked, data.counts.in_progress
        )
    } else {
        "No task came, and there is no connection to the server just now; it is tried again all the time."
            .to_owned()
    };
    words.push_str(match (also_yours.is_empty(), nothing_left) {
        (true, true) => {
            " Nothing is left that could become ready without somebody's help: you may stop here."
        }
        (true, false) => " Call next_task again to wait on.",
        (false, _) => "",
    });
    if !also_yours.is_empty() {
        let _ = write!(words, " You hold {}: go on with that, and end it first.", quoted(&also_yours));
    }
    Answer::new(words, &data)
}

/// Lists tasks.
pub fn list_tasks(desk: &Desk, call: &input::ListTasks) -> Answer {
    let text = call.text.as_deref().map(str::to_lowercase);
    let fits = |task: &Task| {
        (call.status.is_empty() || call.status.contains(&State::from(task.status)))
            && call.tags.iter().all(|tag| task.definition.tags.iter().any(|t| **t == **tag))
            && call
                .owner
                .as_ref()
                .is_none_or(|owner| task.owner.as_ref().is_some_and(|o| o.agent.as_str() == owner))
            && text.as_deref().is_none_or(|text| {
                task.id.as_str().to_lowercase().contains(text)
                    || task.definition.title.to_lowercase().contains(text)
            })
    };
    let data = desk.mirror().read(|board| {
        let mut tasks: Vec<&Task> = board.tasks().filter(|task| fits(task)).collect();
        tasks.sort_by(|a, b| urgency(a).cmp(&urgency(b)));
        let total = tasks.len();
        let skip = usize::try_from(call.offset).unwrap_or(usize::MAX);
        let take = usize::try_from(call.limit).unwrap_or(usize::MAX);
        let tasks = tasks.into_iter().skip(skip).take(take).map(|task| Row::of(board, task)).collect();
        Listed { tasks, total, counts: board.counts().into() }
    });
    let words = format!("Tasks: {} of {} that fit.{}", data.tasks.len(), data.total, as_of(desk));
    Answer::new(words, &data)
}

/// The order in which tasks are taken.
fn urgency(task: &Task) -> impl Ord + use<'_> {
    (task.definition.priority.rank(), task.created, &task.id)
}

/// Shows a task.
pub fn get_task(desk: &Desk, call: &input::GetTask) -> Reply {
    let id = task_id(&call.task_id)?;
    let data = desk.mirror().read(|board| board.task(id.as_str()).map(|task| Whole::of(board, task)));
    let Some(data) = data else {
        return Err(Trouble(format!("There is no task `{id}`. Call list_tasks to see what there is.")));
    };
    let yours = if desk.mine().contains(&id) { " It is yours." } else { "" };
    let words = format!("`{id}`: {}.{yours}{}", data.row.title, as_of(desk));
    Ok(Answer::new(words, &data))
}

/// Reports progress.
pub async fn progress(desk: &Arc<Desk>, call: input::Progress) -> Reply {
    let id = task_id(&call.task_id)?;
    desk.progress(&id, call.percent, call.note.as_deref()).await?;
    Ok(done(desk, &id, None, "Reported. Go on."))
}

/// Hands a result in.
pub async fn complete(desk: &Arc<Desk>, call: input::Complete) -> Reply {
    let result = match &call.result {
        Some(value) => Some(raw(value)?),
        None => None,
    };
    end(desk, &call.task_id, LastWord::Complete(result), "Completed. Call next_task for another one.").await
}

/// Gives a task up.
pub async fn fail(desk: &Arc<Desk>, call: input::Fail) -> Reply {
    let kind = match call.kind {
        Kind::Retryable => FailureKind::Retryable,
        Kind::Fatal => FailureKind::Fatal,
        Kind::RateLimited => FailureKind::RateLimited,
    };
    end(
        desk,
        &call.task_id,
        LastWord::Fail(call.error, kind),
        "Failed, as you say. Call next_task for another one.",
    )
    .await
}

/// Gives a task back.
pub async fn release(desk: &Arc<Desk>, call: input::Release) -> Reply {
    let said = "Given back: another agent can take it now. Call next_task for another one.";
    end(desk, &call.task_id, LastWord::Release(call.reason), said).await
}

async fn end(desk: &Arc<Desk>, id: &str, word: LastWord, said: &str) -> Reply {
    let id = task_id(id)?;
    match desk.end(&id, word).await? {
        Heard::Stored(seq) => Ok(done(desk, &id, seq, said)),
        Heard::UnderWay => Ok(done(
            desk,
            &id,
            None,
            "The server has not acknowledged it yet. It is kept, and sent until it has: do not work on the task any \
             more, and do not call this again. Call next_task for another one.",
        )),
    }
}

fn done(desk: &Desk, id: &TaskId, seq: Option<u64>, said: &str) -> Answer {
    let status = desk.mirror().read(|board| board.task(id.as_str()).map(|task| task.status.into()));
    Answer::new(said, &Done { task_id: id.to_string(), status, seq, outcome: said.to_owned() })
}

/// Publishes tasks.
pub async fn publish(desk: &Arc<Desk>, call: input::Publish) -> Reply {
    let (tasks, faults): (Vec<_>, Vec<_>) =
        call.tasks.into_iter().enumerate().map(|(at, task)| new_task(at, task)).partition(Result::is_ok);
    let faults: Vec<String> = faults.into_iter().filter_map(Result::err).collect();
    if !faults.is_empty() {
        return Err(Trouble(format!(
            "Nothing was published. Mend these, and publish all of them again:{}",
            faults.concat()
        )));
    }
    desk.online().await?;
    let published = desk.publisher().publish_tasks(tasks.into_iter().filter_map(Result::ok)).await;
    let published = published.map_err(|error| Trouble::publish(&error))?;
    let unchanged = published.iter().filter(|task| task.unchanged).count();
    let mut words = format!("Published: {}.", published.len() - unchanged);
    if unchanged > 0 {
        let _ = write!(words, " There before, with the same words: {unchanged}.");
    }
    let published = published
        .into_iter()
        .map(|task| OnePublished { task_id: task.id.to_string(), seq: task.seq, unchanged: task.unchanged })
        .collect();
    Ok(Answer::new(words, &AllPublished { published }))
}

/// The task that stands at `at` in a call; the error names every id in it that is none.
fn new_task(at: usize, task: NewTask) -> Result<mjwork::NewTask, String> {
    let mut faults = String::new();
    let mut id = |text: &str, what: &str| {
        TaskId::new(text)
            .inspect_err(|rule| {
                let _ = write!(faults, "\n- tasks[{at}].{what}: {rule}");
            })
            .ok()
    };
    let own = id(&task.task_id, "task_id");
    let blocked_by: Vec<TaskId> = task.blocked_by.iter().filter_map(|text| id(text, "blocked_by")).collect();
    match own.filter(|_| faults.is_empty()) {
        Some(own) => Ok(mjwork::NewTask {
            description: task.description,
            blocked_by,
            priority: task.priority.word().map(str::to_owned),
            tags: task.tags,
            max_attempts: task.max_attempts,
            ..mjwork::NewTask::new(own, task.title)
        }),
        None => Err(faults),
    }
}

/// Says something.
pub async fn say(desk: &Arc<Desk>, call: input::Say) -> Reply {
    desk.online().await?;
    let seq = desk.worker().say(&call.message).await.map_err(|error| Trouble::send(&error))?;
    Ok(Answer::new("Said.", &SaidIt { seq }))
}

/// Reads what is said.
pub async fn read_messages(desk: &Arc<Desk>, call: input::ReadMessages, ended: &Ended) -> Reply {
    let limit = usize::try_from(call.limit).unwrap_or(usize::MAX);
    let look = || desk.mirror().read(|board| messages(board, call.since, limit));
    let come = async {
        let mut ticket = desk.mirror().ticket();
        loop {
            let found = look();
            if !found.messages.is_empty() {
                return found;
            }
            ticket = desk.mirror().changed(ticket).await;
        }
    };
    let wait = Duration::from_secs(call.wait_s.into());
    let found = ended.or(tokio::time::timeout(wait, come)).await?;
    let data = found.unwrap_or_else(|_| look());
    let words = match (data.messages.len(), data.more) {
        (0, _) => "No message.".to_owned(),
        (count, true) => {
            format!("{count} messages, and there are more: call again with `since` = {}.", data.last_seq)
        }
        (count, false) => format!("{count} messages."),
    };
    Ok(Answer::new(words + &as_of(desk), &data))
}

/// The messages after `since`, or the newest ones.
fn messages(board: &Board, since: Option<u64>, limit: usize) -> Talk {
    let log = board.said();
    let (found, more): (Vec<&Said>, bool) = match since {
        Some(since) => {
            let mut after = log.iter().filter(|said| said.seq > since);
            let found = after.by_ref().take(limit).collect();
            (found, after.next().is_some())
        }
        None => (log.iter().skip(log.iter().len().saturating_sub(limit)).collect(), false),
    };
    // Where there is nothing to read on from, everything that is stored by now has been read.
    let last_seq = found.last().map_or(since.unwrap_or(board.last_seq()), |said| said.seq);
    let messages = found.into_iter().map(|said| OneMessage {
        seq: said.seq,
        time: super::output::time(said.time),
        agent_id: said.agent.to_string(),
        message: said.message.to_string(),
    });
    Talk { messages: messages.collect(), last_seq, more }
}

/// Lists agents.
pub fn agents(desk: &Desk, _call: &input::Agents) -> Answer {
    let now = desk.mirror().now();
    let mut agents: Vec<OneAgent> =
        desk.mirror().read(|board| board.agents().map(|agent| OneAgent::of(board, agent, now)).collect());
    agents.sort_by(|a, b| (a.liveness, &a.agent_id).cmp(&(b.liveness, &b.agent_id)));
    let you = desk.worker().agent().to_string();
    let words = format!("Agents: {}; you are {you}.{}", agents.len(), as_of(desk));
    Answer::new(words, &Everybody { you, agents })
}

/// What is to be said with what is read while there is no connection.
fn as_of(desk: &Desk) -> String {
    if desk.mirror().is_synced() {
        return String::new();
    }
    let seq = desk.mirror().read(Board::last_seq);
    format!(" There is no connection just now: this is as it was at sequence {seq}.")
}

fn task_id(text: &str) -> Result<TaskId, Trouble> {
    TaskId::new(text)
        .map_err(|rule| Trouble(format!("`task_id`: {rule}. Call the tool again with one that is.")))
}

fn raw(value: &serde_json::Value) -> Result<Box<RawValue>, Trouble> {
    serde_json::value::to_raw_value(value).map_err(|error| {
        Trouble(format!("`result` makes no JSON: {error}. Call the tool again with one that does."))
    })
}

fn quoted(ids: &[TaskId]) -> String {
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
}
