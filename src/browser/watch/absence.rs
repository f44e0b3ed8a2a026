//! What is missing from a kept page, said out loud.
//!
//! Each has its words for people; the caller makes visible what a page put
//! into them.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::network::outcome::{Attempt, Outcome, Proxied};
use crate::text::cut;
use crate::traffic::Gap;

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
    /// The page asked for files of this computer; no window to choose them was
    /// opened.
    FileChooser,
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
    /// The page went on where scrolling it stopped: it grew, or it is longer
    /// than pages are followed.
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
    /// Something is not in the page's traffic, which was to be kept too.
    Traffic(Gap),
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
            Absence::FileChooser => {
                f.write_str("the page asked for files of this computer: nothing to choose them was opened")
            }
            Absence::Popup { url } if url.is_empty() => f.write_str("another window closed"),
            Absence::Popup { url } => write!(f, "another window closed: {url}"),
            Absence::MoreNoted(n) => write!(f, "{n} more were refused, denied or closed"),
            Absence::StoppedByTime { seconds } => write!(f, "loading was stopped after {seconds} s"),
            Absence::StoppedBySize { bytes } => write!(f, "loading was stopped after {bytes} bytes"),
            Absence::StillLoading => f.write_str("parts were still loading when the page was kept"),
            Absence::Endless { at } => {
                write!(f, "the page goes on below {at} px, where scrolling it stopped")
            }
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
            Absence::Traffic(gap) => write!(f, "in the traffic: {gap}"),
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

const MOST_NOT_CHECKED: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

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
}
