//! The operator's password: made once from the system's randomness, kept in a file that only its owner reads.

use crate::Failure;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Letters and digits that nobody confuses. There are 32, so that five bits of a random byte choose one evenly.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";
/// 120 bits.
const LENGTH: usize = 24;

/// A password, and whether it has just been made.
#[derive(Debug, PartialEq, Eq)]
pub struct Password {
    /// The password itself.
    pub text: String,
    /// Whether this is the one time to show it.
    pub new: bool,
}

/// The password in `file`, made if there is none.
pub fn keep(file: &Path) -> Result<Password, Failure> {
    let failed = |error: std::io::Error| format!("{}: {error}", file.display());
    match fs::read_to_string(file) {
        Ok(text) => {
            let text = text.trim().to_owned();
            check(&text).map_err(|why| format!("{}: {why}", file.display()))?;
            Ok(Password { text, new: false })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let text = generate().map_err(|e| format!("/dev/urandom: {e}"))?;
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder).map_err(failed)?;
            }
            let mut kept =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(failed)?;
            writeln!(kept, "{text}").map_err(failed)?;
            Ok(Password { text, new: true })
        }
        Err(error) => Err(failed(error)),
    }
}

/// nats-server reads the variable as if it stood in its configuration: digits alone would be a number, an empty text no
/// password at all.
pub fn check(text: &str) -> Result<(), Failure> {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric())
        && text.starts_with(|c: char| c.is_ascii_alphabetic());
    let constant =
        ["true", "false", "yes", "no", "on", "off"].iter().any(|word| text.eq_ignore_ascii_case(word));
    if plain && !constant && text.len() >= 8 {
        Ok(())
    } else {
        Err("the operator's password has to be letters and digits, at least eight, a letter first".to_owned())
    }
}

fn generate() -> std::io::Result<String> {
    let mut bytes = [0; LENGTH];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    // The first is one of the letters, which stand before the digits: four bits, from the first sixteen.
    bytes[0] &= 15;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn it_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/operator-password");
        let first = keep(&file).unwrap();
        assert!(first.new && first.text.len() == LENGTH);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(keep(&file).unwrap(), Password { text: first.text.clone(), new: false });
        let other = keep(&folder.path().join("other")).unwrap();
        assert_ne!(first.text, other.text);
    }

    #[test]
    fn every_one_that_is_made_is_read_by_the_server_as_it_is() {
        for _ in 0..1_000 {
            assert_eq!(check(&generate().unwrap()), Ok(()));
        }
    }

    #[test]
    fn what_the_server_would_read_as_something_else_is_refused() {
        for text in ["", "12345678", "1abcdefgh", "abc def gh", "$abcdefgh", "abcdefg#h", "true", "short"] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
