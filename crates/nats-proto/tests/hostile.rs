//! Bytes from somebody who means no good. The kept corpus, and as many mutations of it as fit into a test, go through
//! the same functions that cargo-fuzz calls; they are the same in every run.
//!
//! `NATS_PROTO_FUZZ=10000000 cargo test --release -p nats-proto --test hostile` does so many, all targets together.

mod fuzz;

use std::path::Path;

use bytes::Bytes;
use fuzz::{TARGETS, reference};
use nats_proto::{Decoder, ServerOp};
use proptest::prelude::*;

/// Mutations in an ordinary run, all targets together.
const MUTATIONS: u64 = 100_000;

/// What servers say, to be put anywhere.
const WORDS: [&[u8]; 16] = [
    b"MSG ",
    b"HMSG ",
    b"\r\n",
    b"PING\r\n",
    b"PONG\r\n",
    b"-ERR '",
    b"INFO {\"max_payload\":9,\"headers\":true}\r\n",
    b" 1 ",
    b" 18446744073709551615 ",
    b"NATS/1.0",
    b" 503\r\n\r\n",
    b"Nats-Sequence: 7\r\n",
    b"_INBOX.f.1",
    b"\0\x05\0",
    b"Permissions Violation for Publish to \"a\"'\r\n",
    b"-----BEGIN NATS USER JWT-----\n",
];

/// Numbers that look random, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit.max(1)
    }
}

fn mutate(bytes: &mut Vec<u8>, other: &[u8], numbers: &mut Numbers) {
    for _ in 0..=numbers.below(6) {
        let at = numbers.below(bytes.len() + 1);
        match numbers.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << numbers.below(8),
            1 if at < bytes.len() => bytes[at] = u8::try_from(numbers.below(256)).unwrap_or(0),
            2 => drop(bytes.drain(at..bytes.len().min(at + numbers.below(16)))),
            3 => drop(bytes.splice(at..at, WORDS[numbers.below(WORDS.len())].iter().copied())),
            4 => {
                let from = numbers.below(other.len() + 1);
                let part = other[from..other.len().min(from + numbers.below(64))].to_vec();
                drop(bytes.splice(at..at, part));
            }
            // Seldom, as little is left of what is cut often.
            _ if numbers.below(8) == 0 => bytes.truncate(at.max(1)),
            _ => {}
        }
    }
    bytes.truncate(4096);
}

#[test]
fn the_corpus_and_its_mutations_find_nothing() {
    let asked = std::env::var("NATS_PROTO_FUZZ").ok().and_then(|count| count.parse().ok());
    let each = asked.unwrap_or(MUTATIONS) / TARGETS.len() as u64;
    for (name, target) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(name);
        let mut files: Vec<_> =
            std::fs::read_dir(folder).expect("a corpus").map(|file| file.expect("a file").path()).collect();
        files.sort();
        let seeds: Vec<_> = files.iter().map(|file| std::fs::read(file).expect("a seed")).collect();
        assert!(!seeds.is_empty(), "{name} has a corpus");
        for seed in &seeds {
            target(seed);
        }
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        let mut present = Vec::new();
        for round in 0..each {
            // Now and then from a seed again, else on from what there was.
            if round % 8 == 0 {
                present.clone_from(&seeds[numbers.below(seeds.len())]);
            }
            mutate(&mut present, &seeds[numbers.below(seeds.len())], &mut numbers);
            target(&present);
        }
    }
}

#[test]
fn every_seed_of_the_decoder_split_at_every_byte_gives_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus/decode");
    for file in std::fs::read_dir(folder).expect("a corpus") {
        let seed = Bytes::from(std::fs::read(file.expect("a file").path()).expect("a seed"));
        let expected = reference::read(&seed);
        for at in 0..=seed.len() {
            assert_eq!(decode([seed.slice(..at), seed.slice(at..)]), expected, "split at {at}");
        }
    }
}

fn decode(chunks: impl IntoIterator<Item = Bytes>) -> (Vec<ServerOp>, Option<nats_proto::DecodeError>) {
    let (mut decoder, mut operations) = (Decoder::new(), Vec::new());
    for chunk in chunks {
        decoder.push(chunk);
        loop {
            match decoder.next() {
                Ok(Some(operation)) => operations.push(operation),
                Ok(None) => break,
                Err(error) => return (operations, Some(error)),
            }
        }
    }
    (operations, None)
}

/// Bytes of a server, mostly sensible.
fn any_stream() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        4 => ("(MSG|MSG|MSG|msg)", "[ \t]{1,2}[a-z.*>é]{1,9}[ \t]{1,2}", 0u64..12, "( [a-z0-9.]{1,6}){0,2} ", any::<Vec<u8>>())
            .prop_map(|(name, subject, sid, reply, payload)| {
                let line = format!("{name}{subject}{sid}{reply}{}\r\n", payload.len());
                [line.as_bytes(), &payload, b"\r\n"].concat()
            }),
        2 => ("HMSG [a-z]{1,5} 1 ([a-z0-9]{1,4} )?", 0usize..20, any::<Vec<u8>>()).prop_map(|(start, headers, payload)| {
            let line = format!("{start}{headers} {}\r\n", payload.len());
            [line.as_bytes(), &payload, b"\r\n"].concat()
        }),
        1 => "(PING|PONG|\\+OK|-ERR 'x y'|INFO \\{\\}|INFO \\[|pong )\r?\n".prop_map(String::into_bytes),
        1 => any::<Vec<u8>>(),
        1 => "(MSG|HMSG|INFO|-ERR)[ a-z0-9]{0,20}\r\n".prop_map(String::into_bytes),
    ];
    proptest::collection::vec(line, 0..12).prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn the_decoder_reads_what_the_reference_reads(stream in any_stream(), size in 1usize..64) {
        let stream = Bytes::from(stream);
        let chunks: Vec<Bytes> = (0..stream.len()).step_by(size).map(|at| stream.slice(at..stream.len().min(at + size))).collect();
        let expected = reference::read(&stream);
        prop_assert_eq!(&decode(chunks), &expected);
        prop_assert_eq!(&decode([stream]), &expected);
    }
}
