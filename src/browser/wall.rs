//! The wall: a proxy on this computer through which the browser must go, that
//! refuses this computer and its neighbours whatever a name resolves to.
//!
//! It speaks SOCKS5 (RFC 1928, CONNECT only) and never looks into what passes
//! through. Because the browser leaves names to it, it resolves each name
//! once, judges every address of the answer, and connects to the very address
//! that it judged, so that a name cannot change its answer in between. It
//! keeps a list of what was reached and what was refused, for the record.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::mem;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::address::{Reach, Refusal, is_localhost};

/// A running proxy. Dropping it closes every connection through it.
pub struct Wall {
    address: SocketAddr,
    shared: Arc<Shared>,
    door: Option<JoinHandle<()>>,
}

impl Wall {
    /// Starts the proxy at a free port of 127.0.0.1.
    pub fn start(reach: Reach) -> io::Result<Wall> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { reach, port: address.port(), state: Mutex::default() });
        let inside = Arc::clone(&shared);
        let door =
            thread::Builder::new().name("wall".to_owned()).spawn(move || receive(&listener, &inside))?;
        Ok(Wall { address, shared, door: Some(door) })
    }

    /// Where the proxy listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How far it lets through.
    pub fn reach(&self) -> &Reach {
        &self.shared.reach
    }

    /// The switches that send everything of a Chromium through this proxy.
    pub fn switches(&self) -> Vec<String> {
        vec![
            format!("--proxy-server=socks5://{}", self.address),
            "--proxy-bypass-list=<-loopback>".to_owned(),
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1".to_owned(),
            "--disable-quic".to_owned(),
            "--force-webrtc-ip-handling-policy=disable_non_proxied_udp".to_owned(),
            "--webrtc-ip-handling-policy=disable_non_proxied_udp".to_owned(),
        ]
    }

    /// What was asked for since the list was last taken, in order, each host,
    /// port and outcome once.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.shared.lock().attempts.clone()
    }

    /// Takes the list, and how many attempts it had no room for.
    pub fn take_attempts(&self) -> (Vec<Attempt>, u64) {
        let mut state = self.shared.lock();
        (mem::take(&mut state.attempts), mem::take(&mut state.left_out))
    }

    /// The outcome of the latest attempt to reach `host` at `port`.
    pub fn latest(&self, host: &str, port: u16) -> Option<Outcome> {
        let host = plain_host(host);
        let state = self.shared.lock();
        state.latest.get(&(host, port)).cloned()
    }
}

impl Drop for Wall {
    fn drop(&mut self) {
        let open: Vec<TcpStream> = {
            let mut state = self.shared.lock();
            state.closed = true;
            state.open.drain().flat_map(|(_, streams)| streams).collect()
        };
        for stream in open {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes the accepting thread, which then sees that the wall is closed.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        if let Some(door) = self.door.take() {
            let _ = door.join();
        }
    }
}

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
    /// Refused, because of what the name resolves to.
    Refused(Refused),
    /// The name has no address.
    NotFound(String),
    /// No address of the name answered.
    Unreachable(String),
}

/// An address that the wall did not connect to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Refused {
    /// The address, where the name was resolved at all.
    pub ip: Option<IpAddr>,
    /// Why.
    pub why: Refusal,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Outcome::Connected(address) => write!(f, "connected to {address}"),
            Outcome::Refused(Refused { ip: Some(ip), why }) => write!(f, "refused: {ip} is {why}"),
            Outcome::Refused(Refused { ip: None, why }) => write!(f, "refused: it is {why}"),
            Outcome::NotFound(why) => write!(f, "the name was not found ({why})"),
            Outcome::Unreachable(why) => write!(f, "no answer ({why})"),
        }
    }
}

/// Resolves `host` and judges every address of the answer.
///
/// One address out of reach refuses them all: a name that points both at the
/// internet and at this computer is an attack, not a page.
pub fn resolve(host: &str, port: u16, reach: &Reach) -> Result<Vec<SocketAddr>, Outcome> {
    let host = plain_host(host);
    let refused = |ip, why| Outcome::Refused(Refused { ip, why });
    if is_localhost(&host) {
        reach.judge(Ipv4Addr::LOCALHOST.into(), port).map_err(|why| refused(None, why))?;
    }
    let found: Vec<SocketAddr> = match host.parse::<IpAddr>() {
        Ok(ip) => vec![SocketAddr::new(ip, port)],
        Err(_) => (host.as_str(), port)
            .to_socket_addrs()
            .map_err(|e| Outcome::NotFound(brief(&e)))?
            .take(MOST_ADDRESSES)
            .collect(),
    };
    if found.is_empty() {
        return Err(Outcome::NotFound("no address".to_owned()));
    }
    for address in &found {
        reach.judge(address.ip(), port).map_err(|why| refused(Some(address.ip()), why))?;
    }
    Ok(found)
}

