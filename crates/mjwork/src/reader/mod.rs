//! The one way in for boards, workers and commands (PROTOCOL.md, "Reading"): history by direct get and live
//! messages by subscription become one sequence of stored messages, without any consumer on the server.

mod cursor;
mod fault;
mod get;
mod info;
mod range;
mod stored;

pub use fault::Fault;
pub use get::get;
pub use info::{Republish, StreamConfig, StreamInfo, StreamState};
pub use range::Range;
pub use stored::Stored;

pub(crate) use fault::{API_ERROR, ApiError};

use crate::event::Subjects;
use crate::transport::{self, Client, Kept, State, Subscriber};
use crate::{Duration, Sequence};
use bytes::Bytes;
use cursor::{Ask, BATCH, BATCH_BYTES, Cursor};
use futures_util::{FutureExt, StreamExt};
use nats_proto::direct_get::Batch;
use std::collections::VecDeque;
use std::task::{Context, Poll};

/// The reader looks after itself this often.
const TICK: Duration = Duration::from_secs(1);
/// After so many ticks without an answer a batch is given up and asked again.
const PATIENCE: u32 = 8;
/// After so many ticks of silence the stream is asked once, as a live message can be lost in a change of leader.
const SILENCE: u32 = 10;
/// So many messages come in one [`Step::Events`] at the most.
const STEP: usize = 1_024;

/// Which stream is read, and by which subjects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The stream's name.
    pub stream: String,
    /// The subjects under which events are stored.
    pub subjects: Subjects,
    /// The prefix under which the stream sends on what it stores: `mjboard`.
    pub live_prefix: String,
    /// The prefix of the stream API: `$JS.API`, or what an account imports it as.
    pub api_prefix: String,
}

impl Default for Source {
    fn default() -> Self {
        Self {
            stream: "MJ_ONLINE_WORK".into(),
            subjects: Subjects::default(),
            live_prefix: "mjboard".into(),
            api_prefix: "$JS.API".into(),
        }
    }
}

/// How far somebody has read a stream before, and which stream that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// When the stream was created, as [`StreamInfo::created`] says it.
    pub created: String,
    /// All up to this sequence has been read.
    pub seq: Sequence,
}

/// What comes next.
#[derive(Debug)]
pub enum Step {
    /// Messages in stream order, each once.
    Events(Vec<Stored>),
    /// All that the stream holds has come, up to this sequence. From now on messages come as they are stored.
    Synced {
        /// The last sequence that the stream has had.
        seq: Sequence,
    },
    /// The stream was made anew under its name: forget everything; its messages follow.
    Reset,
    /// Nothing can be read for now. The reader goes on trying.
    Fault(Fault),
}

/// Reads one stream for as long as it lives.
///
/// It does nothing by itself: call [`Reader::next`] again and again.
///
/// ```no_run
/// # #[cfg(not(target_arch = "wasm32"))]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use mjwork::board::Board;
/// use mjwork::reader::{Reader, Source, Step};
///
/// let client = async_nats::connect("127.0.0.1:4222").await?;
/// let source = Source::default();
/// let subjects = source.subjects.clone();
/// let mut reader = Reader::open(client, source);
/// let mut board = Board::new();
/// loop {
///     match reader.next().await {
///         Step::Events(events) => {
///             for stored in &events {
///                 board.apply(stored.seq, stored.time, stored.subject(), &stored.event(&subjects));
///             }
///         }
///         Step::Synced { seq } => println!("{} tasks at {seq}", board.tasks().len()),
///         Step::Reset => board = Board::new(),
///         Step::Fault(fault) => println!("{fault}"),
///     }
/// }
/// # }
/// ```
pub struct Reader {
    client: Client,
    source: Source,
    inbox: String,
    phase: Phase,
    cursor: Cursor<Stored>,
    info: Option<StreamInfo>,
    /// What was read before, until the stream has said whether it is still the one.
    before: Option<Origin>,
    lines: Option<Lines>,
    asking: Option<Kept<Result<(), Fault>>>,
    tick: Kept<()>,
    /// Ticks since anything came.
    quiet: u32,
    /// Ticks since an answer came.
    unanswered: u32,
    /// A bell rang: what it stands for may be stored only after we looked.
    rang: bool,
    ready: VecDeque<Step>,
    synced: bool,
    faults: u32,
}

/// What the reader is at.
enum Phase {
    /// It learns what the stream is, and subscribes.
    Opening(Kept<Result<(StreamInfo, Option<Lines>), Fault>>),
    /// It waits before it tries again.
    Waiting(Kept<()>),
    /// It reads.
    Reading,
}

/// The two subscriptions of a reader. They outlive a reconnect.
struct Lines {
    live: Subscriber,
    answers: Subscriber,
    /// Live messages are those of publishers, not those that the stream sends on.
    bell_only: bool,
}

impl Reader {
    /// A reader of `source`, from its beginning.
    #[must_use]
    pub fn open(client: Client, source: Source) -> Self {
        Self::begin(client, source, None)
    }

