//! What is known, kept on the device: under which key, in which form, when it is written, and when it is believed.
//!
//! A copy only saves reading what was read before. Whatever is odd about one, it is not believed, and everything is read
//! from the stream.
//!
//! | a copy is not believed when | because |
//! | --- | --- |
//! | another bundle wrote it | its form or its fold may be another |
//! | a part is missing, or one of the check sums of what is in them is another | it is damaged |
//! | it ends at another sequence than its head says | two were mixed |
//! | the stream was created at another time, ends earlier, or has nothing left of it | it is another stream |
//!
//! The last line is the reader's to see ([`mjwork::reader::Reader::resume`]); the others are seen here.

use crate::live::Known;
use crate::series::Series;
use crate::settings::{Credentials, Settings};
use mjwork::Sequence;
use mjwork::board::Board;
use mjwork::reader::Origin;

/// The form of what is written here, apart from that of the board in it.
const FORMAT: &str = "mjwork copy 1";
/// So many bytes a part has at the most: few enough to be handed over within a few milliseconds. Chromium keeps what is
/// larger than 64 KiB as a file, and reads few of these faster than many.
pub const PART: usize = 1 << 20;

/// Under which key the copy of a stream lies as one account sees it; none where one cannot tell whose it is.
#[must_use]
pub fn key(server: &str, settings: &Settings, credentials: &Credentials) -> Option<String> {
    let account = match credentials {
        Credentials::Anonymous => format!("anonymous {}", settings.anonymous_user),
        Credentials::Password { user, .. } => format!("user {user}"),
        Credentials::Key { public, .. } => format!("key {public}"),
        // A name may be another's in another account; a public key is nobody else's.
        Credentials::File { text, .. } => {
            format!(
                "key {}",
                nats_proto::credentials::Credentials::parse(text.expose()).ok()?.key.public_key()
            )
        }
        // The secret alone says who it is, and is written nowhere.
        Credentials::Token(_) => return None,
    };
    Some([server, &settings.stream, &settings.subject_prefix, &account].join("\n"))
}

/// What is said of a copy beside its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The bundle that wrote it.
    pub bundle: String,
    /// Which stream it is of, and up to where.
    pub origin: Origin,
    /// How many messages the stream had had.
    pub messages: usize,
    /// In how many parts it lies.
    pub parts: usize,
}

impl Head {
    /// The head as text.
    #[must_use]
    pub fn encode(&self) -> String {
        let Self { bundle, origin, messages, parts } = self;
        let lines = [
            FORMAT,
            bundle,
            &origin.created,
            &origin.seq.to_string(),
            &messages.to_string(),
            &parts.to_string(),
        ];
        lines.join("\n")
    }

    /// Reads what [`Head::encode`] wrote; none of anything else.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.split('\n').collect();
        let [FORMAT, bundle, created, seq, messages, parts] = lines[..] else { return None };
        Some(Self {
            bundle: bundle.to_owned(),
            origin: Origin { created: created.to_owned(), seq: seq.parse().ok()? },
            messages: messages.parse().ok()?,
            parts: parts.parse().ok()?,
        })
    }
}

/// What stands before the board: the length of the series, its check sum, the series. The board's own snapshot has a sum
/// of its own.
#[must_use]
pub fn before_the_board(series: &Series) -> Vec<u8> {
    let series = series.encode();
    let mut bytes = u32::try_from(series.len()).unwrap_or(0).to_le_bytes().to_vec();
    bytes.extend(check_sum(&series).to_le_bytes());
    bytes.extend(series);
    bytes
}

/// What so many parts hold, which have these bytes behind each other; none unless they are just what `head` says and
/// `bundle` wrote them.
#[must_use]
pub fn unpack(head: &Head, bundle: &str, parts: usize, bytes: &[u8]) -> Option<Known> {
    if head.bundle != bundle || parts != head.parts {
        return None;
    }
    let (length, rest) = bytes.split_first_chunk()?;
    let (sum, rest) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (series, board) = rest.split_at_checked(length)?;
    if check_sum(series) != u64::from_le_bytes(*sum) {
        return None;
    }
    let series = Series::decode(series)?;
    let board = Board::decode_snapshot(board).ok()?;
    let is_it = board.last_seq() == head.origin.seq;
    is_it.then_some(Known { board, series, messages: head.messages })
}

/// FNV-1a: tells damage. It is no defence against who means to deceive: whoever writes to the device's storage can change
/// the page as well.
fn check_sum(bytes: &[u8]) -> u64 {
    let mix = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix)
}

/// When what is known is written.
///
/// | since the last writing | it is written |
/// | --- | --- |
/// | there was none | at once |
/// | nothing new | not at all |
/// | the page was hidden, which may be the last that is seen of it | after 5 s |
/// | 1,000 events or more | after a minute |
/// | fewer | after ten minutes |
///
/// And never so often that it takes more than a fiftieth of the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saves {
    last: Option<(Sequence, i64)>,
    took_ms: i64,
}

