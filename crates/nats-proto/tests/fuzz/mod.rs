//! What is done with hostile bytes: one function a target, used by the ordinary tests (`tests/hostile.rs`) and by
//! cargo-fuzz (`fuzz/`). Each panics if something is wrong, and returns otherwise.
#![allow(clippy::missing_panics_doc, missing_docs, reason = "a panic is what it is for")]

pub mod reference;
mod session;

use bytes::{Bytes, BytesMut};
use nats_proto::direct_get::Reply;
use nats_proto::{
    Credentials, Decoder, Message, ServerInfo, Subject, UserKey, credentials, encode, header, timestamp,
};

pub use session::connection;

/// A target: its name, which its corpus has, too, and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 5] = [
    ("decode", decode),
    ("headers", headers),
    ("connection", connection),
    ("direct_get", direct_get),
    ("credentials", credentials),
];

/// Decodes the same as the reference, however the bytes are cut. The first byte says how.
pub fn decode(data: &[u8]) {
    let Some((cut, stream)) = data.split_first() else { return };
    let expected = reference::read(stream);
    for size in [stream.len().max(1), usize::from(*cut) + 1] {
        let mut decoder = Decoder::new();
        let (mut operations, mut failed) = (Vec::new(), None);
        for chunk in stream.chunks(size) {
            decoder.push(Bytes::copy_from_slice(chunk));
            while failed.is_none() {
                match decoder.next() {
                    Ok(Some(operation)) => operations.push(operation),
                    Ok(None) => break,
                    Err(error) => failed = Some(error),
                }
            }
        }
        assert_eq!((&operations, &failed), (&expected.0, &expected.1), "in pieces of {size}");
    }
}

/// A header block is read as something, whatever it is; what is read is what is written, and so is what follows it.
pub fn headers(data: &[u8]) {
    let parsed = header::parse_block(&Bytes::copy_from_slice(data));
    let headers = parsed.headers;
    assert_eq!(headers.len(), headers.iter().count());
    let mut all = 0;
    for (name, values) in &headers {
        all += values.len();
        assert_eq!(headers.get_all(&name).count(), values.len());
        assert_eq!(headers.get(&name), values.first().copied());
        assert_eq!(headers.get_last(&name), values.last().copied());
    }
    assert_eq!(all, headers.entries().count());
    let mut others = headers.clone();
    for (name, _) in &headers {
        others.remove(name.as_ref());
        assert!(others.get(&name).is_none());
    }
    assert!(others.is_empty());
    let mut longer = headers.clone();
    longer.append("Appended", "a value");
    let mut out = BytesMut::new();
    encode::publish(&mut out, "a", None, Some(&longer), &Bytes::new());
    let start = out.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    let block = out.freeze().slice(start..start + longer.block_len());
    let read = header::parse_block(&block).headers;
    let expected: Vec<_> = headers.entries().chain([("Appended", "a value")]).collect();
    assert_eq!(read.entries().collect::<Vec<_>>(), expected);
}

/// An answer of direct get is a message or an error. The first byte says how much of the rest is its header block.
pub fn direct_get(data: &[u8]) {
    let Some((length, rest)) = data.split_first() else { return };
    let (block, payload) = rest.split_at(usize::from(*length).min(rest.len()));
    let message = Message::from_parts(
        Subject::from("answer"),
        None,
        Some(Bytes::copy_from_slice(block)),
        Bytes::copy_from_slice(payload),
    );
    if let Ok(Reply::Message(stored)) = Reply::of(&message) {
        assert_eq!(stored.shared_subject(&message).as_str(), stored.subject);
    }
    // What a server says of itself is JSON that may have anything in it.
    let _ = serde_json::from_slice::<ServerInfo>(rest);
}

/// Texts of users: a file of credentials, a seed, a token, a time, a subject.
pub fn credentials(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(read) = Credentials::parse(&text) {
        let printed = format!("{read:?}");
        assert!(read.jwt.expose().len() < 8 || !printed.contains(read.jwt.expose()));
    }
    if let Ok(key) = UserKey::from_seed(&text) {
        assert!(key.public_key().starts_with('U') && !key.sign(&text).is_empty());
    }
    let _ = credentials::Claims::read(&text);
    let _ = timestamp::parse(&text);
    let subject = Subject::from(&*text);
    assert!(subject.is_valid() || !subject.is_publishable());
    assert_eq!(Subject::validated(&*text).is_ok(), subject.is_valid());
}
