//! What is known of a kept page: typed facts, and what is missing from them.
//!
//! What a page or its server says stands here as it came, cut at a length and
//! with secrets redacted; control and bidi characters are still in it and are
//! the caller's to make visible. Integers only.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::wall::{Attempt, Outcome, Proxied};
use crate::clock::Time;
use crate::digest::Digest;

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
        let secret = SECRET.iter().any(|secret| name.trim().eq_ignore_ascii_case(secret));
        let value = if secret { REDACTED.to_owned() } else { cut(value) };
        Header { name: cut(name), value }
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
}

/// Something that a reader might expect and that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absence {
    /// No browser was used, so there is no picture and no archive.
    NoBrowser,
    /// A piece was not taken.
    NoPiece {
        /// Which: `picture`, `screen`, `archive`, `content`.
        piece: String,
        /// Why.
        why: String,
    },
    /// The picture ends before the page does.
    PictureStops {
        /// Where it ends, in pixels from the top.
        at: u32,
        /// How far the page goes.
        of: u32,
    },
    /// The picture is narrower than the page.
    PictureNarrow {
        /// Where it ends, in pixels from the left.
        at: u32,
        /// How far the page goes.
        of: u32,
    },
    /// The content was cut, or ends where loading was stopped.
    ContentStops {
        /// After how many bytes.
        at: u64,
    },
    /// The content is the browser's text of it.
    ContentReencoded {
        /// The server's character encoding.
        charset: String,
    },
    /// Films, sounds and drawings by script are not kept as such.
    Media {
        /// How many films.
        video: u32,
        /// How many sounds.
        audio: u32,
    },
    /// A part of the page did not load.
    NotLoaded {
        /// Its address.
        url: String,
        /// What it is: `Image`, `Script`, `Document` for a frame.
        kind: String,
        /// Why.
        why: String,
    },
    /// More parts did not load than are listed.
    MoreNotLoaded(u64),
    /// An address that no page may ask for was asked for.
    Refused {
        /// The address.
        url: String,
        /// Why.
        why: String,
    },
    /// A name and password were asked for; none was given.
    SignIn {
        /// Where.
        url: String,
        /// 401, 407 or 403.
        status: u16,
    },
    /// A download was denied.
    Download {
        /// Its address.
        url: String,
        /// The name that the page suggested.
        name: String,
    },
    /// A message box was closed without an answer.
    Dialog {
        /// `alert`, `confirm`, `prompt`, `beforeunload`.
        kind: String,
        /// What it said.
        message: String,
    },
    /// Another window that the page opened was closed.
    Popup {
        /// Its address, where known.
        url: String,
    },
    /// More was refused, denied or closed than is listed.
    MoreNoted(u64),
    /// Loading was stopped because it took too long.
    StoppedByTime {
        /// The limit.
        seconds: u64,
    },
    /// Loading was stopped because it was too much.
    StoppedBySize {
        /// The limit.
        bytes: u64,
    },
    /// The page was still loading parts when it was taken.
    StillLoading,
    /// The page went on growing while it was scrolled; it was not followed to
    /// an end.
    Endless {
        /// How far it was scrolled, in pixels.
        at: u32,
    },
    /// The server's answer had nothing to show; the picture shows the
    /// browser's own message.
    BrowserMessage,
    /// The page crashed.
    Crashed,
    /// The browser said more than could be followed.
    EventsLost(u64),
    /// More attempts to connect were made than are listed.
    AttemptsLeftOut(u64),
    /// More headers came than are listed.
    HeadersLeftOut(u64),
    /// The page went on to more addresses than are listed.
    HopsLeftOut(u64),
    /// The school's proxy stood between: the servers' own addresses are not
    /// known.
    Proxied {
        /// The proxy.
        proxy: SocketAddr,
    },
    /// Only the proxy could look this name up, so that nothing here could
    /// refuse where it leads.
    NotChecked {
        /// The name.
        host: String,
    },
    /// More names than are listed could be looked up by the proxy only.
    MoreNotChecked(u64),
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Absence::NoBrowser => f.write_str("no picture: no browser was used on this computer"),
            Absence::NoPiece { piece, why } => write!(f, "no {piece}: {why}"),
            Absence::PictureStops { at, of } => write!(f, "nothing below {at} px of {of} px in the picture"),
            Absence::PictureNarrow { at, of } => {
                write!(f, "nothing right of {at} px of {of} px in the picture")
            }
            Absence::ContentStops { at } => write!(f, "the content stops after {at} bytes"),
            Absence::ContentReencoded { charset } => {
                write!(f, "the content is kept as UTF-8 text; the server sent it as {charset}")
            }
            Absence::Media { video, audio } => write!(f, "not saved: {video} video, {audio} sound"),
            Absence::NotLoaded { url, kind, why } => write!(f, "not loaded: {kind} {url}: {why}"),
            Absence::MoreNotLoaded(n) => write!(f, "{n} more parts did not load"),
            Absence::Refused { url, why } => write!(f, "refused: {url}: {why}"),
            Absence::SignIn { url, status } => {
                write!(f, "{url} asked for a name and password ({status}); none was given")
            }
            Absence::Download { url, name } => write!(f, "download denied: {name} from {url}"),
            Absence::Dialog { kind, message } => write!(f, "message box closed ({kind}): {message}"),
            Absence::Popup { url } if url.is_empty() => f.write_str("another window closed"),
            Absence::Popup { url } => write!(f, "another window closed: {url}"),
            Absence::MoreNoted(n) => write!(f, "{n} more were refused, denied or closed"),
            Absence::StoppedByTime { seconds } => write!(f, "loading was stopped after {seconds} s"),
            Absence::StoppedBySize { bytes } => write!(f, "loading was stopped after {bytes} bytes"),
            Absence::StillLoading => f.write_str("parts were still loading when the page was kept"),
            Absence::Endless { at } => write!(f, "the page went on growing; it was scrolled to {at} px"),
            Absence::BrowserMessage => {
                f.write_str("the answer had nothing to show; the picture shows the browser's own message")
            }
            Absence::Crashed => f.write_str("the page crashed while it was kept"),
            Absence::EventsLost(n) => write!(f, "{n} messages of the browser were lost"),
            Absence::AttemptsLeftOut(n) => write!(f, "{n} more connections are not listed"),
            Absence::HeadersLeftOut(n) => write!(f, "{n} more headers are not listed"),
            Absence::HopsLeftOut(n) => write!(f, "{n} more addresses on the way are not listed"),
            Absence::Proxied { proxy } => {
                write!(f, "the servers' own addresses: all came through the proxy {proxy}")
            }
            Absence::NotChecked { host } => {
                write!(f, "not checked here where {host} leads: only the proxy could look it up")
            }
            Absence::MoreNotChecked(n) => {
                write!(f, "{n} more names that only the proxy could look up were not checked here")
            }
        }
    }
}

