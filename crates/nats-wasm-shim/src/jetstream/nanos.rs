//! How JetStream writes times in JSON: lengths as nanoseconds, moments in RFC 3339.

use std::time::Duration;

use nats_proto::timestamp;
use serde::{Deserialize, Deserializer, Serializer};

pub(super) fn serialize<S: Serializer>(length: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(length.as_nanos()).unwrap_or(u64::MAX))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    // Some servers write -1 for no limit, which zero means here.
    let nanoseconds = i64::deserialize(deserializer)?;
    Ok(Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(0)))
}

/// A moment in nanoseconds since 1970; `None` for the year 1, which stands for none.
pub(super) fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(timestamp::parse(&String::deserialize(deserializer)?))
}

pub(super) mod option {
    //! The same for a length that may be absent.

    use super::{Deserializer, Duration, Serializer};

    #[expect(clippy::ref_option, reason = "serde gives references")]
    pub(in crate::jetstream) fn serialize<S: Serializer>(
        length: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match length {
            Some(length) => super::serialize(length, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::jetstream) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        super::deserialize(deserializer).map(Some)
    }
}
