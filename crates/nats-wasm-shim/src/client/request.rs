//! A request to be sent, and the answers to one that was.

use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use nats_proto::connection::{Answers, RequestId};
use nats_proto::{HeaderMap, Message, StatusCode, ToSubject};
use send_wrapper::SendWrapper;

use crate::driver::{Driver, Response};
use crate::mailbox::Receiver;

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
    pub(super) inbox: Option<String>,
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
        self.inbox = Some(inbox);
        self
    }
}

impl Client {
    /// Sends a request and waits for its answer.
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
        if let Some(inbox) = request.inbox.clone() {
            return self.request_by_inbox(subject, inbox, request).await;
        }
        self.ask(subject, request, Answers::One)?.answer().await
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
        let (id, receiver) =
            self.driver.request(&subject.to_subject(), headers.as_ref(), &payload, answers, timeout)?;
        Ok(Responses::new(self.driver.clone(), id, receiver))
    }

    async fn request_by_inbox<S: ToSubject>(
        &self,
        subject: S,
        inbox: String,
        request: Request,
    ) -> Result<Message, RequestError> {
        let mut subscriber = self.subscribe(inbox.clone()).await?;
        let payload = request.payload.unwrap_or_default();
        let headers = request.headers.unwrap_or_default();
        self.publish_with_reply_and_headers(subject, inbox, headers, payload).await?;
        let answer = match request.timeout.or(self.request_timeout) {
            None => subscriber.next().await,
            Some(limit) => {
                let limit = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
                match select(subscriber.next(), SendWrapper::new(TimeoutFuture::new(limit))).await {
                    Either::Left((answer, _)) => answer,
                    Either::Right(_) => return Err(RequestErrorKind::TimedOut.into()),
                }
            }
        };
        match answer {
            Some(answer) if answer.status == Some(StatusCode::NO_RESPONDERS) => {
                Err(RequestErrorKind::NoResponders.into())
            }
            Some(answer) => Ok(answer),
            None => Err(RequestErrorKind::Other.into()),
        }
    }
}

/// The answers to a request. Dropping it ends the request.
pub(crate) struct Responses {
    driver: Driver,
    id: RequestId,
    receiver: Receiver<Response>,
}

impl Responses {
    fn new(driver: Driver, id: RequestId, receiver: Receiver<Response>) -> Self {
        Self { driver, id, receiver }
    }

    /// The next answer; `None` after an error.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Message, RequestError>>> {
        self.receiver.poll(context).map(|next| next.map(|result| result.map_err(RequestError::from)))
    }

    /// The one answer.
    pub(crate) async fn answer(mut self) -> Result<Message, RequestError> {
        let answer = std::future::poll_fn(|context| self.poll(context)).await;
        answer.unwrap_or_else(|| Err(RequestErrorKind::Other.into()))
    }
}

impl Drop for Responses {
    fn drop(&mut self) {
        self.driver.cancel(self.id);
    }
}
