//! Judges the addresses of pages before anything is asked for.
//!
//! It resolves no names and opens no connections. How far a recording may
//! reach is for [`super::reach`] to say.

use std::fmt;
use std::net::Ipv4Addr;

use url::{Host, Url};

use super::reach::{Reach, Refusal};
use crate::text::at_most;

/// An address of a page that may be asked for: `http` or `https`, with a host,
/// without a name and password in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Reads what a person typed or a page named.
    ///
    /// A host that is an IP address in any spelling (`127.1`, `0x7f000001`,
    /// `2130706433`) is judged at once; a name is judged when it is resolved,
    /// except that `localhost` is this computer whatever it resolves to.
    pub fn parse(text: &str, reach: &Reach) -> Result<Address, AddressError> {
        if text.len() > LONGEST_ADDRESS {
            return Err(AddressError::TooLong(text.len()));
        }
        let url = Url::parse(text).map_err(|e| AddressError::NotAnAddress(e.to_string()))?;
        Address::of(url, reach)
    }

    /// Where `target` leads, as read on this page: the `Location` of a redirect.
    pub fn join(&self, target: &str, reach: &Reach) -> Result<Address, AddressError> {
        if target.len() > LONGEST_ADDRESS {
            return Err(AddressError::TooLong(target.len()));
        }
        let url = self.0.join(target).map_err(|e| AddressError::NotAnAddress(e.to_string()))?;
        Address::of(url, reach)
    }

    fn of(url: Url, reach: &Reach) -> Result<Address, AddressError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(AddressError::Scheme(at_most(url.scheme(), 40)));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials);
        }
        let port = url.port_or_known_default().unwrap_or_default();
        let refused =
            |refusal| AddressError::Refused { host: url.host_str().unwrap_or_default().to_owned(), refusal };
        match url.host() {
            None => return Err(AddressError::NotAnAddress("it has no host".to_owned())),
            Some(Host::Ipv4(ip)) => reach.judge(ip.into(), port).map_err(refused)?,
            Some(Host::Ipv6(ip)) => reach.judge(ip.into(), port).map_err(refused)?,
            Some(Host::Domain(name)) if is_localhost(name) => {
                reach.judge(Ipv4Addr::LOCALHOST.into(), port).map_err(refused)?;
            }
            Some(Host::Domain(_)) => {}
        }
        Ok(Address(url))
    }

    /// The parsed address.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Host name or IP address, an IPv6 address without brackets.
    pub fn host(&self) -> String {
        match self.0.host() {
            Some(Host::Ipv6(ip)) => ip.to_string(),
            Some(host) => host.to_string(),
            None => String::new(),
        }
    }

    /// The port, named or the scheme's own.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or_default()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A host without brackets, upper case and a final dot.
pub fn plain_host(host: &str) -> String {
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// Whether a name means this computer by its spelling alone.
pub fn is_localhost(name: &str) -> bool {
    let name = plain_host(name);
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether a name is one of a private network by its spelling alone, or an
/// address in disguise: of a single word, under an ending that the public
/// names do not have, or with a number at its end.
pub fn is_local_name(name: &str) -> bool {
    let name = plain_host(name);
    let Some((_, last)) = name.rsplit_once('.') else { return true };
    let number = last.chars().all(|c| c.is_ascii_digit()) || last.starts_with("0x");
    number || is_localhost(&name) || LOCAL_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Why a text is no address of a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It cannot be read as an address.
    #[error("it is not an address: {0}")]
    NotAnAddress(String),
    /// Something other than `http` or `https`.
    #[error("it begins with {0}:, not with http: or https:")]
    Scheme(String),
    /// A name or password stands in it.
    #[error("it has a name or a password in it")]
    Credentials,
    /// Longer than any page's address.
    #[error("it is {0} characters long; 8,192 is the most")]
    TooLong(usize),
    /// The host is an IP address, or `localhost`, that may not be reached.
    #[error("{host} is {refusal}")]
    Refused {
        /// The host as written.
        host: String,
        /// Why.
        refusal: Refusal,
    },
}

/// RFC 6762, RFC 8375, ICANN's `.internal`, and what schools' networks use.
const LOCAL_ENDINGS: [&str; 10] = [
    ".local",
    ".localdomain",
    ".internal",
    ".intranet",
    ".private",
    ".corp",
    ".home",
    ".home.arpa",
    ".lan",
    ".ip6.arpa",
];

const LONGEST_ADDRESS: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;

    fn rehearsal() -> Reach {
        Reach::Rehearsal { refused_ports: vec![8123] }
    }

    #[test]
    fn spellings_of_this_computer() {
        for text in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:7f00:1]/",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://a.localhost/",
            "http://①②⑦.0.0.1/",
        ] {
            assert!(
                matches!(
                    Address::parse(text, &Reach::Public),
                    Err(AddressError::Refused { refusal: Refusal::Loopback, .. })
                ),
                "{text}"
            );
            assert!(Address::parse(text, &rehearsal()).is_ok(), "{text}");
        }
    }

    #[test]
    fn pages_of_the_web_only() {
        for text in [
            "file:///etc/passwd",
            "chrome://version",
            "view-source:http://example.org/",
            "data:text/html,x",
            "javascript:alert(1)",
            "about:blank",
            "ftp://example.org/",
            "blob:http://example.org/x",
        ] {
            assert!(matches!(Address::parse(text, &Reach::Public), Err(AddressError::Scheme(_))), "{text}");
        }
        for text in ["", "example.org", "//example.org", "http://", "http://a b/", "https://[::1/"] {
            assert!(
                matches!(Address::parse(text, &Reach::Public), Err(AddressError::NotAnAddress(_))),
                "{text}"
            );
        }
        for text in ["http://u@example.org/", "http://u:p@example.org/", "http://:p@example.org/"] {
            assert_eq!(Address::parse(text, &Reach::Public), Err(AddressError::Credentials), "{text}");
        }
        let long = format!("http://example.org/{}", "a".repeat(9000));
        assert!(matches!(Address::parse(&long, &Reach::Public), Err(AddressError::TooLong(_))));
    }

    #[test]
    fn names_that_are_local_by_their_spelling() {
        for name in
            ["intranet", "PRINTER.", "nas.local", "dc1.corp", "x.home.arpa", "2130706433", "0x7f.1", "1.2"]
        {
            assert!(is_local_name(name), "{name}");
        }
        for name in ["example.org", "a.example.sch.uk.", "locale.example", "internal.example.org"] {
            assert!(!is_local_name(name), "{name}");
        }
    }

    #[test]
    fn a_redirect_is_judged_like_any_address() {
        let page = Address::parse("https://example.org/a/b", &Reach::Public).expect("public");
        assert_eq!(page.join("../c", &Reach::Public).expect("relative").as_str(), "https://example.org/c");
        assert!(page.join("//127.0.0.1/", &Reach::Public).is_err());
        assert!(page.join("file:///etc/passwd", &Reach::Public).is_err());
    }
}
