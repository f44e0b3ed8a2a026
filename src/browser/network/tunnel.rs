//! Connections outward, directly or through the school's proxy, and the bytes
//! that pass both ways.
//!
//! It judges no host: it is given the addresses that were judged. Of what
//! passes it reads one head of a request, and only where a proxy will not
//! connect to the port of plain HTTP.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::judge::{Names, SystemNames};
use super::outcome::{Denied, Outcome, Proxied, Refused};
use super::proxy::Proxy;
use super::reach::{Reach, Refusal};
use crate::text::{at_most, brief};

/// Connects to one of `addresses`, each of which was judged.
pub(super) fn direct(addresses: &[SocketAddr], reach: &Reach) -> Result<(SocketAddr, TcpStream), Outcome> {
    let mut last = String::new();
    for address in addresses {
        match TcpStream::connect_timeout(address, CONNECT_LIMIT) {
            Ok(stream) => {
                is_elsewhere(&stream, *address, reach)?;
                return Ok((*address, stream));
            }
            Err(e) => last = brief(&e),
        }
    }
    Err(Outcome::Unreachable(last))
}

/// A public address may still be this computer's own, or its neighbour's:
/// then the near end of the connection tells, before anything is sent.
fn is_elsewhere(stream: &TcpStream, address: SocketAddr, reach: &Reach) -> Result<(), Outcome> {
    let refused = |why| Err(Outcome::Refused(Refused { ip: Some(address.ip()), why }));
    match (stream.local_addr().map(|local| local.ip()), address.ip()) {
        (Err(e), _) => Err(Outcome::Unreachable(brief(&e))),
        _ if Reach::is_near(address.ip()) && *reach != Reach::Public => Ok(()),
        (Ok(local), far) if local == far => refused(Refusal::Loopback),
        (Ok(IpAddr::V6(local)), IpAddr::V6(far)) if local.segments()[..4] == far.segments()[..4] => {
            refused(Refusal::Private)
        }
        (Ok(_), _) => Ok(()),
    }
}

/// How the proxy carries a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carried {
    /// It passes the bytes on.
    Tunnel,
    /// It does not connect to this port; it takes plain requests one by one.
    Requests,
}

/// What was learnt of the proxy.
#[derive(Default)]
pub(super) struct Habits {
    /// It connects to the port of HTTPS only.
    only_https: AtomicBool,
}

/// Connects to `host` through the proxy.
pub(super) fn through(
    proxy: &Proxy,
    habits: &Habits,
    (host, port): (&str, u16),
    checked: Option<IpAddr>,
) -> Result<(Proxied, TcpStream, Carried), Outcome> {
    if !is_written_plainly(host) {
        return Err(Outcome::NotFound("it is not written like a host".to_owned()));
    }
    let (address, mut stream) = reach_proxy(proxy)?;
    let proxied = Proxied { proxy: address, checked };
    if port != HTTPS && habits.only_https.load(Ordering::Relaxed) {
        return Ok((proxied, stream, Carried::Requests));
    }
    let failed = |e: &io::Error| Outcome::Unreachable(format!("the proxy {proxy}: {}", brief(e)));
    let answer = ask_to_connect(&mut stream, proxy, host, port).map_err(|e| failed(&e))?;
    match answer {
        (200..=299, _) => Ok((proxied, stream, Carried::Tunnel)),
        (400 | 403 | 405 | 501, _) if port != HTTPS => {
            habits.only_https.store(true, Ordering::Relaxed);
            let (address, stream) = reach_proxy(proxy)?;
            Ok((Proxied { proxy: address, checked }, stream, Carried::Requests))
        }
        (status, words) => {
            let why = match status {
                407 => "it wants a name and password (407)".to_owned(),
                _ => format!("{status} {words}").trim().to_owned(),
            };
            Err(Outcome::Denied(Denied { proxy: address, why }))
        }
    }
}

