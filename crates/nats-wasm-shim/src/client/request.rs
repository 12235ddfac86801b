//! A request to be sent, and the answers to one that was.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use nats_proto::connection::{Answers, RequestId};
use nats_proto::{HeaderMap, Message, StatusCode, Subject, ToSubject};

use crate::driver::{Driver, Response};
use crate::mailbox::Receiver;
use crate::subscriber::Subscriber;

use super::{Client, RequestError, RequestErrorKind};

/// A request to be sent by [`Client::send_request`].
///
/// ```
/// use std::time::Duration;
///
/// let request = nats_wasm_shim::Request::new().payload("data".into()).timeout(Some(Duration::from_secs(1)));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub(super) payload: Option<Bytes>,
    pub(super) headers: Option<HeaderMap>,
    timeout: Limit,
    pub(super) inbox: Option<Subject>,
}

/// How long a request waits.
#[derive(Debug, Clone, Copy, Default)]
enum Limit {
    #[default]
    OfTheClient,
    Own(Option<Duration>),
}

impl Limit {
    fn or(self, of_the_client: Option<Duration>) -> Option<Duration> {
        match self {
            Self::OfTheClient => of_the_client,
            Self::Own(own) => own,
        }
    }
}

impl Request {
    /// An empty request with the client's time limit.
    ///
    /// ```
    /// let request = nats_wasm_shim::Request::new();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Its body.
    ///
    /// ```
    /// let request = nats_wasm_shim::Request::new().payload("data".into());
    /// ```
    #[must_use]
    pub fn payload(mut self, payload: Bytes) -> Self {
        self.payload = Some(payload);
        self
    }

    /// Its headers.
    ///
    /// ```
    /// let mut headers = nats_wasm_shim::HeaderMap::new();
    /// headers.insert("Trace", "7");
    /// let request = nats_wasm_shim::Request::new().headers(headers);
    /// ```
    #[must_use]
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers = Some(headers);
        self
    }

    /// The same, bounded by this if it says nothing of a time limit.
    pub(crate) fn or_timeout(mut self, timeout: Option<Duration>) -> Self {
        if let (Limit::OfTheClient, Some(_)) = (self.timeout, timeout) {
            self.timeout = Limit::Own(timeout);
        }
        self
    }

    /// How long to wait for the answer, instead of the client's time limit; without end if `None`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let request = nats_wasm_shim::Request::new().timeout(Some(Duration::from_secs(1)));
    /// ```
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = Limit::Own(timeout);
        self
    }

    /// Its reply subject, instead of one below the inbox that all requests share.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), nats_wasm_shim::RequestError> {
    /// let request = nats_wasm_shim::Request::new().inbox(client.new_inbox());
    /// let answer = client.send_request("service", request).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn inbox(mut self, inbox: String) -> Self {
        self.inbox = Some(inbox.into());
        self
    }
}

impl Client {
    /// Sends a request and waits for its answer. On a connection that does not take what is sent as fast it first waits
    /// until there is room; the time limit begins after that. Without a connection it waits for one; but it
    /// is not sent later once its time is over, or nobody waits for it any more.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), nats_wasm_shim::RequestError> {
    /// let answer = client.request("service", "data".into()).await?;
    /// println!("{:?}", answer.payload);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn request<S: ToSubject>(&self, subject: S, payload: Bytes) -> Result<Message, RequestError> {
        self.send_request(subject, Request::new().payload(payload)).await
    }

    /// Sends a request with headers and waits for its answer.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) -> Result<(), nats_wasm_shim::RequestError> {
    /// let mut headers = nats_wasm_shim::HeaderMap::new();
    /// headers.insert("X-Header", "value");
    /// let answer = client.request_with_headers("service", headers, "data".into()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn request_with_headers<S: ToSubject>(
        &self,
        subject: S,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<Message, RequestError> {
        self.send_request(subject, Request::new().headers(headers).payload(payload)).await
    }

    /// Sends a request with a time limit or inbox of its own and waits for its answer.
    ///
    /// ```
    /// # async fn example(client: nats_wasm_shim::Client) {
    /// use std::time::Duration;
    /// use nats_wasm_shim::{Request, RequestErrorKind};
    ///
    /// let request = Request::new().payload("data".into()).timeout(Some(Duration::from_secs(1)));
    /// match client.send_request("service", request).await {
    ///     Ok(answer) => println!("{:?}", answer.payload),
    ///     Err(error) if error.kind() == RequestErrorKind::NoResponders => println!("nobody listens"),
    ///     Err(error) => println!("{error}"),
    /// }
    /// # }
    /// ```
    pub async fn send_request<S: ToSubject>(
        &self,
        subject: S,
        request: Request,
    ) -> Result<Message, RequestError> {
        let own = request.inbox.as_ref().map(|inbox| self.listen_bounded(inbox)).transpose()?;
        self.driver.room().await;
        self.ask(subject, request, Answers::One)?.answer(own).await
    }

    /// Sends a request whose answers are read as they come.
    #[expect(clippy::needless_pass_by_value, reason = "as everywhere that takes a subject")]
    pub(crate) fn ask<S: ToSubject>(
        &self,
        subject: S,
        request: Request,
        answers: Answers,
    ) -> Result<Responses, RequestError> {
        let timeout = request.timeout.or(self.request_timeout);
        let (headers, payload) = (request.headers, request.payload.unwrap_or_default());
        let inbox = request.inbox.as_ref();
        let (id, receiver) = self.driver.request(
            &subject.to_subject(),
            inbox,
            headers.as_ref(),
            &payload,
            answers,
            timeout,
        )?;
        Ok(Responses::new(self.driver.clone(), id, receiver))
    }
}

/// The answers to a request. Dropping it ends the request, which is not sent then if it has not been.
pub(crate) struct Responses {
    driver: Driver,
    id: RequestId,
    receiver: Receiver<Response>,
    /// It is sent all the same.
    is_sent: bool,
}

impl Responses {
    fn new(driver: Driver, id: RequestId, receiver: Receiver<Response>) -> Self {
        Self { driver, id, receiver, is_sent: false }
    }

    /// What was asked is sent, whether or not anybody waits for the answer.
    pub(crate) fn sent_anyway(mut self) -> Self {
        self.is_sent = true;
        self
    }

    /// The next answer; `None` after an error.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Message, RequestError>>> {
        self.receiver.poll(context).map(|next| next.map(|result| result.map_err(RequestError::from)))
    }

    /// The one answer, which comes to an inbox of its own if there is one.
    pub(crate) async fn answer(mut self, mut own: Option<Subscriber>) -> Result<Message, RequestError> {
        std::future::poll_fn(|context| {
            let answer = own.as_mut().map(|own| Pin::new(own).poll_next(context));
            if let Some(Poll::Ready(Some(message))) = answer {
                let nobody = message.status == Some(StatusCode::NO_RESPONDERS);
                return Poll::Ready(if nobody {
                    Err(RequestErrorKind::NoResponders.into())
                } else {
                    Ok(message)
                });
            }
            match (self.poll(context), answer) {
                // Its inbox has ended, and the connection has not: the server refused that.
                (Poll::Pending, Some(Poll::Ready(None))) => {
                    Poll::Ready(Err(RequestErrorKind::PermissionDenied.into()))
                }
                (failed, _) => {
                    failed.map(|answer| answer.unwrap_or_else(|| Err(RequestErrorKind::Other.into())))
                }
            }
        })
        .await
    }
}

impl Drop for Responses {
    fn drop(&mut self) {
        self.driver.cancel(self.id, self.is_sent);
    }
}
