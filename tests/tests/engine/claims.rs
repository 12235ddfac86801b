//! Claims: exactly one owner, the most urgent first, and no task taken that nobody works on.

use crate::stage::{
    becomes, client, id, json, mirror, publisher, ready, sees, server, shows, soon, stored, task, work,
    worker,
};
use futures_util::StreamExt;
use futures_util::future::join_all;
use mjwork::board::{Board, Refusal, Status, Verb};
use mjwork::event::{Event, Subjects};
use mjwork::{ClaimError, HoldError, Lost, MonitorClient, Sequence};
use std::collections::HashMap;

/// Fifty workers take all there is, each from a mirror of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_workers_each_task_has_one_owner_and_the_urgent_ones_come_first() {
    const WORKERS: usize = 50;
    const TASKS: usize = 400;
    let server = server().await;
    let publisher = publisher(&server).await;
    let priority = ["!low", "", "!high", "!critical"];
    let tasks = (0..TASKS).map(|n| {
        let blocker = if n % 8 == 7 { format!("<t{}", n - 7) } else { String::new() };
        task(&format!("t{n}{blocker}{}", priority[n % 4]))
    });
    publisher.publish_tasks(tasks).await.expect("published");
    let workers = join_all((0..WORKERS).map(|n| {
        let server = &server;
        async move { work(server, &format!("w{n}")).await }
    }))
    .await;
    let working = workers.iter().map(|worker| async move {
        let mut done = 0;
        while !worker.is_idle() {
            let Some(claim) = (tokio::select! {
                claim = worker.claim_next() => Some(claim.expect("a claim")),
                () = worker.until_idle() => None,
            }) else {
                break;
            };
            claim.complete(None).await.expect("completed");
            done += 1;
        }
        done
    });
    let done: usize = soon("all tasks", join_all(working)).await.into_iter().sum();
    assert_eq!(done, TASKS);

    let claims = stored(&client(&server).await, "claimed").await;
    assert!(claims * 100 <= 105 * u64::try_from(TASKS).expect("few"), "{claims} claims for {TASKS} tasks");
    let board = mirror(&server).await;
    assert_eq!(board.read(Board::counts).of(Status::Completed), TASKS);
    board.read(|board| {
        for task in board.tasks() {
            let count = |verb| task.history.iter().filter(|e| e.verb == verb && e.refused.is_none()).count();
            assert_eq!(
                (count(Verb::Claimed), count(Verb::Completed), task.attempts),
                (1, 1, 1),
                "{}",
                task.id
            );
        }
    });
    urgent_ones_came_first(&MonitorClient::new(board)).await;
}

/// Each claim says up to where its writer had read: of what could be taken then nothing more urgent was left to take
/// when the claim was stored.
async fn urgent_ones_came_first(monitor: &MonitorClient) {
    let last = monitor.mirror().read(Board::last_seq);
    let mut events = monitor.events();
    let subjects = Subjects::default();
    let mut board = Board::new();
    let mut since: HashMap<String, Vec<(Sequence, u8)>> = HashMap::new();
    let mut claims = 0;
    while let Some(event) = soon("the history", events.next()).await {
        let decoded = Event::decode(subjects.topic(&event.subject), &event.payload);
        if let Event::Claimed(claim) = &decoded {
            let seen = claim.seen.expect("our workers say it");
            let rank = |id: &str| board.task(id).map_or(9, |task| task.definition.priority.rank());
            let rank = rank(&claim.task_id);
            for (other, readiness) in &since {
                let more_urgent = readiness.iter().any(|(from, r)| *from <= seen && *r < rank);
                assert!(!more_urgent, "{} at {} before {other}, seen {seen}", claim.task_id, event.seq);
            }
            claims += 1;
        }
        let change = board.apply(event.seq, event.time, &event.subject, &decoded);
        for id in change.task.iter().chain(&change.others) {
            let task = board.task(id.as_str()).expect("it is known");
            if task.status == Status::Available {
                let entry = since.entry(id.to_string()).or_default();
                entry.push((event.seq, task.definition.priority.rank()));
            } else {
                since.remove(id.as_str());
            }
        }
        if event.seq == last {
            break;
        }
    }
    assert!(claims > 0);
}

