//! Buckets of keys and values.
