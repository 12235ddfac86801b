//! Any cut of a stream of bytes decodes to the same operations, and no bytes at all break the decoder.

use bytes::Bytes;
use nats_proto::decode::{MAX_CONTROL_LINE, MAX_MESSAGE};
use nats_proto::{DecodeError, Decoder, HeaderMap, Message, ServerInfo, ServerOp, encode, header};
use proptest::prelude::*;

/// All operations of a decoder that is fed these chunks one by one.
fn decode(chunks: impl IntoIterator<Item = Bytes>) -> Result<Vec<ServerOp>, DecodeError> {
    let mut decoder = Decoder::new();
    let mut operations = Vec::new();
    for chunk in chunks {
        decoder.push(chunk);
        while let Some(operation) = decoder.next()? {
            operations.push(operation);
        }
    }
    Ok(operations)
}

fn cut(bytes: &Bytes, size: usize) -> Vec<Bytes> {
    (0..bytes.len()).step_by(size).map(|at| bytes.slice(at..bytes.len().min(at + size))).collect()
}

fn message(sid: u64, subject: &str, reply: Option<&str>, headers: Option<&str>, payload: &str) -> ServerOp {
    ServerOp::Message {
        sid,
        subject: subject.into(),
        reply: reply.map(Into::into),
        headers: headers.map(|block| Bytes::copy_from_slice(block.as_bytes())),
        payload: Bytes::copy_from_slice(payload.as_bytes()),
    }
}

/// What a server says, with what it means.
fn fixture() -> (Bytes, Vec<ServerOp>) {
    let stream = concat!(
        "INFO {\"server_id\":\"S\",\"version\":\"2.15.1\",\"max_payload\":1048576,\"headers\":true,\"new\":[1]} \r\n",
        "+OK\r\nPING\r\nPONG\r\nping\r\n",
        "MSG a.b 1 5\r\nhello\r\n",
        "MSG a.b 1 _INBOX.x.7 0\r\n\r\n",
        "MSG\ta   18446744073709551615\t2 \r\n\r\n\r\n",
        "HMSG a 9 12 12\r\nNATS/1.0\r\n\r\n\r\n",
        "HMSG a 9 re.ply 18 25\r\nNATS/1.0\r\nA: b\r\n\r\nMSG a 1\r\n",
        "-ERR 'Permissions Violation for Publish to \"x\"'\r\n",
        "msg lower 3 1\r\nx\r\n",
        "\r\nPONG\n",
    );
    let info = ServerInfo {
        server_id: "S".into(),
        version: "2.15.1".into(),
        max_payload: 1_048_576,
        headers: true,
        ..ServerInfo::default()
    };
    let operations = vec![
        ServerOp::Info(Box::new(info)),
        ServerOp::Ok,
        ServerOp::Ping,
        ServerOp::Pong,
        ServerOp::Ping,
        message(1, "a.b", None, None, "hello"),
        message(1, "a.b", Some("_INBOX.x.7"), None, ""),
        message(u64::MAX, "a", None, None, "\r\n"),
        message(9, "a", None, Some("NATS/1.0\r\n\r\n"), ""),
        message(9, "a", Some("re.ply"), Some("NATS/1.0\r\nA: b\r\n\r\n"), "MSG a 1"),
        ServerOp::Err("Permissions Violation for Publish to \"x\"".into()),
        message(3, "lower", None, None, "x"),
        ServerOp::Pong,
    ];
    (Bytes::from_static(stream.as_bytes()), operations)
}

#[test]
fn every_cut_of_a_real_stream_gives_the_same() {
    let (stream, expected) = fixture();
    assert_eq!(decode([stream.clone()]).as_ref(), Ok(&expected));
    for at in 0..=stream.len() {
        assert_eq!(decode([stream.slice(..at), stream.slice(at..)]).as_ref(), Ok(&expected), "cut at {at}");
    }
    for size in 1..64 {
        assert_eq!(decode(cut(&stream, size)).as_ref(), Ok(&expected), "cut by {size}");
    }
    // All chunks at once, and operations only then.
    let mut decoder = Decoder::new();
    for chunk in cut(&stream, 3) {
        decoder.push(chunk);
    }
    let all: Vec<_> = std::iter::from_fn(|| decoder.next().expect("it decodes")).collect();
    assert_eq!(all, expected);
}

