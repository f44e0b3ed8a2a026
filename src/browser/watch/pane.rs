//! One page in one tab: calls to it, and what has been seen of it so far.
//!
//! Who follows the browser's events for it is its owner's to say.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::page::PageState;
use crate::devtools::client::{Client, Pending};
use crate::devtools::error::CallError;
use crate::devtools::event::SessionId;

#[derive(Clone)]
pub(crate) struct Pane {
    client: Client,
    session: SessionId,
    target: String,
    seen: Arc<Seen>,
}

impl Pane {
    pub(crate) fn new(client: Client, session: SessionId, target: String, seen: Arc<Seen>) -> Pane {
        Pane { client, session, target, seen }
    }

    /// The target, which its main frame is named after.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }

    pub(crate) fn begin(&self, method: &str, params: impl Serialize) -> Result<Pending, CallError> {
        self.client.begin(Some(&self.session), method, params)
    }

    pub(crate) fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        params: impl Serialize,
        limit: Duration,
    ) -> Result<T, CallError> {
        self.client.call(Some(&self.session), method, params, limit)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, PageState> {
        self.seen.lock()
    }

    pub(crate) fn until(
        &self,
        deadline: Instant,
        seen: impl Fn(&PageState) -> bool,
    ) -> Result<bool, CallError> {
        self.seen.until(deadline, seen)
    }
}

/// What has been seen of a page, and a bell for more.
pub(crate) struct Seen {
    state: Mutex<PageState>,
    changed: Condvar,
    closed: AtomicBool,
}

impl Seen {
    pub(crate) fn new(state: PageState) -> Seen {
        Seen { state: Mutex::new(state), changed: Condvar::new(), closed: AtomicBool::new(false) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, PageState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes those who wait for it.
    pub(crate) fn ring(&self) {
        self.changed.notify_all();
    }

    /// Nothing more will be seen.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.ring();
    }

    /// Waits until `seen`, and says whether that was before `deadline`.
    pub(crate) fn until(
        &self,
        deadline: Instant,
        seen: impl Fn(&PageState) -> bool,
    ) -> Result<bool, CallError> {
        let mut state = self.lock();
        loop {
            if seen(&state) {
                return Ok(true);
            }
            if self.closed.load(Ordering::Relaxed) {
                return Err(CallError::Closed);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            // Short, because some of what is waited for is the lack of events.
            let slice = left.min(Duration::from_millis(5));
            let woken = self.changed.wait_timeout(state, slice);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
