//! Events as `log`, `watch` and `show` print them: one line each.

use super::{Paint, clip, clip_to, raw, rfc3339};
use mjwork::board::Verdict;
use mjwork::event::{Event, Subjects, Topic};
use mjwork::{Recorded, Text};
use serde::Serialize;
use serde_json::value::RawValue;

/// So much of a text stands in a line for people.
const WIDTH: usize = 120;

/// An event as a script reads it.
#[derive(Debug, Serialize)]
pub struct EventObject<'a> {
    seq: u64,
    time: String,
    subject: &'a str,
    event: &'static str,
    task_id: Option<String>,
    agent_id: Option<String>,
    /// `accepted`, `unchanged`, `refused` or `noted`; `unreadable` for what the fold could not read.
    verdict: &'static str,
    /// Why it is refused or unreadable.
    reason: Option<String>,
    /// The body, where it is JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a RawValue>,
    /// The body, where it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl<'a> EventObject<'a> {
    /// An event with its verdict; `unreadable` says why it could not be read.
    pub fn new(recorded: &'a Recorded, subjects: &Subjects, unreadable: Option<String>) -> Self {
        let text = std::str::from_utf8(&recorded.payload).ok();
        let body = text.and_then(raw);
        let event = Event::decode(subjects.topic(&recorded.subject), &recorded.payload);
        let verdict = match &recorded.verdict {
            _ if unreadable.is_some() => "unreadable",
            Verdict::Accepted => "accepted",
            Verdict::Unchanged | Verdict::Repeated => "unchanged",
            Verdict::Refused(_) => "refused",
            Verdict::Noted => "noted",
        };
        Self {
            seq: recorded.seq,
            time: rfc3339(recorded.time),
            subject: &recorded.subject,
            event: kind_of(subjects.topic(&recorded.subject), &event),
            task_id: event.task_id().map(ToOwned::to_owned),
            agent_id: agent_of(&event),
            verdict,
            reason: unreadable.or_else(|| recorded.verdict.refusal().map(ToString::to_string)),
            text: body.is_none().then(|| String::from_utf8_lossy(&recorded.payload).into_owned()),
            body,
        }
    }
}

/// What an event is, in a word.
pub fn kind_of(topic: Topic<'_>, event: &Event<'_>) -> &'static str {
    match (topic, event) {
        (_, Event::Available(e)) if e.requeue.is_some() => "requeue",
        (_, Event::Completed(e)) if e.accept.is_some() => "accept",
        (_, Event::Failed(e)) if e.by.is_some() => "given up",
        (Topic::Available, _) => "available",
        (Topic::Claimed, _) => "claimed",
        (Topic::Progress, _) => "progress",
        (Topic::Completed, _) => "completed",
        (Topic::Failed, _) => "failed",
        (Topic::Cancelled, _) => "cancelled",
        (Topic::Carried, _) => "carried",
        (Topic::Coordination, _) => "said",
        (Topic::Errors, _) => "error",
        (Topic::Heartbeat(_), _) => "heartbeat",
        (Topic::Other, _) => "other",
    }
}

/// Who wrote it, as far as the event says.
pub fn agent_of(event: &Event<'_>) -> Option<String> {
    let text = |text: &Text<'_>| Some(text.to_string());
    match event {
        Event::Available(e) => e.by.as_ref().and_then(text),
        Event::Claimed(e) => text(&e.agent_id),
        Event::Progress(e) => text(&e.agent_id),
        Event::Completed(e) => e.by.as_ref().or(e.agent_id.as_ref()).and_then(text),
        Event::Failed(e) => e.by.as_ref().or(e.agent_id.as_ref()).and_then(text),
        Event::Cancelled(e) => text(&e.by),
        Event::Coordination(e) => text(&e.agent_id),
        Event::Problem(e) => e.agent_id.as_ref().and_then(text),
        Event::Heartbeat(e) => text(&e.agent_id),
        Event::Carried(_) | Event::Unreadable(_) => None,
    }
}

/// An event as a person reads it, with its `time` as that is wanted.
pub fn event_line(
    recorded: &Recorded,
    time: String,
    subjects: &Subjects,
    unreadable: Option<&str>,
) -> String {
    let topic = subjects.topic(&recorded.subject);
    let event = Event::decode(topic, &recorded.payload);
    let kind = kind_of(topic, &event);
    let text = |text: Option<String>| text.map_or_else(|| "-".to_owned(), |text| clip(&text));
    let task = text(event.task_id().map(ToOwned::to_owned));
    let who = text(agent_of(&event));
    let words = match (unreadable, recorded.verdict.refusal()) {
        (Some(why), _) => Paint::Red.show(format!("unreadable: {}", clip_to(why, WIDTH))).to_string(),
        (_, Some(refusal)) => Paint::Red.show(format!("refused: {}", clip(&refusal.to_string()))).to_string(),
        _ => {
            let words = clip_to(&details(&event), WIDTH);
            match recorded.verdict {
                Verdict::Unchanged => format!("{words} {}", Paint::Dim.show("(nothing new)")),
                _ => words,
            }
        }
    };
    let time = Paint::Dim.show(time);
    let kind = colour(kind).show(format!("{kind:<10}"));
    let line = format!("{time} {:>7}  {kind} {task:<16} {who:<16} {words}", recorded.seq);
    line.trim_end().to_owned()
}

