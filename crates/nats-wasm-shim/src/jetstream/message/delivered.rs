//! A message that a consumer delivered, and acknowledging it.

use std::ops::Deref;
use std::time::Duration;

use bytes::Bytes;
use nats_proto::Subject;
use nats_proto::delivery::Info;

use crate::client::Request;
use crate::jetstream::Context;

/// A message that a consumer delivered.
#[derive(Debug, Clone)]
pub struct Message {
    /// The message as it came.
    pub message: crate::Message,
    /// What it is acknowledged through.
    pub context: Context,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckKind {
    /// It is done.
    Ack,
    /// It is to be delivered again: at once, or after a while.
    Nak(Option<Duration>),
    /// It is being worked on, and its time begins anew.
    Progress,
    /// It is done, and the next is wanted.
    Next,
    /// It is never to be delivered again, though it was not done.
    Term,
}

impl From<AckKind> for Bytes {
    fn from(kind: AckKind) -> Self {
        match kind {
            AckKind::Ack => Self::from_static(b"+ACK"),
            AckKind::Nak(None) => Self::from_static(b"-NAK"),
            AckKind::Nak(Some(delay)) => format!("-NAK {{\"delay\":{}}}", delay.as_nanos()).into(),
            AckKind::Progress => Self::from_static(b"+WPI"),
            AckKind::Next => Self::from_static(b"+NXT"),
            AckKind::Term => Self::from_static(b"+TERM"),
        }
    }
}

impl Deref for Message {
    type Target = crate::Message;

    fn deref(&self) -> &crate::Message {
        &self.message
    }
}

impl From<Message> for crate::Message {
    fn from(delivered: Message) -> Self {
        delivered.message
    }
}

impl Message {
    /// Says that it is done. That the server has heard it, only [`Message::double_ack`] tells.
    ///
    /// ```
    /// # async fn example(message: nats_wasm_shim::jetstream::Message) -> Result<(), nats_wasm_shim::Error> {
    /// message.ack().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn ack(&self) -> Result<(), crate::Error> {
        send(&self.context, self.message.reply.as_ref(), Bytes::new()).await
    }

    /// Says what becomes of it.
    ///
    /// ```
    /// # async fn example(message: nats_wasm_shim::jetstream::Message) -> Result<(), nats_wasm_shim::Error> {
    /// use std::time::Duration;
    /// use nats_wasm_shim::jetstream::AckKind;
    ///
    /// message.ack_with(AckKind::Nak(Some(Duration::from_secs(5)))).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn ack_with(&self, kind: AckKind) -> Result<(), crate::Error> {
        send(&self.context, self.message.reply.as_ref(), kind.into()).await
    }

    /// Says that it is done, and waits until the server has noted that.
    ///
    /// ```
    /// # async fn example(message: nats_wasm_shim::jetstream::Message) -> Result<(), nats_wasm_shim::Error> {
    /// message.double_ack().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn double_ack(&self) -> Result<(), crate::Error> {
        self.double_ack_with(AckKind::Ack).await
    }

    /// Says what becomes of it, and waits until the server has noted that.
    ///
    /// ```
    /// # async fn example(message: nats_wasm_shim::jetstream::Message) -> Result<(), nats_wasm_shim::Error> {
    /// use nats_wasm_shim::jetstream::AckKind;
    ///
    /// message.double_ack_with(AckKind::Term).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn double_ack_with(&self, kind: AckKind) -> Result<(), crate::Error> {
        ask(&self.context, self.message.reply.as_ref(), kind.into()).await
    }

    /// What the consumer says of it: its sequences, when it was stored, how many more there are. It is read when it is
    /// asked for.
    ///
    /// ```
    /// # fn example(message: nats_wasm_shim::jetstream::Message) -> Result<(), nats_wasm_shim::Error> {
    /// let info = message.info()?;
    /// println!("{} of {}, {} more", info.stream_sequence, info.stream, info.pending);
    /// # Ok(())
    /// # }
    /// ```
    pub fn info(&self) -> Result<Info<'_>, crate::Error> {
        Ok(Info::parse(reply(self.message.reply.as_ref())?).ok_or(NOT_DELIVERED)?)
    }

    /// The message, and what acknowledges it.
    ///
    /// ```
    /// # async fn example(message: nats_wasm_shim::jetstream::Message) -> Result<(), nats_wasm_shim::Error> {
    /// let (message, acker) = message.split();
    /// println!("{}", message.subject);
    /// acker.ack().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn split(mut self) -> (crate::Message, Acker) {
        let reply = self.message.reply.take();
        (self.message, Acker { context: self.context, reply })
    }
}

/// What acknowledges a message that is no longer there; made by [`Message::split`].
#[derive(Debug, Clone)]
pub struct Acker {
    context: Context,
    reply: Option<Subject>,
}

impl Acker {
    /// What acknowledges the message with this reply subject.
    ///
    /// ```
    /// # fn example(message: nats_wasm_shim::jetstream::Message) {
    /// use nats_wasm_shim::jetstream::message::Acker;
    ///
    /// let acker = Acker::new(message.context.clone(), message.reply.clone());
    /// # }
    /// ```
    #[must_use]
    pub fn new(context: Context, reply: Option<Subject>) -> Self {
        Self { context, reply }
    }

    /// As [`Message::ack`].
    ///
    /// ```
    /// # async fn example(acker: nats_wasm_shim::jetstream::message::Acker) -> Result<(), nats_wasm_shim::Error> {
    /// acker.ack().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn ack(&self) -> Result<(), crate::Error> {
        send(&self.context, self.reply.as_ref(), Bytes::new()).await
    }

    /// As [`Message::ack_with`].
    ///
    /// ```
    /// # async fn example(acker: nats_wasm_shim::jetstream::message::Acker) -> Result<(), nats_wasm_shim::Error> {
    /// acker.ack_with(nats_wasm_shim::jetstream::AckKind::Progress).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn ack_with(&self, kind: AckKind) -> Result<(), crate::Error> {
        send(&self.context, self.reply.as_ref(), kind.into()).await
    }

    /// As [`Message::double_ack`].
    ///
    /// ```
    /// # async fn example(acker: nats_wasm_shim::jetstream::message::Acker) -> Result<(), nats_wasm_shim::Error> {
    /// acker.double_ack().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn double_ack(&self) -> Result<(), crate::Error> {
        self.double_ack_with(AckKind::Ack).await
    }

    /// As [`Message::double_ack_with`].
    ///
    /// ```
    /// # async fn example(acker: nats_wasm_shim::jetstream::message::Acker) -> Result<(), nats_wasm_shim::Error> {
    /// acker.double_ack_with(nats_wasm_shim::jetstream::AckKind::Term).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn double_ack_with(&self, kind: AckKind) -> Result<(), crate::Error> {
        ask(&self.context, self.reply.as_ref(), kind.into()).await
    }
}

/// What a message without a consumer's reply subject is told.
const NOT_DELIVERED: &str = "no consumer has delivered this message";

fn reply(reply: Option<&Subject>) -> Result<&Subject, crate::Error> {
    Ok(reply.ok_or(NOT_DELIVERED)?)
}

async fn send(context: &Context, to: Option<&Subject>, word: Bytes) -> Result<(), crate::Error> {
    Ok(context.through().publish(reply(to)?.clone(), word).await?)
}

async fn ask(context: &Context, to: Option<&Subject>, word: Bytes) -> Result<(), crate::Error> {
    let request = Request::new().payload(word).timeout(Some(context.ack_timeout()));
    context.through().send_request(reply(to)?.clone(), request).await?;
    Ok(())
}
