//! How long one message takes: a direct-get answer (220 B of payload, 150 B of headers) in frames of 4096 bytes.
//! `cargo bench -p nats-proto`

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use nats_proto::direct_get::Reply;
use nats_proto::{Decoder, Message, ServerOp};

const MESSAGES: u32 = 100_000;

fn main() {
    let frames = frames();
    report("decode", &frames, |_| {});
    report("decode, message, direct get", &frames, |operation| {
        let ServerOp::Message { subject, reply, headers, payload, .. } = operation else { return };
        let message = Message::from_parts(subject, reply, headers, payload);
        let Ok(Reply::Message(stored)) = Reply::of(&message) else { return };
        black_box((stored.sequence, stored.time, stored.shared_subject(&message)));
    });
}

fn frames() -> Vec<Vec<u8>> {
    let payload = "x".repeat(220);
    let mut stream = Vec::new();
    for sequence in 1..=MESSAGES {
        let block = format!(
            "NATS/1.0\r\nNats-Stream: MJ_ONLINE_WORK\r\nNats-Subject: mjwork.tasks.completed\r\nNats-Sequence: {sequence}\r\nNats-Time-Stamp: 2026-11-23T06:17:46.959644704Z\r\nNats-Num-Pending: {}\r\nNats-Last-Sequence: {}\r\n\r\n",
            MESSAGES - sequence,
            sequence - 1,
        );
        let total = block.len() + payload.len();
        let line = format!("HMSG _INBOX.4yAq0cE8kXb1vT7nLw2MZp.12 1  {} {total}\r\n", block.len());
        stream.extend_from_slice(format!("{line}{block}{payload}\r\n").as_bytes());
    }
    stream.chunks(4096).map(<[u8]>::to_vec).collect()
}

fn report(what: &str, frames: &[Vec<u8>], mut handle: impl FnMut(ServerOp)) {
    let mut best = Duration::MAX;
    for _ in 0..10 {
        // A driver gets a fresh buffer with every frame too.
        let chunks: Vec<Bytes> = frames.iter().map(|frame| Bytes::from(frame.clone())).collect();
        let mut decoder = Decoder::new();
        let mut count = 0;
        let started = Instant::now();
        for chunk in chunks {
            decoder.push(chunk);
            while let Ok(Some(operation)) = decoder.next() {
                count += 1;
                handle(black_box(operation));
            }
        }
        best = best.min(started.elapsed());
        assert_eq!(count, MESSAGES);
    }
    println!("{what}: {:.0} ns per message", best.as_secs_f64() * 1e9 / f64::from(MESSAGES));
}
