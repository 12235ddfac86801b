//! What a client says, appended to a buffer.
//! Arguments are taken as they are: whoever calls has checked subjects and sizes.

use bytes::{BufMut, Bytes, BytesMut};

use crate::json::Object;
use crate::nkey::Signer;
use crate::{ConnectInfo, HeaderMap, Secret, ServerInfo};

/// What `CONNECT` has beside the texts of the user, at the most.
const REST_OF_CONNECT: usize = 1024;

/// How many bytes a byte of a text becomes in JSON, at the most: `\u0000`.
const LONGEST_ESCAPE: usize = 6;

/// `CONNECT {…}`: the answer to the first `INFO`, signed with the user's key if there is one. Room for all of it is made
/// before, as a buffer that grows leaves a copy of the credentials behind.
pub fn connect(out: &mut BytesMut, info: &ConnectInfo, key: Option<&dyn Signer>, server: &ServerInfo) {
    out.reserve(connect_length(info));
    out.put_slice(b"CONNECT ");
    let mut object = Object::begin(out);
    object.flag("verbose", info.verbose);
    object.flag("pedantic", info.pedantic);
    // A server without headers would refuse a client that insists on them.
    object.flag("headers", info.headers && server.headers);
    object.flag("no_responders", info.no_responders && server.headers);
    object.flag("echo", info.echo);
    object.text("name", info.name.as_deref());
    object.text("user", info.user.as_deref());
    for (name, secret) in [("pass", &info.pass), ("auth_token", &info.auth_token), ("jwt", &info.user_jwt)] {
        object.text(name, secret.as_ref().map(Secret::expose));
    }
    object.text("nkey", info.nkey.as_deref());
    object.text(
        "sig",
        key.map(|key| key.sign(&server.nonce)).as_ref().or(info.signature.as_ref()).map(String::as_str),
    );
    object.text("lang", Some(&info.lang));
    object.text("version", Some(&info.version));
    object.number("protocol", info.protocol.into());
    object.end();
    out.put_slice(b"\r\n");
}

/// How long `CONNECT` is at the most.
fn connect_length(info: &ConnectInfo) -> usize {
    let secrets =
        [&info.pass, &info.auth_token, &info.user_jwt].map(|secret| secret.as_ref().map(Secret::expose));
    let texts = [&info.name, &info.user, &info.nkey].map(Option::as_deref);
    let length: usize = secrets.into_iter().chain(texts).flatten().map(str::len).sum();
    REST_OF_CONNECT + length * LONGEST_ESCAPE
}

/// `PING`.
pub fn ping(out: &mut BytesMut) {
    out.put_slice(b"PING\r\n");
}

/// `PONG`.
pub fn pong(out: &mut BytesMut) {
    out.put_slice(b"PONG\r\n");
}

/// `SUB subject [queue] sid`.
pub fn subscribe(out: &mut BytesMut, subject: &str, queue: Option<&str>, sid: u64) {
    out.put_slice(b"SUB ");
    out.put_slice(subject.as_bytes());
    if let Some(queue) = queue {
        out.put_u8(b' ');
        out.put_slice(queue.as_bytes());
    }
    out.put_u8(b' ');
    number(out, sid);
    out.put_slice(b"\r\n");
}

/// `UNSUB sid [max]`: at once, or after `max` messages in all on this connection.
pub fn unsubscribe(out: &mut BytesMut, sid: u64, max: Option<u64>) {
    out.put_slice(b"UNSUB ");
    number(out, sid);
    if let Some(max) = max {
        out.put_u8(b' ');
        number(out, max);
    }
    out.put_slice(b"\r\n");
}

