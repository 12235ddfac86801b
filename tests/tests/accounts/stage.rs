//! A server with the shipped accounts, two streams with something in them, and clients in each role.
//! A photograph of everything stored tells afterwards whether anybody changed it.

use async_nats::{Client, ConnectOptions, Event, HeaderMap, Message, Subscriber};
use futures_util::StreamExt as _;
use mjwork_tests::server::{NatsServer, Options};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;
use tokio::sync::mpsc;

/// A server on loopback answers in a millisecond; only a broken one takes this long.
const PATIENCE: Duration = Duration::from_secs(5);

pub const STREAM: &str = "MJ_ONLINE_WORK";

/// The server and its owner's connection.
pub struct Stage {
    pub server: NatsServer,
    pub work: Client,
}

/// Who connects, and over what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Operator,
    Viewer,
}

impl Role {
    pub const ALL: [Self; 2] = [Self::Operator, Self::Viewer];

    pub fn user(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Viewer => "viewer",
        }
    }

    pub fn inbox(self) -> String {
        format!("_INBOX_{}", self.user())
    }
}

/// A client, and what the server has complained about to it.
pub struct Guest {
    pub client: Client,
    complaints: mpsc::UnboundedReceiver<String>,
}

impl Stage {
    pub async fn set() -> Self {
        let server = NatsServer::start(Options::default()).await;
        let work = async_nats::connect(server.tcp_url()).await.expect("WORK connects without credentials");
        let stage = Self { server, work };
        stage
            .create(&json!({
                "name": STREAM, "subjects": ["mjwork.>"], "storage": "file", "retention": "limits",
                "max_age": 168_u64 * 3_600 * 1_000_000_000, "allow_direct": true, "allow_msg_ttl": true,
                "deny_delete": true, "duplicate_window": 3_600_u64 * 1_000_000_000,
                "republish": {"src": "mjwork.>", "dest": "mjboard.>"},
            }))
            .await;
        stage.create(&json!({"name": "AGENT_CHAT", "subjects": ["agents.>"], "storage": "file"})).await;
        for id in 1..=3 {
            let body = json!({"task_id": id, "title": "seed"}).to_string();
            stage.store("mjwork.tasks.available", &body).await;
        }
        stage.store("agents.Alpha", "hello").await;
        stage
    }

    async fn create(&self, config: &Value) {
        let subject = format!("$JS.API.STREAM.CREATE.{}", config["name"].as_str().expect("a name"));
        let answer = ask(&self.work, &subject, &config.to_string()).await;
        assert!(answer.get("error").is_none(), "{answer}");
    }

    /// Publishes as WORK and waits for the acknowledgement.
    pub async fn store(&self, subject: &str, body: &str) -> u64 {
        let ack = ask(&self.work, subject, body).await;
        ack["seq"].as_u64().unwrap_or_else(|| panic!("not stored: {ack}"))
    }

    /// Over TCP, as a program would.
    pub async fn guest(&self, role: Role) -> Guest {
        self.connect(role, &self.server.tcp_url()).await
    }

    /// Over a WebSocket, as a page would.
    pub async fn page(&self, role: Role) -> Guest {
        self.connect(role, &self.server.ws_url()).await
    }

    async fn connect(&self, role: Role, url: &str) -> Guest {
        let (complain, complaints) = mpsc::unbounded_channel();
        let password = match role {
            Role::Operator => self.server.password(),
            Role::Viewer => "",
        };
        let client = ConnectOptions::with_user_and_password(role.user().to_owned(), password.to_owned())
            .custom_inbox_prefix(role.inbox())
            .request_timeout(Some(PATIENCE))
            .event_callback(move |event| {
                let complain = complain.clone();
                async move {
                    if let Event::ServerError(_) | Event::ClientError(_) = event {
                        // The guest is gone before its connection: nobody is left to complain to.
                        let _ = complain.send(event.to_string());
                    }
                }
            })
            .connect(url)
            .await
            .unwrap_or_else(|error| panic!("{role:?} cannot connect to {url}: {error}"));
        Guest { client, complaints }
    }

