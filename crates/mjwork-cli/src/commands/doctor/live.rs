//! Whether live events arrive. Nothing is written for that: one listens while others write.

use super::Check;
use crate::connect::Line;
use futures_util::StreamExt as _;
use mjwork::Duration;
use mjwork::reader::{Source, stream_info};
use mjwork::transport::Subscriber;

/// A subscription to what the stream sends on, and where the stream stood before.
pub struct Listening {
    subscription: Result<Subscriber, String>,
    before: Option<u64>,
}

impl Listening {
    /// Listens from now on.
    pub async fn start(line: &mut Line, source: &Source) -> Self {
        let client = line.client.clone();
        let subscribing = async {
            let subscriber = client
                .subscribe(format!("{}.>", source.live_prefix))
                .await
                .map_err(|error| error.to_string())?;
            // The server has seen it, and said if it does not like it.
            client.flush().await.map_err(|error| error.to_string())?;
            let before = stream_info(&client, source).await.ok().map(|info| info.state.last_seq);
            Ok((subscriber, before))
        };
        let done: Result<_, String> = tokio::select! {
            done = subscribing => done,
            denied = line.denied() => Err(denied.to_string()),
        };
        match done {
            Ok((subscriber, before)) => Self { subscription: Ok(subscriber), before },
            Err(words) => Self { subscription: Err(words), before: None },
        }
    }

    /// What came, and whether anything should have.
    pub async fn end(self, line: &mut Line, source: &Source, patience: Duration) -> Check {
        const NAME: &str = "live";
        let fix = "look whether the stream republishes (mjwork setup), and whether the account imports what it sends on";
        let mut subscriber = match self.subscription {
            Ok(subscriber) => subscriber,
            Err(words) => return Check::fail(NAME, words, fix),
        };
        let came = tokio::time::timeout(patience, subscriber.next()).await;
        if let Ok(Some(message)) = came {
            return Check::ok(NAME, format!("events arrive as they are stored, on {}", message.subject));
        }
        let after = stream_info(&line.client, source).await.ok().map(|info| info.state.last_seq);
        match (self.before, after) {
            (Some(before), Some(after)) if after > before => Check::fail(
                NAME,
                format!(
                    "{} stored meanwhile, and none arrived on {}.>",
                    crate::output::plural(usize::try_from(after - before).unwrap_or(usize::MAX), "event"),
                    source.live_prefix
                ),
                fix,
            ),
            (Some(_), Some(_)) => Check::ok(
                NAME,
                format!(
                    "listening on {}.>; nothing was stored in {}, so it is not tried (--listen 35s waits for a heartbeat)",
                    source.live_prefix,
                    crate::output::age(patience)
                ),
            ),
            _ => {
                Check::warn(NAME, "the stream did not say whether anything was stored meanwhile", "try again")
            }
        }
    }
}
