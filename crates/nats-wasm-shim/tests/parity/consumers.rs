//! Reading streams by consumers.