    /// A reader of `source` that goes on where somebody has read to before. A [`Step::Reset`] comes first, and then
    /// everything, where the stream was made anew since, or holds nothing any more of what was read.
    #[must_use]
    pub fn resume(client: Client, source: Source, before: Origin) -> Self {
        Self::begin(client, source, Some(before))
    }

    fn begin(client: Client, source: Source, before: Option<Origin>) -> Self {
        let inbox = client.new_inbox();
        let cursor = before.as_ref().map_or_else(Cursor::new, |before| Cursor::after(before.seq));
        let mut reader = Self {
            client,
            source,
            inbox,
            phase: Phase::Reading,
            cursor,
            info: None,
            before,
            lines: None,
            asking: None,
            tick: Box::pin(transport::sleep(TICK)),
            quiet: 0,
            unanswered: 0,
            rang: false,
            ready: VecDeque::new(),
            synced: false,
            faults: 0,
        };
        reader.reopen();
        reader
    }

    /// What comes next. May be dropped and called again without losing anything.
    pub async fn next(&mut self) -> Step {
        std::future::poll_fn(|cx| self.poll_step(cx)).await
    }

    /// The connection was cut and is there again: what was asked is lost, and the stream may be another.
    /// A [`Step::Synced`] follows when all that was missed has come.
    pub fn reconnected(&mut self) {
        self.cursor.read_again(true);
        self.reopen();
    }

    /// The stream is known to have had this sequence: from an acknowledgement, for instance.
    pub fn saw(&mut self, seq: Sequence) {
        self.cursor.saw(seq);
    }

    /// All that the stream holds up to this sequence has come.
    #[must_use]
    pub fn position(&self) -> Sequence {
        self.cursor.next() - 1
    }

    /// What the server said of the stream when it was opened; none before.
    #[must_use]
    pub fn stream_info(&self) -> Option<&StreamInfo> {
        self.info.as_ref()
    }

    /// How many messages of history are still to come, as the last answer said.
    #[must_use]
    pub fn pending(&self) -> u64 {
        self.cursor.pending()
    }

