//! The board as it was, everything that happened, and what is as it is.

use crate::stage::{becomes, id, json, mirror, publisher, server, soon, task, work};
use futures_util::StreamExt;
use mjwork::board::Status::{Available, Blocked, Completed, InProgress};
use mjwork::board::{Board, Verdict};
use mjwork::{MonitorClient, Timestamp};

#[tokio::test]
async fn the_board_is_shown_as_it_was_at_any_time() {
    let server = server().await;
    let publisher = publisher(&server).await;
    let worker = work(&server, "one").await;
    publisher.publish_tasks([task("a"), task("b<a")]).await.expect("published");
    let claim = soon("the task", worker.claim_next()).await.expect("it is free");
    claim.progress(Some(10.0), None).await.expect("reported");
    claim.complete(Some(json("[]"))).await.expect("completed");
    let monitor = MonitorClient::new(mirror(&server).await);
    let history = monitor.get_task_status(&id("a")).expect("it is known").history;
    let at = |n: usize| history.iter().nth(n).expect("it happened").time;
    let status = async |time| {
        let board = monitor.board_at(time).await.expect("it can be read");
        let status = |id| board.task(id).map(|task| task.status);
        (status("a"), status("b"))
    };
    assert_eq!(status(Timestamp::default()).await, (None, None));
    assert_eq!(status(at(0)).await, (Some(Available), None), "to the nanosecond");
    assert_eq!(status(at(1)).await, (Some(InProgress), Some(Blocked)));
    assert_eq!(status(at(2)).await, (Some(InProgress), Some(Blocked)));
    assert_eq!(status(at(3)).await, (Some(Completed), Some(Available)));
    assert_eq!(status(monitor.mirror().now()).await, (Some(Completed), Some(Available)));
}

#[tokio::test]
async fn everything_that_happened_comes_in_order_and_then_what_happens() {
    let server = server().await;
    let publisher = publisher(&server).await;
    publisher.publish_tasks((0..100).map(|n| task(&format!("t{n}")))).await.expect("published");
    let monitor = MonitorClient::new(mirror(&server).await);
    let (mut all, mut live) = (monitor.events(), monitor.mirror().events());
    let mut seqs = Vec::new();
    for _ in 0..100 {
        seqs.push(soon("history", all.next()).await.expect("it goes on").seq);
    }
    publisher.cancel(&id("t7"), Some("enough")).await.expect("withdrawn");
    let error = publisher.cancel(&id("t7"), None).await.expect_err("it is");
    assert!(error.to_string().contains("cancelled"), "{error}");
    for verdict in ["accepted", "refused"] {
        let (one, other) = (soon("it", all.next()).await, soon("it", live.next()).await);
        let (one, other) = (one.expect("it goes on"), other.expect("it goes on"));
        assert_eq!(one, other, "by history and live alike");
        assert_eq!(one.subject, "mjwork.tasks.cancelled");
        assert_eq!(one.verdict == Verdict::Accepted, verdict == "accepted", "{:?}", one.verdict);
        seqs.push(one.seq);
    }
    assert_eq!(seqs, (1..=102).collect::<Vec<_>>());
}

#[tokio::test]
async fn tasks_are_listed_by_state_in_the_order_in_which_they_are_taken() {
    let server = server().await;
    let publisher = publisher(&server).await;
    publisher.publish_tasks(["n", "low!low", "x<n", "top!critical"].map(task)).await.expect("published");
    let monitor = MonitorClient::new(mirror(&server).await);
    let tasks = monitor.get_all_tasks();
    let ids = |status| tasks[&status].iter().map(|task| task.id.as_str()).collect::<Vec<_>>();
    assert_eq!((ids(Available), ids(Blocked)), (vec!["top", "n", "low"], vec!["x"]));
    assert_eq!(tasks.len(), 2);
    assert!(monitor.get_task_status(&id("nobody")).is_none());
    becomes(monitor.mirror(), "x", Blocked).await;
    assert_eq!(monitor.mirror().read(Board::last_seq), 4);
}
