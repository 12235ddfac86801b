//! Work that takes longer than the stream remembers: 90 s of life on a stream that keeps its messages for 20.

use mjwork::board::{Blocker, Status};
use mjwork::reader::Source;
use mjwork::{Mirror, NewTask, Sequence, TaskId, TaskPublisher, WorkerClient};
use mjwork_tests::program::mjwork;
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::wait;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const MAX_AGE: Duration = Duration::from_secs(20);
const LIFE: Duration = Duration::from_secs(90);
const PATIENCE: Duration = Duration::from_secs(30);
/// So long one reader may know of something that another does not know yet, or no longer.
const LAG: Duration = Duration::from_secs(4);

/// What is said of a task: status, owner, attempts, version.
type Said = BTreeMap<String, (String, Option<String>, u64, Sequence)>;

fn id(text: &str) -> TaskId {
    TaskId::new(text).expect("an id")
}

async fn reader(server: &NatsServer) -> Mirror {
    let client = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
    Mirror::open(client, Source::default()).await.expect("the stream can be read")
}

async fn short_lived(server: &NatsServer) {
    let client = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
    let nanos = MAX_AGE.as_nanos();
    let nanos = u64::try_from(nanos).expect("seconds");
    let config = json!({
        "name": "MJ_ONLINE_WORK", "subjects": ["mjwork.>"], "storage": "file", "retention": "limits",
        "max_age": nanos, "duplicate_window": nanos,
    });
    let made = client.request("$JS.API.STREAM.CREATE.MJ_ONLINE_WORK", config.to_string().into()).await;
    let made: Value = serde_json::from_slice(&made.expect("an answer").payload).expect("JSON");
    assert!(made["error"].is_null(), "{made}");
    mjwork::setup::setup(&client, &Source::default(), 1).await.expect("the stream is upgraded");
}

fn said(mirror: &Mirror) -> Said {
    mirror.read(|board| {
        let said = board.tasks().map(|task| {
            let owner = task.owner.as_ref().map(|owner| owner.agent.to_string());
            let status = task.status.as_str().to_owned();
            (task.id.to_string(), (status, owner, u64::from(task.attempts), task.version))
        });
        said.collect()
    })
}

