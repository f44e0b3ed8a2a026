//! What goes over the two pipes: messages that end in NUL, each to the call or
//! the listeners that it is for.
//!
//! It waits for no answer and knows no limit of time.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;

use super::event::Event;

pub(super) struct Shared {
    pub(super) next: AtomicU64,
    pub(super) state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) closed: bool,
    pub(super) waiting: HashMap<u64, SyncSender<Answer>>,
    pub(super) listeners: Vec<Listener>,
}

pub(super) struct Listener {
    pub(super) sender: SyncSender<Event>,
    pub(super) lost: Arc<AtomicU64>,
}

pub(super) enum Answer {
    Message(Vec<u8>),
    TooLarge,
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Dropping the senders is what wakes those who wait.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.waiting.clear();
        state.listeners.clear();
    }

    fn answer(&self, id: u64, answer: Answer) {
        if let Some(waiting) = self.lock().waiting.remove(&id) {
            let _ = waiting.send(answer);
        }
    }

    fn tell(&self, event: &Event) {
        self.lock().listeners.retain(|listener| match listener.sender.try_send(event.clone()) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                listener.lost.fetch_add(1, Ordering::Relaxed);
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
        });
    }
}

pub(super) fn write_all(mut to_browser: impl Write, messages: &Receiver<Vec<u8>>) {
    while let Ok(message) = messages.recv() {
        if to_browser.write_all(&message).and_then(|()| to_browser.flush()).is_err() {
            return;
        }
    }
}

pub(super) fn read_all(from_browser: impl Read, shared: &Shared) {
    let mut reader = BufReader::with_capacity(256 * 1024, from_browser);
    loop {
        let mut message = Vec::new();
        match (&mut reader).take(LARGEST).read_until(0, &mut message) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        if message.last() == Some(&0) {
            message.pop();
            deliver(message, shared);
        } else if message.len() as u64 == LARGEST {
            // Its caller is told; the rest of it is read past, not kept.
            if let Some(id) = leading_id(&message) {
                shared.answer(id, Answer::TooLarge);
            }
            drop(message);
            if reader.skip_until(0).is_err() {
                return;
            }
        } else {
            return;
        }
    }
}

fn deliver(message: Vec<u8>, shared: &Shared) {
    // Pictures are megabytes of text, to be read once, by their caller.
    if let Some(id) = leading_id(&message) {
        return shared.answer(id, Answer::Message(message));
    }
    // What cannot be read belongs to no caller; a call that it should have
    // answered runs into its limit.
    match serde_json::from_slice::<Envelope>(&message) {
        Ok(Envelope { id: Some(id) }) => shared.answer(id, Answer::Message(message)),
        Ok(Envelope { id: None }) => {
            if let Ok(event) = serde_json::from_slice::<Event>(&message) {
                shared.tell(&event);
            }
        }
        Err(_) => {}
    }
}

/// The number in `{"id":12,…`, as browsers write an answer.
fn leading_id(message: &[u8]) -> Option<u64> {
    let digits = message.strip_prefix(br#"{"id":"#)?;
    let end = digits.iter().position(|b| !b.is_ascii_digit())?;
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

#[derive(Deserialize)]
struct Envelope {
    id: Option<u64>,
}

/// A message of 64 MiB in base64, and some more.
pub(super) const LARGEST: u64 = 96 << 20;
