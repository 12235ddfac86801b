//! The server goes, and what was handed in does not go with it.

use crate::stage::{
    becomes, client, id, json, mirror, publisher, server, shows, soon, stored, task, work, worker,
};
use mjwork::board::{Status, Verb};
use mjwork::{Lost, WorkerClient};
use mjwork_tests::wait;
use std::fs;
use std::path::Path;
use std::time::Duration;

fn spooled(folder: &Path) -> usize {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter(|file| file.path().extension().is_some_and(|e| e == "json")).count()
}

#[tokio::test]
async fn a_completion_outlives_an_outage() {
    let mut server = server().await;
    let publisher = publisher(&server).await;
    let folder = tempfile::tempdir().expect("a folder");
    publisher.publish_tasks(["a", "b", "c"].map(task)).await.expect("published");
    let worker = worker("one").spool(folder.path()).start(mirror(&server).await).await.expect("it starts");
    let mut claims = Vec::new();
    for name in ["a", "b", "c"] {
        claims.push(worker.claim_task(&id(name)).await.expect("it is free"));
    }
    server.kill();
    let handing_in: Vec<_> =
        claims.drain(..2).map(|claim| tokio::spawn(claim.complete(Some(json(r#"{"kept":true}"#))))).collect();
    wait::until("both to be on disk", Duration::from_secs(10), async || match spooled(folder.path()) {
        2 => Ok(()),
        n => Err(format!("{n} files")),
    })
    .await;
    // Who waits for it goes away; it is sent all the same.
    handing_in[1].abort();
    server.restart().await;
    for done in handing_in.into_iter().take(1) {
        soon("the completion", done).await.expect("not aborted").expect("completed");
    }
    for name in ["a", "b"] {
        let done = becomes(worker.mirror(), name, Status::Completed).await;
        assert_eq!(done.history.iter().filter(|entry| entry.verb == Verb::Completed).count(), 1);
    }
    wait::until("the disk to be clear", Duration::from_secs(10), async || match spooled(folder.path()) {
        0 => Ok(()),
        n => Err(format!("{n} files")),
    })
    .await;
    // What it held all along is still its own.
    let last = claims.pop().expect("one is left");
    soon("the last", last.complete(None)).await.expect("completed");
}

#[tokio::test]
async fn what_a_dead_process_could_not_send_its_next_one_sends_before_it_is_heard_of() {
    let mut server = server().await;
    let publisher = publisher(&server).await;
    let folder = tempfile::tempdir().expect("a folder");
    publisher.publish_task(task("a")).await.expect("published");
    let (session, claim) = {
        // A runtime of its own is as good as a process of its own: with it everything stops in the middle.
        let (url, path) = (server.tcp_url(), folder.path().to_owned());
        let (claimed, has_claimed) = tokio::sync::oneshot::channel();
        let (complete, may_complete) = tokio::sync::oneshot::channel::<()>();
        let (dying, die) = std::sync::mpsc::channel::<()>();
        let process = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.spawn(async move {
                let client = async_nats::connect(url).await.expect("a connection");
                let mirror =
                    mjwork::Mirror::open(client, mjwork::reader::Source::default()).await.expect("it reads");
                let worker = worker("one").spool(path).start(mirror).await.expect("it starts");
                let claim = worker.claim_next().await.expect("a task");
                claimed.send((worker.session().to_owned(), claim.seq())).expect("heard");
                may_complete.await.expect("it may");
                claim.complete(Some(json(r#"{"last":"words"}"#))).await
            });
            die.recv().expect("it dies");
            runtime.shutdown_background();
        });
        let found = soon("its claim", has_claimed).await.expect("it claims");
        server.kill();
        complete.send(()).expect("heard");
        wait::until("it to be on disk", Duration::from_secs(10), async || match spooled(folder.path()) {
            1 => Ok(()),
            n => Err(format!("{n} files")),
        })
        .await;
        dying.send(()).expect("heard");
        process.join().expect("dead");
        found
    };
    server.restart().await;
    let board = mirror(&server).await;
    let starting = worker("one").spool(folder.path()).start(board);
    let next = soon("its next process", starting).await.expect("it starts");
    assert_ne!(next.session(), session);
    let done = becomes(next.mirror(), "a", Status::Completed).await;
    assert_eq!(done.attempts, 1);
    let completed = done.history.last().expect("its completion");
    assert_eq!((completed.verb, completed.session), (Verb::Completed, Some(&*session)));
    let beat = next.mirror().read(|board| board.agent("one").and_then(|a| a.beat.as_ref()).map(|b| b.time));
    assert!(completed.time < beat.expect("it beats") && completed.seq > claim);
    assert_eq!(spooled(folder.path()), 0);
}

#[tokio::test]
async fn a_publisher_and_a_waiting_worker_go_on_after_an_outage() {
    let mut server = server().await;
    let publisher = publisher(&server).await;
    let worker = work(&server, "one").await;
    let waiting = tokio::spawn({
        let worker = worker.clone();
        async move { worker.claim_next().await }
    });
    server.kill();
    let publishing =
        tokio::spawn(async move { publisher.publish_tasks((0..300).map(|n| task(&format!("t{n}")))).await });
    wait::until("the worker to know", Duration::from_secs(10), async || {
        if worker.mirror().is_synced() { Err("synced") } else { Ok(()) }
    })
    .await;
    server.restart().await;
    assert_eq!(soon("the batch", publishing).await.expect("no panic").expect("published").len(), 300);
    let claim = soon("a task", waiting).await.expect("no panic").expect("a claim");
    claim.complete(None).await.expect("completed");
    assert_eq!(stored(&client(&server).await, "available").await, 300, "nothing twice, nothing lost");
}

#[tokio::test]
async fn a_claim_that_is_lost_during_an_outage_of_ones_own_is_known_to_be_afterwards() {
    let server = server().await;
    let publisher = publisher(&server).await;
    publisher.publish_task(task("a")).await.expect("published");
    let own = client(&server).await;
    let mirror =
        mjwork::Mirror::open(own.clone(), mjwork::reader::Source::default()).await.expect("it reads");
    let worker: WorkerClient = worker("one").start(mirror).await.expect("it starts");
    let claim = soon("the task", worker.claim_next()).await.expect("it is free");
    let lost = tokio::spawn(claim.lost());
    becomes(publisher.mirror(), "a", Status::InProgress).await;
    // The line is cut and mended faster than anybody looks; what was stored meanwhile must come all the same.
    let a = id("a");
    let (cut, put_back) = tokio::join!(own.force_reconnect(), publisher.requeue(&a, None));
    cut.expect("cut");
    put_back.expect("put back");
    assert!(matches!(soon("the loss", lost).await.expect("no panic"), Lost::Requeued { .. }));
    shows(worker.mirror(), "a", "free", |task| task.status == Status::Available).await;
}
