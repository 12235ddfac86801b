//! `mjwork mcp`: the queue as tools of the Model Context Protocol, for agents whose client starts a program and talks
//! to it by its standard input and output. Standard output carries the protocol alone; what there is to say to people
//! goes to standard error.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`server`] | what a client talks to |
//! | [`tools`] | the tools: names, words, schemas |
//! | [`input`], [`output`] | what they take and give |
//! | [`calls`] | what they do |
//! | [`reply`] | what a call comes to: an answer, or a sentence that says what to do next |
//! | [`desk`] | the agent's place: its worker, and the tasks that it holds |
//! | [`link`] | the way to the queue, which may come later than the client, and go |

mod calls;
mod desk;
mod input;
mod link;
mod output;
mod reply;
mod server;
mod tools;

use crate::connect::Settings;
use crate::failure::Failure;
use link::Link;
use mjwork::AgentId;
use rmcp::ServiceExt as _;
use server::Server;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Calls under way have so long to end when the client is gone.
const LAST_CALLS: Duration = Duration::from_secs(1);
/// Once everything is given back, the last answers have so long to be written.
const LAST_ANSWERS: Duration = Duration::from_millis(200);

/// The words of `mjwork mcp`.
#[derive(Clone, Debug, clap::Args)]
pub struct Words {
    /// What the agent is called. While a living process goes by that name, a number is put behind it.
    #[arg(long, env = "MJWORK_AGENT")]
    pub name: AgentId,
    /// What the agent is for, as others see it.
    #[arg(long)]
    pub description: Option<String>,
    /// Seconds between heartbeats, 1 to 3600: the agent counts as lost after three of these.
    #[arg(long, default_value_t = 30.0, value_parser = interval)]
    pub interval: f64,
}

fn interval(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("{text:?} is no number"))?;
    if (1.0..=3_600.0).contains(&seconds) { Ok(seconds) } else { Err("it is 1 to 3600".to_owned()) }
}

/// Serves the client at standard input and output until it closes them, or until a signal.
pub async fn run(settings: Settings, words: Words) -> Result<(), Failure> {
    let gone = CancellationToken::new();
    let name = words.name.clone();
    let link = Link::open(settings, words);
    let calls = TaskTracker::new();
    let server = Server::new(link.clone(), name, gone.clone(), calls.clone());
    let (read, write) = rmcp::transport::stdio_pipes();
    let read = UntilGone { read, gone: gone.clone() };
    let end = gone.clone();
    let serving = tokio::spawn(async move {
        match server.serve((read, write)).await {
            Ok(running) => {
                // How the client went is nobody's concern any more.
                let _ = running.waiting().await;
            }
            Err(error) => eprintln!("mjwork mcp: {error}"),
        }
        end.cancel();
    });
    let reason = tokio::select! {
        () = gone.cancelled() => "its client went away",
        () = crate::signals::any() => "it was asked to end",
    };
    gone.cancel();
    // What does not wait for anything but the stream comes to its end: a client may write a last call and go.
    calls.close();
    let _ = tokio::time::timeout(LAST_CALLS, calls.wait()).await;
    if let Some(desk) = link.now() {
        desk.leave(reason).await;
    }
    let _ = tokio::time::timeout(LAST_ANSWERS, serving).await;
    // A read of standard input that waits in another thread could not be ended, and would keep this process.
    std::process::exit(0)
}

/// Input that tells when it ends: at once, and not only after the calls under way have been answered.
struct UntilGone<R> {
    read: R,
    gone: CancellationToken,
}

impl<R: AsyncRead + Unpin> AsyncRead for UntilGone<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = ready!(Pin::new(&mut self.read).poll_read(cx, buf));
        if read.is_err() || (buf.filled().len() == before && buf.remaining() > 0) {
            self.gone.cancel();
        }
        Poll::Ready(read)
    }
}
