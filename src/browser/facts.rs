//! What is known of a kept page: typed facts, and what is missing from them.
//!
//! What a page or its server says stands here as it came, cut at a length and
//! with secrets redacted; control and bidi characters are still in it and are
//! the caller's to make visible. Integers only.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

pub use super::absence::{Absence, beyond_proxy};
use super::wall::Attempt;
use countersign_record::clock::Time;
use countersign_record::digest::Digest;

/// One page as it was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPage {
    /// The address that was asked for.
    pub asked: String,
    /// The address at which the page was in the end.
    pub url: String,
    /// Its title.
    pub title: Option<String>,
    /// Every answer on the way, the page's own last.
    pub hops: Vec<Hop>,
    /// The certificates with which the server showed who it is; none for http.
    pub certificate: Option<Certificate>,
    /// What the page was kept with.
    pub tool: Tool,
    /// How the page was looked at; none without a browser.
    pub view: Option<View>,
    /// When the page was asked for.
    pub started: Time,
    /// When all was taken.
    pub finished: Time,
    /// How long each part took.
    pub timings: Timings,
    /// How the main answer's content was kept.
    pub content: Option<Content>,
    /// Whom the browser reached or tried to reach, meanwhile.
    pub attempts: Vec<Attempt>,
    /// What is missing, said out loud.
    pub absences: Vec<Absence>,
}

impl KeptPage {
    /// The page's own answer.
    pub fn answer(&self) -> Option<&Hop> {
        self.hops.last()
    }
}

/// One answer of a server on the way to the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The address that was asked for.
    pub url: String,
    /// Why it was.
    pub how: How,
    /// The status of the answer; none where there was no answer.
    pub status: Option<u16>,
    /// The protocol, such as `http/1.1` or `h2`.
    pub protocol: Option<String>,
    /// The address that answered.
    pub remote: Option<SocketAddr>,
    /// The headers of the answer, secrets redacted.
    pub headers: Vec<Header>,
}

impl Hop {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|h| h.name.eq_ignore_ascii_case(name)).map(|h| h.value.as_str())
    }

    /// The server's own claim of the time.
    pub fn date(&self) -> Option<&str> {
        self.header("date")
    }
}

/// Why an address was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// The reviewers asked for it.
    Asked,
    /// The server before it sent the browser there.
    Redirected,
    /// The page before it went there by itself.
    ByPage,
}

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
pub(super) fn is_secret(name: &str) -> bool {
    SECRET.iter().any(|secret| name.trim().eq_ignore_ascii_case(secret))
}

/// The chain of certificates of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// TLS version, where known.
    pub protocol: Option<String>,
    /// Whom it names.
    pub subject: Option<String>,
    /// Who signed it.
    pub issuer: Option<String>,
    /// Valid from, in seconds since 1970.
    pub valid_from: Option<i64>,
    /// Valid until, in seconds since 1970.
    pub valid_to: Option<i64>,
    /// The SHA-256 of each certificate's DER bytes, the server's own first.
    pub chain: Vec<Digest>,
}

/// What a page was kept with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tool {
    /// A browser.
    Browser {
        /// Name and version as it says, `HeadlessChrome/156.0.8078.79`.
        product: String,
        /// How it names itself to servers.
        user_agent: String,
        /// The program.
        path: String,
        /// Its command line after the path.
        arguments: Vec<String>,
        /// The account as which it ran, where it was not that of the program,
        /// which had all rights.
        account: Option<String>,
    },
    /// No browser: the server's answer alone.
    Answer {
        /// How the program named itself to servers.
        user_agent: String,
    },
}

/// How a page was looked at, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Width of the window's inside.
    pub width: u32,
    /// Height of the window's inside.
    pub height: u32,
    /// Pixels of the picture for 100 pixels of the page.
    pub scale_percent: u32,
    /// Width of the whole page.
    pub page_width: u32,
    /// Height of the whole page.
    pub page_height: u32,
}

/// How long each part took, in milliseconds from the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    /// Until the page's own answer began.
    pub answered_ms: Option<u64>,
    /// Until the page said that it was loaded.
    pub loaded_ms: Option<u64>,
    /// Until nothing more was loading, or the limit.
    pub settled_ms: Option<u64>,
    /// Until all was taken.
    pub taken_ms: u64,
}

/// How the main answer's content was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The type as the server or the browser says.
    pub kind: String,
    /// How near the bytes are to those of the network.
    pub fidelity: Fidelity,
    /// How many bytes were kept.
    pub bytes: u64,
}

/// How near kept bytes are to those that came over the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fidelity {
    /// As they came, apart from a compression for the way.
    AsReceived,
    /// The browser's text of it, written as UTF-8: the server used another
    /// character encoding.
    AsText,
}

/// A file of a kept page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Piece {
    /// A picture of the page from its top, or one of several below each other.
    Picture {
        /// Which, from 1.
        tile: u32,
        /// Of how many.
        of: u32,
    },
    /// A picture of what was on screen at first. PNG.
    Screen,
    /// The page with its parts in one file. MHTML, RFC 2557.
    Archive,
    /// The content of the main answer.
    Content,
    /// What the page exchanged with servers. WACZ 1.1.1 with WARC/1.1.
    Traffic,
}

/// What stands in place of a secret value.
pub const REDACTED: &str = "[redacted]";

/// Text from outside, cut at 4,096 bytes.
pub fn cut(text: &str) -> String {
    if text.len() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let end = (0..=LONGEST_TEXT).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    format!("{}…", &text[..end])
}

const LONGEST_TEXT: usize = 4096;

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

    #[test]
    fn text_is_cut_between_characters() {
        let long = cut(&"é".repeat(5000));
        assert_eq!(long.len(), LONGEST_TEXT + "…".len());
        assert!(long.ends_with('…'));
        assert_eq!(cut("short"), "short");
    }
}
