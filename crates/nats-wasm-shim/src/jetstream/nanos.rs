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
    Ok(Option::<String>::deserialize(deserializer)?.and_then(|text| timestamp::parse(&text)))
}

/// The same, written.
#[expect(clippy::ref_option, reason = "serde gives references")]
pub(super) fn write_moment<S: Serializer>(moment: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    match moment {
        Some(moment) => serializer.serialize_str(&timestamp::format(*moment)),
        None => serializer.serialize_none(),
    }
}

pub(super) mod option {
    //! The same for a length that may be absent.

    use super::{Deserialize, Deserializer, Duration, Serializer};

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

    /// A negative length, such as that since something that never was, is none.
    pub(in crate::jetstream) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let nanoseconds = Option::<i64>::deserialize(deserializer)?;
        Ok(nanoseconds.and_then(|length| u64::try_from(length).ok()).map(Duration::from_nanos))
    }
}

pub(super) mod list {
    //! The same for several lengths.

    use super::{Deserialize, Deserializer, Duration, Serializer};

    pub(in crate::jetstream) fn serialize<S: Serializer>(
        lengths: &[Duration],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer
            .collect_seq(lengths.iter().map(|length| u64::try_from(length.as_nanos()).unwrap_or(u64::MAX)))
    }

    pub(in crate::jetstream) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Duration>, D::Error> {
        let lengths = Option::<Vec<u64>>::deserialize(deserializer)?.unwrap_or_default();
        Ok(lengths.into_iter().map(Duration::from_nanos).collect())
    }
}

pub(super) mod required {
    //! A moment that is always there.

    use super::{Deserialize, Deserializer, Serializer, timestamp};

    pub(in crate::jetstream) fn serialize<S: Serializer>(
        moment: &i64,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&timestamp::format(*moment))
    }

    pub(in crate::jetstream) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<i64, D::Error> {
        let text = String::deserialize(deserializer)?;
        timestamp::parse(&text).ok_or_else(|| serde::de::Error::custom("no time in RFC 3339"))
    }
}
