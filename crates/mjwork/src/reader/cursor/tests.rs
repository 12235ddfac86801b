//! The cursor against a made stream: gaps, repeats, losses, cut lines and replicas that lag.

use super::*;
use proptest::prelude::*;

#[test]
fn live_messages_wait_for_the_history_before_them() {
    let mut cursor = Cursor::new();
    let mut out = Vec::new();
    let ask = cursor.ask().unwrap();
    assert_eq!(ask.from, 1);
    assert_eq!(cursor.ask(), None, "one at a time, until it is nearly through");
    cursor.live(4, 4, &mut out);
    assert!(out.is_empty());
    cursor.batch_message(ask.token, 2, 1, 2, &mut out);
    cursor.batch_message(ask.token, 3, 0, 3, &mut out);
    assert_eq!(out, [2, 3, 4], "sequence 1 has expired, which the answer shows");
    assert!(!cursor.is_caught_up());
    cursor.batch_end(ask.token, 0, &mut out);
    assert!(cursor.is_caught_up());
    cursor.live(5, 5, &mut out);
    cursor.live(5, 5, &mut out);
    cursor.live(3, 3, &mut out);
    assert_eq!(out, [2, 3, 4, 5]);
}

#[test]
fn a_gap_is_asked_about_and_what_follows_waits() {
    let mut cursor = Cursor::new();
    let mut out: Vec<u64> = Vec::new();
    let ask = cursor.ask().unwrap();
    cursor.batch_end(ask.token, 0, &mut out);
    cursor.live(3, 3, &mut out);
    assert!(out.is_empty() && !cursor.is_caught_up());
    let ask = cursor.ask().unwrap();
    assert_eq!(ask.from, 1);
    cursor.batch_message(ask.token, 3, 0, 3, &mut out);
    cursor.batch_end(ask.token, 0, &mut out);
    assert_eq!(out, [3]);
    assert!(cursor.is_caught_up());
}

#[test]
fn the_next_batch_is_asked_ahead_and_never_leaves_a_hole() {
    let mut cursor = Cursor::new();
    let mut out = Vec::new();
    let first = cursor.ask().unwrap();
    let total = 30_000_u64;
    let mut second = None;
    // Every other sequence has expired.
    for n in 0..u64::from(BATCH) {
        cursor.batch_message(first.token, 2 * n + 1, total - n - 1, n, &mut out);
        second = second.or_else(|| cursor.ask());
    }
    let second = second.expect("asked ahead");
    assert!(second.from <= 40_000, "{}", second.from);
    cursor.batch_end(first.token, 10_000, &mut out);
    for n in u64::from(BATCH)..total {
        cursor.batch_message(second.token, 2 * n + 1, total - n - 1, n, &mut out);
    }
    cursor.batch_end(second.token, 0, &mut out);
    // What lay behind the first batch made it ask once more; that answer brings nothing.
    if let Some(third) = cursor.ask() {
        cursor.batch_end(third.token, 0, &mut out);
    }
    assert_eq!(out, (0..total).collect::<Vec<_>>());
    assert!(cursor.is_caught_up());
}

#[test]
fn an_answer_that_ends_too_early_is_asked_again_and_then_believed() {
    let mut cursor = Cursor::new();
    let mut out: Vec<u64> = Vec::new();
    cursor.saw(7);
    let mut asked = 0;
    while let Some(ask) = cursor.ask() {
        asked += 1;
        assert!(asked < 100);
        cursor.batch_end(ask.token, 0, &mut out);
    }
    assert_eq!(asked, MAX_DOUBTS + 1);
    assert!(cursor.is_caught_up(), "it was purged");
    assert_eq!(cursor.next(), 8);
}

#[test]
fn where_no_replica_can_lag_what_is_not_there_has_expired() {
    let mut cursor = Cursor::new();
    let mut out: Vec<u64> = Vec::new();
    cursor.doubt_at_most(0);
    cursor.saw(7);
    let ask = cursor.ask().unwrap();
    cursor.batch_end(ask.token, 0, &mut out);
    assert!(cursor.is_caught_up() && cursor.next() == 8);
    // Another stream under its name: answers from before do not count.
    cursor.restart();
    let again = cursor.ask().unwrap();
    assert!(again.from == 1 && again.token != ask.token);
}

