//! Base 32 and base 64 (RFC 4648, without padding), as keys and signatures are written.

/// An alphabet, and so a base.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Radix {
    letters: &'static [u8],
    /// How many bits a letter stands for.
    bits: u32,
}

/// Base 32.
pub(crate) const BASE32: Radix = Radix { letters: b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", bits: 5 };

/// Base 64 with the two letters that fit into an address.
pub(crate) const BASE64_URL: Radix =
    Radix { letters: b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", bits: 6 };

impl Radix {
    /// The text that stands for these bytes.
    pub(crate) fn encode(self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len() * 8 / self.bits as usize + 1);
        let mask = (1 << self.bits) - 1;
        let (mut held, mut count) = (0_u32, 0);
        for byte in bytes {
            held = held << 8 | u32::from(*byte);
            count += 8;
            while count >= self.bits {
                count -= self.bits;
                text.push(self.letters[(held >> count & mask) as usize].into());
            }
        }
        if count > 0 {
            text.push(self.letters[(held << (self.bits - count) & mask) as usize].into());
        }
        text
    }

    /// The bytes that a text stands for, appended to `bytes`; `None` if it has a letter of another alphabet. Bits that
    /// fill no byte are left out.
    pub(crate) fn decode(self, text: &str, bytes: &mut Vec<u8>) -> Option<()> {
        // Room first: what grows leaves copies of itself behind, and these may be secret.
        bytes.reserve_exact(text.len() * self.bits as usize / 8);
        let (mut held, mut count) = (0_u32, 0);
        for letter in text.bytes() {
            let value = self.letters.iter().position(|other| *other == letter)?;
            held = held << self.bits | u32::try_from(value).ok()?;
            count += self.bits;
            if count >= 8 {
                count -= 8;
                bytes.push(u8::try_from(held >> count & 0xff).ok()?);
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_rfc() {
        for (plain, base32, base64) in [
            ("", "", ""),
            ("f", "MY", "Zg"),
            ("fo", "MZXQ", "Zm8"),
            ("foo", "MZXW6", "Zm9v"),
            ("foob", "MZXW6YQ", "Zm9vYg"),
            ("fooba", "MZXW6YTB", "Zm9vYmE"),
            ("foobar", "MZXW6YTBOI", "Zm9vYmFy"),
        ] {
            for (radix, text) in [(BASE32, base32), (BASE64_URL, base64)] {
                assert_eq!(radix.encode(plain.as_bytes()), text);
                let mut bytes = Vec::new();
                assert_eq!(radix.decode(text, &mut bytes), Some(()));
                assert_eq!(bytes, plain.as_bytes());
            }
        }
        assert_eq!(BASE64_URL.encode(&[0xfb, 0xff]), "-_8");
        assert_eq!(BASE32.decode("M1", &mut Vec::new()), None);
        assert_eq!(BASE64_URL.decode("Zg==", &mut Vec::new()), None);
    }
}
