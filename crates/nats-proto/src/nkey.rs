//! The key pair of a user: the seed that it is made from, and the signature by which a server knows its owner.
//! Written as nkeys are: base 32, a prefix that says what it is, and a checksum.

use std::fmt;

use ed25519_compact::{KeyPair, Seed};
use zeroize::Zeroizing;

use crate::radix::{BASE32, BASE64_URL};

/// The prefix of a seed, as the five bits of its first letter (`S`), in place.
const SEED: u8 = 18 << 3;
/// The prefix of a user (`U`).
const USER: u8 = 20 << 3;
/// Bytes of a seed as it is written: two prefixes, the seed itself and its checksum.
const WRITTEN: usize = 2 + 32 + 2;

/// What proves who a user is, by signing what a server asks to have signed. Behind a trait, so that a page which signs
/// in without a key does not carry the signing with it (9 kB, gzipped).
pub trait Signer: fmt::Debug + Send + Sync {
    /// The signature of what a server asks to have signed, as `CONNECT` carries it.
    fn sign(&self, nonce: &str) -> String;
}

impl Signer for UserKey {
    fn sign(&self, nonce: &str) -> String {
        Self::sign(self, nonce)
    }
}

/// A user's key pair. It is never printed, and its secret is wiped when it is dropped.
pub struct UserKey {
    pair: KeyPair,
}

/// Why a text is no seed of a user's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedError {
    /// It has letters or a length that no seed has, its checksum is wrong, or it is all zeros.
    Malformed,
    /// It is the seed of something else than a user, such as an account.
    NotUser,
}

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "this is no seed of a key",
            Self::NotUser => "this is the seed of a key, but not of a user's (it begins with SU)",
        })
    }
}

impl std::error::Error for SeedError {}

impl UserKey {
    /// The key of a seed, such as `SUAB…` (58 letters).
    ///
    /// ```
    /// use nats_proto::nkey::{SeedError, UserKey};
    ///
    /// assert!(UserKey::from_seed("SUAEURY36S64T2FTJYPJLUHG2VK4RXQOPDKQDHJLZAASVRXCL4SZ4QIEWU").is_ok());
    /// assert_eq!(UserKey::from_seed("hello").map(|_| ()), Err(SeedError::Malformed));
    /// ```
    ///
    /// # Errors
    /// When it is no seed, or not one of a user.
    pub fn from_seed(text: &str) -> Result<Self, SeedError> {
        let mut bytes = Zeroizing::new(Vec::new());
        BASE32.decode(text.trim(), &mut bytes).ok_or(SeedError::Malformed)?;
        let [first, second, key @ .., low, high] = bytes.as_slice() else { return Err(SeedError::Malformed) };
        let is_whole = bytes.len() == WRITTEN && checksum(&bytes[..WRITTEN - 2]) == [*low, *high];
        if !is_whole || first & 0xf8 != SEED {
            return Err(SeedError::Malformed);
        }
        if (first & 7) << 5 | second >> 3 != USER {
            return Err(SeedError::NotUser);
        }
        let mut seed = Seed::from_slice(key).map_err(|_| SeedError::Malformed)?;
        let pair = KeyPair::try_from_seed(seed);
        seed.wipe_mut();
        Ok(Self { pair: pair.map_err(|_| SeedError::Malformed)? })
    }

    /// The public half, such as `UAB…` (56 letters), by which a server names the user.
    ///
    /// ```
    /// # use nats_proto::nkey::{SeedError, UserKey};
    /// let key = UserKey::from_seed("SUAEURY36S64T2FTJYPJLUHG2VK4RXQOPDKQDHJLZAASVRXCL4SZ4QIEWU")?;
    /// assert_eq!(key.public_key(), "UDKZ6NRJATAOLLBOFMVAK2YBJRVTRDU6BURTX4BWLTPQXCHER6CUFDBM");
    /// # Ok::<(), SeedError>(())
    /// ```
    #[must_use]
    pub fn public_key(&self) -> String {
        let mut bytes = Vec::with_capacity(1 + 32 + 2);
        bytes.push(USER);
        bytes.extend_from_slice(self.pair.pk.as_slice());
        bytes.extend_from_slice(&checksum(&bytes));
        BASE32.encode(&bytes)
    }

    /// The signature of what a server asks to have signed, as `CONNECT` carries it.
    ///
    /// ```
    /// # use nats_proto::nkey::{SeedError, UserKey};
    /// let key = UserKey::from_seed("SUAEURY36S64T2FTJYPJLUHG2VK4RXQOPDKQDHJLZAASVRXCL4SZ4QIEWU")?;
    /// assert_eq!(key.sign("what the server sent").len(), 86);
    /// # Ok::<(), SeedError>(())
    /// ```
    #[must_use]
    pub fn sign(&self, nonce: &str) -> String {
        BASE64_URL.encode(self.pair.sk.sign(nonce, None).as_slice())
    }
}

impl fmt::Debug for UserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UserKey").field(&self.public_key()).finish()
    }
}

/// CRC-16/XMODEM, the low byte first.
fn checksum(bytes: &[u8]) -> [u8; 2] {
    let step = |crc: u16, byte: &u8| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
            let shifted = crc << 1;
            if crc & 0x8000 == 0 { shifted } else { shifted ^ 0x1021 }
        })
    };
    bytes.iter().fold(0, step).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_signatures_are_those_of_nkeys() {
        for _ in 0..20 {
            let theirs = nkeys::KeyPair::new_user();
            let ours = UserKey::from_seed(&theirs.seed().expect("a new key has one")).expect("a seed");
            assert_eq!(ours.public_key(), theirs.public_key());
            let mut signature = Vec::new();
            BASE64_URL.decode(&ours.sign("a nonce"), &mut signature).expect("it is in base 64");
            theirs.verify(b"a nonce", &signature).expect("it is the same key");
            theirs.verify(b"another", &signature).expect_err("it signs the nonce only");
        }
    }

    #[test]
    fn what_is_no_seed_of_a_user_is_told_apart() {
        let seed = nkeys::KeyPair::new_user().seed().expect("a new key has one");
        let cut = &seed[..seed.len() - 1];
        // The last letter's two lowest bits mean nothing, so these two differ in others.
        let other = if seed.ends_with('A') { "Q" } else { "A" };
        for text in ["", "S", "SU", cut, &format!("{cut}{other}"), &seed.to_lowercase(), &seed.repeat(2)] {
            assert_eq!(UserKey::from_seed(text).err(), Some(SeedError::Malformed), "{text}");
        }
        // Well written, but nobody's key.
        let zeros = nkeys::KeyPair::new_from_raw(nkeys::KeyPairType::User, [0; 32]).expect("a key");
        let zeros = zeros.seed().expect("it has one");
        assert_eq!(UserKey::from_seed(&zeros).err(), Some(SeedError::Malformed), "{zeros}");
        let public = nkeys::KeyPair::new_user().public_key();
        assert_eq!(UserKey::from_seed(&public).err(), Some(SeedError::Malformed));
        let account = nkeys::KeyPair::new_account().seed().expect("a new key has one");
        assert_eq!(UserKey::from_seed(&account).err(), Some(SeedError::NotUser));
        assert!(UserKey::from_seed(&format!(" {seed}\n")).is_ok());
    }

    #[test]
    fn a_key_is_printed_without_its_secret() {
        let theirs = nkeys::KeyPair::new_user();
        let seed = theirs.seed().expect("a new key has one");
        let printed = format!("{:?}", UserKey::from_seed(&seed).expect("a seed"));
        assert_eq!(printed, format!("UserKey({:?})", theirs.public_key()));
    }
}