struct Shared {
    reach: Reach,
    port: u16,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    closed: bool,
    next: u64,
    open: HashMap<u64, Vec<TcpStream>>,
    attempts: Vec<Attempt>,
    left_out: u64,
    latest: HashMap<(String, u16), Outcome>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self, stream: &TcpStream) -> Option<u64> {
        let copy = stream.try_clone().ok()?;
        let mut state = self.lock();
        if state.closed || state.open.len() >= MOST_CONNECTIONS {
            return None;
        }
        let id = state.next;
        state.next += 1;
        state.open.insert(id, vec![copy]);
        Some(id)
    }

    /// Has the server's side closed with the wall; false when it is closed already.
    fn add(&self, id: u64, server: &TcpStream) -> bool {
        let Ok(copy) = server.try_clone() else { return false };
        let mut state = self.lock();
        let Some(streams) = state.open.get_mut(&id) else { return false };
        streams.push(copy);
        true
    }

    fn note(&self, host: String, port: u16, outcome: &Outcome) {
        let mut state = self.lock();
        let attempt = Attempt { host, port, outcome: outcome.clone() };
        let key = (attempt.host.clone(), port);
        if state.latest.contains_key(&key) || state.latest.len() < MOST_ATTEMPTS {
            state.latest.insert(key, outcome.clone());
        }
        if state.attempts.contains(&attempt) {
            return;
        }
        if state.attempts.len() < MOST_ATTEMPTS {
            state.attempts.push(attempt);
        } else {
            state.left_out += 1;
        }
    }
}

fn receive(listener: &TcpListener, shared: &Arc<Shared>) {
    loop {
        let accepted = listener.accept();
        if shared.lock().closed {
            return;
        }
        let Ok((stream, _)) = accepted else {
            thread::sleep(Duration::from_millis(20));
            continue;
        };
        let Some(id) = shared.admit(&stream) else { continue };
        let inside = Arc::clone(shared);
        let started = thread::Builder::new().name("wall".to_owned()).spawn(move || {
            serve(stream, id, &inside);
            inside.lock().open.remove(&id);
        });
        if started.is_err() {
            shared.lock().open.remove(&id);
        }
    }
}

