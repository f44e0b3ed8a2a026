//! What is known of a kept page: typed facts, and what is missing from them.
//!
//! What a page or its server says stands here as it came, cut at a length and
//! with secrets redacted; control and bidi characters are still in it and are
//! the caller's to make visible. Integers only.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

pub use crate::network::headers::{Header, REDACTED};
use crate::network::outcome::Attempt;
pub use crate::program::tool::Tool;
pub use crate::text::cut;
use crate::warc::Spelling;
pub use crate::watch::absence::{Absence, beyond_proxy};
pub use crate::watch::requests::How;
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

impl Fidelity {
    pub(crate) fn of(spelling: Spelling) -> Fidelity {
        match spelling {
            Spelling::AsSent => Fidelity::AsReceived,
            Spelling::Utf8 => Fidelity::AsText,
        }
    }

    /// The same in the words of the page's traffic.
    pub(crate) fn spelling(self) -> Spelling {
        match self {
            Fidelity::AsReceived => Spelling::AsSent,
            Fidelity::AsText => Spelling::Utf8,
        }
    }
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
