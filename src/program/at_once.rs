//! Work that nobody may have to wait for: begun on a thread of its own, waited
//! for as long as there is time, and left to itself after that.
//!
//! A disk that hangs, or a case that is long and was never read, MUST NOT hold
//! up whoever stops a case.

use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// Work that has begun.
pub struct Begun<T>(Receiver<T>);

impl<T: Send + 'static> Begun<T> {
    /// Begins it. Where the computer has no thread left it is never done.
    pub fn begin(work: impl FnOnce() -> T + Send + 'static) -> Begun<T> {
        let (done, is_done) = mpsc::channel();
        let work = move || drop(done.send(work()));
        drop(thread::Builder::new().name("at once".to_owned()).spawn(work));
        Begun(is_done)
    }

    /// What came of it, if it is done within `limit`. It is told once.
    pub fn within(&self, limit: Duration) -> Option<T> {
        self.0.recv_timeout(limit).ok()
    }

    /// What came of it, however long it takes; none where it broke off.
    pub fn at_length(&self) -> Option<T> {
        self.0.recv().ok()
    }

    /// The same, as long as a deadline leaves time.
    pub fn before(&self, deadline: &Deadline) -> Option<T> {
        self.within(deadline.left())
    }
}

/// How long somebody waits, for everything together.
#[derive(Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    pub fn after(limit: Duration) -> Deadline {
        Deadline(Instant::now() + limit)
    }

    pub fn left(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}
