//! Ctrl-C and its kin: once to stop, twice to stop at once.

use crate::failure::Failure;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// What the worker is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It claims tasks.
    Work,
    /// It claims nothing more, and lets what runs end.
    Finish,
    /// What runs is ended.
    Kill,
}

/// Listens to signals.
pub struct Signals {
    sender: watch::Sender<Stage>,
    receiver: watch::Receiver<Stage>,
}

impl Signals {
    /// From now on SIGINT, SIGTERM and SIGHUP only move the worker to its next stage.
    pub fn listen() -> Result<Self, Failure> {
        let (sender, receiver) = watch::channel(Stage::Work);
        for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
            let mut signal = signal(kind)
                .map_err(|error| Failure::CannotRun(format!("signals cannot be listened to: {error}")))?;
            let sender = sender.clone();
            tokio::spawn(async move {
                while signal.recv().await.is_some() {
                    sender.send_modify(|stage| {
                        *stage = if *stage == Stage::Work { Stage::Finish } else { Stage::Kill };
                    });
                }
            });
        }
        Ok(Self { sender, receiver })
    }

    /// What the worker is at.
    pub fn stage(&self) -> Stage {
        *self.receiver.borrow()
    }

    /// Moves the worker there.
    pub fn set(&self, stage: Stage) {
        self.sender.send_replace(stage);
    }

    /// Waits for the next stage.
    pub async fn changed(&mut self) {
        // The sender lives as long as this.
        let _ = self.receiver.changed().await;
    }

    /// For others to wait.
    pub fn watch(&self) -> watch::Receiver<Stage> {
        self.receiver.clone()
    }
}
