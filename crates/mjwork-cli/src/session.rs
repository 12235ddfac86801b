//! A connection with the board that it has read: what a command needs to act and to say what came of it.

use crate::args::Connection;
use crate::failure::Failure;
use mjwork::board::{Board, Change, Task};
use mjwork::draft::Draft;
use mjwork::event::Subjects;
use mjwork::reader::{Reader, Step};
use mjwork::transport::Client;
use mjwork::{Ack, Sequence};
use std::time::Duration;

/// So long a command reads at the most.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connected command.
pub struct Session {
    client: Client,
    subjects: Subjects,
    reader: Reader,
    board: Board,
}

/// Connects to the server.
pub async fn connect(connection: &Connection) -> Result<Client, Failure> {
    let mut options = async_nats::ConnectOptions::new()
        .name("mjwork")
        .connection_timeout(Duration::from_secs(5))
        .custom_inbox_prefix(&connection.inbox_prefix);
    if let Some(user) = &connection.user {
        options = options.user_and_password(user.clone(), connection.password.clone().unwrap_or_default());
    }
    options
        .connect(&connection.server)
        .await
        .map_err(|error| Failure::NotConnected(format!("no connection to {}: {error}", connection.server)))
}

impl Session {
    /// Connects, and reads all that the stream holds.
    pub async fn open(connection: &Connection) -> Result<Self, Failure> {
        let client = connect(connection).await?;
        let source = connection.source();
        let subjects = source.subjects.clone();
        let reader = Reader::open(client.clone(), source);
        let mut session = Self { client, subjects, reader, board: Board::new() };
        session.read_until(|_, synced| synced.then_some(())).await?;
        Ok(session)
    }

    /// The board as it was read last.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// The deployment's subjects.
    pub fn subjects(&self) -> &Subjects {
        &self.subjects
    }

    /// Whether the stream lets single messages expire.
    pub fn allows_ttl(&self) -> bool {
        self.reader.stream_info().is_some_and(|info| info.config.allow_msg_ttl)
    }

    /// The task, or the refusal that it is not known.
    pub fn task(&self, id: &mjwork::TaskId) -> Result<&Task, Failure> {
        self.board.task(id.as_str()).ok_or(Failure::Refused(mjwork::board::Refusal::UnknownTask))
    }

    /// Publishes, waits until the stream has stored it, reads up to there, and says what the fold said of it.
    /// None for a duplicate: the message at that sequence was read before and is another one.
    pub async fn publish(&mut self, draft: Draft) -> Result<(Ack, Option<Change>), Failure> {
        let ack = mjwork::send(&self.client, draft).await?;
        if ack.seq <= self.board.last_seq() {
            return Ok((ack, None));
        }
        self.reader.saw(ack.seq);
        let seq = ack.seq;
        let change = self.read_until(|changes, _| find(changes, seq)).await?;
        Ok((ack, Some(change)))
    }

    async fn read_until<T>(
        &mut self,
        mut done: impl FnMut(&[(Sequence, Change)], bool) -> Option<T>,
    ) -> Result<T, Failure> {
        let reading = async {
            loop {
                match self.reader.next().await {
                    Step::Events(events) => {
                        let mut changes = Vec::with_capacity(events.len());
                        for stored in &events {
                            let event = stored.event(&self.subjects);
                            let change = self.board.apply(stored.seq, stored.time, stored.subject(), &event);
                            changes.push((stored.seq, change));
                        }
                        if let Some(done) = done(&changes, false) {
                            return Ok(done);
                        }
                    }
                    Step::Synced { .. } => {
                        if let Some(done) = done(&[], true) {
                            return Ok(done);
                        }
                    }
                    Step::Reset => self.board = Board::new(),
                    Step::Fault(fault) => return Err(Failure::from(fault)),
                }
            }
        };
        match tokio::time::timeout(PATIENCE, reading).await {
            Ok(result) => result,
            Err(_) => Err(Failure::NoAnswer("the stream could not be read within a minute".into())),
        }
    }
}

fn find(changes: &[(Sequence, Change)], seq: Sequence) -> Option<Change> {
    changes.iter().find(|(s, _)| *s == seq).map(|(_, change)| change.clone())
}
