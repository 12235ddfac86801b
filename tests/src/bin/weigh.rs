//! What a task of a board weighs on the heap. A program of its own: counting takes time, which no other benchmark is
//! to pay.

use made::{Stored, fold};
use mjwork::board::{Board, Outcome, Task};
use mjwork::event::{Event, Subjects};
use statistics::verdict;
use std::process::ExitCode;

#[path = "bench/fold/made.rs"]
mod made;
#[path = "bench/statistics.rs"]
#[expect(dead_code, reason = "the other programs' measures")]
mod statistics;

/// Bytes on the heap for a task, beyond its own text.
const WEIGHT: f64 = 600.0;

#[global_allocator]
static HEAP: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

fn main() -> ExitCode {
    if weight(&made::log()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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

#[expect(clippy::cast_precision_loss, reason = "bytes and counts of one board")]
fn ratio(of: usize, to: usize) -> f64 {
    of as f64 / to as f64
}
