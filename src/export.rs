//! A stored message as one line of JSON, for who takes the log elsewhere.

use crate::format::date_time;
use mjwork::{Sequence, Timestamp};
use serde_json::value::RawValue;

/// What the server adds to a message when it hands it out, behind the headers of its publisher.
const SERVERS: [&str; 6] = [
    "Nats-Stream",
    "Nats-Subject",
    "Nats-Sequence",
    "Nats-Time-Stamp",
    "Nats-Num-Pending",
    "Nats-Last-Sequence",
];

/// The headers that the publisher gave: all but the last of each name that the server adds.
#[must_use]
pub fn own_headers<'a>(all: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> =
        all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    for name in SERVERS {
        if let Some(at) = headers.iter().rposition(|(other, _)| other == name) {
            headers.remove(at);
        }
    }
    headers
}

/// The line: `{"seq":7,"time":"2026-11-23T06:31:07.250Z","subject":"mjwork.errors","headers":{"Nats-Msg-Id":["x"]},
/// "body":{…}}`. A body that is no JSON is a text under `text`, and what is no UTF-8 in it is lost.
#[must_use]
pub fn line(
    seq: Sequence,
    time: Timestamp,
    subject: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> String {
    let time = date_time(time, 0).replace(' ', "T");
    let mut line = format!(r#"{{"seq":{seq},"time":"{time}Z","subject":{}"#, quoted(subject));
    if !headers.is_empty() {
        line.push_str(r#","headers":{"#);
        for (at, (name, _)) in headers.iter().enumerate() {
            if headers[..at].iter().any(|(before, _)| before == name) {
                continue;
            }
            if at > 0 {
                line.push(',');
            }
            let values = headers.iter().filter(|(other, _)| other == name).map(|(_, value)| quoted(value));
            line.push_str(&quoted(name));
            line.push_str(":[");
            line.push_str(&values.collect::<Vec<_>>().join(","));
            line.push(']');
        }
        line.push('}');
    }
    if serde_json::from_slice::<&RawValue>(body).is_ok() {
        // Within JSON line ends stand between values only.
        let body = String::from_utf8_lossy(body).replace(['\n', '\r'], " ");
        line.push_str(r#","body":"#);
        line.push_str(body.trim());
    } else {
        line.push_str(r#","text":"#);
        line.push_str(&quoted(&String::from_utf8_lossy(body)));
    }
    line.push_str("}\n");
    line
}

fn quoted(text: &str) -> String {
    // A text is always JSON.
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(line: &str) -> Value {
        assert_eq!(line.matches('\n').count(), 1, "{line:?}");
        serde_json::from_str(line).unwrap()
    }

    #[test]
    fn a_line_is_the_message() {
        let headers =
            [("Nats-Msg-Id", "a"), ("x", "1"), ("x", "\"2")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        let body = b" {\"n\": 1.50,\r\n\"t\":\"a\\nb\"} ";
        let text = line(7, Timestamp::from_millis(1_709_164_799_250), "mjwork.errors", &headers, body);
        assert!(text.contains("1.50"), "numbers stay as they were written: {text}");
        assert_eq!(
            read(&text),
            json!({"seq": 7, "time": "2024-02-28T23:59:59.250Z", "subject": "mjwork.errors",
                "headers": {"Nats-Msg-Id": ["a"], "x": ["1", "\"2"]}, "body": {"n": 1.5, "t": "a\nb"}})
        );
    }

    #[test]
    fn any_body_makes_a_line() {
        for body in [&b""[..], b"\xff\n{", b"no json", b"{\"a\":1}}", b"\"a\nb\""] {
            let value = read(&line(1, Timestamp::default(), "s\n", &[], body));
            assert_eq!(value["text"], *String::from_utf8_lossy(body), "{body:?}");
        }
        assert_eq!(read(&line(1, Timestamp::default(), "s", &[], b"null"))["body"], Value::Null);
    }

    #[test]
    fn what_the_server_adds_is_left_out_once() {
        let all =
            [("Nats-Stream", "forged"), ("Nats-Msg-Id", "x"), ("Nats-Stream", "S"), ("Nats-Sequence", "7")];
        let own = own_headers(all.into_iter());
        let names: Vec<_> = own.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(names, [("Nats-Stream", "forged"), ("Nats-Msg-Id", "x")]);
    }
}