fn serve(mut browser: TcpStream, id: u64, shared: &Arc<Shared>) {
    let _ = browser.set_nodelay(true);
    let _ = browser.set_read_timeout(Some(GREETING_LIMIT));
    let Ok((host, port)) = greet(&mut browser) else { return };
    let _ = browser.set_read_timeout(None);
    let outcome = connect(&host, port, shared);
    let (outcome, server) = match outcome {
        Ok((address, server)) => (Outcome::Connected(address), Some(server)),
        Err(outcome) => (outcome, None),
    };
    shared.note(host, port, &outcome);
    let code = match outcome {
        Outcome::Connected(_) => 0,
        Outcome::Refused(_) => 2,
        Outcome::NotFound(_) => 4,
        Outcome::Unreachable(_) => 5,
    };
    let answered = browser.write_all(&[5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
    if let (Ok(()), Some(server)) = (answered, server) {
        relay(browser, server, id, shared);
    }
}

/// Reads greeting and request: whom the browser wants to reach.
fn greet(browser: &mut TcpStream) -> io::Result<(String, u16)> {
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
        browser.write_all(&[5, 7, 0, 1, 0, 0, 0, 0, 0, 0])?;
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

fn connect(host: &str, port: u16, shared: &Shared) -> Result<(SocketAddr, TcpStream), Outcome> {
    let addresses = resolve(host, port, &shared.reach)?;
    let mut last = String::new();
    for address in addresses {
        // Not through ourselves, in a rehearsal: it would go round for ever.
        if address.port() == shared.port && address.ip().is_loopback() {
            return Err(Outcome::Refused(Refused { ip: Some(address.ip()), why: Refusal::Port }));
        }
        match TcpStream::connect_timeout(&address, CONNECT_LIMIT) {
            Ok(stream) => return Ok((address, stream)),
            Err(e) => last = brief(&e),
        }
    }
    Err(Outcome::Unreachable(last))
}

/// Passes bytes both ways until both sides have ended.
fn relay(browser: TcpStream, server: TcpStream, id: u64, shared: &Arc<Shared>) {
    let _ = server.set_nodelay(true);
    let (Ok(mut from_browser), Ok(mut to_server)) = (browser.try_clone(), server.try_clone()) else { return };
    if !shared.add(id, &server) {
        return;
    }
    // A browser that closes its side wants no more of the answer either.
    let up = thread::Builder::new().name("wall".to_owned()).spawn(move || {
        let _ = io::copy(&mut from_browser, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Both);
    });
    let (mut from_server, mut to_browser) = (&server, &browser);
    let _ = io::copy(&mut from_server, &mut to_browser);
    let _ = browser.shutdown(Shutdown::Both);
    if let Ok(up) = up {
        let _ = up.join();
    }
}

/// A host without brackets, upper case and a final dot.
fn plain_host(host: &str) -> String {
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    host.trim_end_matches('.').to_ascii_lowercase()
}

fn brief(error: &io::Error) -> String {
    error.to_string().chars().take(200).collect()
}

const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const GREETING_LIMIT: Duration = Duration::from_secs(10);
const MOST_CONNECTIONS: usize = 512;
const MOST_ATTEMPTS: usize = 4096;
const MOST_ADDRESSES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(wall: &Wall, kind: u8, host: &[u8], port: u16) -> (u8, TcpStream) {
        let mut stream = TcpStream::connect(wall.address()).expect("the wall listens");
        stream.write_all(&[5, 1, 0]).expect("sent");
        let mut answer = [0; 2];
        stream.read_exact(&mut answer).expect("answered");
        assert_eq!(answer, [5, 0]);
        let mut request = vec![5, 1, 0, kind];
        if kind == 3 {
            request.push(host.len() as u8);
        }
        request.extend_from_slice(host);
        request.extend_from_slice(&port.to_be_bytes());
        stream.write_all(&request).expect("sent");
        let mut answer = [0; 10];
        stream.read_exact(&mut answer).expect("answered");
        (answer[1], stream)
    }

    fn echo() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
        let port = listener.local_addr().expect("bound").port();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut back = stream.try_clone().expect("cloned");
                let _ = io::copy(&mut &stream, &mut back);
            }
        });
        port
    }

    #[test]
    fn refuses_this_computer_by_every_name() {
        let port = echo();
        let wall = Wall::start(Reach::Public).expect("started");
        for (kind, host) in [
            (3, b"localhost".as_slice()),
            (3, b"LocalHost."),
            (3, b"127.0.0.1"),
            (3, b"2130706433"),
            (3, b"0x7f000001"),
            (3, b"127.1"),
            (3, b"[::1]"),
            (3, b"::ffff:127.0.0.1"),
            (3, b"10.0.0.1"),
            (1, &[127, 0, 0, 1]),
            (1, &[0, 0, 0, 0]),
            (4, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        ] {
            assert_eq!(ask(&wall, kind, host, port).0, 2, "{host:?}");
        }
        assert!(wall.attempts().iter().all(|a| matches!(a.outcome, Outcome::Refused(_))));
        assert!(matches!(wall.latest("localhost", port), Some(Outcome::Refused(_))));
    }

    #[test]
    fn a_rehearsal_passes_bytes_both_ways_but_not_to_refused_ports() {
        let (port, guide) = (echo(), echo());
        let wall = Wall::start(Reach::Rehearsal { refused_ports: vec![guide] }).expect("started");
        let (code, mut stream) = ask(&wall, 3, b"localhost", port);
        assert_eq!(code, 0);
        stream.write_all(b"there and back").expect("sent");
        let mut back = [0; 14];
        stream.read_exact(&mut back).expect("echoed");
        assert_eq!(&back, b"there and back");
        assert!(matches!(wall.latest("LOCALHOST", port), Some(Outcome::Connected(a)) if a.port() == port));
        assert_eq!(ask(&wall, 3, b"localhost", guide).0, 2);
        assert_eq!(ask(&wall, 1, &[127, 0, 0, 1], guide).0, 2);
        assert_eq!(ask(&wall, 1, &[127, 0, 0, 1], wall.address().port()).0, 2, "itself");
    }

    #[test]
    fn connects_only() {
        let wall = Wall::start(Reach::Public).expect("started");
        for command in [2, 3] {
            let mut stream = TcpStream::connect(wall.address()).expect("the wall listens");
            stream.write_all(&[5, 1, 0, 5, command, 0, 1, 127, 0, 0, 1, 0, 80]).expect("sent");
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).expect("answered");
            assert_eq!(answer[3], 7, "command {command}");
        }
        assert!(wall.attempts().is_empty());
    }

    #[test]
    fn dropping_it_closes_what_is_open() {
        let port = echo();
        let wall = Wall::start(Reach::Rehearsal { refused_ports: vec![] }).expect("started");
        let (_, mut stream) = ask(&wall, 3, b"127.0.0.1", port);
        let address = wall.address();
        drop(wall);
        stream.set_read_timeout(Some(Duration::from_secs(5))).expect("set");
        assert_eq!(stream.read(&mut [0; 1]).expect("closed, not hanging"), 0);
        assert!(TcpStream::connect_timeout(&address, Duration::from_millis(500)).is_err());
    }
}
