//! Judges addresses before anything is asked for: of a page, and of the
//! computer that answers for it.
//!
//! It resolves no names and opens no connections: [`super::wall`] does, and
//! asks here about the very address that it is about to use.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// How far a recording may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// The internet only: nothing on this computer or on the school's network.
    Public,
    /// A practice case: this computer and private networks as well.
    Rehearsal {
        /// Ports on this computer and on private networks that stay refused,
        /// such as the guide's own.
        refused_ports: Vec<u16>,
    },
}

impl Reach {
    /// Whether `ip` is on this computer or on a network of its own, and so no
    /// part of the internet.
    pub fn is_near(ip: IpAddr) -> bool {
        nearness(ip).is_some()
    }

    /// Whether a connection to `ip` at `port` may be made.
    pub fn judge(&self, ip: IpAddr, port: u16) -> Result<(), Refusal> {
        let Some(refusal) = nearness(ip) else { return Ok(()) };
        match self {
            Reach::Public => Err(refusal),
            Reach::Rehearsal { refused_ports } => match refusal {
                Refusal::Loopback | Refusal::Private if refused_ports.contains(&port) => Err(Refusal::Port),
                Refusal::Loopback | Refusal::Private => Ok(()),
                other => Err(other),
            },
        }
    }
}

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
        if text.len() > LONGEST {
            return Err(AddressError::TooLong(text.len()));
        }
        let url = Url::parse(text).map_err(|e| AddressError::NotAnAddress(e.to_string()))?;
        Address::of(url, reach)
    }

    /// Where `target` leads, as read on this page: the `Location` of a redirect.
    pub fn join(&self, target: &str, reach: &Reach) -> Result<Address, AddressError> {
        if target.len() > LONGEST {
            return Err(AddressError::TooLong(target.len()));
        }
        let url = self.0.join(target).map_err(|e| AddressError::NotAnAddress(e.to_string()))?;
        Address::of(url, reach)
    }

    fn of(url: Url, reach: &Reach) -> Result<Address, AddressError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(AddressError::Scheme(url.scheme().chars().take(40).collect()));
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

/// Why an IP address is out of reach.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error,
)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// 127/8, ::1.
    #[error("this computer itself")]
    Loopback,
    /// 10/8, 172.16/12, 192.168/16, fc00::/7.
    #[error("on a private network")]
    Private,
    /// 169.254/16, fe80::/10.
    #[error("on the local link only")]
    LinkLocal,
    /// 100.64/10: the provider's own network.
    #[error("on the provider's own network")]
    CarrierShared,
    /// 224/4, ff00::/8.
    #[error("a group of computers, not one")]
    Multicast,
    /// 0/8, ::.
    #[error("no computer's address")]
    Unspecified,
    /// Set aside: documentation, measurement, future use, outside 2000::/3.
    #[error("an address that is set aside")]
    Reserved,
    /// A port that stays refused in a rehearsal.
    #[error("a part of Countersign itself")]
    Port,
}

fn nearness(ip: IpAddr) -> Option<Refusal> {
    match ip {
        IpAddr::V4(ip) => nearness_v4(ip),
        IpAddr::V6(ip) => nearness_v6(ip),
    }
}

fn nearness_v4(ip: Ipv4Addr) -> Option<Refusal> {
    let refusal = match ip.octets() {
        [127, ..] => Refusal::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Refusal::Private,
        [169, 254, ..] => Refusal::LinkLocal,
        [100, 64..=127, ..] => Refusal::CarrierShared,
        [224..=239, ..] => Refusal::Multicast,
        [0, ..] => Refusal::Unspecified,
        [192, 0, 0 | 2, _] | [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] | [240..=255, ..] => {
            Refusal::Reserved
        }
        _ => return None,
    };
    Some(refusal)
}

