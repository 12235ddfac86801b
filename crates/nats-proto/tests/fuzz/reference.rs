//! The protocol read as naively as can be: all bytes are there, everything is copied, and nothing is shared with the
//! decoder but the types of the result.

use bytes::Bytes;
use nats_proto::decode::{MAX_CONTROL_LINE, MAX_MESSAGE};
use nats_proto::{DecodeError, Decoder, ServerInfo, ServerOp, Subject};

/// All whole operations at the front of `bytes`, and the error that ends them, if one does.
pub fn read(mut bytes: &[u8]) -> (Vec<ServerOp>, Option<DecodeError>) {
    let mut operations = Vec::new();
    loop {
        match first(bytes) {
            Ok(Some((operation, length))) => {
                operations.extend(operation);
                bytes = &bytes[length..];
            }
            Ok(None) => return (operations, None),
            Err(error) => return (operations, Some(error)),
        }
    }
}

/// The first operation, none if it is an empty line, and how many bytes it takes; nothing if it is not whole.
fn first(bytes: &[u8]) -> Result<Option<(Option<ServerOp>, usize)>, DecodeError> {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    if end.unwrap_or(bytes.len()) > MAX_CONTROL_LINE {
        return Err(DecodeError::LineTooLong);
    }
    let Some(end) = end else { return Ok(None) };
    let line = bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]);
    let blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
    let name = line.split(blank).next().unwrap_or_default();
    let rest = &line[name.len()..];
    let words: Vec<&[u8]> = rest.split(blank).filter(|word| !word.is_empty()).collect();
    let operation = match name.to_ascii_uppercase().as_slice() {
        b"PING" => ServerOp::Ping,
        b"PONG" => ServerOp::Pong,
        b"+OK" => ServerOp::Ok,
        b"-ERR" => ServerOp::Err(String::from_utf8_lossy(rest).trim().trim_matches('\'').to_owned()),
        b"INFO" => info(&bytes[..=end], rest)?,
        b"MSG" => return message("MSG", &words, bytes, end + 1),
        b"HMSG" => return message("HMSG", &words, bytes, end + 1),
        b"" if rest.iter().all(u8::is_ascii_whitespace) => return Ok(Some((None, end + 1))),
        _ => {
            let beginning: Vec<u8> = line.iter().copied().take(32).collect();
            return Err(DecodeError::UnknownOperation(beginning.escape_ascii().to_string()));
        }
    };
    Ok(Some((Some(operation), end + 1)))
}

/// JSON is not read naively here: whole lines must be read as they are in pieces, and what `serde_json` reads must be
/// read as it does.
fn info(line: &[u8], json: &[u8]) -> Result<ServerOp, DecodeError> {
    let mut decoder = Decoder::new();
    decoder.push(Bytes::copy_from_slice(line));
    let operation = decoder.next()?.expect("the line is whole");
    if let Ok(info) = serde_json::from_slice::<ServerInfo>(json) {
        assert_eq!(operation, ServerOp::Info(Box::new(info)));
    }
    Ok(operation)
}

fn message(
    name: &'static str,
    words: &[&[u8]],
    bytes: &[u8],
    start: usize,
) -> Result<Option<(Option<ServerOp>, usize)>, DecodeError> {
    let bad = DecodeError::BadArguments(name);
    let text = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
    let number = |word: &[u8]| {
        let is_number = !word.is_empty() && word.len() <= 20 && word.iter().all(u8::is_ascii_digit);
        if is_number { text(word).parse::<u64>().map_err(|_| bad.clone()) } else { Err(bad.clone()) }
    };
    let (subject, sid, reply, headers, total) = match (name, words) {
        ("MSG", [subject, sid, total]) => (subject, sid, None, None, total),
        ("MSG", [subject, sid, reply, total]) => (subject, sid, Some(reply), None, total),
        ("HMSG", [subject, sid, headers, total]) => (subject, sid, None, Some(headers), total),
        ("HMSG", [subject, sid, reply, headers, total]) => (subject, sid, Some(reply), Some(headers), total),
        _ => return Err(bad),
    };
    let (sid, size) = (number(sid)?, number(total)?);
    let total = match usize::try_from(size) {
        Ok(total) if total <= MAX_MESSAGE => total,
        _ => return Err(DecodeError::MessageTooLarge { size, limit: MAX_MESSAGE }),
    };
    let headers = match headers {
        Some(headers) => match usize::try_from(number(headers)?) {
            Ok(headers) if headers <= total => Some(headers),
            _ => return Err(bad),
        },
        None => None,
    };
    let Some(body) = bytes.get(start..start + total + 2) else { return Ok(None) };
    if !body.ends_with(b"\r\n") {
        return Err(DecodeError::Unterminated);
    }
    let copy = |bytes: &[u8]| Bytes::copy_from_slice(bytes);
    let operation = ServerOp::Message {
        sid,
        subject: Subject::from(text(subject)),
        reply: reply.map(|reply| Subject::from(text(reply))),
        headers: headers.map(|length| copy(&body[..length])),
        payload: copy(&body[headers.unwrap_or(0)..total]),
    };
    Ok(Some((Some(operation), start + total + 2)))
}
