//! `say` and `heartbeat`: events that change no task.

use crate::args::{Heartbeat, Say};
use crate::failure::Failure;
use crate::output::Out;
use crate::session::Session;
use crate::{input, output};
use mjwork::{Ack, draft, event};
use serde_json::json;

pub async fn say(session: &Session, words: &Say, out: &mut Out) -> Result<(), Failure> {
    let message = input::text(&words.message.join(" "))?;
    if message.trim().is_empty() {
        return Err(Failure::Usage("there is nothing to say".into()));
    }
    let ack = session.send(draft::say(session.mirror.subjects(), &words.agent, &message)).await?;
    stored(&ack, "said", out)
}

pub async fn heartbeat(session: &Session, words: &Heartbeat, out: &mut Out) -> Result<(), Failure> {
    let (agent, process) = (&words.who.agent, words.who.session());
    let body = event::Heartbeat {
        agent_id: agent.as_str().into(),
        session: process.as_deref().map(Into::into),
        status: words.status.as_deref().map(Into::into),
        task_id: words.task.as_ref().map(|id| id.as_str().into()),
        description: words.description.as_deref().map(Into::into),
        interval_s: words.interval.map(|interval| interval.as_secs_f64()),
        host: None,
        version: None,
    };
    let draft = draft::heartbeat(session.mirror.subjects(), agent, &body, session.mirror.allows_ttl());
    let ack = session.send(draft).await?;
    stored(&ack, &format!("{agent} lives"), out)
}

/// An event that concerns no task was stored.
fn stored(ack: &Ack, what: &str, out: &mut Out) -> Result<(), Failure> {
    if out.is_json() {
        out.object(&json!({"seq": ack.seq, "duplicate": ack.duplicate}))
    } else {
        out.line(format_args!("{} (sequence {})", output::clip(what), ack.seq))
    }
}