/// What is missing because a school's proxy stood between: the servers' own
/// addresses, and the judgement of names that only it could look up.
pub fn beyond_proxy(attempts: &[Attempt]) -> Vec<Absence> {
    let proxied = attempts.iter().filter_map(|attempt| match &attempt.outcome {
        Outcome::Proxied(proxied) => Some((&attempt.host, proxied)),
        _ => None,
    });
    let (mut proxies, mut hosts, mut more) = (Vec::new(), Vec::new(), 0);
    for (host, Proxied { proxy, checked }) in proxied {
        let by = Absence::Proxied { proxy: *proxy };
        if !proxies.contains(&by) && proxies.len() < MOST_NOT_CHECKED {
            proxies.push(by);
        }
        let unchecked = Absence::NotChecked { host: cut(host) };
        if checked.is_some() || hosts.contains(&unchecked) {
            continue;
        }
        if hosts.len() < MOST_NOT_CHECKED { hosts.push(unchecked) } else { more += 1 }
    }
    proxies.extend(hosts);
    proxies.extend((more > 0).then_some(Absence::MoreNotChecked(more)));
    proxies
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
const MOST_NOT_CHECKED: usize = 12;

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
    fn what_a_proxy_hides_is_said_once() {
        let proxy = "10.0.0.1:8080".parse().expect("an address");
        let attempt = |host: &str, port, checked: Option<&str>| Attempt {
            host: host.to_owned(),
            port,
            outcome: Outcome::Proxied(Proxied {
                proxy,
                checked: checked.map(|ip| ip.parse().expect("an IP")),
            }),
        };
        let mut attempts = vec![
            attempt("a.example", 443, Some("9.9.9.9")),
            attempt("b.example", 443, None),
            attempt("b.example", 80, None),
        ];
        let b = Absence::NotChecked { host: "b.example".to_owned() };
        assert_eq!(beyond_proxy(&attempts), [Absence::Proxied { proxy }, b]);
        attempts.extend((0..100).map(|n| attempt(&format!("{n}.example"), 443, None)));
        let absences = beyond_proxy(&attempts);
        assert_eq!(absences.len(), 2 + MOST_NOT_CHECKED);
        assert_eq!(absences.last(), Some(&Absence::MoreNotChecked(101 - MOST_NOT_CHECKED as u64)));
        assert_eq!(beyond_proxy(&[]), []);
    }

    #[test]
    fn text_is_cut_between_characters() {
        let long = cut(&"é".repeat(5000));
        assert_eq!(long.len(), LONGEST_TEXT + "…".len());
        assert!(long.ends_with('…'));
        assert_eq!(cut("short"), "short");
    }
}