    fn reopen(&mut self) {
        self.synced = false;
        self.asking = None;
        let (client, source) = (self.client.clone(), self.source.clone());
        let inbox = self.lines.is_none().then(|| format!("{}.*", self.inbox));
        self.phase = Phase::Opening(Box::pin(open(client, source, inbox)));
    }

    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        loop {
            if let Some(step) = self.ready.pop_front() {
                return Poll::Ready(step);
            }
            match &mut self.phase {
                Phase::Opening(opening) => {
                    let Poll::Ready(opened) = opening.poll_unpin(cx) else { return Poll::Pending };
                    match opened {
                        Ok((info, lines)) => self.opened(info, lines),
                        Err(fault) => self.failed(fault),
                    }
                }
                Phase::Waiting(waiting) => {
                    let Poll::Ready(()) = waiting.poll_unpin(cx) else { return Poll::Pending };
                    self.reopen();
                }
                Phase::Reading => {
                    if self.poll_reading(cx).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
    }

    fn opened(&mut self, info: StreamInfo, lines: Option<Lines>) {
        let state = &info.state;
        let is_other =
            |created: &str| created != info.created || state.last_seq.saturating_add(1) < self.cursor.next();
        // Nothing is left of what was read before, so that who reads only now knows none of it.
        let is_gone =
            |seq: Sequence| seq > 0 && (state.messages == 0 || state.first_seq > seq.saturating_add(1));
        let made_anew = match (&self.info, self.before.take()) {
            (Some(info), _) => is_other(&info.created),
            (None, Some(before)) => is_other(&before.created) || is_gone(before.seq),
            (None, None) => false,
        };
        if made_anew {
            self.cursor.restart();
            self.ready.push_back(Step::Reset);
        }
        self.cursor.doubt_at_most(if info.config.num_replicas > 1 { cursor::MAX_DOUBTS } else { 0 });
        self.cursor.has(state.messages, state.first_seq, state.last_seq);
        self.cursor.read_again(true);
        self.info = Some(info);
        if lines.is_some() {
            self.lines = lines;
        }
        self.faults = 0;
        self.quiet = 0;
        self.unanswered = 0;
        self.phase = Phase::Reading;
    }

    fn failed(&mut self, fault: Fault) {
        // At first soon, then every five seconds.
        let wait = Duration::from_millis(500 * u64::from((self.faults + 1).min(10)));
        self.faults = self.faults.saturating_add(1);
        self.phase = Phase::Waiting(Box::pin(transport::sleep(wait)));
        self.ready.push_back(Step::Fault(fault));
    }

    /// Ready when something came of it.
    fn poll_reading(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(asking) = &mut self.asking {
            match asking.poll_unpin(cx) {
                Poll::Ready(Ok(())) => self.asking = None,
                Poll::Ready(Err(fault)) => {
                    self.asking = None;
                    self.failed(fault);
                    return Poll::Ready(());
                }
                Poll::Pending => {}
            }
        }
        if self.asking.is_none()
            && !self.cursor.is_in_doubt()
            && let Some(ask) = self.cursor.ask()
        {
            self.send(ask);
            return Poll::Ready(());
        }
        let mut events = Vec::new();
        let came = self.poll_lines(cx, &mut events);
        if !events.is_empty() {
            self.ready.push_back(Step::Events(events));
        }
        if came {
            self.quiet = 0;
        }
        if !self.synced && self.cursor.is_caught_up() {
            self.synced = true;
            self.ready.push_back(Step::Synced { seq: self.cursor.next() - 1 });
            return Poll::Ready(());
        }
        if came {
            return Poll::Ready(());
        }
        if self.tick.poll_unpin(cx).is_ready() {
            self.tick = Box::pin(transport::sleep(TICK));
            self.ticked();
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Takes what both subscriptions have, up to a step's worth. Whether anything came.
    fn poll_lines(&mut self, cx: &mut Context<'_>, events: &mut Vec<Stored>) -> bool {
        let Some(lines) = &mut self.lines else { return false };
        let mut came = false;
        while events.len() < STEP {
            let Poll::Ready(message) = lines.answers.poll_next_unpin(cx) else { break };
            let Some(message) = message else {
                self.failed(Fault::Closed);
                return true;
            };
            came = true;
            self.unanswered = 0;
            let token = message.subject.get(self.inbox.len() + 1..).and_then(|t| t.parse().ok()).unwrap_or(0);
            match Stored::answer(message) {
                Ok(stored::Answer::Message(stored, pending)) => {
                    self.cursor.batch_message(token, stored.seq, pending, stored, events);
                }
                Ok(stored::Answer::End(pending)) => self.cursor.batch_end(token, pending, events),
                Err(error) => {
                    self.cursor.read_again(true);
                    self.failed(match error {
                        nats_proto::direct_get::DirectGetError::NoResponders => {
                            Fault::NoDirectGet { stream: self.source.stream.clone() }
                        }
                        other => Fault::Refused(other.to_string()),
                    });
                    return true;
                }
            }
        }
        while events.len() < STEP {
            let Poll::Ready(Some(message)) = lines.live.poll_next_unpin(cx) else { break };
            came = true;
            // What the stream did not send on but was seen on its way in is only a bell, whatever its headers say.
            if let Some(stored) = (!lines.bell_only).then(|| Stored::live(message)).flatten() {
                self.cursor.live(stored.seq, stored, events);
            } else {
                self.rang = true;
                self.cursor.read_again(false);
            }
        }
        came
    }

    fn ticked(&mut self) {
        if self.client.connection_state() != State::Connected {
            self.quiet = 0;
            return;
        }
        self.quiet += 1;
        if self.cursor.is_waiting() {
            self.unanswered += 1;
            if self.unanswered >= PATIENCE {
                self.unanswered = 0;
                self.cursor.read_again(true);
            }
        } else if self.quiet >= SILENCE || std::mem::take(&mut self.rang) {
            self.quiet = 0;
            self.cursor.read_again(false);
        }
        if self.cursor.is_in_doubt()
            && let Some(ask) = self.cursor.ask()
        {
            self.send(ask);
        }
    }

    fn send(&mut self, ask: Ask) {
        self.unanswered = 0;
        let subject = format!("{}.DIRECT.GET.{}", self.source.api_prefix, self.source.stream);
        let reply = format!("{}.{}", self.inbox, ask.token);
        let body = Batch::from_sequence(ask.from, BATCH).max_bytes(BATCH_BYTES).to_json();
        let client = self.client.clone();
        self.asking = Some(Box::pin(async move {
            client.publish_with_reply(subject, reply, body).await.map_err(|e| Fault::Refused(e.to_string()))
        }));
    }
}

/// Learns what the stream is; with `inbox`, subscribes to that and to what is live, which comes first, so that
/// nothing falls between history and it.
async fn open(
    client: Client,
    source: Source,
    inbox: Option<String>,
) -> Result<(StreamInfo, Option<Lines>), Fault> {
    let info = stream_info(&client, &source).await?;
    if !info.config.allow_direct {
        return Err(Fault::NoDirectGet { stream: source.stream });
    }
    let Some(inbox) = inbox else { return Ok((info, None)) };
    let is_sent_on = info.config.republish.as_ref().is_some_and(|republish| !republish.headers_only);
    let live = if is_sent_on { format!("{}.>", source.live_prefix) } else { source.subjects.all() };
    let subscribe =
        async |subject: String| client.subscribe(subject).await.map_err(|e| Fault::Refused(e.to_string()));
    let lines =
        Lines { live: subscribe(live).await?, answers: subscribe(inbox).await?, bell_only: !is_sent_on };
    Ok((info, Some(lines)))
}

/// What the server says of the stream.
///
/// # Errors
/// When there is no such stream, or it may not or cannot be asked.
pub async fn stream_info(client: &Client, source: &Source) -> Result<StreamInfo, Fault> {
    let subject = format!("{}.STREAM.INFO.{}", source.api_prefix, source.stream);
    let answer = client
        .request(subject.clone(), Bytes::new())
        .await
        .map_err(|error| Fault::of_request(&error, &subject))?;
    StreamInfo::parse(&answer.payload, &source.stream)
}
