//! Credentials that somebody else gives for each link anew: rotated ones, or signatures of a key that is kept elsewhere.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroize;

use crate::Secret;
use crate::radix::BASE64_URL;

use super::link::Asked;
use super::{Connection, DisconnectReason, Event, Phase};

/// Credentials for one link. What is left out stays as the connection was configured. They are never printed, and wiped
/// when dropped.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Auth {
    /// The token (JWT) that an account signed.
    pub jwt: Option<String>,
    /// The public key, if signing in with a key alone.
    pub nkey: Option<String>,
    /// The signature of what the server asked to have signed, as bytes.
    pub signature: Option<Vec<u8>>,
    /// The user.
    pub username: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The token.
    pub token: Option<String>,
}

impl Auth {
    /// No credentials.
    ///
    /// ```
    /// let mut auth = nats_proto::connection::Auth::new();
    /// auth.token = Some("t0ken".to_owned());
    /// assert!(!format!("{auth:?}").contains("t0ken"));
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth")
            .field("nkey", &self.nkey)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl Drop for Auth {
    fn drop(&mut self) {
        for secret in [&mut self.jwt, &mut self.password, &mut self.token] {
            secret.zeroize();
        }
    }
}

impl Connection {
    /// Signs in to the server that is being dialed with a user and password, or with a token if there is no password; with
    /// none of these if `None`. For servers that have credentials of their own: called at each [`Event::Dial`], it keeps
    /// those of one server from the others.
    pub fn sign_in_with(&mut self, credentials: Option<(&str, Option<&str>)>) {
        let connect = &mut self.config.connect;
        (connect.user, connect.pass, connect.auth_token) = match credentials {
            Some((user, Some(password))) => (Some(user.to_owned()), Some(password.into()), None),
            Some((token, None)) => (None, None, Some(token.into())),
            None => (None, None, None),
        };
    }

    /// The answer to [`Event::Authenticate`]. One that comes too late, or for a link that is gone, is forgotten; an
    /// error ends the attempt, and its words say why.
    pub fn authenticate(&mut self, now: Duration, answer: Result<Auth, String>) {
        self.now = now;
        if self.link.asked != Some(Asked::Credentials) || !matches!(self.phase, Phase::Dialing { .. }) {
            return;
        }
        self.link.asked = None;
        match answer {
            Ok(mut auth) => {
                let mut connect = self.config.connect.clone();
                let secret = |text: &mut Option<String>| text.take().map(Secret::from);
                connect.user_jwt = secret(&mut auth.jwt).or(connect.user_jwt);
                connect.pass = secret(&mut auth.password).or(connect.pass);
                connect.auth_token = secret(&mut auth.token).or(connect.auth_token);
                connect.nkey = auth.nkey.take().or(connect.nkey);
                connect.user = auth.username.take().or(connect.user);
                connect.signature = auth.signature.take().map(|signature| BASE64_URL.encode(&signature));
                self.greet(&connect);
            }
            Err(words) => self.lose(&DisconnectReason::Credentials(words)),
        }
    }

    pub(super) fn ask_credentials(&mut self) {
        self.link.asked = Some(Asked::Credentials);
        let nonce = self.link.greeted.as_ref().map_or_else(String::new, |info| info.nonce.clone());
        self.events.push_back(Event::Authenticate { nonce });
    }
}
