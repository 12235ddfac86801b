//! Names of headers that servers and streams heed or add, and the values that some of them take.

use super::HeaderName;

macro_rules! names {
    ($($(#[$doc:meta])* $constant:ident = $name:literal;)+) => {
        $($(#[$doc])* pub const $constant: HeaderName = HeaderName::from_static($name);)+
    };
}

names! {
    /// A stream stores one message of each id within its duplicate window.
    NATS_MESSAGE_ID = "Nats-Msg-Id";
    /// The stream that a publisher expects to store the message.
    NATS_EXPECTED_STREAM = "Nats-Expected-Stream";
    /// The sequence that a publisher expects to be the stream's last.
    NATS_EXPECTED_LAST_SEQUENCE = "Nats-Expected-Last-Sequence";
    /// The sequence that a publisher expects to be the subject's last.
    NATS_EXPECTED_LAST_SUBJECT_SEQUENCE = "Nats-Expected-Last-Subject-Sequence";
    /// The id that a publisher expects the stream's last message to have.
    NATS_EXPECTED_LAST_MESSAGE_ID = "Nats-Expected-Last-Msg-Id";
    /// Whether a message replaces all earlier ones, of its subject (`sub`) or of the stream (`all`).
    NATS_ROLLUP = "Nats-Rollup";
    /// Why the server put a marker in the place of a message.
    NATS_MARKER_REASON = "Nats-Marker-Reason";
    /// How long a message is to be kept; async-nats' name of it.
    NATS_MESSAGE_TTL = "Nats-TTL";
    /// How long a message is to be kept.
    NATS_TTL = "Nats-TTL";
    /// The stream that a message was read from.
    NATS_STREAM = "Nats-Stream";
    /// The subject that a message was stored under.
    NATS_SUBJECT = "Nats-Subject";
    /// The sequence that a message was stored under.
    NATS_SEQUENCE = "Nats-Sequence";
    /// When a message was stored, in RFC 3339.
    NATS_TIME_STAMP = "Nats-Time-Stamp";
    /// How many more messages match.
    NATS_NUM_PENDING = "Nats-Num-Pending";
    /// The sequence before this one in the answer.
    NATS_LAST_SEQUENCE = "Nats-Last-Sequence";
    /// The sequence up to which an answer looked.
    NATS_UP_TO_SEQUENCE = "Nats-UpTo-Sequence";
    /// The stream that a message was read from before.
    NATS_LAST_STREAM = "Nats-Last-Stream";
    /// The last delivery of a consumer, in its idle heartbeats.
    NATS_LAST_CONSUMER = "Nats-Last-Consumer";
    /// The id of the client that a consumer is pinned to.
    NATS_PIN_ID = "Nats-Pin-Id";
    /// The level of the API that a publisher needs; a server below it refuses the message.
    NATS_REQUIRED_API_LEVEL = "Nats-Required-Api-Level";
    /// The id of an atomic batch, at most 64 characters.
    NATS_BATCH_ID = "Nats-Batch-Id";
    /// The place of a message in its atomic batch.
    NATS_BATCH_SEQUENCE = "Nats-Batch-Sequence";
    /// That an atomic batch ends here: [`NATS_BATCH_COMMIT_FINAL`] or [`NATS_BATCH_COMMIT_EOB`].
    NATS_BATCH_COMMIT = "Nats-Batch-Commit";
    /// When a stream is to publish the message: a moment, an interval or a cron line.
    NATS_SCHEDULE = "Nats-Schedule";
    /// The subject that it is then published to.
    NATS_SCHEDULE_TARGET = "Nats-Schedule-Target";
    /// How long what is then published is kept.
    NATS_SCHEDULE_TTL = "Nats-Schedule-TTL";
    /// The subject whose last message is then published.
    NATS_SCHEDULE_SOURCE = "Nats-Schedule-Source";
    /// The time zone of a cron line, such as `Europe/Berlin`.
    NATS_SCHEDULE_TIME_ZONE = "Nats-Schedule-Time-Zone";
    /// Whether what is published replaces what was ([`NATS_SCHEDULE_ROLLUP_SUB`]).
    NATS_SCHEDULE_ROLLUP = "Nats-Schedule-Rollup";
    /// Which subject's schedule published a message.
    NATS_SCHEDULER = "Nats-Scheduler";
    /// When that schedule publishes next, or `purge` if it was the last time.
    NATS_SCHEDULE_NEXT = "Nats-Schedule-Next";
}

/// Commits an atomic batch, and stores the message that says so.
pub const NATS_BATCH_COMMIT_FINAL: &str = "1";
/// Commits an atomic batch without the message that says so.
pub const NATS_BATCH_COMMIT_EOB: &str = "eob";
/// Replaces earlier messages of the schedule's target.
pub const NATS_SCHEDULE_ROLLUP_SUB: &str = "sub";
/// Publishes on the first of January, at midnight.
pub const NATS_SCHEDULE_YEARLY: &str = "@yearly";
/// Publishes on the first of each month, at midnight.
pub const NATS_SCHEDULE_MONTHLY: &str = "@monthly";
/// Publishes each Sunday, at midnight.
pub const NATS_SCHEDULE_WEEKLY: &str = "@weekly";
/// Publishes each midnight.
pub const NATS_SCHEDULE_DAILY: &str = "@daily";
/// Publishes each full hour.
pub const NATS_SCHEDULE_HOURLY: &str = "@hourly";