#[test]
fn where_nothing_is_missing_two_batches_are_asked_at_once() {
    let mut cursor = Cursor::new();
    let mut out = Vec::new();
    let (first, last) = (101, 100 + 3 * u64::from(BATCH));
    cursor.has(last - first + 1, first, last);
    let (one, two) = (cursor.ask().unwrap(), cursor.ask().unwrap());
    assert_eq!((one.from, two.from, cursor.ask()), (1, first + u64::from(BATCH), None));
    // It was purged meanwhile up to the second batch: what the first one brings overlaps, and counts once.
    for (n, seq) in (two.from..two.from + 3).enumerate() {
        cursor.batch_message(one.token, seq, 2 - n as u64, seq, &mut out);
    }
    cursor.batch_end(one.token, 0, &mut out);
    cursor.batch_message(two.token, two.from, 2, two.from, &mut out);
    assert_eq!(out, [two.from, two.from + 1, two.from + 2]);

    // One message is missing somewhere, so where the second begins shows only as the first is read.
    let mut cursor = Cursor::<u64>::new();
    cursor.has(last - first, first, last);
    assert!(cursor.ask().is_some() && cursor.ask().is_none());
    // A batch that holds all there is needs no second.
    let mut cursor = Cursor::<u64>::new();
    cursor.has(5, 1, 5);
    assert!(cursor.ask().is_some() && cursor.ask().is_none());
}

#[test]
fn a_sequence_at_the_end_of_the_world_is_a_sequence() {
    let mut cursor = Cursor::new();
    let mut out = Vec::new();
    let ask = cursor.ask().unwrap();
    cursor.batch_message(ask.token, u64::MAX, 0, 1, &mut out);
    cursor.live(u64::MAX, 1, &mut out);
    cursor.batch_end(ask.token, 0, &mut out);
    assert_eq!(out.first(), Some(&1));
}

#[test]
fn answers_from_before_the_line_was_cut_do_not_count() {
    let mut cursor = Cursor::new();
    let mut out = Vec::new();
    let old = cursor.ask().unwrap();
    cursor.batch_message(old.token, 1, 5, 1, &mut out);
    cursor.read_again(true);
    let ask = cursor.ask().unwrap();
    assert_eq!(ask.from, 2);
    cursor.batch_message(old.token, 9, 0, 9, &mut out);
    cursor.batch_end(old.token, 0, &mut out);
    assert_eq!(out, [1]);
    assert!(!cursor.is_caught_up());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is lost, repeated or late, everything that the stream has comes once and in order.
    #[test]
    fn nothing_is_lost_repeated_or_out_of_order(
        gaps in prop::collection::vec(1_u64..4, 1..80),
        stored_before in 0_usize..80,
        chances in prop::collection::vec(0_u8..100, 400),
    ) {
        let mut stream: Vec<u64> = Vec::new();
        for gap in &gaps {
            stream.push(stream.last().unwrap_or(&0) + gap);
        }
        let mut stored = stored_before.min(stream.len());
        let mut chances = chances.into_iter().cycle();
        let mut chance = move |percent: u8| chances.next().is_some_and(|c| c < percent);
        let mut cursor = Cursor::new();
        let mut out: Vec<u64> = Vec::new();
        let mut answers: Vec<(Ask, usize)> = Vec::new();
        let mut rounds = 0;
        while stored < stream.len() || !cursor.is_caught_up() || out.last() != stream.last() {
            rounds += 1;
            prop_assert!(rounds < 20_000, "it does not end: {cursor:?}");
            if stored < stream.len() && chance(50) {
                stored += 1;
                // A live message may be lost, or come twice.
                for _ in 0..if chance(20) { 0 } else if chance(10) { 2 } else { 1 } {
                    let seq = stream[stored - 1];
                    cursor.live(seq, seq, &mut out);
                }
            }
            if let Some(ask) = cursor.ask() {
                // The replica that answers may lag behind.
                answers.push((ask, if chance(10) { stored.saturating_sub(3) } else { stored }));
            }
            if chance(5) {
                cursor.read_again(true);
                answers.clear();
            }
            if stored == stream.len() && cursor.is_caught_up() && out.last() != stream.last() {
                cursor.read_again(false); // the silence that ends in a question
            }
            if !answers.is_empty() && chance(60) {
                let (ask, seen) = answers.remove(0);
                let found: Vec<u64> = stream[..seen].iter().copied().filter(|seq| *seq >= ask.from).collect();
                for (n, seq) in found.iter().enumerate() {
                    cursor.batch_message(ask.token, *seq, (found.len() - n - 1) as u64, *seq, &mut out);
                }
                cursor.batch_end(ask.token, 0, &mut out);
            }
        }
        prop_assert_eq!(out, stream);
    }
}
