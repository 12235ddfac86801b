//! The messages of one subscription, as a stream. Dropping it ends the subscription.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use nats_proto::{Message, Unread};

use crate::driver::Driver;
use crate::mailbox::Receiver;

/// The messages of one subscription.
///
/// Subject, headers and payload of a message share the bytes of the frame it came in, so one that is kept keeps the whole
/// frame, with all that came beside it. Of what is to be kept for long, copy what is needed
/// (`Bytes::copy_from_slice(&message.payload)`).
///
/// ```
/// # async fn example(client: nats_wasm_shim::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use futures_util::StreamExt;
///
/// let mut orders = client.subscribe("orders.>").await?;
/// while let Some(message) = orders.next().await {
///     println!("{}: {} bytes", message.subject, message.payload.len());
/// }
/// # Ok(())
/// # }
/// ```
pub struct Subscriber {
    sid: u64,
    driver: Driver,
    receiver: Receiver<Unread>,
}

/// A subscription could not be ended. Ending one never fails here; async-nats has this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnsubscribeError;

impl fmt::Display for UnsubscribeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failed to unsubscribe")
    }
}

impl std::error::Error for UnsubscribeError {}

impl Subscriber {
    pub(crate) fn new(sid: u64, driver: Driver, receiver: Receiver<Unread>) -> Self {
        Self { sid, driver, receiver }
    }

    /// Ends the subscription at once; what has arrived and was not read is lost.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut subscriber = client.subscribe("a").await?;
    /// subscriber.unsubscribe().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "async-nats' signature")]
    pub async fn unsubscribe(&mut self) -> Result<(), UnsubscribeError> {
        self.driver.tell(|connection| connection.unsubscribe(self.sid, None));
        self.receiver.close();
        Ok(())
    }

    /// Ends the subscription when it has had this many messages in all.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut subscriber = client.subscribe("a").await?;
    /// subscriber.unsubscribe_after(3).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "async-nats' signature")]
    pub async fn unsubscribe_after(&mut self, unsub_after: u64) -> Result<(), UnsubscribeError> {
        self.driver.tell(|connection| connection.unsubscribe(self.sid, Some(unsub_after)));
        Ok(())
    }

    /// Ends the subscription after what the server has sent so far; the stream ends after that.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut subscriber = client.subscribe("a").await?;
    /// subscriber.drain().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "async-nats' signature")]
    pub async fn drain(&mut self) -> Result<(), UnsubscribeError> {
        self.driver.tell(|connection| connection.drain_subscription(self.sid));
        Ok(())
    }
}

impl Stream for Subscriber {
    type Item = Message;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Message>> {
        self.receiver.poll(context).map(|message| message.map(Unread::read))
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.driver.tell(|connection| connection.unsubscribe(self.sid, None));
    }
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber").field("sid", &self.sid).finish_non_exhaustive()
    }
}
