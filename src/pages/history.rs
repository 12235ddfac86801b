//! What the log of messages reads from the stream itself: one message whole, an older part, or all that matches as a
//! file.

use crate::browser;
use crate::export::{line, own_headers};
use crate::messages::Message;
use crate::session;
use crate::state::Ui;
use crate::tail::Query;
use mjwork::board::Verdict;
use mjwork::event::Subjects;
use mjwork::reader::{Fault, Range, Stored};
use mjwork::{Sequence, Timestamp};

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
pub(super) async fn part(
    ui: Ui,
    (first, end): (Sequence, Sequence),
    limit: usize,
    query: &Query,
    came: impl Fn(usize) -> bool,
) -> Result<Vec<Message>, Fault> {
    let subjects = Subjects::new(ui.conn_now().settings.subject_prefix.clone());
    let mut range = open(ui, first, end.saturating_sub(1), Some(query)).await?;
    let mut messages = Vec::new();
    while let Some(part) = range.next().await? {
        for stored in &part {
            let event = stored.event(&subjects);
            // What the fold made of it is remembered by the task, if by anybody.
            let verdict = event.task_id().and_then(|task| ui.live().verdict(stored.seq, task));
            let verdict = verdict.unwrap_or(Verdict::Noted);
            let body = stored.payload();
            messages.push(Message::new(stored.seq, stored.time, stored.subject(), body, &event, &verdict));
        }
        let over = messages.len().saturating_sub(limit);
        messages.drain(..over);
        if !came(messages.len()) {
            break;
        }
    }
    Ok(messages)
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
