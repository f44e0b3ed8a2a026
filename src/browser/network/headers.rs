//! The headers of an answer, without what may let someone in.

use serde::{Deserialize, Serialize};

use crate::text::cut;

/// A header of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Its name as it came.
    pub name: String,
    /// Its value, or [`REDACTED`].
    pub value: String,
}

impl Header {
    /// A header, cut at a length, its value replaced where it may let someone
    /// in.
    pub fn new(name: &str, value: &str) -> Header {
        let value = if is_secret(name) { REDACTED.to_owned() } else { cut(value) };
        Header { name: cut(name), value }
    }
}

/// Whether a header of this name may let someone in.
pub(crate) fn is_secret(name: &str) -> bool {
    SECRET.iter().any(|secret| name.trim().eq_ignore_ascii_case(secret))
}

/// What stands in place of a secret value.
pub const REDACTED: &str = "[redacted]";

const SECRET: [&str; 14] = [
    "cookie",
    "cookie2",
    "set-cookie",
    "set-cookie2",
    "authorization",
    "proxy-authorization",
    "authentication-info",
    "proxy-authentication-info",
    "x-api-key",
    "x-auth-token",
    "x-access-token",
    "x-csrf-token",
    "x-xsrf-token",
    "x-amz-security-token",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_leave_their_name_only() {
        for name in
            ["Set-Cookie", "set-cookie", "COOKIE", "Authorization", "Proxy-Authorization ", "x-csrf-token"]
        {
            assert_eq!(Header::new(name, "sid=123").value, REDACTED, "{name}");
        }
        assert_eq!(Header::new("Date", "now").value, "now");
    }
}
