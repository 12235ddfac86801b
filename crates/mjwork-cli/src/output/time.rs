//! Times as people read and write them. What is shown is the server's time, in the reader's zone.

use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo};
use mjwork::{Duration, Timestamp};

/// How long: `0 s`, `59 s`, `3 min`, `2 h 05 min`, `4 d 3 h`.
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

/// The time of day, `HH:MM:SS`, in the reader's zone.
pub fn time_of_day(time: Timestamp) -> String {
    local(time, "%H:%M:%S")
}

/// Date and time of day in the reader's zone.
pub fn moment(time: Timestamp) -> String {
    local(time, "%Y-%m-%d %H:%M:%S")
}

/// Date and time in UTC, to the nanosecond, as scripts want it.
pub fn rfc3339(time: Timestamp) -> String {
    stamp(time).to_string()
}

fn local(time: Timestamp, format: &str) -> String {
    stamp(time).to_zoned_datetime(TimeZone::system()).strftime(format).to_string()
}

fn stamp(time: Timestamp) -> jiff::Timestamp {
    // 64 bits of nanoseconds reach to the year 2262, and jiff to 9999.
    jiff::Timestamp::from_nanosecond(i128::from(time.as_nanos())).unwrap_or_default()
}

/// A length of time: `90`, `90s`, `1m30s`, `2h`, `1d`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string());
    }
    let span: Span = text.parse().map_err(|_| "write it as 90s, 10m, 2h30m or 1d".to_owned())?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|error| error.to_string())?;
    Duration::try_from(length).map_err(|_| "it is below zero".to_owned())
}

/// A point in time: an age (`10m`, `2h`, `1d`) before `now`, or a date (`2026-11-24`, with or without a time of day; in
/// the writer's zone unless it names one).
pub fn parse_moment(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Ok(ago) = parse_duration(text) {
        return Ok(now - ago);
    }
    let stamp = text.parse::<jiff::Timestamp>().or_else(|_| {
        let civil: jiff::civil::DateTime = text.parse()?;
        civil.to_zoned_datetime(TimeZone::system()).map(|zoned| zoned.timestamp())
    });
    // What lies beyond the years that a message can be of comes before or after all of them.
    let nanos = |stamp: jiff::Timestamp| {
        i64::try_from(stamp.as_nanosecond()).unwrap_or(if stamp.signum() < 0 { i64::MIN } else { i64::MAX })
    };
    stamp
        .map(|stamp| Timestamp::from_nanos(nanos(stamp)))
        .map_err(|_| format!("{text:?} is neither an age, as 10m or 1d, nor a date, as 2026-11-24T09:30"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages() {
        for (seconds, text) in
            [(0, "0 s"), (59, "59 s"), (3_599, "59 min"), (7_500, "2 h 05 min"), (356_400, "4 d 3 h")]
        {
            assert_eq!(age(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn lengths_of_time() {
        for (text, seconds) in
            [("90", 90.0), ("0.5", 0.5), ("90s", 90.0), ("1m30s", 90.0), ("2h", 7_200.0), ("1d", 86_400.0)]
        {
            assert_eq!(parse_duration(text), Ok(Duration::from_secs_f64(seconds)), "{text}");
        }
        for bad in ["", "soon", "-5", "-5m", "1 moon"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn points_in_time() {
        let now = Timestamp::from_secs(1_000_000);
        assert_eq!(parse_moment("10m", now), Ok(Timestamp::from_secs(999_400)));
        let noon = Timestamp::from_secs(1_795_521_600);
        assert_eq!(parse_moment("2026-11-24T12:00:00Z", now), Ok(noon));
        assert_eq!(parse_moment("2026-11-24T13:00:00+01:00", now), Ok(noon));
        assert!(parse_moment("2026-11-24", now).is_ok() && parse_moment("2026-11-24 09:30", now).is_ok());
        assert!(parse_moment("yesterday", now).is_err());
        assert_eq!(rfc3339(noon), "2026-11-24T12:00:00Z");
    }
}
