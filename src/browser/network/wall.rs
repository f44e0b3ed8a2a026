//! The wall: a proxy on this computer through which the browser must go, that
//! refuses this computer and its neighbours whatever a name resolves to.
//!
//! It speaks SOCKS5 (RFC 1928, CONNECT only) to the browser and looks at
//! nothing of a page. Because the browser leaves names to it, it resolves each
//! name once, judges every address of the answer, and connects to the very
//! address that it judged, so that a name cannot change its answer in between.
//! Behind a school's proxy it hands over what it has judged, or says that it
//! could not judge it. It keeps a list of what was reached and what was
//! refused, for the record.

use std::collections::HashMap;
use std::io::{self, Write};
use std::mem;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::address::plain_host;
pub use super::judge::{Judge, Names, Route, SystemNames};
pub use super::outcome::{Attempt, Denied, Outcome, Proxied, Refused};
use super::proxy::Proxy;
use super::reach::{Reach, Refusal};
use super::socks;
use super::tunnel::{self, Body, Carried, Habits};

/// A running proxy. Dropping it closes every connection through it.
pub struct Wall {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

impl Wall {
    /// Starts the proxy at a free port of 127.0.0.1. A [`Reach`] by itself is
    /// a judge who connects to the internet directly.
    pub fn start(judge: impl Into<Judge>) -> io::Result<Wall> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            judge: judge.into(),
            port: address.port(),
            habits: Habits::default(),
            state: Mutex::default(),
        });
        let inside = Arc::clone(&shared);
        let acceptor =
            thread::Builder::new().name("wall".to_owned()).spawn(move || receive(&listener, &inside))?;
        Ok(Wall { address, shared, acceptor: Some(acceptor) })
    }

    /// Where the proxy listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How far it lets through.
    pub fn reach(&self) -> &Reach {
        self.shared.judge.reach()
    }

    /// The school's proxy, if pages are reached through one.
    pub fn proxy(&self) -> Option<&Proxy> {
        self.shared.judge.proxy()
    }

    /// The switches that send everything of a Chromium through this proxy.
    ///
    /// It knows the proxy by a name that stands for nothing else, and every
    /// other name and address not at all: where a policy of the computer
    /// overrules the proxy, nothing is reached, this computer least.
    pub fn switches(&self) -> Vec<String> {
        vec![
            format!("--proxy-server={SERVER}"),
            format!("--proxy-bypass-list={NO_BYPASS}"),
            format!("--host-resolver-rules=MAP {NAME} {} , MAP * ~NOTFOUND", self.address),
            "--disable-quic".to_owned(),
            "--force-webrtc-ip-handling-policy=disable_non_proxied_udp".to_owned(),
            "--webrtc-ip-handling-policy=disable_non_proxied_udp".to_owned(),
        ]
    }

    /// What `Target.createBrowserContext` is called with. MUST be used for
    /// every context: a policy of the computer (`ProxyMode`, `ProxySettings`)
    /// overrules the switches, but not this.
    pub fn context(&self) -> Value {
        json!({ "disposeOnDetach": true, "proxyServer": SERVER, "proxyBypassList": NO_BYPASS })
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

    /// The same for the host and port of an address.
    pub(crate) fn latest_at(&self, url: &str) -> Option<Outcome> {
        let url = Url::parse(url).ok()?;
        self.latest(url.host_str()?, url.port_or_known_default()?)
    }

    /// The server that answered at an address, where it was reached directly.
    pub(crate) fn server_at(&self, url: &str) -> Option<SocketAddr> {
        match self.latest_at(url)? {
            Outcome::Connected(address) => Some(address),
            _ => None,
        }
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
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

struct Shared {
    judge: Judge,
    port: u16,
    habits: Habits,
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

    fn note(&self, host: &str, port: u16, outcome: &Outcome) {
        let mut state = self.lock();
        let attempt = Attempt { host: host.to_owned(), port, outcome: outcome.clone() };
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
    let Ok((host, port)) = socks::greet(&mut browser) else { return };
    let _ = browser.set_read_timeout(None);
    let (outcome, way) = match connect(&host, port, shared) {
        Ok((outcome, server, carried)) => (outcome, Some((server, carried))),
        Err(outcome) => (outcome, None),
    };
    shared.note(&host, port, &outcome);
    if browser.write_all(&socks::answer(&outcome)).is_err() {
        return;
    }
    let Some((mut server, carried)) = way else { return };
    if !shared.add(id, &server) {
        return;
    }
    let body = match (carried, shared.judge.proxy()) {
        (Carried::Requests, Some(proxy)) => {
            match tunnel::forward(&mut browser, &mut server, proxy, (&host, port)) {
                Ok(body) => body,
                Err(_) => {
                    if let Outcome::Proxied(Proxied { proxy, .. }) = outcome {
                        let why = format!("it does not connect to port {port}");
                        shared.note(&host, port, &Outcome::Denied(Denied { proxy, why }));
                    }
                    return;
                }
            }
        }
        _ => Body::All,
    };
    tunnel::relay(&browser, &server, body);
}

fn connect(host: &str, port: u16, shared: &Shared) -> Result<(Outcome, TcpStream, Carried), Outcome> {
    let (outcome, server, carried) = match (shared.judge.route(host, port)?, shared.judge.proxy()) {
        (Route::Proxy { checked }, Some(proxy)) => {
            let (proxied, server, carried) = tunnel::through(proxy, &shared.habits, (host, port), checked)?;
            (Outcome::Proxied(proxied), server, carried)
        }
        (Route::Proxy { .. }, None) => return Err(Outcome::NotFound("no proxy".to_owned())),
        (Route::Direct(addresses), _) => {
            // Not through ourselves, in a rehearsal: it would go round for ever.
            if let Some(own) = addresses.iter().find(|a| a.port() == shared.port && a.ip().is_loopback()) {
                return Err(Outcome::Refused(Refused { ip: Some(own.ip()), why: Refusal::Port }));
            }
            let (address, server) = tunnel::direct(&addresses, shared.judge.reach())?;
            (Outcome::Connected(address), server, Carried::Tunnel)
        }
    };
    let _ = server.set_nodelay(true);
    Ok((outcome, server, carried))
}

/// The wall's name in the browser. `.invalid` is nobody's (RFC 2606); the port
/// is mapped with the name.
const NAME: &str = "wall.invalid";
const SERVER: &str = "socks5://wall.invalid:1080";
const NO_BYPASS: &str = "<-loopback>";
const GREETING_LIMIT: Duration = Duration::from_secs(10);
const MOST_CONNECTIONS: usize = 512;
const MOST_ATTEMPTS: usize = 4096;

#[cfg(test)]
mod tests {
    use std::io::Read;

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