fn colour(kind: &str) -> Paint {
    match kind {
        "available" | "requeue" => Paint::Blue,
        "claimed" | "progress" => Paint::Cyan,
        "completed" | "accept" => Paint::Green,
        "failed" | "given up" | "error" => Paint::Red,
        "heartbeat" | "cancelled" | "carried" => Paint::Dim,
        "other" => Paint::Yellow,
        _ => Paint::Plain,
    }
}

/// What there is to say of an event beside who did what to which task.
fn details(event: &Event<'_>) -> String {
    let text = |text: &Option<Text<'_>>| text.as_ref().map(ToString::to_string).unwrap_or_default();
    match event {
        Event::Available(e) => match &e.requeue {
            Some(requeue) => text(&requeue.reason),
            None => e.title.to_string(),
        },
        Event::Progress(e) => {
            let percent = e.percent.map(|percent| format!("{percent} %"));
            let parts = [percent, e.note.as_ref().map(ToString::to_string)];
            parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
        }
        Event::Completed(e) => e.result.map(|result| result.get().to_owned()).unwrap_or_default(),
        Event::Failed(e) => e.error.to_string(),
        Event::Cancelled(e) => text(&e.reason),
        Event::Coordination(e) => e.message.to_string(),
        Event::Problem(e) => e.message.to_string(),
        Event::Heartbeat(e) => text(&e.status),
        Event::Claimed(_) | Event::Carried(_) | Event::Unreadable(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mjwork::Timestamp;
    use mjwork::board::Refusal;

    fn recorded(subject: &str, body: &str, verdict: Verdict) -> Recorded {
        Recorded {
            seq: 7,
            time: Timestamp::from_secs(1_000),
            subject: format!("mjwork.{subject}"),
            payload: body.to_owned().into(),
            verdict,
        }
    }

    fn line(recorded: &Recorded, unreadable: Option<&str>) -> String {
        let line = event_line(recorded, "09:30:00".into(), &Subjects::default(), unreadable);
        let plain = anstream::adapter::strip_str(&line).to_string();
        plain.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_event_is_one_line() {
        for (subject, body, words) in [
            ("tasks.available", r#"{"task_id":"t","title":"T\n2","by":"o"}"#, "7 available t o T 2"),
            ("tasks.available", r#"{"task_id":"t","title":"T","requeue":{"reason":"r"}}"#, "7 requeue t - r"),
            (
                "tasks.progress",
                r#"{"task_id":"t","agent_id":"a","percent":50,"note":"half"}"#,
                "7 progress t a 50 % half",
            ),
            ("tasks.completed", r#"{"task_id":"t","agent_id":"a","result":[1]}"#, "7 completed t a [1]"),
            ("coordination", r#"{"agent_id":"a","message":"hello"}"#, "7 said - a hello"),
            ("heartbeat.a", r#"{"agent_id":"a"}"#, "7 heartbeat - a"),
        ] {
            assert_eq!(line(&recorded(subject, body, Verdict::Accepted), None), words);
        }
        let late = recorded(
            "tasks.claimed",
            r#"{"task_id":"t","agent_id":"b"}"#,
            Verdict::Refused(Refusal::UnknownTask),
        );
        assert_eq!(line(&late, None), "7 claimed t b refused: no such task is known");
        let broken = recorded("tasks.claimed", "{", Verdict::Noted);
        assert_eq!(line(&broken, Some("it ends")), "7 claimed - - unreadable: it ends");
    }

    #[test]
    fn a_script_gets_the_body_as_it_was_written() {
        let event = recorded(
            "tasks.completed",
            r#"{"task_id":"t","agent_id":"a","result":1e400}"#,
            Verdict::Accepted,
        );
        let object = EventObject::new(&event, &Subjects::default(), None);
        let json = serde_json::to_string(&object).unwrap();
        assert!(
            json.contains(r#""event":"completed","task_id":"t","agent_id":"a","verdict":"accepted""#),
            "{json}"
        );
        assert!(json.contains(r#""result":1e400"#), "{json}");
        let broken = recorded("x", "\u{1b}nothing", Verdict::Noted);
        let json =
            serde_json::to_string(&EventObject::new(&broken, &Subjects::default(), Some("why".into())))
                .unwrap();
        assert!(json.contains(r#""verdict":"unreadable","reason":"why","text":"\u001bnothing""#), "{json}");
    }
}
