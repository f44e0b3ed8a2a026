//! How far a recording may reach, judged by the IP address of the computer that
//! would answer.
//!
//! It resolves no names and opens no connections: [`super::wall`] does, and
//! asks here about the very address that it is about to use.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

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

#[cfg(test)]
mod tests {
    use super::*;

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
        let rehearsal = Reach::Rehearsal { refused_ports: vec![8123] };
        let judge = |ip: &str, port| rehearsal.judge(ip.parse().expect("an IP address"), port);
        assert_eq!(judge("127.0.0.1", 80), Ok(()));
        assert_eq!(judge("::1", 80), Ok(()));
        assert_eq!(judge("192.168.1.1", 80), Ok(()));
        assert_eq!(judge("127.0.0.1", 8123), Err(Refusal::Port));
        assert_eq!(judge("::ffff:127.0.0.1", 8123), Err(Refusal::Port));
        assert_eq!(judge("169.254.169.254", 80), Err(Refusal::LinkLocal));
        assert_eq!(judge("0.0.0.0", 80), Err(Refusal::Unspecified));
    }
}
