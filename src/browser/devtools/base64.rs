//! Bytes as the protocol writes them: base64, RFC 4648.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Deserializer};

/// Bytes that the browser passed on, or that it did, and that they cannot be
/// read. They are then unknown, and MUST NOT be taken for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Base64(Option<Vec<u8>>);

impl Base64 {
    pub(crate) fn of(text: &str) -> Base64 {
        Base64(BASE64_STANDARD.decode(text).ok())
    }

    /// The bytes; none where they cannot be read.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        self.0.as_deref()
    }

    /// The same.
    pub(crate) fn into_bytes(self) -> Option<Vec<u8>> {
        self.0
    }
}

impl Default for Base64 {
    fn default() -> Base64 {
        Base64(Some(Vec::new()))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Base64, D::Error> {
        String::deserialize(deserializer).map(|text| Base64::of(&text))
    }
}
