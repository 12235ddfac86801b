//! Publishing: everything that is wrong at once, nothing twice, and what else may be done to a task.

use crate::stage::{becomes, client, id, mirror, publisher, server, soon, stored, task, work};
use mjwork::board::{Refusal, Status};
use mjwork::publisher::TaskFault;
use mjwork::{FailureKind, NewTask, PublishError};

#[tokio::test]
async fn everything_wrong_with_a_batch_is_said_before_the_first_is_sent() {
    let server = server().await;
    let publisher = publisher(&server).await;
    publisher.publish_task(task("known")).await.expect("published");
    let other = NewTask::new(id("known"), "Something else");
    let large = NewTask { description: Some("x".repeat(1 << 20)), ..task("large") };
    let batch =
        [task("a<b"), task("b<a"), task("c<nobody,c"), other, task("fine<known"), task("fine"), large];
    let error = publisher.publish_tasks(batch).await.expect_err("six faults");
    let PublishError::Invalid(invalid) = &error else { panic!("{error}") };
    let faults: Vec<_> = invalid.iter().map(|task| (task.index, &*task.faults)).collect();
    assert!(
        matches!(
            &faults[..],
            [
                (0, [TaskFault::Cycle(_)]),
                (1, [TaskFault::Cycle(_)]),
                (2, [TaskFault::UnknownBlocker(nobody), TaskFault::Itself]),
                (3, [TaskFault::Taken]),
                (5, [TaskFault::Twice { first: 4 }]),
                (6, [TaskFault::TooLarge { .. }]),
            ] if nobody.as_str() == "nobody"
        ),
        "{error}"
    );
    assert_eq!(stored(&client(&server).await, "available").await, 1, "nothing was sent");
}

#[tokio::test]
async fn a_batch_is_published_once_however_often_it_is_published() {
    let server = server().await;
    let batch = || (0..2_000).map(|n| task(&format!("t{n}<t{}", n + 1)));
    let batch = || batch().chain([task("t2000")]);
    let first = publisher(&server).await;
    let mut heard = Vec::new();
    let published = first.publish_tasks_with(batch(), |n, of| heard.push((n, of))).await.expect("published");
    assert_eq!((published.len(), heard.len(), heard[2_000]), (2_001, 2_001, (2_001, 2_001)));
    assert!(published.is_sorted_by(|a, b| a.seq < b.seq), "in their order");
    assert!(published.iter().all(|published| !published.unchanged));
    // A second process with another name, at the same time as a third that is late to know.
    let second = publisher(&server).await;
    let again = second.publish_tasks(batch()).await.expect("the same again");
    assert!(again.iter().all(|published| published.unchanged));
    assert_eq!(stored(&client(&server).await, "available").await, 2_001);
    let board = mirror(&server).await;
    let counts = board.read(mjwork::board::Board::counts);
    assert_eq!((counts.of(Status::Blocked), counts.of(Status::Available)), (2_000, 1));
}

#[tokio::test]
async fn of_two_who_publish_one_id_at_once_the_second_is_refused_unless_it_is_the_same() {
    let server = server().await;
    let (one, two) = (publisher(&server).await, publisher(&server).await);
    for n in 0..20 {
        let name = format!("t{n}");
        let other = NewTask { title: "Another".into(), ..task(&name) };
        let (a, b) = tokio::join!(one.publish_task(task(&name)), two.publish_task(other));
        let refused = match (a, b) {
            (Ok(_), Err(error)) | (Err(error), Ok(_)) => error,
            both => panic!("{both:?}"),
        };
        // The one may have been heard of before the other was sent.
        assert!(
            matches!(refused, PublishError::Refused { refusal: Refusal::Stale { after: Some(0), .. }, .. })
                || matches!(refused, PublishError::Invalid(_)),
            "{refused}"
        );
        let same = format!("same{n}");
        let (a, b) = tokio::join!(one.publish_task(task(&same)), two.publish_task(task(&same)));
        let (a, b) = (a.expect("published"), b.expect("the same"));
        assert_eq!(a.seq.max(b.seq), a.seq, "{a:?} {b:?}");
        assert_eq!(a.seq, b.seq);
    }
}

#[tokio::test]
async fn an_edit_a_requeue_a_withdrawal_and_a_late_result() {
    let server = server().await;
    let publisher = publisher(&server).await;
    let worker = work(&server, "alpha").await;
    publisher.publish_task(task("a")).await.expect("published");
    let edited = NewTask { title: "Better".into(), ..task("a") };
    assert!(!publisher.edit(edited.clone()).await.expect("edited").unchanged);
    assert!(publisher.edit(edited).await.expect("edited").unchanged, "the same again");
    let nobody = publisher.edit(task("nobody")).await.expect_err("it is unknown");
    assert!(matches!(&nobody, PublishError::Invalid(t) if t[0].faults == [TaskFault::Unknown]), "{nobody}");
    let nothing = publisher.requeue(&id("a"), None).await.expect_err("nobody has it");
    assert!(
        matches!(
            nothing,
            PublishError::Refused { refusal: Refusal::NothingToRequeue { status: Status::Available }, .. }
        ),
        "{nothing}"
    );

    let claim = soon("the task", worker.claim_next()).await.expect("it is there");
    assert_eq!(&*claim.task().definition.title, "Better");
    becomes(publisher.mirror(), "a", Status::InProgress).await;
    publisher.cancel(&id("a"), Some("not needed")).await.expect("withdrawn");
    let late = claim.complete(Some(crate::stage::json(r#"{"late":true}"#))).await.expect_err("withdrawn");
    let mjwork::HoldError::Refused { late: Some(late), .. } = late else { panic!("{late}") };
    assert!(publisher.accept(&id("a"), late + 1).await.is_err());
    becomes(publisher.mirror(), "a", Status::Cancelled).await;
    publisher.mirror().outcome(late).await;
    publisher.accept(&id("a"), late).await.expect("accepted");
    let done = becomes(worker.mirror(), "a", Status::Completed).await;
    assert_eq!(done.owner.map(|owner| owner.agent.to_string()).as_deref(), Some("alpha"));

    publisher.requeue(&id("a"), Some("once more")).await.expect("put back");
    let claim = soon("the task", worker.claim_next()).await.expect("it is there");
    claim.fail("cannot be done", FailureKind::Fatal).await.expect("failed");
    becomes(publisher.mirror(), "a", Status::Failed).await;
}
