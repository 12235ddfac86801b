//! What is to be sent, in order. Of what could not be sent before a link was lost, publishes survive, and everything
//! that belongs to the link alone is forgotten. A request that ends before it has been sent is taken out.

use bytes::{Bytes, BytesMut};

use super::requests::RequestId;

/// Bytes to be sent.
#[derive(Default)]
pub(super) struct Outbox {
    bytes: BytesMut,
    /// How `bytes` is made up, from its front.
    spans: Vec<Span>,
    /// How many of them belong to requests that have ended, and are still there.
    withdrawn: usize,
    last_request: u64,
}

#[derive(Debug)]
struct Span {
    length: usize,
    kind: Kind,
    /// The newest request up to here.
    request: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Of this link alone. Neighbours are one span.
    Command,
    /// Kept until it is sent. Neighbours are one span.
    Publish,
    /// As a publish, until it ends; a span of its own.
    Request,
    /// A request that has ended.
    Withdrawn,
}

impl Outbox {
    /// How many bytes wait.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.withdrawn
    }

    /// Appends a publish, which is kept until it has been sent.
    pub(super) fn publish(&mut self, write: impl FnOnce(&mut BytesMut)) {
        self.append(Kind::Publish, write);
    }

    /// Appends a request, the newest, which is kept until it has been sent or withdrawn.
    pub(super) fn request(&mut self, request: RequestId, write: impl FnOnce(&mut BytesMut)) {
        self.last_request = request.0;
        self.append(Kind::Request, write);
    }

    /// Appends a command of this link.
    pub(super) fn command(&mut self, write: impl FnOnce(&mut BytesMut)) {
        self.append(Kind::Command, write);
    }

    /// Takes a request out that has not been sent.
    pub(super) fn withdraw(&mut self, request: RequestId) {
        let at = self.spans.partition_point(|span| span.request < request.0);
        if let Some(span) = self.spans.get_mut(at)
            && span.request == request.0
            && span.kind == Kind::Request
        {
            span.kind = Kind::Withdrawn;
            self.withdrawn += span.length;
            // Not each time, as all behind it moves.
            if self.withdrawn > self.len() {
                self.keep(true);
            }
        }
    }

    /// Everything, to be sent now.
    pub(super) fn take(&mut self) -> Option<Bytes> {
        if self.withdrawn > 0 {
            self.keep(true);
        }
        self.spans.clear();
        let bytes = self.bytes.split().freeze();
        (!bytes.is_empty()).then_some(bytes)
    }

    /// The link is lost: only publishes stay.
    pub(super) fn keep_publishes(&mut self) {
        if self.spans.iter().any(|span| span.kind == Kind::Command) {
            self.keep(false);
        }
    }

    /// Nothing will be sent any more.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Forgets what is withdrawn, and commands if they are not wanted.
    fn keep(&mut self, commands: bool) {
        let mut all = std::mem::take(self);
        self.bytes.reserve(all.len());
        for Span { length, kind, request } in all.spans {
            let part = all.bytes.split_to(length);
            if kind != Kind::Withdrawn && (commands || kind != Kind::Command) {
                self.last_request = request;
                self.append(kind, |out| out.extend_from_slice(&part));
            }
        }
        self.last_request = all.last_request;
    }

    fn append(&mut self, kind: Kind, write: impl FnOnce(&mut BytesMut)) {
        let before = self.bytes.len();
        write(&mut self.bytes);
        self.note(kind, self.bytes.len() - before);
    }

    // Once for all that is written, for the size of a page.
    #[inline(never)]
    fn note(&mut self, kind: Kind, length: usize) {
        match self.spans.last_mut() {
            Some(last) if last.kind == kind && kind != Kind::Request => last.length += length,
            _ => self.spans.push(Span { length, kind, request: self.last_request }),
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
            let kind = if survives { Kind::Publish } else { Kind::Command };
            outbox.append(kind, |out| out.extend_from_slice(text.as_bytes()));
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

    #[test]
    fn what_is_withdrawn_is_not_sent_and_takes_no_room() {
        // Every choice of what is withdrawn, in either order, over a lost link or not.
        for chosen in 0_u32..64 {
            for backwards in [false, true] {
                for lost in [false, true] {
                    let mut outbox = Outbox::default();
                    let mut expected = String::new();
                    for id in 1..7 {
                        let (command, request, publish) =
                            (format!("c{id}"), "r".repeat(1 << id), format!("p{id}"));
                        outbox.command(|out| out.extend_from_slice(command.as_bytes()));
                        outbox.request(RequestId(id), |out| out.extend_from_slice(request.as_bytes()));
                        outbox.publish(|out| out.extend_from_slice(publish.as_bytes()));
                        outbox.publish(|out| out.extend_from_slice(b"."));
                        expected += if lost { "" } else { &command };
                        expected += if chosen >> (id - 1) & 1 == 1 { "" } else { &request };
                        expected += &publish;
                        expected += ".";
                    }
                    if lost {
                        outbox.keep_publishes();
                    }
                    for at in 1..7 {
                        let id = if backwards { 7 - at } else { at };
                        if chosen >> (id - 1) & 1 == 1 {
                            outbox.withdraw(RequestId(id));
                            outbox.withdraw(RequestId(id));
                            assert!(
                                outbox.bytes.len() <= 2 * outbox.len(),
                                "memory is bounded by what waits"
                            );
                        }
                    }
                    outbox.withdraw(RequestId(99));
                    assert_eq!(outbox.len(), expected.len());
                    assert_eq!(outbox.take().as_deref(), Some(expected.as_bytes()));
                    assert_eq!((outbox.len(), outbox.take()), (0, None));
                }
            }
        }
    }
}
