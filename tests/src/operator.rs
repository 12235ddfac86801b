//! An operator with an account of its own, as `nsc` makes them: what a server is told of them, and the users.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use nkeys::KeyPair;
use serde_json::{Value, json};

/// An operator, its account and its system account.
#[derive(Debug)]
pub struct Operator {
    key: KeyPair,
    account: KeyPair,
    system: KeyPair,
}

/// A user of the account.
#[derive(Debug)]
pub struct User {
    /// What says who it is, signed by the account.
    pub jwt: String,
    /// What proves it.
    pub key: KeyPair,
}

impl Default for Operator {
    fn default() -> Self {
        Self { key: KeyPair::new_operator(), account: KeyPair::new_account(), system: KeyPair::new_account() }
    }
}

impl Operator {
    /// The lines of a server's configuration by which it knows nobody but them.
    #[must_use]
    pub fn config(&self) -> String {
        let (operator, account, system) = (&self.key, &self.account, &self.system);
        let unlimited = json!({
            "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1,
            "leaf": -1, "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1,
        });
        let of_operator = token(operator, operator, "O", None, json!({"type": "operator"}));
        let of_account = token(operator, account, "A", None, json!({"type": "account", "limits": unlimited}));
        let of_system = token(operator, system, "SYS", None, json!({"type": "account"}));
        format!(
            "operator: {of_operator}\nsystem_account: {1}\nresolver: MEMORY\n\
             resolver_preload: {{ {0}: {of_account}, {1}: {of_system} }}\n",
            account.public_key(),
            system.public_key()
        )
    }

    /// A new user who may do everything; until `expires`, in seconds since 1970.
    #[must_use]
    pub fn user(&self, name: &str, expires: Option<u64>) -> User {
        let key = KeyPair::new_user();
        let rights = json!({"type": "user", "subs": -1, "data": -1, "payload": -1});
        User { jwt: token(&self.account, &key, name, expires, rights), key }
    }
}

impl User {
    /// The seed of its key.
    #[must_use]
    pub fn seed(&self) -> String {
        self.key.seed().expect("a new key has one")
    }

    /// Its file of credentials.
    #[must_use]
    pub fn credentials(&self) -> String {
        format!(
            "-----BEGIN NATS USER JWT-----\n{}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
            self.jwt,
            self.seed()
        )
    }
}

/// A JWT that `issuer` signs for `subject`, as `nsc` makes them.
fn token(issuer: &KeyPair, subject: &KeyPair, name: &str, expires: Option<u64>, mut nats: Value) -> String {
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    nats["version"] = json!(2);
    let header = json!({"typ": "JWT", "alg": "ed25519-nkey"});
    let mut claims = json!({
        "jti": name, "iat": 1_600_000_000, "iss": issuer.public_key(), "name": name,
        "sub": subject.public_key(), "nats": nats,
    });
    if let Some(expires) = expires {
        claims["exp"] = json!(expires);
    }
    let signed =
        format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
    let signature = issuer.sign(signed.as_bytes()).expect("a pair can sign");
    format!("{signed}.{}", encode(&signature))
}
