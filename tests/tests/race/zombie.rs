//! A worker that stands still past its liveness, and comes back after another took its task.

use crate::racer;
use mjwork::board::{Refusal, Status, Task};
use mjwork::reader::Source;
use mjwork::{Mirror, NewTask, PublishError, Sequence, TaskId, TaskPublisher};
use mjwork_tests::fleet::Racer;
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::wait;
use nix::sys::signal::Signal;
use std::time::Duration;

/// A worker that beats every second is lost after three; who takes over looks every second.
const PATIENCE: Duration = Duration::from_secs(60);

struct Stage {
    server: NatsServer,
    mirror: Mirror,
    publisher: TaskPublisher,
}

impl Stage {
    async fn new() -> Self {
        let server = NatsServer::start(Options::default()).await;
        let client = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
        mjwork::setup::setup(&client, &Source::default(), 1).await.expect("the stream is made");
        let mirror = Mirror::open(client, Source::default()).await.expect("the stream can be read");
        let publisher = TaskPublisher::new(mirror.clone(), Some("operator".into()));
        publisher.publish_task(NewTask::new(id(), "Port the parser")).await.expect("published");
        Self { server, mirror, publisher }
    }

    async fn racer(&self, name: &str, words: &[&str]) -> Racer {
        let mut racer = Racer::start(&racer(), name, &self.server.tcp_url(), words);
        racer.says("ready", PATIENCE).await;
        racer.go().await;
        racer
    }

    fn task(&self) -> Task {
        self.mirror.read(|board| board.task("parser").cloned()).expect("it is known")
    }

    async fn until(&self, what: &str, done: impl Fn(&Task) -> bool) -> Task {
        wait::until(what, PATIENCE, async || {
            let task = self.task();
            if done(&task) { Ok(task) } else { Err(format!("{task:?}")) }
        })
        .await
    }

    /// One takes the task and stands still; another then has it. Gives both, and the two claims.
    async fn taken_over(&self) -> (Racer, Racer, (Sequence, Sequence)) {
        let mut first = self.racer("first", &["--hold"]).await;
        let claim = first.says("claimed", PATIENCE).await["seq"].as_u64().expect("a sequence");
        first.signal(Signal::SIGSTOP);
        let second = self.racer("second", &["--hold"]).await;
        let taken = second.says("claimed", PATIENCE).await["seq"].as_u64().expect("a sequence");
        let task = self.until("the second to own it", |task| task.claim == Some(taken)).await;
        assert!(taken > claim && task.attempts == 2, "{task:?}");
        (first, second, (claim, taken))
    }
}

fn id() -> TaskId {
    TaskId::new("parser").expect("an id")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_zombie_hears_that_its_task_is_lost_and_its_result_waits_for_an_operator() {
    let stage = Stage::new().await;
    let (mut first, mut second, (claim, taken)) = stage.taken_over().await;
    first.signal(Signal::SIGCONT);
    let lost = first.says("lost", PATIENCE).await;
    assert_eq!(lost["claim"], claim);
    assert!(lost["why"].as_str().is_some_and(|why| why.contains("second")), "by whom: {lost}");

    first.go().await;
    let refused = first.says("refused", PATIENCE).await;
    let late = refused["late"].as_u64().unwrap_or_else(|| panic!("it is kept: {refused}"));
    let task = stage.until("the late result", |task| !task.late.is_empty()).await;
    assert_eq!((task.status, task.claim), (Status::InProgress, Some(taken)), "the owner keeps it");
    let entry = task.history.find(late).expect("it is in the history");
    assert_eq!(entry.refused, Some(Refusal::StaleClaim { claim, current: taken }));
    assert_eq!((task.late.len(), task.late[0].seq, task.late[0].owner.agent.as_str()), (1, late, "first"));
    assert_eq!(task.late[0].result.as_deref(), Some(format!(r#"{{"by":"late","claim":{claim}}}"#).as_str()));

    // An operator takes it; a sequence that is none is refused.
    let wrong = stage.publisher.accept(&id(), claim).await;
    assert!(
        matches!(&wrong, Err(PublishError::Refused { refusal: Refusal::NoLateResult { accept }, .. }) if *accept == claim),
        "{wrong:?}"
    );
    stage.publisher.accept(&id(), late).await.expect("it is accepted");
    let task = stage.until("the task to be completed", |task| task.status == Status::Completed).await;
    assert_eq!(task.owner.as_ref().map(|owner| owner.agent.as_str()), Some("first"));
    // And so the second has lost it.
    assert_eq!(second.says("lost", PATIENCE).await["claim"], taken);
    second.go().await;
    second.says("refused", PATIENCE).await;
    for racer in [first, second] {
        racer.finish(PATIENCE).await;
    }
    let task = stage.task();
    assert_eq!((task.status, task.late.len()), (Status::Completed, 2), "{task:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_zombie_that_hands_in_before_it_knows_is_refused_all_the_same() {
    let stage = Stage::new().await;
    let (mut first, mut second, (claim, taken)) = stage.taken_over().await;
    // The word to complete waits for it as it wakes.
    first.go().await;
    first.signal(Signal::SIGCONT);
    let refused = first.says("refused", PATIENCE).await;
    assert_eq!(refused["claim"], claim);
    assert_eq!(stage.task().claim, Some(taken));
    second.go().await;
    second.says("completed", PATIENCE).await;
    let task = stage.until("the task to be completed", |task| task.status == Status::Completed).await;
    assert_eq!(task.owner.as_ref().map(|owner| owner.agent.as_str()), Some("second"));
    assert_eq!(task.late.len(), 1);
    for racer in [first, second] {
        racer.finish(PATIENCE).await;
    }
}
