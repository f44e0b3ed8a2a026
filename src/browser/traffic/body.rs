//! Contents as the browser hands them over when it is asked for them.

use serde::Deserialize;

use crate::devtools::base64::Base64;
use crate::warc::Spelling;

/// The answer to `Network.streamResourceContent`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Streamed {
    /// What had come before it was asked for.
    pub(crate) buffered_data: Base64,
}

/// The answer to `Network.getRequestPostData`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PostData {
    post_data: String,
    #[serde(default)]
    base64_encoded: bool,
}

impl PostData {
    pub(super) fn bytes(self) -> Option<Vec<u8>> {
        if self.base64_encoded {
            Base64::of(&self.post_data).into_bytes()
        } else {
            Some(self.post_data.into_bytes())
        }
    }
}

/// The answer to `Network.getResponseBody`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Body {
    body: String,
    base64_encoded: bool,
}

impl Body {
    /// The bytes of an answer of `received` bytes in `charset`, and what they
    /// are; none where the browser's base64 cannot be read.
    pub(crate) fn read(self, charset: &str, received: u64) -> Option<(Vec<u8>, Spelling)> {
        if self.base64_encoded {
            return Some((Base64::of(&self.body).into_bytes()?, Spelling::AsSent));
        }
        // Text comes decoded. It is what the server sent exactly if that was
        // UTF-8 and nothing was added or lost on the way.
        let same = charset.eq_ignore_ascii_case("utf-8") || self.body.is_ascii();
        let same = same && self.body.len() as u64 == received;
        Some((self.body.into_bytes(), if same { Spelling::AsSent } else { Spelling::Utf8 }))
    }
}
