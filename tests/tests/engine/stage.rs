//! A server with the stream, and who works on it: each on a connection of its own, as in processes of their own.

use futures_util::{FutureExt, StreamExt};
use mjwork::board::{Board, Status, Task};
use mjwork::reader::Source;
use mjwork::setup::setup;
use mjwork::transport::BoxStream;
use mjwork::worker::Builder;
use mjwork::{AgentId, Mirror, NewTask, TaskId, TaskPublisher, WorkerClient};
use mjwork_tests::server::{NatsServer, Options};
use serde_json::Value;
use serde_json::value::RawValue;
use std::time::Duration;

/// So long anything is waited for.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A server with an empty stream.
pub async fn server() -> NatsServer {
    let options = Options { sync_interval: Some("2m".into()), ..Options::default() };
    let server = NatsServer::start(options).await;
    setup(&client(&server).await, &Source::default(), 1).await.expect("WORK may make the stream");
    server
}

/// A connection that is back soon after a cut.
pub async fn client(server: &NatsServer) -> async_nats::Client {
    let options = async_nats::ConnectOptions::new().reconnect_delay_callback(|_| Duration::from_millis(50));
    options.connect(server.tcp_url()).await.expect("WORK connects without credentials")
}

/// A mirror on a connection of its own.
pub async fn mirror(server: &NatsServer) -> Mirror {
    Mirror::open(client(server).await, Source::default()).await.expect("the stream can be read")
}

/// A publisher on a connection of its own.
pub async fn publisher(server: &NatsServer) -> TaskPublisher {
    TaskPublisher::new(mirror(server).await, Some("tester".into()))
}

/// A worker to be started.
pub fn worker(name: &str) -> Builder {
    WorkerClient::builder(name.parse::<AgentId>().expect("an agent's id")).no_spool()
}

/// A worker on a connection of its own.
pub async fn work(server: &NatsServer, name: &str) -> WorkerClient {
    worker(name).start(mirror(server).await).await.expect("a first heartbeat")
}

pub fn id(text: &str) -> TaskId {
    TaskId::new(text).expect("a task's id")
}

/// `a<b,c` is task `a` that waits for `b` and `c`; `a!high` has a priority.
pub fn task(text: &str) -> NewTask {
    let (text, priority) = text.split_once('!').map_or((text, None), |(t, p)| (t, Some(p.to_owned())));
    let (name, blockers) = text.split_once('<').unwrap_or((text, ""));
    let blocked_by = blockers.split(',').filter(|b| !b.is_empty()).map(id).collect();
    NewTask { blocked_by, priority, ..NewTask::new(id(name), format!("Do {name}")) }
}

pub fn json(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).expect("JSON")
}

/// What comes of `work`, if it comes at all.
pub async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| panic!("waited {PATIENCE:?} for {what}"))
}

/// Waits until the board of a mirror gives something.
pub async fn sees<T>(mirror: &Mirror, what: &str, look: impl Fn(&Board) -> Option<T>) -> T {
    let waiting = async {
        let mut ticket = mirror.ticket();
        loop {
            match mirror.read(&look) {
                Some(found) => return found,
                None => ticket = mirror.changed(ticket).await,
            }
        }
    };
    soon(what, waiting).await
}

/// Waits until the mirror shows a task as it should be.
pub async fn shows(mirror: &Mirror, id: &str, what: &str, is: impl Fn(&Task) -> bool) -> Task {
    let look = |board: &Board| board.task(id).filter(|task| is(task)).cloned();
    sees(mirror, &format!("{id} to be {what}"), look).await
}

/// Waits until the mirror shows a task with this status.
pub async fn becomes(mirror: &Mirror, id: &str, status: Status) -> Task {
    shows(mirror, id, status.as_str(), |task| task.status == status).await
}

/// What a stream has ready.
pub fn ready<T>(stream: &mut BoxStream<T>) -> Vec<T> {
    std::iter::from_fn(|| stream.next().now_or_never().flatten()).collect()
}

/// How many messages the stream holds on a task verb.
pub async fn stored(client: &async_nats::Client, verb: &str) -> u64 {
    let body = format!(r#"{{"subjects_filter":"mjwork.tasks.{verb}"}}"#);
    let answer = client.request("$JS.API.STREAM.INFO.MJ_ONLINE_WORK", body.into()).await.expect("an answer");
    let answer: Value = serde_json::from_slice(&answer.payload).expect("JSON");
    answer["state"]["subjects"][format!("mjwork.tasks.{verb}")].as_u64().unwrap_or(0)
}
