//! The way to the queue: made while the client is served already, so that a server which is away is a sentence in an
//! answer and not the end of this program.

use super::Words;
use super::desk::Desk;
use super::reply::Trouble;
use crate::connect::Settings;
use crate::connect::client;
use crate::names;
use mjwork::{Mirror, WorkerClient, WorkerError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Between two tries to connect.
const RETRY: Duration = Duration::from_secs(2);
/// So long a call waits for a connection that is being made.
const PATIENCE: Duration = Duration::from_secs(3);

/// The way to the queue. Cheap to clone.
#[derive(Clone)]
pub struct Link {
    state: watch::Receiver<State>,
    server: Arc<str>,
}

#[derive(Clone)]
enum State {
    /// Not there yet, and why.
    Away(String),
    There(Arc<Desk>),
}

impl Link {
    /// Connects, and goes on trying.
    pub fn open(settings: Settings, words: Words) -> Self {
        let (sender, state) = watch::channel(State::Away("connecting".to_owned()));
        let server: Arc<str> = crate::connect::safe(&settings.server).into();
        tokio::spawn(async move {
            loop {
                match sit_down(&settings, &words).await {
                    Ok(desk) => {
                        // Nobody listens any more only when this program ends.
                        let _ = sender.send(State::There(desk));
                        return sender.closed().await;
                    }
                    Err(why) => {
                        let told = matches!(&*sender.borrow(), State::Away(before) if *before == why);
                        if !told {
                            eprintln!("mjwork mcp: {why}; trying again every {} s", RETRY.as_secs());
                        }
                        let _ = sender.send(State::Away(why));
                        // What is away now is away for a while.
                        tokio::time::sleep(RETRY).await;
                    }
                }
            }
        });
        Self { state, server }
    }

    /// The agent's place, as soon as there is one.
    pub async fn desk(&self) -> Result<Arc<Desk>, Trouble> {
        let mut state = self.state.clone();
        let there = state.wait_for(|state| matches!(state, State::There(_)));
        if let Ok(Ok(state)) = tokio::time::timeout(PATIENCE, there).await
            && let State::There(desk) = &*state
        {
            return Ok(desk.clone());
        }
        let why = match &*self.state.borrow() {
            State::Away(why) => why.clone(),
            State::There(desk) => return Ok(desk.clone()),
        };
        Err(Trouble(format!(
            "The queue on {} cannot be reached: {why}. Nothing was done. It is tried again all the time; call again in \
             a minute.",
            self.server
        )))
    }

    /// The agent's place, if there is one already.
    pub fn now(&self) -> Option<Arc<Desk>> {
        match &*self.state.borrow() {
            State::There(desk) => Some(desk.clone()),
            State::Away(_) => None,
        }
    }
}

/// Connects, reads the stream, and registers the agent.
async fn sit_down(settings: &Settings, words: &Words) -> Result<Arc<Desk>, String> {
    let client = client(settings).await.map_err(|failure| failure.to_string())?;
    let mirror = Mirror::open(client, settings.source.clone()).await.map_err(|fault| fault.to_string())?;
    let now = mirror.now();
    let name = mirror.read(|board| names::free(board, &words.name, now));
    if name != words.name {
        eprintln!("mjwork mcp: a living process goes by {}, so this one is {name}", words.name);
    }
    let worker = || {
        let worker = WorkerClient::builder(name.clone())
            .interval(Duration::from_secs_f64(words.interval))
            .version(concat!("mjwork ", env!("CARGO_PKG_VERSION")));
        match &words.description {
            Some(description) => worker.description(description),
            None => worker,
        }
    };
    let started = match worker().start(mirror.clone()).await {
        // Agents are often locked into a folder that is not this one.
        Err(error @ WorkerError::Spool { .. }) => {
            eprintln!("mjwork mcp: {error}; a result that cannot be sent is lost with this process");
            worker().no_spool().start(mirror).await
        }
        started => started,
    };
    let worker = started.map_err(|error| error.to_string())?;
    Ok(Desk::new(worker, crate::connect::safe(&settings.server)))
}