    /// Everything stored and everything set up, as one text with a line for each message.
    pub async fn photograph(&self) -> String {
        let mut picture = String::new();
        for (stream, shutter) in [("MJ_ONLINE_WORK", "mjwork.shutter"), ("AGENT_CHAT", "agents.shutter")] {
            // A stream stores in the order of arrival: what came before this is stored when this is acknowledged.
            self.store(shutter, "").await;
            let info = ask(&self.work, &format!("$JS.API.STREAM.INFO.{stream}"), "").await;
            let state = &info["state"];
            writeln!(picture, "{stream} {} {}", info["config"], state["consumer_count"]).expect("a text");
            for seq in 1..=state["last_seq"].as_u64().expect("a last sequence") {
                let get = format!("$JS.API.STREAM.MSG.GET.{stream}");
                let message = ask(&self.work, &get, &json!({"seq": seq}).to_string()).await;
                if message["message"]["subject"] != shutter {
                    writeln!(picture, "{}", message["message"]).expect("a text");
                }
            }
        }
        let streams = ask(&self.work, "$JS.API.STREAM.NAMES", "").await;
        write!(picture, "{}", streams["streams"]).expect("a text");
        picture
    }
}

impl Guest {
    /// Publishes and returns whether the server took it; where not, it has said so about this very subject.
    pub async fn may_publish(&mut self, subject: &str) -> bool {
        self.client.publish(subject.to_owned(), "{}".into()).await.expect("a connection");
        !self.complained(&format!("Publish to \"{subject}\"")).await
    }

    /// Subscribes and returns whether the server took it.
    pub async fn may_subscribe(&mut self, subject: &str) -> bool {
        let _subscription = self.client.subscribe(subject.to_owned()).await.expect("a connection");
        !self.complained(&format!("Subscription to \"{subject}\"")).await
    }

    /// Whether the server has complained with these words, when it has dealt with all that was sent so far.
    async fn complained(&mut self, words: &str) -> bool {
        // An answered question comes after every complaint about what was sent before it.
        self.client.request("$SYS.REQ.USER.INFO", "".into()).await.expect("everybody may ask who they are");
        let mut found = false;
        while let Ok(complaint) = self.complaints.try_recv() {
            assert!(complaint.contains(words), "an unexpected complaint: {complaint}, not {words}");
            found = true;
        }
        found
    }

    /// Sends a request whose answer is to go to `reply`, and waits until the server has dealt with it.
    pub async fn misdirect(&mut self, subject: &str, reply: &str, headers: Option<&HeaderMap>, body: &str) {
        let (subject, reply, body) = (subject.to_owned(), reply.to_owned(), body.to_owned());
        match headers {
            Some(headers) => {
                let headers = headers.clone();
                self.client.publish_with_reply_and_headers(subject, reply, headers, body.into()).await
            }
            None => self.client.publish_with_reply(subject, reply, body.into()).await,
        }
        .expect("a connection");
        // The server answers in order: the answer to a question over the same import is the later one.
        ask(&self.client, "mjapi.STREAM.INFO.MJ_ONLINE_WORK", "").await;
    }
}

/// A request whose answer is JSON.
pub async fn ask(client: &Client, subject: &str, body: &str) -> Value {
    let answer = client.request(subject.to_owned(), body.to_owned().into()).await;
    let answer = answer.unwrap_or_else(|error| panic!("{subject}: {error}"));
    serde_json::from_slice(&answer.payload).unwrap_or_else(|_| panic!("{subject}: {answer:?}"))
}

/// A batch of direct gets: the messages up to the closing status.
pub async fn direct_get(client: &Client, subject: &str, body: &Value) -> Vec<Message> {
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await.expect("one's own inbox");
    client
        .publish_with_reply(subject.to_owned(), inbox, body.to_string().into())
        .await
        .expect("a connection");
    let mut messages = Vec::new();
    loop {
        let message = next(&mut answers).await;
        if message.status.is_some() {
            return messages;
        }
        messages.push(message);
    }
}

/// The next message, which is on its way.
pub async fn next(subscription: &mut Subscriber) -> Message {
    let message = tokio::time::timeout(PATIENCE, subscription.next()).await;
    message.expect("a message within 5 s").expect("an open subscription")
}