/// What `mjwork list --json` says.
async fn listed(server: &NatsServer) -> Said {
    let output = tokio::process::Command::new(mjwork())
        .args(["list", "--json", "--server", &server.tcp_url()])
        .output()
        .await
        .expect("mjwork can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let list: Vec<Value> = serde_json::from_slice(&output.stdout).expect("a list");
    list.iter()
        .map(|task| {
            let text = |name: &str| task[name].as_str().map(ToOwned::to_owned);
            let number = |name: &str| task[name].as_u64().unwrap_or_else(|| panic!("{name}: {task}"));
            let said =
                (text("status").unwrap_or_default(), text("owner"), number("attempts"), number("version"));
            (text("task_id").unwrap_or_else(|| panic!("{task}")), said)
        })
        .collect()
}

fn blockers(mirror: &Mirror, task: &str) -> Vec<Blocker> {
    mirror.read(|board| board.task(task).map(|task| board.blockers(task)).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unfinished_work_outlives_retention_unharmed() {
    // Built before the clock runs.
    mjwork();
    let server = NatsServer::start(Options::default()).await;
    short_lived(&server).await;
    let open = reader(&server).await;
    assert_eq!(open.max_age(), MAX_AGE);
    let publisher = TaskPublisher::new(open.clone(), Some("planner".into()));
    let task = |name: &str, blocked_by: &[&str]| {
        let mut task = NewTask::new(id(name), format!("Task {name}"));
        task.blocked_by = blocked_by.iter().map(|b| id(b)).collect();
        task.tags = vec!["kept".into()];
        task.priority = Some("high".into());
        task
    };
    let tasks = [
        task("owned", &[]),
        task("free", &[]),
        task("done", &[]),
        task("waits-for-both", &["done", "free"]),
        task("waits-for-owned", &["owned"]),
        task("waits-for-chain", &["waits-for-both"]),
    ];
    publisher.publish_tasks(tasks).await.expect("published");
    let worker = async |name: &str| {
        let builder = WorkerClient::builder(name.parse().expect("a name")).interval(Duration::from_secs(1));
        builder.no_spool().start(reader(&server).await).await.expect("it registers")
    };
    let owner = worker("owner").await;
    // Waits, and keeps house as it does.
    let waiting = worker("waiting").await;
    let claim = owner.claim_task(&id("owned")).await.expect("it is free");
    let lost = claim.lost();
    waiting.claim_task(&id("done")).await.expect("it is free").complete(None).await.expect("it is its own");

    let began = Instant::now();
    caught_up(&open, &owner, &waiting).await;
    let mut unfinished = said(&open);
    assert_eq!(unfinished.remove("done").map(|(status, ..)| status).as_deref(), Some("completed"));
    assert_eq!(unfinished.len(), 5);
    let mut samples = 0;
    let mut gone_after = None;
    while began.elapsed() < LIFE {
        let fresh = agree(&server, &open, &unfinished).await;
        let knows_done = said(&fresh).contains_key("done");
        if !knows_done && gone_after.is_none() {
            gone_after = Some(began.elapsed());
        }
        assert!(!knows_done || began.elapsed() < MAX_AGE + LAG, "a finished task is not forgotten");
        let fencing = fresh.read(|board| board.task("owned").and_then(|task| task.claim));
        assert_eq!(fencing, Some(claim.seq()), "the fencing token stays good");
        if samples % 10 == 5 {
            claim.progress(Some(f64::from(samples)), Some("on it")).await.expect("it is its own");
        }
        samples += 1;
        // The clock itself is what is waited for.
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    println!("{samples} samples agree; the finished task was forgotten after {gone_after:?}");
    assert!(samples >= 30 && gone_after.is_some_and(|after| after > MAX_AGE / 2), "{samples} {gone_after:?}");
    assert!(futures_util::FutureExt::now_or_never(lost).is_none(), "nobody took it away");
    assert!(oldest(&server).await > 12, "what it began with has expired long ago");

    // And then it goes on as if nothing had been.
    claim.complete(None).await.expect("it is still its owner's");
    for name in ["free", "waits-for-both", "waits-for-owned", "waits-for-chain"] {
        wait::until(name, PATIENCE, async || match waiting.claim_task(&id(name)).await {
            Ok(claim) => claim.complete(None).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        })
        .await;
    }
    let fresh = reader(&server).await;
    assert_eq!(fresh.read(|board| (board.counts().of(Status::Completed), board.tasks().len())), (5, 5));
    let by = fresh.read(|board| board.task("owned").and_then(|task| task.owner.clone()));
    assert_eq!(by.map(|owner| owner.agent.to_string()).as_deref(), Some("owner"));
}

/// All three have read what the others did.
async fn caught_up(open: &Mirror, owner: &WorkerClient, waiting: &WorkerClient) {
    wait::until("all to have read the same", PATIENCE, async || {
        let all = [open, owner.mirror(), waiting.mirror()].map(said);
        let done = all.iter().all(|said| said.get("done").is_some_and(|(status, ..)| status == "completed"));
        if done && all[0] == all[1] && all[1] == all[2] { Ok(()) } else { Err(format!("{all:?}")) }
    })
    .await;
}

/// The open reader, a fresh one and the command say the same, and of what is unfinished what was said at first.
/// Gives the fresh one.
async fn agree(server: &NatsServer, open: &Mirror, unfinished: &Said) -> Mirror {
    wait::until("three readers to agree", LAG, async || {
        let fresh = reader(server).await;
        let (a, b, c) = (said(open), said(&fresh), listed(server).await);
        let mut kept = a.clone();
        kept.remove("done");
        // That never differs, not even for a moment.
        assert_eq!(&kept, unfinished, "the open reader");
        let mut kept = b.clone();
        kept.remove("done");
        assert_eq!(&kept, unfinished, "a fresh reader");
        for task in unfinished.keys() {
            let names = |mirror: &Mirror| -> Vec<TaskId> {
                blockers(mirror, task).into_iter().map(|blocker| blocker.id).collect()
            };
            let (open, fresh) = (names(open), names(&fresh));
            if open != fresh {
                return Err(format!("{task} is blocked by {open:?} and by {fresh:?}"));
            }
        }
        if a == b && b == c { Ok(fresh) } else { Err(format!("{a:?}\n{b:?}\n{c:?}")) }
    })
    .await
}

/// The sequence of the oldest message that is no heartbeat.
async fn oldest(server: &NatsServer) -> Sequence {
    let client = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
    let raw = mjwork_tests::audit::raw(&client).await;
    raw.iter().find(|m| m.subject.contains(".tasks.")).map_or(0, |message| message.seq)
}
