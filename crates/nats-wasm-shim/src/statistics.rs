//! What has gone over a connection so far. Names and types follow `async_nats::Statistics`.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of a connection, over all its links.
#[derive(Debug, Default)]
pub struct Statistics {
    /// Bytes of messages received: subjects, headers and payloads.
    pub in_bytes: AtomicU64,
    /// Bytes of messages sent or kept to be sent: headers and payloads.
    pub out_bytes: AtomicU64,
    /// Messages received.
    pub in_messages: AtomicU64,
    /// Messages sent or kept to be sent.
    pub out_messages: AtomicU64,
    /// How often a server has accepted the client.
    pub connects: AtomicU64,
}

/// What was received, before it is added.
#[derive(Default)]
pub(crate) struct Received {
    bytes: u64,
    messages: u64,
}

impl Received {
    #[inline]
    pub(crate) fn count(&mut self, length: usize) {
        self.bytes += length as u64;
        self.messages += 1;
    }
}

impl Statistics {
    pub(crate) fn received(&self, received: &Received) {
        self.in_bytes.fetch_add(received.bytes, Ordering::Relaxed);
        self.in_messages.fetch_add(received.messages, Ordering::Relaxed);
    }

    pub(crate) fn sent(&self, bytes: usize) {
        self.out_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.out_messages.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn connected(&self) {
        self.connects.fetch_add(1, Ordering::Relaxed);
    }
}
