//! What came of an attempt to reach a host, for the record.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::reach::Refusal;

/// One host and port that the browser asked for, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attempt {
    /// Host name or IP address as the browser gave it, at most 255 bytes.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of an attempt to connect.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Connected to this address.
    Connected(SocketAddr),
    /// Handed to the school's proxy, which connected.
    Proxied(Proxied),
    /// Refused, because of what the name resolves to.
    Refused(Refused),
    /// Refused by the school's proxy.
    Denied(Denied),
    /// The name has no address.
    NotFound(String),
    /// No address of the name answered.
    Unreachable(String),
}

/// A connection through the school's proxy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Proxied {
    /// The proxy.
    pub proxy: SocketAddr,
    /// The address that this computer found for the name and judged; none
    /// where only the proxy can look it up. The proxy looks up for itself, and
    /// where it connected to is not known here.
    pub checked: Option<IpAddr>,
}

/// What the school's proxy refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Denied {
    /// The proxy.
    pub proxy: SocketAddr,
    /// Its answer.
    pub why: String,
}

/// An address that the wall did not connect to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Refused {
    /// The address, where the name was resolved at all.
    pub ip: Option<IpAddr>,
    /// Why.
    pub why: Refusal,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Connected(address) => write!(f, "connected to {address}"),
            Outcome::Proxied(Proxied { proxy, checked: Some(ip) }) => {
                write!(f, "handed to the proxy {proxy} after {ip} was judged here")
            }
            Outcome::Proxied(Proxied { proxy, checked: None }) => {
                write!(f, "handed to the proxy {proxy}, not checked on this computer")
            }
            Outcome::Denied(Denied { proxy, why }) => write!(f, "the proxy {proxy} refused it: {why}"),
            Outcome::Refused(Refused { ip: Some(ip), why }) => write!(f, "refused: {ip} is {why}"),
            Outcome::Refused(Refused { ip: None, why }) => write!(f, "refused: it is {why}"),
            Outcome::NotFound(why) => write!(f, "the name was not found ({why})"),
            Outcome::Unreachable(why) => write!(f, "no answer ({why})"),
        }
    }
}
