//! What a JetStream consumer says of a message that it delivers: it stands in the reply subject, to which the message
//! is acknowledged. Servers write it in two forms:
//!
//! ```text
//! $JS.ACK.stream.consumer.delivered.stream sequence.consumer sequence.time.pending
//! $JS.ACK.domain.account.stream.consumer.delivered.stream sequence.consumer sequence.time.pending[.token]
//! ```

/// What a consumer says of a message that it delivers; the fields are those of `async_nats::jetstream::message::Info`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info<'a> {
    /// The domain of the stream, if it has one.
    pub domain: Option<&'a str>,
    /// The account of the stream, hashed.
    pub acc_hash: Option<&'a str>,
    /// The stream.
    pub stream: &'a str,
    /// The consumer.
    pub consumer: &'a str,
    /// The message's sequence in the stream.
    pub stream_sequence: u64,
    /// Which delivery of the consumer it is, from 1.
    pub consumer_sequence: u64,
    /// How often the consumer has delivered this message, this time included.
    pub delivered: i64,
    /// How many more messages the consumer has.
    pub pending: u64,
    /// When the stream stored it, in nanoseconds since 1970 in UTC.
    pub published: i64,
    /// What makes the subject hard to guess.
    pub token: Option<&'a str>,
}

/// Where an ordered reader is: the two sequences of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sequences {
    /// The message's sequence in the stream.
    pub stream: u64,
    /// Which delivery of the consumer it is, from 1.
    pub consumer: u64,
}

/// The tokens of a reply subject from the stream's name on, and those before.
struct Tokens<'a> {
    domain: Option<&'a str>,
    account: Option<&'a str>,
    /// Stream, consumer, delivered, stream sequence, consumer sequence, time, pending.
    main: [&'a str; 7],
    token: Option<&'a str>,
}

impl<'a> Tokens<'a> {
    fn of(reply: &'a str) -> Option<Self> {
        let rest = reply.strip_prefix("$JS.ACK.")?;
        let mut tokens = [""; 10];
        let mut count = 0;
        // What newer servers may add at the end is not looked at.
        for token in rest.split('.').take(10) {
            tokens[count] = token;
            count += 1;
        }
        let start = match count {
            7 => 0,
            9 | 10 => 2,
            _ => return None,
        };
        let main = tokens.get(start..start + 7)?.try_into().ok()?;
        if start == 0 {
            return Some(Self { domain: None, account: None, main, token: None });
        }
        Some(Self {
            domain: Some(tokens[0]).filter(|domain| *domain != "_"),
            account: Some(tokens[1]),
            main,
            token: Some(tokens[9]).filter(|token| !token.is_empty()),
        })
    }
}

fn number(digits: &str) -> Option<u64> {
    crate::control_line::number(digits.as_bytes())
}

impl<'a> Info<'a> {
    /// Reads a reply subject; `None` if no consumer wrote it.
    ///
    /// ```
    /// use nats_proto::delivery::Info;
    ///
    /// let info = Info::parse("$JS.ACK.ORDERS.worker.1.7.3.1795414666959644704.12").expect("a consumer wrote it");
    /// assert_eq!((info.stream, info.stream_sequence, info.pending), ("ORDERS", 7, 12));
    /// assert_eq!(Info::parse("_INBOX.x.1"), None);
    /// ```
    #[must_use]
    pub fn parse(reply: &'a str) -> Option<Self> {
        let Tokens { domain, account, main, token } = Tokens::of(reply)?;
        let [stream, consumer, delivered, stream_sequence, consumer_sequence, published, pending] = main;
        Some(Self {
            domain,
            acc_hash: account,
            stream,
            consumer,
            stream_sequence: number(stream_sequence)?,
            consumer_sequence: number(consumer_sequence)?,
            delivered: number(delivered)?.try_into().ok()?,
            pending: number(pending)?,
            published: published.parse().ok()?,
            token,
        })
    }
}

impl Sequences {
    /// Reads no more of a reply subject than an ordered reader needs; `None` if no consumer wrote it.
    ///
    /// ```
    /// use nats_proto::delivery::Sequences;
    ///
    /// let sequences = Sequences::parse("$JS.ACK.ORDERS.worker.1.7.3.1795414666959644704.12");
    /// assert_eq!(sequences, Some(Sequences { stream: 7, consumer: 3 }));
    /// ```
    #[must_use]
    pub fn parse(reply: &str) -> Option<Self> {
        let [_, _, _, stream, consumer, _, _] = Tokens::of(reply)?.main;
        Some(Self { stream: number(stream)?, consumer: number(consumer)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_with_and_without_what_may_be_absent() {
        let old = Info::parse("$JS.ACK.S.c.2.10.4.1000000001.7").expect("the old form");
        let expected = Info {
            domain: None,
            acc_hash: None,
            stream: "S",
            consumer: "c",
            stream_sequence: 10,
            consumer_sequence: 4,
            delivered: 2,
            pending: 7,
            published: 1_000_000_001,
            token: None,
        };
        assert_eq!(old, expected);
        let new = Info { acc_hash: Some("h4sh"), ..expected };
        assert_eq!(Info::parse("$JS.ACK._.h4sh.S.c.2.10.4.1000000001.7"), Some(new));
        let full = Info { domain: Some("hub"), token: Some("t"), ..new };
        assert_eq!(Info::parse("$JS.ACK.hub.h4sh.S.c.2.10.4.1000000001.7.t"), Some(full));
        assert_eq!(Info::parse("$JS.ACK.hub.h4sh.S.c.2.10.4.1000000001.7.t.more"), Some(full));
        for reply in ["$JS.ACK.S.c.2.10.4.1.7", "$JS.ACK._.h.S.c.2.10.4.1.7", "$JS.ACK.d.h.S.c.2.10.4.1.7.t"]
        {
            assert_eq!(Sequences::parse(reply), Some(Sequences { stream: 10, consumer: 4 }), "{reply}");
        }
    }

    #[test]
    fn whatever_else_is_none() {
        for reply in [
            "",
            "$JS.ACK.",
            "$JS.ACK.S.c.2.10.4.1",
            "$JS.ACK.S.c.2.10.4.1.7.8",
            "$JS.ACK.S.c.x.10.4.1.7",
            "$JS.ACK.S.c.2.-10.4.1.7",
            "$JS.ACK.S.c.2.10..1.7",
            "$JS.API.S.c.2.10.4.1.7",
            "$JS.ACK.S.c.99999999999999999999.10.4.1.7",
        ] {
            assert_eq!(Info::parse(reply), None, "{reply}");
        }
        assert_eq!(Sequences::parse("$JS.ACK.S.c.2.10.x.1.7"), None);
    }
}
