//! A DevTools client over two pipes: calls with their answers, and events.
//!
//! It starts no browser ([`crate::program::launch`]) and knows no domain of the
//! protocol. Every call has a limit; once the pipe is closed, every call,
//! waiting or new, fails at once.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub use super::error::CallError;
pub use super::event::{Event, SessionId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::wire::{Answer, Listener, Shared, read_all, write_all};
use crate::text::at_most;

/// One connection to one browser. Clones share it.
#[derive(Clone)]
pub struct Client {
    outgoing: Sender<Vec<u8>>,
    shared: Arc<Shared>,
}

impl Client {
    /// Speaks over `to_browser` and `from_browser` until either ends.
    pub fn new(
        to_browser: impl Write + Send + 'static,
        from_browser: impl Read + Send + 'static,
    ) -> std::io::Result<Client> {
        let shared = Arc::new(Shared { next: AtomicU64::new(1), state: Mutex::default() });
        let (outgoing, messages) = mpsc::channel();
        let inside = Arc::clone(&shared);
        thread::Builder::new().name("devtools-out".to_owned()).spawn(move || {
            write_all(to_browser, &messages);
            inside.close();
        })?;
        let inside = Arc::clone(&shared);
        thread::Builder::new().name("devtools-in".to_owned()).spawn(move || {
            read_all(from_browser, &inside);
            inside.close();
        })?;
        Ok(Client { outgoing, shared })
    }

    /// Calls `method` and waits for its answer, at most `limit`.
    pub fn call<T: DeserializeOwned>(
        &self,
        session: Option<&SessionId>,
        method: &str,
        params: impl Serialize,
        limit: Duration,
    ) -> Result<T, CallError> {
        self.begin(session, method, params)?.wait(limit)
    }

    /// Calls `method` without waiting; calls arrive in the order in which they
    /// were begun.
    pub fn begin(
        &self,
        session: Option<&SessionId>,
        method: &str,
        params: impl Serialize,
    ) -> Result<Pending, CallError> {
        let (answer, waiting) = mpsc::sync_channel(1);
        let id = self.shared.next.fetch_add(1, Ordering::Relaxed);
        {
            let mut state = self.shared.lock();
            if state.closed {
                return Err(CallError::Closed);
            }
            state.waiting.insert(id, answer);
        }
        let pending = Pending { id, method: method.to_owned(), waiting, shared: Arc::clone(&self.shared) };
        self.write(id, session, method, params)?;
        Ok(pending)
    }

    /// Calls `method` and lets its answer go by.
    pub fn tell(&self, session: Option<&SessionId>, method: &str, params: impl Serialize) {
        let id = self.shared.next.fetch_add(1, Ordering::Relaxed);
        let _ = self.write(id, session, method, params);
    }

    /// All events from now on.
    ///
    /// A listener that lags more than 65,536 events behind loses some and is
    /// told so by [`Events::lost`].
    pub fn events(&self) -> Events {
        let (sender, receiver) = mpsc::sync_channel(MOST_EVENTS_BEHIND);
        let lost = Arc::new(AtomicU64::new(0));
        let mut state = self.shared.lock();
        if !state.closed {
            state.listeners.push(Listener { sender, lost: Arc::clone(&lost) });
        }
        Events { receiver, lost }
    }

    /// Whether the browser's end of the pipe has closed.
    pub fn is_closed(&self) -> bool {
        self.shared.lock().closed
    }

    /// Fails every call from now on. The pipe itself closes with the threads
    /// that hold it, which [`crate::program::launch`] ends by killing the browser.
    pub fn close(&self) {
        self.shared.close();
    }

    fn write(
        &self,
        id: u64,
        session: Option<&SessionId>,
        method: &str,
        params: impl Serialize,
    ) -> Result<(), CallError> {
        let call = Call { id, method, params, session };
        let mut message = serde_json::to_vec(&call)
            .map_err(|e| CallError::Unreadable { method: method.to_owned(), reason: e.to_string() })?;
        message.push(0);
        self.outgoing.send(message).map_err(|_| CallError::Closed)
    }
}

/// A call on its way. Dropping it forgets the answer.
pub struct Pending {
    id: u64,
    method: String,
    waiting: Receiver<Answer>,
    shared: Arc<Shared>,
}

impl Pending {
    /// Waits for the answer, at most `limit`.
    pub fn wait<T: DeserializeOwned>(self, limit: Duration) -> Result<T, CallError> {
        let answer = self.poll(limit)?;
        answer.ok_or_else(|| CallError::TimedOut { method: self.method.clone(), limit })
    }

    /// Waits for the answer for a while; `None` when it has not come yet.
    pub fn poll<T: DeserializeOwned>(&self, limit: Duration) -> Result<Option<T>, CallError> {
        let method = || self.method.clone();
        let message = match self.waiting.recv_timeout(limit) {
            Ok(Answer::Message(message)) => message,
            Ok(Answer::TooLarge) => return Err(CallError::TooLarge { method: method() }),
            Err(RecvTimeoutError::Disconnected) => return Err(CallError::Closed),
            Err(RecvTimeoutError::Timeout) => return Ok(None),
        };
        let answer: Answered<T> = serde_json::from_slice(&message)
            .map_err(|e| CallError::Unreadable { method: method(), reason: e.to_string() })?;
        match answer {
            Answered { result: Some(result), .. } => Ok(Some(result)),
            Answered { error: Some(error), .. } => {
                let message = at_most(&error.message, 500);
                Err(CallError::Refused { method: method(), code: error.code, message })
            }
            _ => Err(CallError::Unreadable { method: method(), reason: "no result".to_owned() }),
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.shared.lock().waiting.remove(&self.id);
    }
}

/// A stream of events.
pub struct Events {
    receiver: Receiver<Event>,
    lost: Arc<AtomicU64>,
}

impl Events {
    /// The next event, waited for at most `limit`; `None` when none came.
    pub fn next(&self, limit: Duration) -> Result<Option<Event>, CallError> {
        match self.receiver.recv_timeout(limit) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(CallError::Closed),
        }
    }

    /// How many events were lost because nobody took them in time.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

/// An answer without content.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Nothing {}

#[derive(Serialize)]
struct Call<'a, P: Serialize> {
    id: u64,
    method: &'a str,
    params: P,
    #[serde(rename = "sessionId", skip_serializing_if = "Option::is_none")]
    session: Option<&'a SessionId>,
}

#[derive(Deserialize)]
struct Answered<T> {
    result: Option<T>,
    error: Option<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
}

const MOST_EVENTS_BEHIND: usize = 65_536;

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, PipeReader, PipeWriter, pipe};
    use std::time::Instant;

    use serde_json::Value;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(5);

    fn connected() -> (Client, PipeReader, PipeWriter) {
        let (their_in, our_out) = pipe().expect("a pipe");
        let (our_in, their_out) = pipe().expect("a pipe");
        (Client::new(our_out, our_in).expect("threads"), their_in, their_out)
    }

    fn heard(reader: &mut BufReader<PipeReader>) -> Value {
        let mut message = Vec::new();
        reader.read_until(0, &mut message).expect("a message");
        message.pop();
        serde_json::from_slice(&message).expect("JSON")
    }

    #[test]
    fn answers_find_their_calls_out_of_order() {
        let (client, their_in, mut their_out) = connected();
        let session = SessionId("S".to_owned());
        let first = client.begin(None, "A.one", Value::Null).expect("sent");
        let second = client.begin(Some(&session), "A.two", Value::Null).expect("sent");
        let mut reader = BufReader::new(their_in);
        let (one, two) = (heard(&mut reader), heard(&mut reader));
        assert_eq!(two["sessionId"], "S");
        let two = two["id"].as_u64().expect("an id");
        let one = one["id"].as_u64().expect("an id");
        write!(their_out, "{{\"id\":{two},\"result\":{{\"n\":2}}}}\0").expect("sent");
        write!(their_out, "{{\"id\":{one},\"error\":{{\"code\":-5,\"message\":\"no\"}}}}\0").expect("sent");
        let second: Value = second.wait(LIMIT).expect("an answer");
        assert_eq!(second["n"], 2);
        assert_eq!(
            first.wait::<Value>(LIMIT),
            Err(CallError::Refused { method: "A.one".to_owned(), code: -5, message: "no".to_owned() })
        );
    }

    #[test]
    fn closing_fails_who_waits_and_who_comes() {
        let (client, their_in, their_out) = connected();
        let events = client.events();
        let started = Instant::now();
        let pending = client.begin(None, "A.never", Value::Null).expect("sent");
        drop((their_in, their_out));
        assert_eq!(pending.wait::<Value>(LIMIT), Err(CallError::Closed));
        assert!(matches!(events.next(LIMIT), Err(CallError::Closed)));
        assert_eq!(client.call::<Value>(None, "A.late", Value::Null, LIMIT), Err(CallError::Closed));
        assert!(started.elapsed() < Duration::from_secs(2));
    }

    #[test]
    fn every_call_has_a_limit() {
        let (client, _their_in, _their_out) = connected();
        let limit = Duration::from_millis(30);
        let outcome = client.call::<Value>(None, "A.never", Value::Null, limit);
        assert_eq!(outcome, Err(CallError::TimedOut { method: "A.never".to_owned(), limit }));
        assert!(client.shared.lock().waiting.is_empty(), "forgotten");
    }

    #[test]
    fn a_message_too_large_fails_its_call_only() {
        let (client, their_in, mut their_out) = connected();
        let (large, small) = (
            client.begin(None, "A.large", Value::Null).expect("sent"),
            client.begin(None, "A.small", Value::Null).expect("sent"),
        );
        thread::spawn(move || {
            let mut reader = BufReader::new(their_in);
            let (one, two) = (heard(&mut reader), heard(&mut reader));
            write!(their_out, "{{\"id\":{},\"result\":{{\"data\":\"", one["id"]).expect("sent");
            let piece = vec![b'a'; 1 << 20];
            for _ in 0..100 {
                their_out.write_all(&piece).expect("sent");
            }
            write!(their_out, "\"}}}}\0{{\"id\":{},\"result\":{{}}}}\0", two["id"]).expect("sent");
            their_out
        });
        let limit = Duration::from_secs(60);
        assert_eq!(large.wait::<Value>(limit), Err(CallError::TooLarge { method: "A.large".to_owned() }));
        assert!(small.wait::<Nothing>(limit).is_ok());
    }

    #[test]
    fn nonsense_from_the_browser_is_passed_over() {
        let (client, _their_in, mut their_out) = connected();
        let events = client.events();
        for nonsense in ["", "{", "[]", "null", "{\"id\":\"x\"}", "{\"id\":99,\"result\":{}}", "\u{0}"] {
            write!(their_out, "{nonsense}\0").expect("sent");
        }
        write!(their_out, "{{\"method\":\"A.event\",\"params\":{{\"a\":1}},\"sessionId\":\"S\"}}\0")
            .expect("sent");
        let event = events.next(LIMIT).expect("open").expect("an event");
        assert_eq!((event.method.as_str(), event.params["a"].as_i64()), ("A.event", Some(1)));
    }
}
