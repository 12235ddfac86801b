//! A copy is the board, or an error.

use super::super::tests::invariants::{check, event};
use super::super::tests::{World, apply, at, cases, secs};
use super::*;
use proptest::prelude::*;

fn fold(board: &mut Board, log: &[(u64, String, String)], from: u64) -> u64 {
    let mut seq = from;
    for (gap, subject, body) in log {
        seq += 1 + gap;
        apply(board, seq, at(i64::try_from(seq).unwrap()), subject, body);
    }
    seq
}

/// The same bytes with the sum that they should have.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = xxh64(&bytes, 0);
    bytes.extend(sum.to_le_bytes());
    bytes
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_copy_is_the_board_and_goes_on_like_it(
        log in prop::collection::vec(event(), 0..80),
        cut in 0_usize..80,
        max_age in prop::option::of(5_u64..200),
    ) {
        let cut = cut.min(log.len());
        let mut whole = Board::new();
        let end = fold(&mut whole, &log[..cut], 0);
        if let Some(max_age) = max_age {
            whole.forget(at(i64::try_from(end).unwrap()), secs(max_age));
        }
        let bytes = whole.encode_snapshot();
        let mut copy = Board::decode_snapshot(&bytes).unwrap();
        prop_assert_eq!(&copy, &whole);
        check(&copy);
        fold(&mut whole, &log[cut..], end);
        fold(&mut copy, &log[cut..], end);
        prop_assert_eq!(copy, whole);
    }

    #[test]
    fn what_is_cut_off_or_changed_is_an_error(
        log in prop::collection::vec(event(), 1..40),
        at: prop::sample::Index,
        flip in 1_u8..,
        more in prop::collection::vec(any::<u8>(), 1..9),
    ) {
        let mut board = Board::new();
        fold(&mut board, &log, 0);
        let bytes = board.encode_snapshot();
        let at = at.index(bytes.len());
        prop_assert!(Board::decode_snapshot(&bytes[..at]).is_err());
        let mut changed = bytes.clone();
        changed[at] ^= flip;
        prop_assert!(Board::decode_snapshot(&changed).is_err());
        prop_assert!(Board::decode_snapshot(&[&bytes[..], &more].concat()).is_err());
    }

    /// Whoever makes the sum right, too, gets some board or an error, and costs no more than it wrote.
    #[test]
    fn no_bytes_panic(
        log in prop::collection::vec(event(), 1..40),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut board = Board::new();
        fold(&mut board, &log, 0);
        let mut bytes = board.encode_snapshot();
        bytes.truncate(bytes.len() - 8);
        for (at, byte) in changes {
            let at = 8 + at.index(bytes.len() - 8);
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(8 + cut.index(bytes.len() - 8));
        }
        if let Ok(board) = Board::decode_snapshot(&sealed(bytes)) {
            for task in board.tasks() {
                let _ = (task.history.iter().take(100).count(), task.history.last(), board.blockers(task));
            }
        }
    }

    #[test]
    fn nor_do_made_up_ones(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Board::decode_snapshot(&bytes).is_err());
        let _ = Board::decode_snapshot(&sealed([&MAGIC[..], &bytes].concat()));
    }
}

#[test]
fn a_copy_is_made_in_steps_of_any_size_and_its_board_dismantled() {
    let mut board = Board::new();
    for n in 1..=40_u32 {
        let body = format!(r#"{{"task_id":"{n}","title":"t","blocked_by":["{}","none"]}}"#, n / 2 + 1);
        apply(&mut board, n.into(), at(n.into()), "mjwork.tasks.available", &body);
    }
    let whole = board.encode_snapshot();
    assert_eq!(Board::decode_snapshot(&whole).as_ref(), Ok(&board));
    for size in [1, 7, 64, 10_000] {
        let mut making = board.make_snapshot();
        while making.step(size) {}
        let (mut pieces, mut made) = (making.finish(), Vec::new());
        assert_eq!(pieces.left(), whole.len());
        while let Some(piece) = pieces.next(size) {
            assert!(piece.len() <= size.max(8));
            made.extend_from_slice(piece);
        }
        assert!(made == whole && pieces.left() == 0, "in steps of {size}");
    }
    let mut copy = board.clone();
    let left = [39, 1, 1].map(|tasks| (copy.dismantle(tasks), copy.tasks().len()));
    assert_eq!(left, [(true, 1), (false, 0), (false, 0)]);
    assert_eq!(board.tasks().len(), 40, "another board keeps its own");
}

#[test]
fn another_format_is_told_from_a_broken_copy() {
    let mut bytes = Board::new().encode_snapshot();
    assert_eq!(Board::decode_snapshot(&bytes).as_ref(), Ok(&Board::new()));
    assert_eq!(Board::decode_snapshot(b"mjboard"), Err(SnapshotError::Format));
    bytes[7] += 1;
    assert_eq!(Board::decode_snapshot(&bytes), Err(SnapshotError::Format));
    bytes[7] -= 1;
    bytes[20] ^= 1;
    assert_eq!(Board::decode_snapshot(&bytes), Err(SnapshotError::Corrupt));
}

#[test]
fn all_that_a_board_knows_is_in_the_copy() {
    let mut world = World::new();
    world.all(&[
        ("tasks.available", r#"{"task_id":"t","title":"Ü","description":"d","blocked_by":["b"],"priority":"odd","tags":["x","x"],"max_attempts":9,"by":"op"}"#),
        ("tasks.available", r#"{"task_id":"b","title":"B","priority":"high"}"#),
        ("tasks.claimed", r#"{"task_id":"b","agent_id":"a","session":"s"}"#),
        ("tasks.progress", r#"{"task_id":"b","agent_id":"a","percent":12.5,"note":"n"}"#),
        ("tasks.failed", r#"{"task_id":"b","agent_id":"a","error":"e","kind":"fatal"}"#),
        ("tasks.available", r#"{"task_id":"b","title":"B","requeue":{"reason":"r"}}"#),
        ("tasks.cancelled", r#"{"task_id":"t","by":"op","reason":"r"}"#),
        ("tasks.available", r#"{"task_id":"c","title":"C"}"#),
        ("coordination", r#"{"agent_id":"z","message":"m"}"#),
        ("errors", r#"{"message":"m","agent_id":"y","task_id":"nowhere","level":"l","stack":"s"}"#),
        ("errors", r#"{"message":"m"}"#),
        ("heartbeat.h", r#"{"agent_id":"h","session":"s","status":"idle","task_id":"b","description":"d","interval_s":2.5,"host":"h","version":"v"}"#),
        ("heartbeat.i", r#"{"agent_id":"i"}"#),
    ]);
    world.publish("tasks.completed", r#"{"task_id":"b","agent_id":"late","result":{"x":1}}"#);
    for body in ["", "{", "[]", "{}", "{\"task_id\":[]}"] {
        world.publish("tasks.claimed", body);
    }
    world.publish("elsewhere", "{}");
    let carried = r#"{"task_id":"old","after":7,"origin":3,"state":{"definition":{"title":"O"},"status":"in_progress","version":7,"claim":5,"owner":"a","session":"s","attempts":2,"late":{"seq":6,"agent_id":"k","result":null}}}"#;
    world.publish("tasks.carried", carried);
    for n in 0..super::super::log::LOG_KEEPS {
        world.publish("coordination", &format!(r#"{{"agent_id":"z","message":"{n}"}}"#));
    }
    world.board.forget(world.board.last_time(), secs(600_000));
    assert_eq!(Board::decode_snapshot(&world.board.encode_snapshot()).as_ref(), Ok(&world.board));
}
