//! The school's proxy: how it is written, and where the environment names one.
//!
//! It opens no connection and reads nothing of the computer: the variables are
//! handed in. [`super::wall`] goes through it.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use url::{Host, Url};

use super::address::plain_host;
use crate::text::at_most;

/// An HTTP proxy that connects for its clients (RFC 9110, CONNECT).
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    host: String,
    port: u16,
    /// `Basic …`, as it goes to the proxy and nowhere else.
    sign_in: Option<String>,
    /// Names and addresses that are reached without it.
    without: Vec<String>,
}

impl Proxy {
    /// Its name or IP address, an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What is said to it of who asks, a secret.
    pub fn sign_in(&self) -> Option<&str> {
        self.sign_in.as_deref()
    }

    /// Reaches what `list` names without the proxy: names with all that end in
    /// them, and IP addresses, with commas or spaces between; `*` is all.
    #[must_use]
    pub fn except(mut self, list: &str) -> Proxy {
        let parts = list.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty());
        self.without = parts
            .map(|part| part.strip_prefix('*').filter(|rest| !rest.is_empty()).unwrap_or(part))
            .map(|part| plain_host(part.trim_start_matches('.')))
            .collect();
        self
    }

    /// Whether the settings say that `host` is reached without the proxy.
    pub fn is_for(&self, host: &str) -> bool {
        let host = plain_host(host);
        !self.without.iter().any(|without| {
            let name = host.parse::<IpAddr>().is_err();
            without == "*"
                || *without == host
                || name && host.strip_suffix(without).is_some_and(|rest| rest.ends_with('.'))
        })
    }

    /// The proxy that `variables` name, by the names that other programs use.
    ///
    /// One proxy is used for everything: the one for `https` where they name
    /// several.
    pub fn from_environment(variables: &[(OsString, OsString)]) -> Result<Option<Proxy>, ProxyError> {
        let said = |name: &str| {
            let of = |wanted: &str| {
                variables.iter().find(|(name, value)| *name == *OsStr::new(wanted) && !value.is_empty())
            };
            let (_, value) = of(name).or_else(|| of(&name.to_ascii_uppercase()))?;
            value.to_str()
        };
        let named = ["https_proxy", "all_proxy", "http_proxy"].into_iter().find_map(said);
        let Some(named) = named else { return Ok(None) };
        let proxy: Proxy = named.parse()?;
        Ok(Some(proxy.except(said("no_proxy").unwrap_or_default())))
    }
}

impl FromStr for Proxy {
    type Err = ProxyError;

    /// `HOST:PORT`, or `http://HOST:PORT`.
    fn from_str(text: &str) -> Result<Proxy, ProxyError> {
        let text = text.trim();
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&whole).map_err(|_| ProxyError::NotAProxy)?;
        if url.scheme() != "http" {
            return Err(ProxyError::Kind(at_most(url.scheme(), 20)));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(ProxyError::NotAProxy);
        }
        let host = match url.host() {
            Some(Host::Ipv6(ip)) => ip.to_string(),
            Some(host) => plain_host(&host.to_string()),
            None => return Err(ProxyError::NotAProxy),
        };
        let sign_in = match (url.username(), url.password()) {
            ("", None) => None,
            (name, password) => {
                let both = format!("{}:{}", decoded(name)?, decoded(password.unwrap_or_default())?);
                Some(format!("Basic {}", BASE64_STANDARD.encode(both)))
            }
        };
        let port = url.port_or_known_default().unwrap_or(80);
        Ok(Proxy { host, port, sign_in, without: Vec::new() })
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text names no proxy that can be used. The text itself may hold a
/// password and is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// It is not of the form.
    #[error("it is not a proxy like proxy.example.sch.uk:8080")]
    NotAProxy,
    /// Another kind of proxy.
    #[error("it is a proxy for {0}:; only HTTP proxies can be gone through")]
    Kind(String),
}

/// `%40` as `@`.
fn decoded(text: &str) -> Result<String, ProxyError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = (byte == b'%').then(|| after.get(..2).and_then(|two| std::str::from_utf8(two).ok()));
        match hex.flatten().and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| ProxyError::NotAProxy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(all: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        all.iter().map(|(name, value)| (name.into(), value.into())).collect()
    }

    #[test]
    fn reads_what_people_and_programs_write() {
        for (text, host, port) in [
            ("proxy.example.sch.uk:8080", "proxy.example.sch.uk", 8080),
            ("http://10.0.0.1:3128/", "10.0.0.1", 3128),
            ("http://Proxy.Example", "proxy.example", 80),
            ("[fd00::1]:8080", "fd00::1", 8080),
        ] {
            let proxy: Proxy = text.parse().expect(text);
            assert_eq!((proxy.host(), proxy.port()), (host, port), "{text}");
        }
        assert_eq!("[fd00::1]:8080".parse::<Proxy>().expect("a proxy").to_string(), "[fd00::1]:8080");
        for text in ["", ":8080", "http://", "a b:1", "proxy:99999", "http://proxy:1/proxy.pac"] {
            assert_eq!(text.parse::<Proxy>(), Err(ProxyError::NotAProxy), "{text}");
        }
        for text in ["https://proxy:1", "socks5://proxy:1", "socks4://proxy:1"] {
            assert!(matches!(text.parse::<Proxy>(), Err(ProxyError::Kind(_))), "{text}");
        }
    }

    #[test]
    fn a_password_is_for_the_proxy_alone() {
        let proxy: Proxy = "http://staff:p%40ss@proxy:8080".parse().expect("a proxy");
        assert_eq!(proxy.sign_in(), Some("Basic c3RhZmY6cEBzcw=="));
        assert_eq!(format!("{proxy} {proxy:?}"), "proxy:8080 proxy:8080");
    }

    #[test]
    fn the_environment_names_one_by_any_of_its_names() {
        let named = |all: &[(&str, &str)]| Proxy::from_environment(&variables(all));
        assert_eq!(named(&[("PATH", "/bin"), ("http_proxy", "")]), Ok(None));
        for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            let proxy = named(&[(name, "http://proxy:8080")]).expect("a proxy").expect(name);
            assert_eq!(proxy.to_string(), "proxy:8080");
        }
        let both = named(&[("http_proxy", "one:1"), ("HTTPS_PROXY", "two:2")]);
        assert_eq!(both.expect("a proxy").expect("one").to_string(), "two:2");
        assert!(named(&[("all_proxy", "socks5://proxy:1080")]).is_err());
    }

    #[test]
    fn what_is_reached_without_it() {
        let list = "localhost, .example.sch.uk,other.example *.third.example 9.9.9.9";
        let proxy = "proxy:8080".parse::<Proxy>().expect("a proxy").except(list);
        for host in ["localhost", "Intranet.Example.sch.uk", "example.sch.uk.", "a.third.example", "9.9.9.9"]
        {
            assert!(!proxy.is_for(host), "{host}");
        }
        for host in ["example.org", "notexample.sch.uk", "another.example", "19.9.9.9"] {
            assert!(proxy.is_for(host), "{host}");
        }
        assert!(!"proxy:1".parse::<Proxy>().expect("a proxy").except("*").is_for("example.org"));
    }
}