fn nearness_v6(ip: Ipv6Addr) -> Option<Refusal> {
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        nearness_v4(Ipv4Addr::new(a, b, c, d))
    };
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some(Refusal::Unspecified),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some(Refusal::Loopback),
        // A v4 address in v6 dress is judged as the v4 address it reaches:
        // mapped, compatible, NAT64, 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => embedded(high, low),
        // Teredo carries the client's address inverted; local NAT64 can embed
        // at several places.
        [0x2001, 0, ..] | [0x64, 0xff9b, ..] | [0x2001, 0xdb8, ..] => Some(Refusal::Reserved),
        // ISATAP: a v4 address behind a fixed interface identifier.
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => embedded(high, low),
        [0xfc00..=0xfdff, ..] => Some(Refusal::Private),
        [0xfe80..=0xfebf, ..] => Some(Refusal::LinkLocal),
        [0xff00..=0xffff, ..] => Some(Refusal::Multicast),
        [0x2000..=0x3fff, ..] => None,
        _ => Some(Refusal::Reserved),
    }
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

const LONGEST: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;

    fn rehearsal() -> Reach {
        Reach::Rehearsal { refused_ports: vec![8123] }
    }

    #[test]
    fn nothing_near_is_public() {
        for (ip, refusal) in [
            ("127.0.0.1", Refusal::Loopback),
            ("127.255.0.9", Refusal::Loopback),
            ("10.1.2.3", Refusal::Private),
            ("172.16.0.1", Refusal::Private),
            ("172.31.255.255", Refusal::Private),
            ("192.168.1.1", Refusal::Private),
            ("169.254.169.254", Refusal::LinkLocal),
            ("100.64.0.1", Refusal::CarrierShared),
            ("100.127.255.255", Refusal::CarrierShared),
            ("224.0.0.251", Refusal::Multicast),
            ("0.0.0.0", Refusal::Unspecified),
            ("0.1.2.3", Refusal::Unspecified),
            ("255.255.255.255", Refusal::Reserved),
            ("192.0.2.1", Refusal::Reserved),
            ("::", Refusal::Unspecified),
            ("::1", Refusal::Loopback),
            ("::127.0.0.1", Refusal::Loopback),
            ("::ffff:127.0.0.1", Refusal::Loopback),
            ("::ffff:192.168.0.1", Refusal::Private),
            ("64:ff9b::7f00:1", Refusal::Loopback),
            ("64:ff9b::10.0.0.1", Refusal::Private),
            ("64:ff9b:1::1", Refusal::Reserved),
            ("2002:7f00:1::", Refusal::Loopback),
            ("2001:0:1::1", Refusal::Reserved),
            ("2001:db8::1", Refusal::Reserved),
            ("2a00::5efe:127.0.0.1", Refusal::Loopback),
            ("fd00::1", Refusal::Private),
            ("fe80::1", Refusal::LinkLocal),
            ("fec0::1", Refusal::Reserved),
            ("ff02::fb", Refusal::Multicast),
            ("4000::1", Refusal::Reserved),
        ] {
            let ip: IpAddr = ip.parse().expect("an IP address");
            assert_eq!(Reach::Public.judge(ip, 80), Err(refusal), "{ip}");
        }
        for ip in ["9.9.9.9", "172.32.0.1", "100.128.0.1", "2620:fe::9", "::ffff:9.9.9.9", "64:ff9b::9.9.9.9"]
        {
            assert_eq!(Reach::Public.judge(ip.parse().expect("an IP address"), 443), Ok(()), "{ip}");
        }
    }

    #[test]
    fn a_rehearsal_reaches_this_computer_but_not_the_guide() {
        let judge = |ip: &str, port| rehearsal().judge(ip.parse().expect("an IP address"), port);
        assert_eq!(judge("127.0.0.1", 80), Ok(()));
        assert_eq!(judge("::1", 80), Ok(()));
        assert_eq!(judge("192.168.1.1", 80), Ok(()));
        assert_eq!(judge("127.0.0.1", 8123), Err(Refusal::Port));
        assert_eq!(judge("::ffff:127.0.0.1", 8123), Err(Refusal::Port));
        assert_eq!(judge("169.254.169.254", 80), Err(Refusal::LinkLocal));
        assert_eq!(judge("0.0.0.0", 80), Err(Refusal::Unspecified));
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