/// `PUB subject [reply] size`, or `HPUB subject [reply] headers total` if there are headers.
pub fn publish(
    out: &mut BytesMut,
    subject: &str,
    reply: Option<&str>,
    headers: Option<&HeaderMap>,
    payload: &Bytes,
) {
    let block = headers.filter(|headers| !headers.is_empty());
    out.reserve(subject.len() + reply.map_or(0, str::len) + message_size(headers, payload) + 64);
    out.put_slice(if block.is_some() { b"HPUB " } else { b"PUB " });
    out.put_slice(subject.as_bytes());
    out.put_u8(b' ');
    if let Some(reply) = reply {
        out.put_slice(reply.as_bytes());
        out.put_u8(b' ');
    }
    if let Some(headers) = block {
        number(out, headers.block_len() as u64);
        out.put_u8(b' ');
    }
    number(out, message_size(headers, payload) as u64);
    out.put_slice(b"\r\n");
    if let Some(headers) = block {
        headers.write_block(out);
    }
    out.put_slice(payload);
    out.put_slice(b"\r\n");
}

/// What a message counts against the server's `max_payload`: headers and payload, in bytes.
#[must_use]
pub fn message_size(headers: Option<&HeaderMap>, payload: &Bytes) -> usize {
    headers.filter(|headers| !headers.is_empty()).map_or(0, HeaderMap::block_len) + payload.len()
}

/// A decimal number.
pub(crate) fn number(out: &mut BytesMut, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(value % 10).unwrap_or_default();
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.put_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut BytesMut)) -> String {
        let mut out = BytesMut::new();
        write(&mut out);
        String::from_utf8(out.to_vec()).expect("it is text")
    }

    #[test]
    fn every_command_as_the_protocol_has_it() {
        assert_eq!(written(ping), "PING\r\n");
        assert_eq!(written(pong), "PONG\r\n");
        assert_eq!(written(|out| subscribe(out, "a.>", None, 7)), "SUB a.> 7\r\n");
        assert_eq!(written(|out| subscribe(out, "a", Some("q"), 10)), "SUB a q 10\r\n");
        assert_eq!(written(|out| unsubscribe(out, 7, None)), "UNSUB 7\r\n");
        assert_eq!(written(|out| unsubscribe(out, u64::MAX, Some(0))), "UNSUB 18446744073709551615 0\r\n");
        let body = Bytes::from_static(b"hello");
        assert_eq!(written(|out| publish(out, "a", None, None, &body)), "PUB a 5\r\nhello\r\n");
        assert_eq!(written(|out| publish(out, "a", Some("r"), None, &Bytes::new())), "PUB a r 0\r\n\r\n");
        let mut headers = HeaderMap::new();
        assert_eq!(written(|out| publish(out, "a", None, Some(&headers), &body)), "PUB a 5\r\nhello\r\n");
        headers.insert("Key", "value");
        assert_eq!(
            written(|out| publish(out, "a", Some("r"), Some(&headers), &body)),
            "HPUB a r 24 29\r\nNATS/1.0\r\nKey: value\r\n\r\nhello\r\n"
        );
    }

    #[test]
    fn credentials_are_written_once() {
        let secret = |length| Some(Secret::from("\u{1}".repeat(length)));
        for (pass, user_jwt) in [(None, None), (secret(10), None), (secret(1), secret(10_000))] {
            let info = ConnectInfo { pass, user_jwt, ..ConnectInfo::default() };
            let mut out = BytesMut::new();
            // What `connect` reserves is what it needs: the buffer does not grow once there is something in it.
            out.reserve(connect_length(&info));
            let began = out.as_ptr();
            connect(&mut out, &info, None, &ServerInfo::default());
            assert_eq!(began, out.as_ptr());
        }
    }

    #[test]
    fn headers_are_not_asked_of_a_server_without_them() {
        let line = written(|out| connect(out, &ConnectInfo::default(), None, &ServerInfo::default()));
        assert!(line.contains("\"headers\":false") && line.contains("\"no_responders\":false"), "{line}");
        let server = ServerInfo { headers: true, ..ServerInfo::default() };
        let line = written(|out| connect(out, &ConnectInfo::default(), None, &server));
        assert!(line.contains("\"headers\":true") && line.contains("\"no_responders\":true"), "{line}");
    }
}
