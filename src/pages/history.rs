//! What the log of messages reads from the stream itself: one message whole, an older part, or all that matches as a
//! file.

use crate::browser;
use crate::dom::effect;
use crate::export::{line, own_headers};
use crate::messages::Message;
use crate::reactive::Memo;
use crate::search::Search;
use crate::session;
use crate::state::Ui;
use crate::subject::SubjectFilter;
use crate::tail::Query;
use mjwork::board::Verdict;
use mjwork::event::{Subjects, Topic};
use mjwork::reader::{Fault, Range, Stored};
use mjwork::{AgentId, Sequence, Timestamp};
use std::pin::Pin;

/// What is being read from the stream.
type Coming<T> = Pin<Box<dyn Future<Output = Result<T, Fault>>>>;

/// A message whole, as its publisher wrote it.
#[derive(Clone)]
pub(super) struct Whole {
    pub(super) time: Timestamp,
    pub(super) subject: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

fn headers(stored: &Stored) -> Vec<(String, String)> {
    stored.headers().map(|headers| own_headers(headers.entries())).unwrap_or_default()
}

async fn open(ui: Ui, first: Sequence, last: Sequence, query: Option<&Query>) -> Result<Range, Fault> {
    let (client, source) = session::source(ui).ok_or(Fault::Closed)?;
    let subject = query.and_then(|query| query.subject.as_ref()).map(|filter| filter.as_str().to_owned());
    Range::open(&client, &source, first, last, subject.as_deref()).await
}

/// So many sequences are looked through where only some subjects are wanted.
pub(super) const LOOKED_THROUGH: u64 = 200_000;
/// So many heartbeats are read at the most.
const BEATS: usize = 5_000;

/// Whether all that is new has been read, and now is looked at.
pub(super) fn is_now(ui: Ui) -> Memo<bool> {
    Memo::new(move || {
        let conn = ui.conn();
        conn.link.synced && conn.past.is_none()
    })
}

/// Reads the heartbeats that the stream still has, where the page does not know them.
pub(super) fn read_beats(ui: Ui) {
    let is_now = is_now(ui);
    effect(Box::new(move || {
        if !is_now.get() || !ui.present().beats().is_short() {
            return;
        }
        browser::spawn(async move {
            let subjects = Subjects::new(ui.conn_now().settings.subject_prefix.clone());
            let filter = SubjectFilter::parse(&format!("{}.heartbeat.>", subjects.prefix())).ok();
            let end = ui.present().board().last_seq() + 1;
            let first = end.saturating_sub(LOOKED_THROUGH).max(1);
            let query = Query { subject: filter, search: Search::default() };
            // Where that fails the strips only know less.
            let Ok(part) = part(ui, (first, end), BEATS, query, Box::new(|_| true)).await else { return };
            let is_whole = part.len() < BEATS;
            let beats = part.iter().filter_map(|message| match subjects.topic(&message.subject) {
                Topic::Heartbeat(agent) if message.fault.is_none() => {
                    Some((AgentId::new(agent).ok()?, message.time))
                }
                _ => None,
            });
            ui.live_mut().fill_beats(beats, is_whole);
        });
    }));
}

/// Reads one message.
pub(super) async fn whole(ui: Ui, seq: Sequence) -> Result<Option<Whole>, Fault> {
    let part = open(ui, seq, seq, None).await?.next().await?;
    Ok(part.and_then(|part| part.into_iter().next()).map(|stored| Whole {
        time: stored.time,
        subject: stored.subject().to_owned(),
        headers: headers(&stored),
        body: stored.payload().to_vec(),
    }))
}

/// Reads what matches the subjects of a query from `first` on and before `end`, oldest first, but no more than `limit`
/// of the newest. `came` is told how many there are, and says whether to go on.
pub(super) fn part(
    ui: Ui,
    (first, end): (Sequence, Sequence),
    limit: usize,
    query: Query,
    came: Box<dyn Fn(usize) -> bool>,
) -> Coming<Vec<Message>> {
    // One machine for all who wait for it.
    Box::pin(async move {
        let subjects = Subjects::new(ui.conn_now().settings.subject_prefix.clone());
        let mut range = open(ui, first, end.saturating_sub(1), Some(&query)).await?;
        let mut messages = Vec::new();
        while let Some(part) = range.next().await? {
            for stored in &part {
                let event = stored.event(&subjects);
                // What the fold made of it is remembered by the task, if by anybody.
                let verdict = event.task_id().and_then(|task| ui.live().verdict(stored.seq, task));
                let verdict = verdict.unwrap_or(Verdict::Noted);
                let body = stored.payload();
                messages.push(Message::new(
                    stored.seq,
                    stored.time,
                    stored.subject(),
                    body,
                    &event,
                    &verdict,
                ));
            }
            let over = messages.len().saturating_sub(limit);
            messages.drain(..over);
            if !came(messages.len()) {
                break;
            }
        }
        Ok(messages)
    })
}

/// Reads all that matches to `last` into a file of JSON lines, one a message. `came` is told how many were written and
/// up to which sequence all has been read, and says whether to go on; when it does not, there is no file. Gives how
/// many it has.
pub(super) async fn export(
    ui: Ui,
    last: Sequence,
    query: &Query,
    came: impl Fn(usize, Sequence) -> bool,
) -> Result<usize, Fault> {
    let mut range = open(ui, 1, last, Some(query)).await?;
    // Texts of the browser: they do not grow the memory of the program.
    let texts = js_sys::Array::new();
    let mut written = 0;
    while let Some(part) = range.next().await? {
        let mut text = String::new();
        for stored in &part {
            if !query.matches(stored.subject(), &String::from_utf8_lossy(stored.payload())) {
                continue;
            }
            let line = line(stored.seq, stored.time, stored.subject(), &headers(stored), stored.payload());
            text.push_str(&line);
            written += 1;
        }
        texts.push(&text.into());
        if !came(written, range.position()) {
            return Ok(0);
        }
    }
    browser::save("mjwork-messages.jsonl", "application/jsonl", &texts);
    Ok(written)
}
