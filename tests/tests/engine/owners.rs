//! Heartbeats, and tasks whose owner is lost.

use crate::stage::{becomes, client, id, mirror, publisher, sees, server, soon, task, work, worker};
use mjwork::board::{Board, Liveness, Status};
use mjwork::event::Subjects;
use mjwork::{AgentId, Lost, MonitorClient, Sequence, WorkerClient, draft};
use std::time::Duration;

const BEAT: Duration = Duration::from_secs(1);

async fn quick(server: &mjwork_tests::server::NatsServer, name: &str) -> WorkerClient {
    worker(name).interval(BEAT).start(mirror(server).await).await.expect("a first heartbeat")
}

/// A worker that promises to beat and takes a task, and is never heard of again.
async fn vanish(server: &mjwork_tests::server::NatsServer, name: &str, task: &str) -> Sequence {
    let mirror = mirror(server).await;
    let agent: AgentId = name.parse().expect("an agent's id");
    let body = mjwork::event::Heartbeat {
        agent_id: name.into(),
        session: Some("s".into()),
        interval_s: Some(1.0),
        ..Default::default()
    };
    mirror.send(draft::heartbeat(&Subjects::default(), &agent, &body, true)).await.expect("stored");
    let task = mjwork::worker::claim(&mirror, &id(task), &agent, Some("s")).await.expect("it is free");
    task.claim.expect("it is claimed")
}

#[tokio::test]
async fn an_agent_registers_with_its_first_heartbeat_and_goes_on_beating() {
    let server = server().await;
    let watching = MonitorClient::new(mirror(&server).await);
    let worker = worker("one").interval(BEAT).description("tests").host("here").version("7");
    let worker = worker.start(mirror(&server).await).await.expect("it starts");
    let beat = |monitor: &MonitorClient| {
        let agents = monitor.agents();
        let (agent, liveness) = agents.first()?.clone();
        assert_eq!(liveness, Liveness::Live);
        agent.beat
    };
    let beats = async {
        let mut times: Vec<mjwork::Timestamp> = Vec::new();
        let mut ticket = watching.mirror().ticket();
        while times.len() < 3 {
            if let Some(beat) = beat(&watching) {
                assert_eq!(
                    (beat.description.as_deref(), beat.host.as_deref()),
                    (Some("tests"), Some("here"))
                );
                assert_eq!((beat.session.as_deref(), beat.interval), (Some(worker.session()), BEAT));
                if times.last() != Some(&beat.time) {
                    times.push(beat.time);
                }
            }
            ticket = watching.mirror().changed(ticket).await;
        }
        times
    };
    let times = soon("three heartbeats", beats).await;
    let between = times[2].since(times[1]);
    assert!((BEAT / 2..BEAT * 2).contains(&between), "{between:?} between two");
    worker.register("other tests").await.expect("it beats at once");
    let told = |board: &Board| board.agent("one")?.beat.as_ref()?.description.as_deref().map(str::to_owned);
    assert_eq!(worker.mirror().read(told).as_deref(), Some("other tests"));
    sees(watching.mirror(), "the description", |board| told(board).filter(|told| told == "other tests"))
        .await;
    drop(worker);
    // Nobody beats for who is gone.
    let gone = async {
        while watching.agents().first().is_none_or(|(_, liveness)| *liveness != Liveness::Lost) {
            tokio::task::yield_now().await;
        }
    };
    soon("the silence of who is gone", gone).await;
}

#[tokio::test]
async fn a_lost_owners_task_is_requeued_by_who_waits_and_taken() {
    let server = server().await;
    let publisher = publisher(&server).await;
    publisher.publish_task(task("a")).await.expect("published");
    let first = vanish(&server, "dead", "a").await;
    let workers = [quick(&server, "one").await, quick(&server, "two").await, quick(&server, "three").await];
    let claims = workers.iter().map(|worker| Box::pin(worker.claim_next()));
    let (claim, _, others) = soon("the orphan", futures_util::future::select_all(claims)).await;
    drop(others);
    let claim = claim.expect("it is free");
    assert!(claim.seq() > first && claim.task().attempts == 2);
    let requeue = claim.task().history.iter().rev().nth(1).expect("what came before the claim");
    assert_eq!(requeue.text, Some("owner lost"));
    let requeues = claim.task().history.iter().filter(|e| e.verb == mjwork::board::Verb::Requeue).count();
    assert_eq!(requeues, 1, "three saw it, and one message says it");
    claim.complete(None).await.expect("completed");
    becomes(publisher.mirror(), "a", Status::Completed).await;
}

#[tokio::test]
async fn after_its_attempts_a_lost_owners_task_is_given_up() {
    let server = server().await;
    let publisher = publisher(&server).await;
    let once = mjwork::NewTask { max_attempts: Some(1), ..task("a") };
    publisher.publish_task(once).await.expect("published");
    vanish(&server, "dead", "a").await;
    let waiting = quick(&server, "one").await;
    let failed = becomes(waiting.mirror(), "a", Status::Failed).await;
    assert_eq!(failed.history.last().map(|entry| entry.verb), Some(mjwork::board::Verb::GivenUp));
    assert!(waiting.is_idle(), "nothing is left that it could take");
}

#[tokio::test]
async fn a_worker_that_comes_back_finds_its_claim_lost() {
    let server = server().await;
    let publisher = publisher(&server).await;
    publisher.publish_task(task("a")).await.expect("published");
    // It does not beat again before the end.
    let one = work(&server, "one").await;
    let claim = soon("the task", one.claim_next()).await.expect("it is free");
    // Another process of the same name: the first one is lost at once.
    let again = quick(&server, "one").await;
    let taken = soon("the orphan", again.claim_next()).await.expect("it is free again");
    assert!(matches!(soon("the loss", claim.lost()).await, Lost::Requeued { .. }));
    let late = claim.complete(Some(crate::stage::json("1"))).await.expect_err("another has it");
    assert!(matches!(late, mjwork::HoldError::Refused { late: Some(_), .. }), "{late}");
    taken.complete(None).await.expect("completed");
}

#[tokio::test]
async fn nobody_is_idle_while_something_may_still_come() {
    let server = server().await;
    let publisher = publisher(&server).await;
    let worker = work(&server, "one").await;
    assert!(worker.is_idle(), "there is nothing");
    publisher.publish_tasks([task("a"), task("b<a"), task("c<b")]).await.expect("published");
    becomes(worker.mirror(), "c", Status::Blocked).await;
    let claim = soon("the task", worker.claim_next()).await.expect("it is free");
    assert!(!worker.is_idle() && worker.try_claim_next().await.expect("none").is_none());
    claim.fail("no", mjwork::FailureKind::Fatal).await.expect("failed");
    soon("the end", worker.until_idle()).await;
    assert_eq!(worker.mirror().read(Board::counts).of(Status::Blocked), 2, "these stay so");
    let _ = client(&server).await;
}
