//! RFC 3339 times with nanoseconds, as a server writes them, and nothing else: strict, and without allocation.

/// Nanoseconds since 1970 in UTC, of a time such as `2026-11-23T06:17:46.959050453Z` or with an offset `+02:00`.
///
/// `None` for anything that is not exactly that, for a day or hour that does not exist (leap seconds included, as
/// servers never write them), and outside 1678 to 2262, which is what fits into 64 bits.
///
/// ```
/// use nats_proto::timestamp::parse;
///
/// assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
/// assert_eq!(parse("2026-11-23T06:17:46.959050453Z"), Some(1_795_414_666_959_050_453));
/// assert_eq!(parse("2026-11-23T08:17:46.959050453+02:00"), parse("2026-11-23T06:17:46.959050453Z"));
/// assert_eq!(parse("2026-02-29T00:00:00Z"), None);
/// ```
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let (fixed, rest) = bytes.split_at_checked(19)?;
    if fixed[4] != b'-' || fixed[7] != b'-' || fixed[10] != b'T' || fixed[13] != b':' || fixed[16] != b':' {
        return None;
    }
    let year = two(fixed, 0)? * 100 + two(fixed, 2)?;
    let (month, day) = (two(fixed, 5)?, two(fixed, 8)?);
    let (hour, minute, second) = (two(fixed, 11)?, two(fixed, 14)?, two(fixed, 17)?);
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (nanoseconds, rest) = fraction(rest)?;
    let seconds =
        days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset(rest)?;
    i64::try_from(i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)).ok()
}

/// The time `nanoseconds` after the beginning of 1970, in UTC and with all nine digits.
///
/// ```
/// use nats_proto::timestamp::{format, parse};
///
/// assert_eq!(format(1_795_414_666_000_000_000), "2026-11-23T06:17:46.000000000Z");
/// assert_eq!(parse(&format(-1)), Some(-1));
/// ```
#[must_use]
pub fn format(nanoseconds: i64) -> String {
    let (seconds, fraction) = (nanoseconds.div_euclid(1_000_000_000), nanoseconds.rem_euclid(1_000_000_000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Years that begin in March put the leap day at their end, and months then have a regular pattern.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:09}Z")
}

/// Two digits at `at`.
fn two(bytes: &[u8], at: usize) -> Option<i64> {
    let (tens, ones) = (bytes[at].wrapping_sub(b'0'), bytes[at + 1].wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| i64::from(tens) * 10 + i64::from(ones))
}

/// `.` and one to nine digits as nanoseconds, if they are there; and what follows.
fn fraction(rest: &[u8]) -> Option<(i64, &[u8])> {
    let Some(digits) = rest.strip_prefix(b".") else { return Some((0, rest)) };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&count) {
        return None;
    }
    let mut value = digits[..count].iter().fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    for _ in count..9 {
        value *= 10;
    }
    Some((value, &digits[count..]))
}

/// `Z` or `+hh:mm` or `-hh:mm`, in seconds.
fn offset(rest: &[u8]) -> Option<i64> {
    let (sign, hour, minute) = match rest {
        b"Z" => return Some(0),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => (*sign, two(rest, 1)?, two(rest, 4)?),
        _ => return None,
    };
    let seconds = hour * 3_600 + minute * 60;
    (hour <= 23 && minute <= 59).then_some(if sign == b'-' { -seconds } else { seconds })
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_times() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59.999999999Z", -1),
            ("2000-02-29T12:00:00Z", 951_825_600_000_000_000),
            ("2001-09-09T01:46:40Z", 1_000_000_000_000_000_000),
            ("2026-11-23T06:17:46.959050453Z", 1_795_414_666_959_050_453),
            ("2026-11-23T06:17:46.9Z", 1_795_414_666_900_000_000),
            ("2026-11-23T06:17:46.95905045Z", 1_795_414_666_959_050_450),
            ("2026-11-23T00:17:46-06:00", 1_795_414_666_000_000_000),
            ("2262-04-11T23:47:16.854775807Z", i64::MAX),
            ("1677-09-21T00:12:43.145224192Z", i64::MIN),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "2026-11-23",
            "2026-11-23T06:17:46",
            "2026-11-23 06:17:46Z",
            "2026-11-23t06:17:46z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.1234567890Z",
            "2026-01-01T00:00:00Z ",
            "2026-01-01T00:00:00+2:00",
            "2026-01-01T00:00:00+24:00",
            "-026-01-01T00:00:00Z",
            "2262-04-11T23:47:16.854775808Z",
            "0000-01-01T00:00:00Z",
            "2026-01-01T00:00:00é",
            "２026-01-01T00:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(nanoseconds: i64) {
            prop_assert_eq!(parse(&format(nanoseconds)), Some(nanoseconds));
        }

        #[test]
        fn no_text_panics(text in "\\PC*", near in "[0-9T:.Z+-]{15,36}") {
            let _ = parse(&text);
            let _ = parse(&near);
        }
    }
}
