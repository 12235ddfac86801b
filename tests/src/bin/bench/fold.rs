//! The fold by itself: how many stored events a second become a board, and what a task on that board weighs.

use crate::HEAP;
use crate::statistics::{median, verdict, verdict_at_least};
use made::Stored;
use mjwork::board::{Board, Outcome, Task};
use mjwork::event::{Event, Subjects};
use std::hint::black_box;
use std::time::Instant;

mod made;

const EVENTS: usize = 1_000_000;
const SEED: u64 = 48;
const ROUNDS: usize = 5;
/// Million events a second, read and applied.
const SPEED: f64 = 2.0;
/// Bytes on the heap for a task, beyond its own text.
const WEIGHT: f64 = 600.0;

pub fn run() -> bool {
    let log = made::log(SEED, EVENTS);
    let weight = weight(&log);
    let speed = speed(&log);
    snapshot(&log);
    weight && speed
}

fn fold(log: &[Stored]) -> Board {
    let subjects = Subjects::default();
    let mut board = Board::new();
    for stored in log {
        let event = Event::decode(subjects.topic(&stored.subject), &stored.body);
        board.apply(stored.seq, stored.time, &stored.subject, &event);
    }
    board
}

/// Everything that the board holds on the heap, over the number of its tasks: the tasks with their histories and
/// indexes, agents and logs. What the allocator adds to each piece is not counted.
fn weight(log: &[Stored]) -> bool {
    let before = HEAP.current_usage();
    let board = fold(log);
    let held = HEAP.current_usage() - before;
    let refused = refused(log);
    assert_eq!(board.unreadable().total(), 0, "the log is made by the contract");
    let tasks = board.tasks().len();
    let (entries, text) = board
        .tasks()
        .map(|task| (task.history.len(), text(task)))
        .fold((0, 0), |(entries, text), (e, t)| (entries + e, text + t));
    println!(
        "{} events, {refused} of them refused, make {tasks} tasks with {:.1} events each; the board holds {:.1} MB, of \
         which {:.1} MB are ids, titles, descriptions, tags, notes, results and errors, each counted once",
        log.len(),
        ratio(entries, tasks),
        ratio(held, 1_000_000),
        ratio(text, 1_000_000),
    );
    verdict("fold: heap for a task beyond its own text", ratio(held - text, tasks), WEIGHT, " B")
}

fn refused(log: &[Stored]) -> usize {
    let subjects = Subjects::default();
    let mut board = Board::new();
    let verdicts = log.iter().map(|stored| {
        let event = Event::decode(subjects.topic(&stored.subject), &stored.body);
        board.apply(stored.seq, stored.time, &stored.subject, &event).verdict
    });
    verdicts.filter(|verdict| verdict.refusal().is_some()).count()
}

/// A task's own text, as it was published. What stands in its history and elsewhere too counts once.
fn text(task: &Task) -> usize {
    let definition = &task.definition;
    let result = match &task.outcome {
        Some(Outcome::Result(Some(result))) => result.len(),
        _ => 0,
    };
    let late: usize =
        task.late.iter().filter_map(|late| late.result.as_ref()).map(|result| result.len()).sum();
    let said: usize = task.history.iter().filter_map(|entry| entry.text).map(str::len).sum();
    task.id.as_str().len()
        + definition.title.len()
        + definition.description.as_ref().map_or(0, |text| text.len())
        + definition.tags.iter().map(|tag| tag.len()).sum::<usize>()
        + result
        + late
        + said
}

/// From stored bytes, subject and body, to the board.
fn speed(log: &[Stored]) -> bool {
    let subjects = Subjects::default();
    let (mut both, mut decode, mut apply) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let began = Instant::now();
        let board = fold(log);
        let folded = rate(log, began);
        drop(black_box(board));

        let began = Instant::now();
        for stored in log {
            black_box(Event::decode(subjects.topic(&stored.subject), &stored.body));
        }
        let decoded = rate(log, began);

        let events: Vec<_> =
            log.iter().map(|stored| Event::decode(subjects.topic(&stored.subject), &stored.body)).collect();
        let mut board = Board::new();
        let began = Instant::now();
        for (stored, event) in log.iter().zip(&events) {
            board.apply(stored.seq, stored.time, &stored.subject, event);
        }
        let applied = rate(log, began);
        drop(black_box(board));
        // The first round warms the machine.
        if round > 0 {
            println!(
                "  million events a second: {folded:.2}; decode alone {decoded:.2}, apply alone {applied:.2}"
            );
            both.push(folded);
            decode.push(decoded);
            apply.push(applied);
        }
    }
    println!(
        "fold, median of {ROUNDS}: decode alone {:.2}, apply alone {:.2} million events a second",
        median(&decode),
        median(&apply)
    );
    verdict_at_least("fold: million events a second", median(&both), SPEED, "")
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

fn rate(log: &[Stored], began: Instant) -> f64 {
    ratio(log.len(), 1_000_000) / began.elapsed().as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "bytes and counts of one board")]
fn ratio(of: usize, to: usize) -> f64 {
    of as f64 / to as f64
}
