//! What the crate's own parts ask of a client: the same as its users, at once.

use bytes::Bytes;
use nats_proto::Subject;

use super::{Client, PublishError, SubscribeError};
use crate::subscriber::Subscriber;

impl Client {
    /// Subscribes without bound: for what the server sends only as far as it was asked to.
    pub(crate) fn listen(&self, subject: &Subject) -> Result<Subscriber, SubscribeError> {
        let (sid, receiver) = self.driver.subscribe(subject, None, usize::MAX)?;
        Ok(Subscriber::new(sid, self.driver.clone(), receiver))
    }

    /// Subscribes as a user does, with the same bound.
    pub(crate) fn listen_bounded(&self, subject: &Subject) -> Result<Subscriber, SubscribeError> {
        let (sid, receiver) = self.driver.subscribe(subject, None, self.subscription_capacity)?;
        Ok(Subscriber::new(sid, self.driver.clone(), receiver))
    }

    /// Waits until there is room for more to send, or no connection.
    pub(crate) async fn room(&self) {
        self.driver.room().await;
    }

    /// Publishes a message, which waits for no room, as there are few of these: with where to answer if that is wanted.
    pub(crate) fn send(
        &self,
        subject: &Subject,
        reply: Option<&Subject>,
        payload: &Bytes,
    ) -> Result<(), PublishError> {
        self.driver.publish(subject, reply, None, payload)?;
        Ok(())
    }
}