/// Fifty workers of one process share one mirror.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_of_one_process_do_not_get_in_each_others_way() {
    let server = server().await;
    let mirror = mirror(&server).await;
    let publisher = mjwork::TaskPublisher::new(mirror.clone(), None);
    let starting = (0..50).map(|n| worker(&format!("w{n}")).start(mirror.clone()));
    let workers: Vec<_> = join_all(starting).await.into_iter().map(|w| w.expect("it starts")).collect();
    let waiting = join_all(workers.iter().map(mjwork::WorkerClient::claim_next));
    let publishing = publisher.publish_tasks((0..50).map(|n| task(&format!("t{n}"))));
    let (claims, sent) = soon("fifty claims", async { tokio::join!(waiting, publishing) }).await;
    assert_eq!(sent.expect("published").len(), 50);
    let claims: Vec<_> = claims.into_iter().map(|claim| claim.expect("a claim")).collect();
    let mut ids: Vec<_> = claims.iter().map(|claim| claim.id().clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 50, "each has another");
    assert_eq!(stored(mirror.client(), "claimed").await, 50);
}

#[tokio::test]
async fn who_may_not_take_a_task_hears_why() {
    let server = server().await;
    let publisher = publisher(&server).await;
    publisher.publish_tasks([task("a"), task("b<a"), task("c")]).await.expect("published");
    let (one, two) = (work(&server, "one").await, work(&server, "two").await);
    let claim = one.claim_task(&id("a")).await.expect("it is free");
    let refused = async |worker: &mjwork::WorkerClient, name: &str| match worker.claim_task(&id(name)).await {
        Err(ClaimError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    becomes(two.mirror(), "a", Status::InProgress).await;
    assert!(matches!(refused(&two, "a").await, Refusal::Taken { by } if by == *one.agent()));
    assert!(matches!(refused(&one, "a").await, Refusal::Taken { by } if by == *one.agent()), "its own, too");
    assert!(matches!(refused(&two, "b").await, Refusal::Blocked { by } if by.as_str() == "a"));
    assert_eq!(refused(&two, "nobody").await, Refusal::UnknownTask);
    claim.complete(Some(json("[1]"))).await.expect("completed");
    becomes(two.mirror(), "a", Status::Completed).await;
    assert_eq!(refused(&two, "a").await, Refusal::Finished { status: Status::Completed });
    publisher.cancel(&id("c"), None).await.expect("withdrawn");
    becomes(two.mirror(), "c", Status::Cancelled).await;
    assert_eq!(refused(&two, "c").await, Refusal::Finished { status: Status::Cancelled });
    assert_eq!(stored(&client(&server).await, "claimed").await, 1, "what is known needs no message");
}

/// Both believe that it is free: the second hears of the first's claim by the acknowledgement of its own.
#[tokio::test]
async fn of_two_who_claim_by_name_at_once_the_second_hears_who_was_first() {
    let server = server().await;
    let publisher = publisher(&server).await;
    let (one, two) = (work(&server, "one").await, work(&server, "two").await);
    for n in 0..20 {
        let name = format!("t{n}");
        publisher.publish_task(task(&name)).await.expect("published");
        becomes(one.mirror(), &name, Status::Available).await;
        becomes(two.mirror(), &name, Status::Available).await;
        let task = id(&name);
        let (a, b) = tokio::join!(one.claim_task(&task), two.claim_task(&task));
        let (claim, refused, winner) = match (a, b) {
            (Ok(claim), Err(error)) => (claim, error, &one),
            (Err(error), Ok(claim)) => (claim, error, &two),
            both => panic!("{both:?}"),
        };
        assert!(
            matches!(&refused, ClaimError::Refused(Refusal::Taken { by }) if by == winner.agent()),
            "{refused}"
        );
        claim.complete(None).await.expect("completed");
    }
    assert_eq!(stored(&client(&server).await, "claimed").await, 20);
}

#[tokio::test]
async fn an_operator_who_uses_a_claims_message_id_up_stops_nobody() {
    let server = server().await;
    let publisher = publisher(&server).await;
    let worker = work(&server, "one").await;
    let version = publisher.publish_task(task("a")).await.expect("published").seq;
    let mut headers = async_nats::HeaderMap::new();
    headers.insert("Nats-Msg-Id", format!("claimed.a.{version}"));
    let body = r#"{"agent_id":"operator","message":"mine now"}"#;
    let answer =
        client(&server).await.request_with_headers("mjwork.coordination", headers, body.into()).await;
    answer.expect("stored");
    let claim = soon("the task", worker.claim_next()).await.expect("it is free");
    assert_eq!(claim.id().as_str(), "a");
}

#[tokio::test]
async fn a_watcher_sees_the_most_urgent_first_and_then_what_comes() {
    let server = server().await;
    let publisher = publisher(&server).await;
    let tasks = ["n1", "low!low", "n2<n1", "high!high", "n3"].map(task);
    publisher.publish_tasks(tasks).await.expect("published");
    let worker = work(&server, "one").await;
    let mut watching = worker.watch_tasks();
    let names = |tasks: Vec<mjwork::board::Task>| -> Vec<String> {
        tasks.into_iter().map(|task| task.id.to_string()).collect()
    };
    assert_eq!(names(ready(&mut watching)), ["high", "n1", "n3", "low"], "all that is ready, at once");
    let claim = worker.claim_task(&id("n1")).await.expect("it is free");
    assert!(ready(&mut watching).is_empty());
    claim.complete(None).await.expect("completed");
    let next = soon("what that made ready", watching.next()).await.expect("it goes on");
    assert_eq!(next.id.as_str(), "n2");
    worker
        .claim_task(&id("n2"))
        .await
        .expect("it is free")
        .release(Some("no time"))
        .await
        .expect("given back");
    let again = soon("what was given back", watching.next()).await.expect("it goes on");
    assert!(again.id.as_str() == "n2" && again.version > next.version, "at another version");
    worker.stop().await;
    assert!(soon("the end", watching.next()).await.is_none());
}

#[tokio::test]
async fn a_claim_that_is_taken_away_is_lost_and_a_finished_one_is_not() {
    let server = server().await;
    let publisher = publisher(&server).await;
    publisher.publish_tasks(["a", "b", "c", "d"].map(task)).await.expect("published");
    let worker = work(&server, "one").await;
    let mut claims = Vec::new();
    for name in ["a", "b", "c", "d"] {
        claims.push(worker.claim_task(&id(name)).await.expect("it is free"));
        becomes(publisher.mirror(), name, Status::InProgress).await;
    }
    let [a, b, c, d] = claims.try_into().expect("four");
    let lost = [a.lost(), b.lost(), c.lost(), d.lost()].map(|lost| tokio::spawn(lost));
    publisher.requeue(&id("a"), Some("wrong one")).await.expect("put back");
    publisher.cancel(&id("b"), None).await.expect("withdrawn");
    c.complete(None).await.expect("completed");
    d.release(None).await.expect("given back");
    let [la, lb, lc, ld] = soon("the losses", join_all(lost)).await.try_into().expect("four");
    let by = Some("tester".to_owned());
    assert_eq!(la.expect("told"), Lost::Requeued { by: by.clone(), reason: Some("wrong one".into()) });
    assert_eq!(lb.expect("told"), Lost::Cancelled { by, reason: None });
    assert_eq!((lc.expect("told"), ld.expect("told")), (Lost::Ended, Lost::Ended));
    let progress = a.progress(Some(50.0), Some("half")).await.expect_err("it is lost");
    assert!(
        matches!(progress, HoldError::Refused { refusal: Refusal::NotInProgress { .. }, late: None }),
        "{progress}"
    );
    let late = b.complete(Some(json("1"))).await.expect_err("it is lost");
    assert!(late.to_string().contains("an operator can accept it"), "{late}");
}

#[tokio::test]
async fn what_nobody_works_on_is_given_back() {
    let server = server().await;
    let publisher = publisher(&server).await;
    let (one, two) = (work(&server, "one").await, work(&server, "two").await);
    publisher.publish_task(task("a")).await.expect("published");
    drop(soon("the task", one.claim_next()).await.expect("it is free"));
    let claim = soon("what was dropped", two.claim_next()).await.expect("it is free");
    assert_eq!(claim.task().attempts, 2);
    // Who waits for a task and goes away, whether or not a claim is on its way, keeps none.
    claim.release(None).await.expect("given back");
    for _ in 0..20 {
        let waiting = one.claim_next();
        let brief = tokio::time::timeout(std::time::Duration::from_micros(300), waiting).await;
        drop(brief);
        shows(two.mirror(), "a", "free", |task| task.status == Status::Available).await;
    }
    // A worker that ends gives everything back.
    let claim = soon("the task", one.claim_next()).await.expect("it is free");
    one.stop().await;
    becomes(two.mirror(), "a", Status::Available).await;
    assert!(matches!(soon("its end", claim.lost()).await, Lost::Requeued { .. }));
    assert!(matches!(one.claim_next().await, Err(ClaimError::Stopped)));
    let said = |board: &Board| board.agent("one")?.beat.as_ref()?.status.as_deref().map(str::to_owned);
    sees(two.mirror(), "its last heartbeat", |board| said(board).filter(|said| said == "stopped")).await;
}
