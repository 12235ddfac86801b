//! Headers as data: a map from each name to its values, as async-nats writes and reads it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{HeaderMap, HeaderName, HeaderValue, ValueRef};

impl Serialize for HeaderMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let headers = self.iter();
        let mut map = serializer.serialize_map(Some(headers.len()))?;
        for (name, values) in headers {
            let values: Vec<&str> = values.iter().map(ValueRef::as_str).collect();
            map.serialize_entry(name.as_str(), &values)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for HeaderMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Headers)
    }
}

struct Headers;

impl<'de> Visitor<'de> for Headers {
    type Value = HeaderMap;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from names of headers to their values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HeaderMap, A::Error> {
        let mut headers = HeaderMap::new();
        while let Some((name, values)) = map.next_entry::<Cow<'de, str>, Vec<Cow<'de, str>>>()? {
            let name: HeaderName = name.parse().map_err(A::Error::custom)?;
            for value in values {
                let value: HeaderValue = value.parse().map_err(A::Error::custom)?;
                headers.append(name.clone(), value);
            }
        }
        Ok(headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_written_and_read_as_data() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("Tag", "a"), ("Trace", "7"), ("Tag", "b")] {
            headers.append(name, value);
        }
        let json = serde_json::to_string(&headers).expect("it is written");
        assert_eq!(json, r#"{"Tag":["a","b"],"Trace":["7"]}"#);
        assert_eq!(serde_json::from_str::<HeaderMap>(&json).expect("it is read"), headers);
        for bad in [r#"{"a b":["x"]}"#, r#"{"A":["x\ny"]}"#, r#"{"A":"x"}"#, "[]"] {
            assert!(serde_json::from_str::<HeaderMap>(bad).is_err(), "{bad}");
        }
    }
}