fn reach_proxy(proxy: &Proxy) -> Result<(SocketAddr, TcpStream), Outcome> {
    let failed = |why: String| Outcome::Unreachable(format!("the proxy {proxy}: {why}"));
    let found = match proxy.host().parse::<IpAddr>() {
        Ok(ip) => vec![ip],
        Err(_) => SystemNames.look_up(proxy.host()).map_err(|e| failed(brief(&e)))?,
    };
    let mut last = "it has no address".to_owned();
    for ip in found {
        let address = SocketAddr::new(ip, proxy.port());
        match TcpStream::connect_timeout(&address, CONNECT_LIMIT) {
            Ok(stream) => {
                let _ = stream.set_nodelay(true);
                return Ok((address, stream));
            }
            Err(e) => last = brief(&e),
        }
    }
    Err(failed(last))
}

/// Asks with CONNECT; the status of the answer and its words.
fn ask_to_connect(stream: &mut TcpStream, proxy: &Proxy, host: &str, port: u16) -> io::Result<(u16, String)> {
    let to = authority(host, port);
    let sign_in =
        proxy.sign_in().map(|secret| format!("Proxy-Authorization: {secret}\r\n")).unwrap_or_default();
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    stream.write_all(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{sign_in}\r\n").as_bytes())?;
    let head = read_head(stream)?;
    stream.set_read_timeout(None)?;
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut words = line.trim().splitn(3, ' ');
    let status = words.next().filter(|version| version.starts_with("HTTP/")).and(words.next());
    let status = status.and_then(|status| status.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
    Ok((status, at_most(words.next().unwrap_or_default(), 100)))
}

/// Reads up to the empty line and not a byte further.
fn read_head(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && !head.ends_with(b"\n\n") {
        if head.len() >= LONGEST_HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(head)
}

/// Sends the browser's one request to the proxy in the form that it takes,
/// with no more after it than belongs to it.
///
/// One request to a connection: a second one would reach the proxy as meant
/// for the proxy itself, past the wall's judgement.
pub(super) fn forward(
    browser: &mut TcpStream,
    server: &mut TcpStream,
    proxy: &Proxy,
    (host, port): (&str, u16),
) -> io::Result<Body> {
    browser.set_read_timeout(Some(ANSWER_LIMIT))?;
    let head = read_head(browser)?;
    browser.set_read_timeout(None)?;
    let (head, body) = rewritten(&head, proxy, &authority(host, port)).ok_or(io::ErrorKind::InvalidData)?;
    server.write_all(&head)?;
    Ok(body)
}

/// What of the browser's bytes follows a request's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// So many.
    Bytes(u64),
    /// Everything.
    All,
}

/// The head of a request as a proxy takes it.
fn rewritten(head: &[u8], proxy: &Proxy, authority: &str) -> Option<(Vec<u8>, Body)> {
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, path, version) = (first.next()?, first.next()?, first.next()?);
    let plain = method.bytes().all(|b| b.is_ascii_uppercase()) && path.starts_with('/');
    if !plain || version != "HTTP/1.1" || first.next().is_some() {
        return None;
    }
    let mut new = format!("{method} http://{authority}{path} {version}\r\n");
    let (mut length, mut upgrade) = (0, false);
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
        match name.to_ascii_lowercase().as_str() {
            "connection" | "proxy-connection" | "keep-alive" | "proxy-authorization" => continue,
            "transfer-encoding" => return None,
            "content-length" => length = value.trim().parse().ok()?,
            "upgrade" => upgrade = true,
            _ => {}
        }
        new += line;
        new += "\r\n";
    }
    if let Some(secret) = proxy.sign_in() {
        new += &format!("Proxy-Authorization: {secret}\r\n");
    }
    new += if upgrade { "Connection: Upgrade\r\n\r\n" } else { "Connection: close\r\n\r\n" };
    Some((new.into_bytes(), if upgrade { Body::All } else { Body::Bytes(length) }))
}