#[test]
fn a_message_within_one_chunk_is_not_copied() {
    let chunk = Bytes::from("MSG a.b 1 c.d 5\r\nhello\r\nHMSG a 1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n");
    let within = chunk.as_ptr_range();
    let inside = |bytes: &[u8]| within.contains(&bytes.as_ptr());
    for operation in decode([chunk.clone()]).expect("it decodes") {
        let ServerOp::Message { subject, reply, headers, payload, .. } = operation else {
            panic!("a message")
        };
        assert!(inside(subject.as_bytes()) && inside(&payload));
        assert!(reply.is_none_or(|reply| inside(reply.as_bytes())));
        assert!(headers.is_none_or(|headers| inside(&headers)));
    }
}

#[test]
fn a_megabyte_in_small_frames_is_whole() {
    let body: Vec<u8> = (0..1024 * 1024).map(|at| u8::try_from(at % 251).unwrap_or(0)).collect();
    let mut stream = format!("MSG big 1 {}\r\n", body.len()).into_bytes();
    stream.extend_from_slice(&body);
    stream.extend_from_slice(b"\r\nPING\r\n");
    let operations = decode(cut(&stream.into(), 4096)).expect("it decodes");
    let [ServerOp::Message { payload, .. }, ServerOp::Ping] = &operations[..] else {
        panic!("{}", operations.len())
    };
    assert!(*payload == body);
}

#[test]
fn what_is_no_protocol_is_refused_for_good() {
    let too_large = DecodeError::MessageTooLarge { size: 99_999_999_999, limit: MAX_MESSAGE };
    for (stream, expected) in [
        ("HTTP/1.1 400 Bad Request\r\n", DecodeError::UnknownOperation("HTTP/1.1 400 Bad Request".into())),
        ("\0\u{1f}\n", DecodeError::UnknownOperation("\\x00\\x1f".into())),
        ("MSG a 1\r\n", DecodeError::BadArguments("MSG")),
        ("MSG a 1 r 2 3\r\n", DecodeError::BadArguments("MSG")),
        ("MSG a x 5\r\n", DecodeError::BadArguments("MSG")),
        ("MSG a 1 -5\r\n", DecodeError::BadArguments("MSG")),
        ("MSG a 1 99999999999999999999999\r\n", DecodeError::BadArguments("MSG")),
        ("MSG a 1 99999999999\r\n", too_large.clone()),
        ("HMSG a 1 99999999999 99999999999\r\n", too_large),
        ("HMSG a 1 5\r\n", DecodeError::BadArguments("HMSG")),
        ("HMSG a 1 6 5\r\n", DecodeError::BadArguments("HMSG")),
        ("MSG a 1 5\r\nhello__PING\r\n", DecodeError::Unterminated),
        ("INFO\r\n", DecodeError::BadInfo("it is no JSON object".into())),
    ] {
        let mut decoder = Decoder::new();
        decoder.push(Bytes::from_static(stream.as_bytes()));
        for _ in 0..2 {
            assert_eq!(decoder.next(), Err(expected.clone()), "{stream:?}");
            decoder.push("PING\r\n".into());
        }
    }
}

#[test]
fn lines_and_messages_are_bounded() {
    let endless = Bytes::from(vec![b'A'; 4096]);
    let mut decoder = Decoder::new();
    for pushed in 1.. {
        decoder.push(endless.clone());
        match decoder.next() {
            Ok(None) => assert!(pushed * endless.len() <= MAX_CONTROL_LINE),
            refused => {
                assert_eq!(refused, Err(DecodeError::LineTooLong));
                break;
            }
        }
    }
    let mut decoder = Decoder::new();
    decoder.push(format!("MSG {} 1 1\r\nx\r\n", "a".repeat(MAX_CONTROL_LINE)).into());
    assert_eq!(decoder.next(), Err(DecodeError::LineTooLong), "also where it comes whole");
    for (size, bounded) in [(MAX_MESSAGE, Ok(None)), (MAX_MESSAGE + 1, Err(()))] {
        let mut decoder = Decoder::new();
        decoder.push(format!("MSG a 1 {size}\r\n").into());
        let too_large = DecodeError::MessageTooLarge { size: size as u64, limit: MAX_MESSAGE };
        assert_eq!(decoder.next(), bounded.map_err(|()| too_large));
    }
}

