//! Ages, times, sizes and counts as people read them.
//! Times are the server's; the offset of the reader's zone comes from the browser.

use mjwork::{Duration, Timestamp};

/// How long: `0 s`, `59 s`, `3 min`, `2 h 05 min`, `4 d 3 h`.
#[must_use]
pub fn age(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{minutes} min"),
        3_600..86_400 => format!("{hours} h {:02} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

/// A size: `812 B`, `4.2 kB`, `1.0 MB`.
#[must_use]
pub fn bytes(size: usize) -> String {
    // One decimal, in whole numbers.
    let tenths = |unit: usize| {
        let t = (size * 10 + unit / 2) / unit;
        format!("{}.{}", t / 10, t % 10)
    };
    match size {
        0..1_000 => format!("{size} B"),
        1_000..1_000_000 => format!("{} kB", tenths(1_000)),
        _ => format!("{} MB", tenths(1_000_000)),
    }
}

/// A count with thousands apart: `112,340`.
#[must_use]
pub fn count(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().map_or_else(|_| "many".to_owned(), |n| n.to_string());
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && digit.is_ascii_digit() {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The time of day, `HH:MM:SS`, in a zone that many minutes east of UTC.
#[must_use]
pub fn time_of_day(time: Timestamp, east_minutes: i64) -> String {
    let seconds = (time.as_millis().div_euclid(1_000) + east_minutes * 60).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// Date and time to the millisecond, in a zone that many minutes east of UTC: `2026-11-23 06:31:07.250`.
#[must_use]
pub fn date_time(time: Timestamp, east_minutes: i64) -> String {
    let millis = time.as_millis() + east_minutes * 60_000;
    let (year, month, day) = civil(millis.div_euclid(86_400_000));
    let of_day = millis.rem_euclid(86_400_000);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}.{:03}",
        of_day / 3_600_000,
        of_day / 60_000 % 60,
        of_day / 1_000 % 60,
        of_day % 1_000
    )
}

/// What hovering over a time shows: local and UTC.
#[must_use]
pub fn both_zones(time: Timestamp, east_minutes: i64) -> String {
    format!("{} local\n{} UTC", date_time(time, east_minutes), date_time(time, 0))
}

/// How much of all is done, in whole percent; 100 only when all is.
#[must_use]
pub fn percent(done: usize, total: usize) -> usize {
    (done * 100).checked_div(total).unwrap_or(0)
}

/// The first `limit` characters in one line; longer ones end in an ellipsis.
#[must_use]
pub fn one_line(text: &str, limit: usize) -> String {
    let mut line: String = text.chars().take(limit).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(limit).is_some() {
        line.push('…');
    }
    line
}

/// JSON indented for reading, two spaces a level. What stands in it is not changed, and what is no JSON comes out as
/// readable as it went in: only what stands between texts is laid out anew.
#[must_use]
pub fn pretty_json(json: &str) -> String {
    let mut pretty = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let (mut in_text, mut is_escaped) = (false, false);
    let mut rest = json.chars().filter(|c| !c.is_control()).peekable();
    let line = |pretty: &mut String, depth: usize| {
        pretty.push('\n');
        pretty.extend(std::iter::repeat_n("  ", depth.min(MAX_INDENT)));
    };
    while let Some(c) = rest.next() {
        if in_text {
            pretty.push(c);
            (in_text, is_escaped) = match (c, is_escaped) {
                ('"', false) => (false, false),
                ('\\', false) => (true, true),
                _ => (true, false),
            };
            continue;
        }
        match c {
            ' ' => {}
            '"' => {
                in_text = true;
                pretty.push(c);
            }
            '{' | '[' => {
                pretty.push(c);
                while rest.next_if_eq(&' ').is_some() {}
                if let Some(end) = rest.next_if(|c| matches!(c, '}' | ']')) {
                    pretty.push(end);
                } else {
                    depth += 1;
                    line(&mut pretty, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut pretty, depth);
                pretty.push(c);
            }
            ',' => {
                pretty.push(c);
                line(&mut pretty, depth);
            }
            ':' => pretty.push_str(": "),
            _ => pretty.push(c),
        }
    }
    pretty
}

/// Nothing is indented further, however deep it lies.
const MAX_INDENT: usize = 40;

/// Year, month and day of a day since 1970-01-01, in the proleptic Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Counted in eras of 400 years that begin on 1 March, so that the leap day comes last.
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min"),
            (7_500, "2 h 05 min"),
            (86_400, "1 d 0 h"),
            (356_400, "4 d 3 h"),
        ] {
            assert_eq!(age(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn sizes_and_counts() {
        let sizes = [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (4_249, "4.2 kB"), (1_048_576, "1.0 MB")];
        for (size, text) in sizes {
            assert_eq!(bytes(size), text);
        }
        for (number, text) in
            [(0_usize, "0"), (999, "999"), (1_000, "1,000"), (112_340, "112,340"), (1_234_567, "1,234,567")]
        {
            assert_eq!(count(number), text);
        }
        assert_eq!((percent(0, 0), percent(1, 3), percent(999, 1_000), percent(3, 3)), (0, 33, 99, 100));
    }

    #[test]
    fn times_in_a_zone() {
        let time = Timestamp::from_millis(1_709_164_799_250);
        assert_eq!(date_time(time, 0), "2024-02-28 23:59:59.250");
        assert_eq!(date_time(time, 60), "2024-02-29 00:59:59.250");
        assert_eq!(time_of_day(time, 60), "00:59:59");
        assert_eq!(time_of_day(time, -300), "18:59:59");
        assert_eq!(date_time(Timestamp::from_millis(-1), 0), "1969-12-31 23:59:59.999");
        assert_eq!(date_time(Timestamp::from_secs(951_782_400), 0), "2000-02-29 00:00:00.000");
    }

    #[test]
    fn text_is_cut_by_characters_and_kept_in_one_line() {
        assert_eq!(one_line("äöü", 3), "äöü");
        assert_eq!(one_line("a\nbcd", 3), "a b…");
    }

    #[test]
    fn json_is_laid_out_and_not_changed() {
        for (json, pretty) in [
            (r#"{"a":1}"#, "{\n  \"a\": 1\n}"),
            (r#"[ 1 ,"b, {\" c" ]"#, "[\n  1,\n  \"b, {\\\" c\"\n]"),
            (r#"{"a":{},"b":[ ]}"#, "{\n  \"a\": {},\n  \"b\": []\n}"),
            ("1e400", "1e400"),
            ("\"\\\\\"", "\"\\\\\""),
        ] {
            assert_eq!(pretty_json(json), pretty);
        }
        let written = r#"{"n":1.50,"t":"x y","l":[true,null,-0]}"#;
        let laid_out = pretty_json(written);
        assert_eq!(laid_out.split_whitespace().collect::<Vec<_>>().concat(), written.replace(' ', ""));
        assert!(pretty_json(&"[".repeat(1_000)).len() < 100_000);
    }
}
