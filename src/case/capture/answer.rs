//! Keeps a server's answer where the computer has no browser.
//!
//! It asks as a browser would, follows redirects by hand, and takes the
//! content and the facts around it. It shows nothing, runs nothing of the
//! page, and fetches none of its parts.

use std::io::Read;
use std::net::SocketAddr;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, Response};
use reqwest::header::HeaderValue;
use reqwest::tls::TlsInfo;

use countersign_browser::network::address::Address;
use countersign_browser::network::proxy::Proxy;
use countersign_browser::network::wall::{Attempt, Judge, Outcome, Proxied, Route};
use countersign_browser::page::facts::{
    Absence, Certificate, Content, Fidelity, Header, Hop, How, KeptPage, Piece, Timings, Tool, beyond_proxy,
    cut,
};
use countersign_browser::page::{NotLoaded, PageError, Sink};
use countersign_browser::program::launch::Cancel;
use countersign_record::clock::Clock;
use countersign_record::digest::Digest;

/// How long and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For the whole answer with its redirects.
    pub time: Duration,
    /// Bytes of the content.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { time: Duration::from_secs(30), bytes: 64 << 20 }
    }
}

/// Asks for `address` and keeps the answer's content and facts.
pub fn keep(
    address: &Address,
    judge: &Judge,
    limits: Limits,
    cancel: &Cancel,
    clock: &dyn Clock,
    sink: &mut Sink<'_>,
) -> Result<KeptPage, PageError> {
    let started = clock.now();
    let (sender, receiver) = mpsc::channel();
    let asking = Asking::new(address.clone(), judge.clone(), limits);
    // On a thread of its own, because a server's silence cannot be
    // interrupted; a stop leaves it to its own limit.
    let worker = thread::Builder::new().name("answer".to_owned()).spawn(move || {
        let _ = sender.send(asking.run());
    });
    let failed = |why: String| {
        let url = address.to_string();
        PageError::NotLoaded(Box::new(NotLoaded {
            url,
            why,
            outcome: None,
            hops: Vec::new(),
            by_browser: false,
        }))
    };
    worker.map_err(|e| failed(e.to_string()))?;
    let answered = loop {
        if cancel.is_raised() {
            return Err(PageError::Cancelled);
        }
        match receiver.recv_timeout(Duration::from_millis(20)) {
            Ok(answered) => break answered,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(failed("it could not be asked for".to_owned()));
            }
        }
    };
    let Answered { hops, attempts, certificate, bytes, kind, mut absences, timings } =
        answered.map_err(PageError::NotLoaded)?;
    sink(Piece::Content, &bytes).map_err(PageError::Sink)?;
    absences.insert(0, Absence::NoBrowser);
    let page = KeptPage {
        asked: address.to_string(),
        url: hops.last().map_or_else(|| address.to_string(), |hop| hop.url.clone()),
        title: None,
        hops,
        certificate,
        tool: Tool::Answer { user_agent: USER_AGENT.to_owned() },
        view: None,
        started,
        finished: clock.now(),
        timings,
        content: Some(Content { kind, fidelity: Fidelity::AsReceived, bytes: bytes.len() as u64 }),
        attempts,
        absences,
    };
    if cancel.is_raised() { Err(PageError::Cancelled) } else { Ok(page) }
}

struct Answered {
    hops: Vec<Hop>,
    attempts: Vec<Attempt>,
    certificate: Option<Certificate>,
    bytes: Vec<u8>,
    kind: String,
    absences: Vec<Absence>,
    timings: Timings,
}

struct Asking {
    address: Address,
    judge: Judge,
    limits: Limits,
    since: Instant,
    hops: Vec<Hop>,
    attempts: Vec<Attempt>,
    absences: Vec<Absence>,
}

impl Asking {
    fn new(address: Address, judge: Judge, limits: Limits) -> Asking {
        let since = Instant::now();
        Asking { address, judge, limits, since, hops: Vec::new(), attempts: Vec::new(), absences: Vec::new() }
    }

