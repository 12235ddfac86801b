//! What is to be sent, in order. Of what could not be sent before a link was lost, publishes survive, and everything
//! that belongs to the link alone is forgotten.

use bytes::{Bytes, BytesMut};

/// Bytes to be sent.
#[derive(Default)]
pub(super) struct Outbox {
    bytes: BytesMut,
    /// How `bytes` is made up, from its front; neighbours of one kind are one span.
    spans: Vec<Span>,
}

#[derive(Debug)]
struct Span {
    length: usize,
    survives: bool,
}

impl Outbox {
    /// How many bytes wait.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Appends a publish, which is kept until it has been sent.
    pub(super) fn publish(&mut self, write: impl FnOnce(&mut BytesMut)) {
        self.append(true, write);
    }

    /// Appends a command of this link.
    pub(super) fn command(&mut self, write: impl FnOnce(&mut BytesMut)) {
        self.append(false, write);
    }

    /// Everything, to be sent now.
    pub(super) fn take(&mut self) -> Option<Bytes> {
        self.spans.clear();
        let bytes = self.bytes.split().freeze();
        (!bytes.is_empty()).then_some(bytes)
    }

    /// The link is lost: only publishes stay.
    pub(super) fn keep_publishes(&mut self) {
        if self.spans.iter().all(|span| span.survives) {
            return;
        }
        let mut kept = BytesMut::new();
        for span in std::mem::take(&mut self.spans) {
            let part = self.bytes.split_to(span.length);
            if span.survives {
                kept.extend_from_slice(&part);
            }
        }
        if !kept.is_empty() {
            self.spans.push(Span { length: kept.len(), survives: true });
        }
        self.bytes = kept;
    }

    /// Nothing will be sent any more.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn append(&mut self, survives: bool, write: impl FnOnce(&mut BytesMut)) {
        let before = self.bytes.len();
        write(&mut self.bytes);
        let length = self.bytes.len() - before;
        match self.spans.last_mut() {
            Some(last) if last.survives == survives => last.length += length,
            _ => self.spans.push(Span { length, survives }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishes_survive_in_order_and_commands_do_not() {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.take(), None);
        for (text, survives) in [("a", true), ("b", true), ("x", false), ("c", true), ("y", false)] {
            outbox.append(survives, |out| out.extend_from_slice(text.as_bytes()));
        }
        assert_eq!(outbox.len(), 5);
        outbox.keep_publishes();
        outbox.publish(|out| out.extend_from_slice(b"d"));
        outbox.keep_publishes();
        assert_eq!(outbox.take().as_deref(), Some(&b"abcd"[..]));
        outbox.command(|out| out.extend_from_slice(b"z"));
        outbox.keep_publishes();
        assert_eq!(outbox.take(), None);
    }
}
