//! Signals that ask a program to end.

use tokio::signal::unix::{SignalKind, signal};

/// Waits for SIGTERM, SIGHUP or Ctrl-C.
pub async fn any() {
    let of = async |kind| match signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        // A system without it cannot send it.
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        () = of(SignalKind::terminate()) => {}
        () = of(SignalKind::hangup()) => {}
        () = of(SignalKind::interrupt()) => {}
    }
}