    fn run(mut self) -> Result<Answered, Box<NotLoaded>> {
        loop {
            let how = if self.hops.is_empty() { How::Asked } else { How::Redirected };
            let response = self.ask()?;
            let next = self.note(&response, how);
            match next {
                None => return self.read(response),
                Some(_) if self.hops.len() >= MOST_HOPS => {
                    return Err(self.failure(format!("more than {MOST_HOPS} redirects"), None));
                }
                Some(target) => match self.address.join(&target, self.judge.reach()) {
                    Ok(address) => self.address = address,
                    Err(why) => {
                        return Err(self.failure(format!("it leads to {}: {why}", cut(&target)), None));
                    }
                },
            }
        }
    }

    fn ask(&mut self) -> Result<Response, Box<NotLoaded>> {
        let (host, port) = (self.address.host(), self.address.port());
        let route = self.judge.route(&host, port).map_err(|outcome| {
            self.attempts.push(Attempt { host: host.clone(), port, outcome: outcome.clone() });
            self.failure(outcome.to_string(), Some(outcome))
        })?;
        let left = self.left();
        if left.is_zero() {
            return Err(self.failure(format!("no answer within {} s", self.limits.time.as_secs()), None));
        }
        let encrypted = self.address.url().scheme() == "https";
        if encrypted {
            // Another part of the process may have chosen already; any choice
            // is one that it trusts.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .tls_info(true)
            .connect_timeout(left.min(CONNECT_LIMIT))
            .timeout(left);
        let client = match (&route, self.judge.proxy()) {
            // The connection goes to the very addresses that were judged.
            (Route::Direct(judged), _) => client.no_proxy().resolve_to_addrs(&host, judged),
            (Route::Proxy { .. }, Some(proxy)) => {
                let through = through(proxy).map_err(|why| self.failure(reason(&why), None))?;
                client.proxy(through)
            }
            (Route::Proxy { .. }, None) => return Err(self.failure("there is no proxy".to_owned(), None)),
        };
        let client = if encrypted { client } else { plain(client) };
        let sent = client.build().and_then(|client| client.get(self.address.url().clone()).send());
        match sent {
            Ok(response) => {
                let outcome = match (&route, response.remote_addr()) {
                    (Route::Direct(judged), Some(address)) if judged.contains(&address) => {
                        Outcome::Connected(address)
                    }
                    (Route::Proxy { checked }, Some(proxy)) => {
                        Outcome::Proxied(Proxied { proxy, checked: *checked })
                    }
                    _ => {
                        let why = "another address answered than was judged";
                        return Err(self.failure(why.to_owned(), None));
                    }
                };
                self.attempts.push(Attempt { host, port, outcome });
                Ok(response)
            }
            Err(error) => {
                let why = reason(&error);
                let outcome = error.is_connect().then(|| Outcome::Unreachable(why.clone()));
                if let Some(outcome) = outcome.clone() {
                    self.attempts.push(Attempt { host, port, outcome });
                }
                Err(self.failure(why, outcome))
            }
        }
    }

    /// Notes an answer; where it leads, if it is a redirect.
    fn note(&mut self, response: &Response, how: How) -> Option<String> {
        let all = response.headers();
        let headers = all
            .iter()
            .take(MOST_HEADERS)
            .map(|(name, value)| Header::new(name.as_str(), &String::from_utf8_lossy(value.as_bytes())));
        self.hops.push(Hop {
            url: cut(self.address.as_str()),
            how,
            status: Some(response.status().as_u16()),
            protocol: Some(format!("{:?}", response.version()).to_ascii_lowercase()),
            remote: self.remote(),
            headers: headers.collect(),
        });
        if all.len() > MOST_HEADERS {
            self.absences.push(Absence::HeadersLeftOut((all.len() - MOST_HEADERS) as u64));
        }
        let status = response.status().as_u16();
        if matches!(status, 401 | 403 | 407) {
            self.absences.push(Absence::SignIn { url: cut(self.address.as_str()), status });
        }
        let leads = matches!(status, 301 | 302 | 303 | 307 | 308);
        let location = all.get("location").filter(|_| leads)?;
        Some(String::from_utf8_lossy(location.as_bytes()).into_owned())
    }

    /// The address of the server that answered last, where it is known.
    fn remote(&self) -> Option<SocketAddr> {
        self.attempts.last().and_then(|attempt| match attempt.outcome {
            Outcome::Connected(address) => Some(address),
            _ => None,
        })
    }

    fn read(mut self, mut response: Response) -> Result<Answered, Box<NotLoaded>> {
        let answered = self.since.elapsed();
        let certificate = response.extensions().get::<TlsInfo>().map(certificate);
        let kind = response.headers().get("content-type");
        let kind = kind.map(|kind| cut(&String::from_utf8_lossy(kind.as_bytes()))).unwrap_or_default();
        let mut bytes = Vec::new();
        let mut piece = vec![0; 64 * 1024];
        loop {
            let room = self.limits.bytes - bytes.len();
            if room == 0 {
                // One byte more tells a full answer from one that was cut.
                if !matches!(response.read(&mut piece[..1]), Ok(0)) {
                    let bytes = self.limits.bytes as u64;
                    self.absences
                        .extend([Absence::StoppedBySize { bytes }, Absence::ContentStops { at: bytes }]);
                }
                break;
            }
            let most = room.min(piece.len());
            let outcome = response.read(&mut piece[..most]);
            match outcome {
                Ok(0) => break,
                Ok(n) => bytes.extend_from_slice(&piece[..n]),
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => {
                    if self.left().is_zero() {
                        self.absences.push(Absence::StoppedByTime { seconds: self.limits.time.as_secs() });
                    }
                    self.absences.push(Absence::ContentStops { at: bytes.len() as u64 });
                    break;
                }
            }
            if self.left().is_zero() {
                self.absences.push(Absence::StoppedByTime { seconds: self.limits.time.as_secs() });
                self.absences.push(Absence::ContentStops { at: bytes.len() as u64 });
                break;
            }
        }
        let ms = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let taken_ms = ms(self.since.elapsed());
        let timings = Timings { answered_ms: Some(ms(answered)), taken_ms, ..Timings::default() };
        let Asking { hops, attempts, mut absences, .. } = self;
        absences.extend(beyond_proxy(&attempts));
        Ok(Answered { hops, attempts, certificate, bytes, kind, absences, timings })
    }

    fn left(&self) -> Duration {
        self.limits.time.saturating_sub(self.since.elapsed())
    }

    fn failure(&self, why: String, outcome: Option<Outcome>) -> Box<NotLoaded> {
        Box::new(NotLoaded {
            url: cut(self.address.as_str()),
            why,
            outcome,
            hops: self.hops.clone(),
            by_browser: false,
        })
    }
}

fn through(proxy: &Proxy) -> reqwest::Result<reqwest::Proxy> {
    let through = reqwest::Proxy::all(format!("http://{proxy}"))?;
    let secret = proxy.sign_in().and_then(|secret| HeaderValue::from_str(secret).ok());
    Ok(match secret {
        Some(secret) => through.custom_http_auth(secret),
        None => through,
    })
}

/// Without encryption no authorities are needed, and a computer without any
/// can still ask.
fn plain(client: reqwest::blocking::ClientBuilder) -> reqwest::blocking::ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    client.tls_certs_only([])
}

fn certificate(info: &TlsInfo) -> Certificate {
    Certificate {
        protocol: info.version().map(|version| format!("{version:?}")),
        subject: None,
        issuer: None,
        valid_from: None,
        valid_to: None,
        chain: info.peer_certificate().map(Digest::of).into_iter().collect(),
    }
}

/// The innermost cause says most: `connection refused`, not `error sending`.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string().chars().take(400).collect()
}

const USER_AGENT: &str = concat!("Countersign/", env!("CARGO_PKG_VERSION"));
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const MOST_HOPS: usize = 20;
const MOST_HEADERS: usize = 256;