impl Saves {
    /// Whether it is time to write, with everything up to `seq` known; times are the browser's, in ms.
    #[must_use]
    pub fn is_due(&self, seq: Sequence, now_ms: i64, is_hidden: bool) -> bool {
        let Some((saved, at_ms)) = self.last else { return seq > 0 };
        let least_s = match seq.checked_sub(saved) {
            None | Some(0) => return false,
            Some(_) if is_hidden => 5,
            Some(1_000..) => 60,
            Some(_) => 600,
        };
        now_ms - at_ms >= (least_s * 1_000).max(self.took_ms * 50)
    }

    /// What is on the device now: everything up to `seq`, written in `took_ms`.
    pub fn saved(&mut self, seq: Sequence, now_ms: i64, took_ms: i64) {
        *self = Self { last: Some((seq, now_ms)), took_ms };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_board::Script;

    fn known() -> (Known, Head, Vec<Vec<u8>>) {
        let mut script = Script::new();
        for id in ["a", "b", "c"] {
            script.available(id, "");
        }
        script.claim("a", "x");
        script.complete("a", "x");
        let known = Known { board: script.board, series: Series::default(), messages: 7 };
        let bytes = [before_the_board(&known.series), known.board.encode_snapshot()].concat();
        let parts: Vec<Vec<u8>> = bytes.chunks(50).map(<[u8]>::to_vec).collect();
        let head = Head {
            bundle: "b".into(),
            origin: Origin { created: "2026-11-24T14:00:00Z".into(), seq: 5 },
            messages: 7,
            parts: parts.len(),
        };
        (known, head, parts)
    }

    fn unpack(head: &Head, bundle: &str, parts: &[Vec<u8>]) -> Option<Known> {
        super::unpack(head, bundle, parts.len(), &parts.concat())
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let (known, head, parts) = known();
        assert!(parts.len() > 2);
        assert_eq!(Head::decode(&head.encode()), Some(head.clone()));
        let read = unpack(&head, "b", &parts).unwrap();
        assert_eq!((read.board.last_seq(), read.board.counts(), read.messages), (5, known.board.counts(), 7));
        assert_eq!(format!("{:?}", read.board.task("a")), format!("{:?}", known.board.task("a")));
    }

    #[test]
    fn what_is_odd_is_not_believed() {
        let (_, head, parts) = known();
        assert!(unpack(&head, "another", &parts).is_none());
        assert!(unpack(&head, "b", &parts[1..]).is_none());
        assert!(unpack(&head, "b", &[]).is_none());
        let mut swapped = parts.clone();
        swapped.swap(0, 1);
        assert!(unpack(&head, "b", &swapped).is_none());
        for part in 0..parts.len() {
            for at in 0..parts[part].len() {
                let mut damaged = parts.clone();
                damaged[part][at] ^= 1;
                assert!(unpack(&head, "b", &damaged).is_none(), "byte {at} of part {part}");
            }
        }
        let mut other = head.clone();
        other.origin.seq = 4;
        assert!(unpack(&other, "b", &parts).is_none(), "it ends elsewhere");
        for text in [
            "",
            "mjwork copy 1",
            "mjwork copy 2\nb\nc\n5\n7\n0",
            "mjwork copy 1\nb\nc\nx\n7\n0",
            "\n\n\n\n\n",
        ] {
            assert_eq!(Head::decode(text), None, "{text:?}");
        }
    }

    #[test]
    fn each_account_has_a_copy_of_its_own() {
        let settings = Settings::default();
        let of = |credentials: &Credentials| key("ws://a:1", &settings, credentials);
        let user = |user: &str| Credentials::Password { user: user.into(), password: "secret".into() };
        let viewer = of(&Credentials::Anonymous).unwrap();
        assert_ne!(viewer, of(&user("operator")).unwrap());
        assert_ne!(viewer, of(&user("viewer")).unwrap());
        assert_eq!(of(&Credentials::Token("t".into())), None);
        assert!(!of(&user("operator")).unwrap().contains("secret"));
        let other = Settings { stream: "OTHER".into(), ..Settings::default() };
        assert_ne!(key("ws://a:1", &other, &Credentials::Anonymous).unwrap(), viewer);
        assert_ne!(key("ws://b:1", &settings, &Credentials::Anonymous).unwrap(), viewer);
    }

    #[test]
    fn it_is_written_when_enough_has_changed() {
        let mut saves = Saves::default();
        assert!(!saves.is_due(0, 0, true), "nothing is known yet");
        assert!(saves.is_due(1, 0, false));
        saves.saved(10, 0, 20);
        for (seq, now_ms, is_hidden, is_due) in [
            (10, 10_000_000, true, false),
            (11, 5_000, true, true),
            (11, 4_999, true, false),
            (1_010, 60_000, false, true),
            (1_010, 59_999, false, false),
            (11, 600_000, false, true),
            (11, 599_999, false, false),
            (9, 600_000, false, false),
        ] {
            assert_eq!(saves.is_due(seq, now_ms, is_hidden), is_due, "{seq} at {now_ms}");
        }
        saves.saved(10, 0, 2_000);
        assert!(!saves.is_due(5_000, 99_999, true) && saves.is_due(5_000, 100_000, true));
    }
}