/// Passes bytes both ways until both sides have ended.
pub(super) fn relay(browser: &TcpStream, server: &TcpStream, body: Body) {
    let (Ok(from_browser), Ok(mut to_server)) = (browser.try_clone(), server.try_clone()) else { return };
    // A browser that closes its side wants no more of the answer either.
    let up = thread::Builder::new().name("wall".to_owned()).spawn(move || {
        let mut from_browser = from_browser;
        let _ = match body {
            Body::All => io::copy(&mut from_browser, &mut to_server),
            Body::Bytes(bytes) => io::copy(&mut (&from_browser).take(bytes), &mut to_server)
                .and_then(|_| io::copy(&mut from_browser, &mut io::sink())),
        };
        let _ = to_server.shutdown(Shutdown::Both);
    });
    let (mut from_server, mut to_browser) = (server, browser);
    let _ = io::copy(&mut from_server, &mut to_browser);
    let _ = browser.shutdown(Shutdown::Both);
    if let Ok(up) = up {
        let _ = up.join();
    }
}

fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// A host goes into a line that the proxy reads: nothing in it may end the
/// line or look like another part of it.
fn is_written_plainly(host: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    host.parse::<IpAddr>().is_ok() || !host.is_empty() && host.chars().all(name)
}

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
const LONGEST_HEAD: usize = 64 * 1024;
const HTTPS: u16 = 443;

#[cfg(test)]
mod tests {
    use super::*;

    fn rewrite(head: &str) -> Option<(String, Body)> {
        let proxy: Proxy = "http://a:b@proxy:8080".parse().expect("a proxy");
        let (head, body) = rewritten(head.as_bytes(), &proxy, "example.org:80")?;
        Some((String::from_utf8(head).expect("text"), body))
    }

    #[test]
    fn a_request_is_written_as_a_proxy_takes_it() {
        let (head, body) = rewrite(
            "POST /a?b HTTP/1.1\r\nHost: example.org\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\n",
        )
        .expect("a request");
        assert_eq!(
            head,
            "POST http://example.org:80/a?b HTTP/1.1\r\nHost: example.org\r\nContent-Length: 3\r\n\
             Proxy-Authorization: Basic YTpi\r\nConnection: close\r\n\r\n"
        );
        assert_eq!(body, Body::Bytes(3));
        let (head, body) = rewrite("GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
            .expect("a request");
        assert!(head.ends_with(
            "Upgrade: websocket\r\nProxy-Authorization: Basic YTpi\r\nConnection: Upgrade\r\n\r\n"
        ));
        assert_eq!(body, Body::All);
    }

    #[test]
    fn what_is_no_plain_request_is_not_forwarded() {
        for head in [
            "\u{16}\u{3}\u{1}\r\n\r\n",
            "GET http://10.0.0.1/ HTTP/1.1\r\n\r\n",
            "CONNECT 10.0.0.1:80 HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1 x\r\n\r\n",
            "GET / HTTP/1.0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            "GET / HTTP/1.1\r\nbroken\r\n\r\n",
        ] {
            assert_eq!(rewrite(head), None, "{head:?}");
        }
    }

    #[test]
    fn nothing_in_a_host_can_be_taken_for_more() {
        for host in ["example.org", "a_b.example", "9.9.9.9", "2620:fe::9", "xn--caf-dma.example"] {
            assert!(is_written_plainly(host), "{host}");
        }
        for host in ["", "a b", "a\r\nX: y", "a:1", "u@h", "a/b", "café.example", "a%0d"] {
            assert!(!is_written_plainly(host), "{host:?}");
        }
    }

    #[test]
    fn a_public_address_of_our_own_is_still_this_computer() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
        let address = listener.local_addr().expect("bound");
        // As if 127.0.0.1 had been judged to be elsewhere.
        let outcome = direct(&[address], &Reach::Public).map(|_| ());
        assert_eq!(
            outcome,
            Err(Outcome::Refused(Refused { ip: Some(address.ip()), why: Refusal::Loopback }))
        );
        assert!(direct(&[address], &Reach::Rehearsal { refused_ports: Vec::new() }).is_ok());
    }
}
