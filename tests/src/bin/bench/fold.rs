//! The fold by itself: how many events a second become a board, how many can be decoded, and what a task on that board
//! weighs.

use crate::statistics::{median, verdict_at_least};
use made::{Stored, fold};
use mjwork::board::Board;
use mjwork::event::{Event, Subjects};
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

mod made;

const ROUNDS: usize = 5;
/// Messages that a reader asks for at once.
const BATCH: usize = 1_000;
/// Million events a second that the fold takes in. What decoding them takes besides is printed.
const SPEED: f64 = 2.0;

pub fn run() -> bool {
    let log = made::log();
    let weight = weight();
    let speed = speed(&log);
    snapshot(&log);
    weight && speed
}

/// From stored bytes, subject and body, to the board, batch by batch as a reader does it: first all of a batch are
/// decoded, then the fold takes them in.
fn speed(log: &[Stored]) -> bool {
    let subjects = Subjects::default();
    let (mut fold, mut decode, mut both) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let mut board = Board::new();
        let (mut decoding, mut folding) = (Duration::ZERO, Duration::ZERO);
        for batch in log.chunks(BATCH) {
            let began = Instant::now();
            let events: Vec<_> = batch
                .iter()
                .map(|stored| Event::decode(subjects.topic(&stored.subject), &stored.body))
                .collect();
            let decoded = Instant::now();
            for (stored, event) in batch.iter().zip(&events) {
                board.apply(stored.seq, stored.time, &stored.subject, event);
            }
            folding += decoded.elapsed();
            let folded = Instant::now();
            drop(events);
            decoding += (decoded - began) + folded.elapsed();
        }
        drop(black_box(board));
        let rates = [folding, decoding, folding + decoding].map(|took| rate(log.len(), took));
        // The first round warms the machine.
        if round > 0 {
            let [folded, decoded, read] = rates;
            println!("  million events a second: fold {folded:.2}, decoding {decoded:.2}, both {read:.2}");
            fold.push(folded);
            decode.push(decoded);
            both.push(read);
        }
    }
    println!(
        "fold, median of {ROUNDS}: decoding {:.2}, decoding and fold {:.2} million events a second",
        median(&decode),
        median(&both)
    );
    verdict_at_least("fold: million events a second", median(&fold), SPEED, "")
}

/// Weighed by a program of its own, as to count what lies on the heap takes time.
fn weight() -> bool {
    let weigh = std::env::current_exe().map(|bench| bench.with_file_name("weigh"));
    let weighed = weigh.and_then(|weigh| Command::new(weigh).status());
    weighed.expect("`weigh` lies beside this program: `cargo xtask bench` builds both").success()
}

/// What it costs to keep a board, and to have it again.
fn snapshot(log: &[Stored]) {
    let board = fold(log);
    let (mut encode, mut decode, mut size) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let bytes = board.encode_snapshot();
        encode.push(began.elapsed().as_secs_f64() * 1e3);
        let began = Instant::now();
        let copy = Board::decode_snapshot(&bytes);
        decode.push(began.elapsed().as_secs_f64() * 1e3);
        assert!(copy.as_ref() == Ok(&board), "the copy is the board");
        size = bytes.len();
    }
    println!(
        "a snapshot of it has {:.1} MB; median of {ROUNDS}: written in {:.0} ms, read in {:.0} ms",
        ratio(size, 1_000_000),
        median(&encode),
        median(&decode)
    );
}

fn rate(events: usize, took: Duration) -> f64 {
    ratio(events, 1_000_000) / took.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "bytes and counts of one board")]
fn ratio(of: usize, to: usize) -> f64 {
    of as f64 / to as f64
}
