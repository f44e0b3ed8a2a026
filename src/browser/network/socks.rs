//! What the browser and the wall say to each other: SOCKS5 (RFC 1928), CONNECT
//! only, without a sign-in.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr};

use super::address::plain_host;
use super::outcome::Outcome;

/// Reads greeting and request: whom the browser wants to reach.
pub(super) fn greet(browser: &mut (impl Read + Write)) -> io::Result<(String, u16)> {
    let wrong = || io::Error::from(io::ErrorKind::InvalidData);
    let mut head = [0; 2];
    browser.read_exact(&mut head)?;
    let mut methods = vec![0; usize::from(head[1])];
    browser.read_exact(&mut methods)?;
    if head[0] != 5 || !methods.contains(&0) {
        browser.write_all(&[5, 0xff])?;
        return Err(wrong());
    }
    browser.write_all(&[5, 0])?;
    let mut request = [0; 4];
    browser.read_exact(&mut request)?;
    let [version, command, _, kind] = request;
    if version != 5 || command != 1 {
        browser.write_all(&answer_with(7))?;
        return Err(wrong());
    }
    let host = match kind {
        1 => {
            let mut ip = [0; 4];
            browser.read_exact(&mut ip)?;
            Ipv4Addr::from(ip).to_string()
        }
        4 => {
            let mut ip = [0; 16];
            browser.read_exact(&mut ip)?;
            Ipv6Addr::from(ip).to_string()
        }
        3 => {
            let mut length = [0];
            browser.read_exact(&mut length)?;
            let mut name = vec![0; usize::from(length[0])];
            browser.read_exact(&mut name)?;
            plain_host(std::str::from_utf8(&name).map_err(|_| wrong())?)
        }
        _ => return Err(wrong()),
    };
    let mut port = [0; 2];
    browser.read_exact(&mut port)?;
    Ok((host, u16::from_be_bytes(port)))
}

/// Tells the browser what came of it.
pub(super) fn answer(outcome: &Outcome) -> [u8; 10] {
    answer_with(match outcome {
        Outcome::Connected(_) | Outcome::Proxied(_) => 0,
        Outcome::Refused(_) | Outcome::Denied(_) => 2,
        Outcome::NotFound(_) => 4,
        Outcome::Unreachable(_) => 5,
    })
}

fn answer_with(code: u8) -> [u8; 10] {
    [5, code, 0, 1, 0, 0, 0, 0, 0, 0]
}
