//! A file of credentials (`.creds`): the token that says who a user is, and the seed of the key that proves it.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::Secret;
use crate::nkey::{SeedError, UserKey};
use crate::radix::BASE64_URL;

/// What a file of credentials holds.
#[derive(Debug)]
pub struct Credentials {
    /// The token (JWT) that an account signed.
    pub jwt: Secret,
    /// The key that the token names.
    pub key: UserKey,
    /// What the token says.
    pub claims: Claims,
}

/// What a token says of its user, as far as it can be read. The server alone judges it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// The user's name.
    pub name: String,
    /// When it expires, in seconds since 1970; `None` for never.
    pub expires: Option<u64>,
}

/// Why a text is no file of credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialsError {
    /// It lacks the token, the seed, or the lines that frame each.
    Incomplete,
    /// What stands where the seed should is none.
    Seed(SeedError),
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete => {
                f.write_str("this is no file of credentials: it needs a user's JWT and a seed")
            }
            Self::Seed(error) => write!(f, "the file's seed cannot be used: {error}"),
        }
    }
}

impl std::error::Error for CredentialsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Incomplete => None,
            Self::Seed(error) => Some(error),
        }
    }
}

impl Credentials {
    /// Reads a file as `nsc` writes it: two blocks, each between lines of dashes, first the token and then the seed.
    ///
    /// ```
    /// use nats_proto::credentials::{Credentials, CredentialsError};
    ///
    /// let file = "-----BEGIN NATS USER JWT-----\neyJ0…\n------END NATS USER JWT------\n";
    /// assert_eq!(Credentials::parse(file).map(|_| ()), Err(CredentialsError::Incomplete), "it has no seed");
    /// ```
    ///
    /// # Errors
    /// When one of them is missing, or the seed is none.
    pub fn parse(text: &str) -> Result<Self, CredentialsError> {
        let is_frame = |line: &str| line.starts_with("---") && line.ends_with("---");
        let mut inside = false;
        let mut blocks = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if is_frame(line) {
                inside = !inside && line.contains("BEGIN");
            } else if inside {
                blocks.push(line);
            }
        }
        let [jwt, seed, ..] = blocks[..] else { return Err(CredentialsError::Incomplete) };
        let key = UserKey::from_seed(seed).map_err(CredentialsError::Seed)?;
        Ok(Self { jwt: jwt.into(), key, claims: Claims::read(jwt) })
    }
}

impl Claims {
    /// What a token says; nothing where it cannot be read.
    ///
    /// ```
    /// use nats_proto::credentials::Claims;
    ///
    /// assert_eq!(Claims::read("eyJ0eXAiOiJKV1QifQ.eyJuYW1lIjoiYW5uIn0.c2ln").name, "ann");
    /// assert_eq!(Claims::read("no token"), Claims::default());
    /// ```
    #[must_use]
    pub fn read(jwt: &str) -> Self {
        let mut bytes = Vec::new();
        let body = jwt.split('.').nth(1).unwrap_or_default();
        if BASE64_URL.decode(body, &mut bytes).is_none() {
            return Self::default();
        }
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        json.deserialize_map(Fields).unwrap_or_default()
    }

    /// Whether it has expired at a time in seconds since 1970.
    ///
    /// ```
    /// use nats_proto::credentials::Claims;
    ///
    /// let claims = Claims { expires: Some(1_000), ..Claims::default() };
    /// assert!(claims.is_expired(1_000) && !claims.is_expired(999));
    /// ```
    #[must_use]
    pub fn is_expired(&self, now: u64) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Claims;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what a token says")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
        let mut claims = Claims::default();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "name" => claims.name = map.next_value()?,
                "exp" => claims.expires = Some(map.next_value::<u64>()?).filter(|expires| *expires > 0),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(claims: &str) -> String {
        let encode = |text: &str| BASE64_URL.encode(text.as_bytes());
        format!("{}.{}.c2ln", encode(r#"{"typ":"JWT","alg":"ed25519-nkey"}"#), encode(claims))
    }

    fn file(jwt: &str, seed: &str) -> String {
        format!(
            "-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n\
             ************************* IMPORTANT *************************\n\
             NKEY Seed printed below can be used to sign and prove identity.\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        )
    }

    #[test]
    fn a_file_as_nsc_writes_it() {
        let key = nkeys::KeyPair::new_user();
        let seed = key.seed().expect("a new key has one");
        let jwt = jwt(r#"{"jti":"x","name":"ann","nats":{"type":"user","subs":-1},"exp":1700000000}"#);
        let text = file(&jwt, &seed);
        for text in [text.clone(), text.replace('\n', "\r\n"), format!("\n\n  {text}  ")] {
            let read = Credentials::parse(&text).expect("it is whole");
            assert_eq!((read.jwt.expose(), read.key.public_key()), (jwt.as_str(), key.public_key()));
            assert_eq!(read.claims, Claims { name: "ann".into(), expires: Some(1_700_000_000) });
            assert!(read.claims.is_expired(1_700_000_000) && !read.claims.is_expired(1_699_999_999));
            let printed = format!("{read:?}");
            assert!(!printed.contains(&seed) && !printed.contains(&jwt), "{printed}");
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_told_apart() {
        let seed = nkeys::KeyPair::new_user().seed().expect("a new key has one");
        for text in ["", "hello", &seed, &file("", &seed), &file("x.y.z", "")] {
            assert_eq!(Credentials::parse(text).err(), Some(CredentialsError::Incomplete), "{text}");
        }
        let wrong = Credentials::parse(&file("x.y.z", "SUABC")).expect_err("the seed is none");
        assert_eq!(wrong, CredentialsError::Seed(SeedError::Malformed));
        assert!(!wrong.to_string().contains("SUABC"));
    }

    #[test]
    fn a_token_that_cannot_be_read_says_nothing() {
        for token in ["", "a", "a.b.c", "a.!.c", &jwt("[]"), &jwt("{"), &jwt(r#"{"exp":"soon"}"#)] {
            assert_eq!(Claims::read(token), Claims::default(), "{token}");
        }
        assert_eq!(Claims::read(&jwt(r#"{"name":"a","exp":0}"#)), Claims { name: "a".into(), expires: None });
    }
}
