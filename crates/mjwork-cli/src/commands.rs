//! What each command does.

use crate::args::{Args, Command, Heartbeat, Publish, Who};
use crate::failure::Failure;
use crate::render;
use crate::session::{Session, connect};
use mjwork::board::{Refusal, Status, Task, Verdict};
use mjwork::draft::{self, Draft, Hold};
use mjwork::event::Available;
use mjwork::setup::setup;
use mjwork::{Ack, Sequence, TaskId, event};
use serde_json::value::RawValue;

/// Does what `args` say.
pub async fn run(args: Args) -> Result<(), Failure> {
    let Args { connection, json, command } = args;
    if let Command::Setup { replicas } = command {
        let client = connect(&connection).await?;
        let mut report = setup(&client, &connection.source(), replicas).await?;
        if !client.is_server_compatible(2, 14, 3) {
            report.warnings.push(format!(
                "this is nats-server {}; 2.14.3 or later is advised for its security fixes",
                client.server_info().version
            ));
        }
        render::report(&connection.stream, &report, json);
        return Ok(());
    }
    match command {
        Command::Mcp(words) => return crate::mcp::run(connection, words).await,
        Command::Simulate(words) => return crate::simulate::run(connection, words, json).await,
        _ => {}
    }
    let mut session = Session::open(&connection).await?;
    match command {
        Command::Setup { .. } | Command::Mcp(_) | Command::Simulate(_) => Ok(()),
        Command::Publish(words) => publish(&mut session, &words, json).await,
        Command::Claim { task, who } => claim(&mut session, &task, &who, json).await,
        Command::Complete { task, who, claim, result } => {
            complete(&mut session, &task, &who, claim, result.as_deref(), json).await
        }
        Command::Heartbeat(words) => heartbeat(&mut session, &words, json).await,
        Command::List { status } => {
            list(&session, &status, json);
            Ok(())
        }
    }
}

async fn publish(session: &mut Session, words: &Publish, json: bool) -> Result<(), Failure> {
    let body = Available {
        task_id: words.task.as_str().into(),
        title: words.title.as_str().into(),
        description: words.description.as_deref().map(Into::into),
        blocked_by: words.blocked_by.iter().map(|id| id.as_str().into()).collect(),
        priority: words.priority.as_deref().map(Into::into),
        tags: words.tags.iter().map(|tag| tag.as_str().into()).collect(),
        max_attempts: words.max_attempts,
        by: words.by.as_deref().map(Into::into),
        // An edit is of the definition that stands there now.
        after: session.board().task(words.task.as_str()).map(|task| task.version),
        requeue: None,
    };
    let draft = draft::available(session.subjects(), &body);
    act(session, &words.task, draft, json, |_, _| None).await
}

async fn claim(session: &mut Session, id: &TaskId, who: &Who, json: bool) -> Result<(), Failure> {
    let after = session.task(id)?.version;
    let draft = draft::claim(session.subjects(), id, after, &who.agent, who.session.as_deref());
    act(session, id, draft, json, |task, ack| {
        // Of all who claim the same version the server stores one, and answers the others with its sequence.
        let owner = task.owner.as_ref();
        let mine = task.claim == Some(ack.seq)
            && owner.is_some_and(|o| o.agent == who.agent && o.session.as_deref() == who.session.as_deref());
        match owner {
            _ if mine => None,
            Some(owner) => Some(Refusal::Taken { by: owner.agent.clone() }),
            None => Some(Refusal::Stale { after: Some(after), version: task.version }),
        }
    })
    .await
}

async fn complete(
    session: &mut Session,
    id: &TaskId,
    who: &Who,
    claim: Option<Sequence>,
    result: Option<&str>,
    json: bool,
) -> Result<(), Failure> {
    let task = session.task(id)?;
    let mine = task.owner.as_ref().is_some_and(|owner| {
        owner.agent == who.agent
            && (who.session.is_none() || owner.session.as_deref() == who.session.as_deref())
    });
    let hold = Hold {
        task: id,
        agent: &who.agent,
        session: who.session.as_deref(),
        // A claim of somebody else's is not ours to hold.
        claim: claim.or(task.claim.filter(|_| mine)),
    };
    let result = result.map(raw).transpose()?;
    let draft = draft::complete(session.subjects(), hold, result.as_deref());
    act(session, id, draft, json, |_, _| None).await
}

/// JSON as it is, anything else as a JSON string.
fn raw(text: &str) -> Result<Box<RawValue>, Failure> {
    RawValue::from_string(text.to_owned())
        .or_else(|_| serde_json::value::to_raw_value(text))
        .map_err(|error| Failure::Usage(format!("the result makes no JSON: {error}")))
}

async fn heartbeat(session: &mut Session, words: &Heartbeat, json: bool) -> Result<(), Failure> {
    let body = event::Heartbeat {
        agent_id: words.who.agent.as_str().into(),
        session: words.who.session.as_deref().map(Into::into),
        status: words.status.as_deref().map(Into::into),
        task_id: words.task.as_ref().map(|id| id.as_str().into()),
        description: words.description.as_deref().map(Into::into),
        interval_s: words.interval,
        host: None,
        version: None,
    };
    let draft = draft::heartbeat(session.subjects(), &words.who.agent, &body, session.allows_ttl());
    let (ack, _) = session.publish(draft).await?;
    render::stored(&ack, &format!("{} lives", words.who.agent), json);
    Ok(())
}

fn list(session: &Session, status: &[Status], json: bool) {
    let board = session.board();
    let mut tasks: Vec<&Task> =
        board.tasks().filter(|task| status.is_empty() || status.contains(&task.status)).collect();
    tasks.sort_by(|a, b| {
        let key = |t: &Task| (t.status, t.definition.priority.rank(), t.created);
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    render::tasks(board, &tasks, json);
}

/// Publishes what changes a task, and says what came of it. `duplicate` says what a duplicate means.
async fn act(
    session: &mut Session,
    id: &TaskId,
    draft: Draft,
    json: bool,
    duplicate: impl Fn(&Task, &Ack) -> Option<Refusal>,
) -> Result<(), Failure> {
    let (ack, change) = session.publish(draft).await?;
    if let Some(Verdict::Refused(refusal)) = change.map(|change| change.verdict) {
        return Err(Failure::Refused(refusal));
    }
    let task = session.task(id)?;
    match duplicate(task, &ack) {
        Some(refusal) if ack.duplicate => Err(Failure::Refused(refusal)),
        _ => {
            render::acted(session.board(), task, &ack, json);
            Ok(())
        }
    }
}
