//! What the crate's own parts ask of a client: the same as its users, at once.

use bytes::Bytes;
use nats_proto::{Subject, ToSubject};

use super::{Client, PublishError, Request, SubscribeError};
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

    /// Sends a request whose answer goes to whoever listens on its inbox.
    pub(crate) async fn send_only(&self, subject: &Subject, request: Request) -> Result<(), PublishError> {
        let inbox = request.inbox.map_or_else(|| self.new_inbox().to_subject(), |inbox| inbox.to_subject());
        let payload = request.payload.unwrap_or_default();
        self.send_when_there_is_room(subject, Some(&inbox), request.headers.as_ref(), &payload).await
    }

    /// Publishes a message, which waits for no room, as there are few of these: with where to answer if that is wanted.
    pub(crate) fn send(
        &self,
        subject: &Subject,
        reply: Option<&Subject>,
        payload: &Bytes,
    ) -> Result<(), PublishError> {
        Ok(self.driver.publish(subject, reply, None, payload)?)
    }
}
