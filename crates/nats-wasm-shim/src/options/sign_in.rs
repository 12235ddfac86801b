//! How a client signs in: by what is given once, or by what somebody is asked for anew on each link.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::{fmt, io};

use nats_proto::connection::Auth;
use nats_proto::{Credentials, Secret, UserKey};

use super::ConnectOptions;

/// Why no credentials could be had, in the words of whoever was asked for them.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthError(String);

impl AuthError {
    /// An error with these words. They are shown, so there should be nothing secret in them.
    ///
    /// ```
    /// let error = nats_wasm_shim::AuthError::new("the session is over");
    /// assert_eq!(error.to_string(), "AuthError(the session is over)");
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "async-nats' signature")]
    pub fn new(words: impl ToString) -> Self {
        Self(words.to_string())
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthError({})", self.0)
    }
}

impl fmt::Debug for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for AuthError {}

type Answer = Pin<Box<dyn Future<Output = Result<Auth, AuthError>>>>;

/// Asks a user's function for credentials.
#[derive(Clone)]
pub(crate) struct AuthCallback(Arc<dyn Fn(Vec<u8>) -> Answer + Send + Sync>);

impl AuthCallback {
    pub(crate) fn ask(&self, nonce: String) -> Answer {
        (self.0)(nonce.into_bytes())
    }
}

impl fmt::Debug for AuthCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthCallback")
    }
}

impl ConnectOptions {
    /// Asks a function for credentials whenever a link is opened, so that they may change. It is given what the server
    /// wants to have signed. An error ends the attempt; the next one asks again.
    ///
    /// ```
    /// # async fn fresh_token() -> Result<String, std::io::Error> { Ok(String::new()) }
    /// use nats_wasm_shim::{Auth, AuthError, ConnectOptions};
    ///
    /// let options = ConnectOptions::with_auth_callback(|_nonce| async {
    ///     let mut auth = Auth::new();
    ///     auth.token = Some(fresh_token().await.map_err(AuthError::new)?);
    ///     Ok(auth)
    /// });
    /// ```
    #[must_use]
    pub fn with_auth_callback<F, Fut>(callback: F) -> Self
    where
        F: Fn(Vec<u8>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Auth, AuthError>> + 'static,
    {
        let auth = AuthCallback(Arc::new(move |nonce| Box::pin(callback(nonce))));
        Self { auth: Some(auth), ..Self::default() }
    }

    /// Signs in with a token (JWT) whose key is kept elsewhere: a function is given what the server wants to have signed,
    /// and gives the signature as bytes.
    ///
    /// ```
    /// # async fn sign(nonce: Vec<u8>) -> Result<Vec<u8>, std::io::Error> { Ok(nonce) }
    /// use nats_wasm_shim::{AuthError, ConnectOptions};
    ///
    /// let options = ConnectOptions::with_jwt("eyJ0…".into(), |nonce| async move {
    ///     sign(nonce).await.map_err(AuthError::new)
    /// });
    /// ```
    #[must_use]
    pub fn with_jwt<F, Fut>(jwt: String, sign_cb: F) -> Self
    where
        F: Fn(Vec<u8>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<u8>, AuthError>> + 'static,
    {
        Self::default().jwt(jwt, sign_cb)
    }

    /// Signs in with a token (JWT) whose key is kept elsewhere, as [`ConnectOptions::with_jwt`].
    ///
    /// ```
    /// # async fn sign(nonce: Vec<u8>) -> Result<Vec<u8>, std::io::Error> { Ok(nonce) }
    /// use nats_wasm_shim::{AuthError, ConnectOptions};
    ///
    /// let options = ConnectOptions::new().name("board").jwt("eyJ0…".into(), |nonce| async move {
    ///     sign(nonce).await.map_err(AuthError::new)
    /// });
    /// ```
    #[must_use]
    pub fn jwt<F, Fut>(mut self, jwt: String, sign_cb: F) -> Self
    where
        F: Fn(Vec<u8>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<u8>, AuthError>> + 'static,
    {
        self.config.connect.user_jwt = Some(jwt.into());
        self.auth = Some(AuthCallback(Arc::new(move |nonce| {
            let signature = sign_cb(nonce);
            Box::pin(async move {
                let mut auth = Auth::new();
                auth.signature = Some(signature.await?);
                Ok(auth)
            })
        })));
        self
    }

    /// Signs in with a token.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::with_token("t0ken".into());
    /// ```
    #[must_use]
    pub fn with_token(token: String) -> Self {
        Self::default().token(token)
    }

    /// Signs in with a token.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::new().name("board").token("t0ken".into());
    /// ```
    #[must_use]
    pub fn token(mut self, token: String) -> Self {
        self.config.connect.auth_token = Some(token.into());
        self
    }

    /// Signs in with a user and password.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::with_user_and_password("ann".into(), "secret".into());
    /// ```
    #[must_use]
    pub fn with_user_and_password(user: String, pass: String) -> Self {
        Self::default().user_and_password(user, pass)
    }

    /// Signs in with a user and password.
    ///
    /// ```
    /// let options = nats_wasm_shim::ConnectOptions::new().user_and_password("ann".into(), "secret".into());
    /// ```
    #[must_use]
    pub fn user_and_password(mut self, user: String, pass: String) -> Self {
        self.config.connect.user = Some(user);
        self.config.connect.pass = Some(pass.into());
        self
    }

    /// Signs in with a key, by its seed (`SU…`).
    ///
    /// ```
    /// # async fn example(seed: String) -> Result<(), nats_wasm_shim::ConnectError> {
    /// let client = nats_wasm_shim::ConnectOptions::with_nkey(seed).connect("ws://localhost:8080").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_nkey(seed: String) -> Self {
        Self::default().nkey(seed)
    }

    /// Signs in with a key, by its seed (`SU…`). A text that is no seed of a user makes `connect` fail.
    ///
    /// ```
    /// # fn example(seed: String) {
    /// let options = nats_wasm_shim::ConnectOptions::new().name("board").nkey(seed);
    /// # }
    /// ```
    #[must_use]
    pub fn nkey(mut self, seed: String) -> Self {
        match UserKey::from_seed(Secret::from(seed).expose()) {
            Ok(key) => {
                self.config.connect.nkey = Some(key.public_key());
                self.config.key = Some(Box::new(key));
            }
            Err(error) => self.unusable = Some(error),
        }
        self
    }

    /// Signs in with what a file of credentials (`.creds`) says.
    ///
    /// ```
    /// # async fn example(file: &str) -> Result<(), Box<dyn std::error::Error>> {
    /// let options = nats_wasm_shim::ConnectOptions::with_credentials(file)?;
    /// let client = options.connect("ws://localhost:8080").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_credentials(creds: &str) -> io::Result<Self> {
        Self::default().credentials(creds)
    }

    /// Signs in with what a file of credentials (`.creds`) says. Fails when it is none.
    ///
    /// ```
    /// # fn example(file: &str) -> std::io::Result<()> {
    /// let options = nats_wasm_shim::ConnectOptions::new().name("board").credentials(file)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn credentials(mut self, creds: &str) -> io::Result<Self> {
        let credentials =
            Credentials::parse(creds).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.config.connect.user_jwt = Some(credentials.jwt);
        self.config.key = Some(Box::new(credentials.key));
        Ok(self)
    }
}