/// Bytes of a server, mostly sensible.
fn any_stream() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        "(PING|PONG|\\+OK|-ERR 'x y'|INFO \\{\\}|MSG a 1 0\r\n|HMSG a 1 12 12\r\nNATS/1.0\r\n\r\n)\r\n"
            .prop_map(String::into_bytes),
        ("[a-z.]{1,12}", any::<u64>(), proptest::option::of("[a-z.]{1,12}"), any::<Vec<u8>>()).prop_map(
            |(subject, sid, reply, payload)| {
                let reply = reply.map_or(String::new(), |reply| reply + " ");
                let mut line = format!("MSG {subject} {sid} {reply}{}\r\n", payload.len()).into_bytes();
                line.extend_from_slice(&payload);
                line.extend_from_slice(b"\r\n");
                line
            }
        ),
        any::<Vec<u8>>(),
        "(MSG|HMSG|INFO|-ERR)[ a-z0-9]{0,20}\r\n".prop_map(String::into_bytes),
    ];
    proptest::collection::vec(line, 0..12).prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn any_cut_of_any_stream_gives_the_same(stream in any_stream(), cuts in proptest::collection::vec(1usize..40, 0..400)) {
        let stream = Bytes::from(stream);
        let whole = decode([stream.clone()]);
        let (mut chunks, mut rest) = (Vec::new(), stream);
        for size in cuts {
            chunks.push(rest.split_to(size.min(rest.len())));
        }
        chunks.push(rest);
        prop_assert_eq!(decode(chunks), whole);
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, size in 1usize..16) {
        let _ = decode(cut(&bytes.into(), size));
    }

    #[test]
    fn no_header_block_panics(block: Vec<u8>, near in "NATS/1\\.0[ 0-9a-zA-Z:\r\n]{0,60}") {
        for block in [Bytes::from(block), Bytes::from(near)] {
            let parsed = header::parse_block(&block);
            prop_assert_eq!(parsed.headers.len(), parsed.headers.iter().count());
            for (name, values) in &parsed.headers {
                prop_assert_eq!(parsed.headers.get_all(&name).count(), values.len());
            }
        }
    }

    #[test]
    fn what_a_client_publishes_is_what_a_subscriber_gets(
        names in proptest::collection::vec("[A-Za-z][A-Za-z0-9-]{0,10}", 0..6),
        values in proptest::collection::vec("[^\r\n\\s]{0,20}", 6),
        payload: Vec<u8>,
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in names.iter().zip(&values) {
            headers.append(name.as_str(), value.as_str());
        }
        let mut out = bytes::BytesMut::new();
        let payload = Bytes::from(payload);
        encode::publish(&mut out, "sub.ject", Some("re.ply"), Some(&headers), &payload);
        // A server turns PUB into MSG and adds the subscription.
        let text = out.split().freeze();
        let line_end = text.iter().position(|byte| *byte == b'\n').expect("it has a line");
        let line = std::str::from_utf8(&text[..line_end]).expect("it is text");
        let line = line.replace("PUB sub.ject", "MSG sub.ject 1");
        let delivered = [line.as_bytes(), &text[line_end..]].concat();
        let mut operations = decode([Bytes::from(delivered)]).expect("it decodes");
        prop_assert_eq!(operations.len(), 1);
        let Some(ServerOp::Message { subject, reply, headers: block, payload: received, .. }) = operations.pop()
        else { panic!("it is a message") };
        let message = Message::from_parts(subject, reply, block, received);
        prop_assert_eq!(message.payload, payload);
        prop_assert_eq!(message.headers.unwrap_or_default(), headers);
    }
}
