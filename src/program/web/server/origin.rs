//! The address that the guide stands at, and the cookies that belong to it.
//!
//! Cookies know no ports: a page of any other server on 127.0.0.1 or localhost
//! would be sent the guide's, could replace it, or set so many that no request
//! gets through. So each guide has a name of its own under `localhost`, which
//! browsers take for this computer without asking anybody (RFC 6761, 6.3) and
//! for a site of its own. Nobody else knows the name: a page cannot be shown
//! from it, and so sets no cookie there and is sent none.
//!
//! What a request may do is the guard's business.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

use crate::web::server::sessions::Sessions;
use crate::web::session::{Secret, Session};

/// Where the guide stands while it runs.
pub struct Origin {
    host: String,
    origin: String,
    shown: AtomicU64,
}

impl Origin {
    /// A new name, at that port.
    pub fn at(port: u16) -> io::Result<Origin> {
        let name = &Secret::draw()?.as_str()[..NAME].to_owned();
        let host = format!("{name}{UNDER}{port}");
        let origin = format!("{SCHEME}{host}");
        Ok(Origin { host, origin, shown: AtomicU64::new(0) })
    }

    /// What the `Host` of every request says, to the letter.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What the `Origin` of every form says, to the letter.
    pub fn as_str(&self) -> &str {
        &self.origin
    }

    /// The one-time link of that secret.
    pub fn link(&self, secret: &str) -> String {
        format!("{}{ENTER}{secret}", self.origin)
    }

    /// The session of the request's cookies. Whatever else is among them opens
    /// nothing, and must not keep the reviewers from Stop.
    pub fn session(&self, sessions: &Sessions, headers: &HeaderMap) -> Option<Session> {
        // By bytes: one letter of somebody else's would make the rest no text.
        let pairs = headers.get_all(COOKIE).iter().flat_map(|all| all.as_bytes().split(|b| *b == b';'));
        pairs
            .filter_map(|pair| pair.trim_ascii().strip_prefix(SESSION.as_bytes())?.strip_prefix(b"="))
            .filter_map(|cookie| str::from_utf8(cookie).ok())
            .find_map(|cookie| sessions.session(cookie))
    }

    /// Has the browser hold that session.
    pub fn keep(&self, session: &Session) -> String {
        format!("{SESSION}={}{BOUND}", session.cookie())
    }

    /// A cookie that says nothing and is another with every answer. A browser
    /// that keeps pages for going back lets go of one that may not be stored
    /// once a cookie that scripts cannot read has changed (Chromium does): so
    /// the server is asked again, with scripts and without.
    pub fn another(&self) -> String {
        format!("{SHOWN}={}{BOUND}", self.shown.fetch_add(1, Ordering::Relaxed))
    }
}

/// Whether this is the one-time link of a guide.
pub fn is_link(link: &str) -> bool {
    let hex = |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
    let parts = || {
        let (name, rest) = link.strip_prefix(SCHEME)?.split_once(UNDER)?;
        let (port, secret) = rest.split_once(ENTER)?;
        Some(hex(name, NAME) && port.parse::<u16>().is_ok() && hex(secret, 64))
    };
    parts().unwrap_or(false)
}

/// Where a one-time link leads.
pub const ENTER: &str = "/enter/";

const SCHEME: &str = "http://";

/// Letters of the name: 128 bits.
const NAME: usize = 32;
const UNDER: &str = ".localhost:";

const SESSION: &str = "countersign";
const SHOWN: &str = "countersign-shown";
const BOUND: &str = "; HttpOnly; SameSite=Strict; Path=/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_drawn_for_each_guide_and_its_link_is_known() {
        let [one, two] = [4711, 4711].map(|port| Origin::at(port).expect("random"));
        assert_ne!(one.host(), two.host());
        let link = one.link(&"a".repeat(64));
        assert!(is_link(&link), "{link}");
        for other in [
            link.replace("http:", "https:"),
            link.replace(".localhost:", ".localhost.evil.example:"),
            format!("http://127.0.0.1:1/enter/{}", "a".repeat(64)),
            format!("{link}a"),
            format!(" {link}"),
            link.replace("/enter/", "/"),
            String::new(),
        ] {
            assert!(!is_link(&other), "{other}");
        }
    }
}
