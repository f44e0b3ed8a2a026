//! What a page that must not wait can have: asked for beside it, and left to
//! itself where it takes too long.
//!
//! A disk that hangs, or a case that is long and was never read, MUST NOT hold
//! up whoever stops a case.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use countersign::case::{Reading, glance};
use countersign::journal::{Opened, Reference};

use super::Guide;

/// How long such a page waits, for everything together.
pub struct Patience {
    ends: Instant,
}

impl Patience {
    pub fn begin() -> Patience {
        Patience { ends: Instant::now() + LIMIT }
    }

    /// For a page that still leads to a stop: it is part of the way there.
    pub fn brief() -> Patience {
        Patience { ends: Instant::now() + BRIEF }
    }

    /// The case as it stands now.
    pub fn reading(&self, guide: &Arc<Guide>, case: Reference) -> Option<Arc<Reading>> {
        let guide = Arc::clone(guide);
        self.wait(move || guide.reading(case).ok())
    }

    /// What its first entry says; nothing is decided by it.
    pub fn glance(&self, guide: &Guide, case: Reference) -> Option<Opened> {
        let folder = guide.home().case(case);
        self.wait(move || glance(&folder))
    }

    /// The work goes on when nobody waits for it any more.
    fn wait<T: Send + 'static>(&self, work: impl FnOnce() -> Option<T> + Send + 'static) -> Option<T> {
        let left = self.ends.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        let (done, is_done) = mpsc::channel();
        let work = move || drop(done.send(work()));
        thread::Builder::new().name("glance".to_owned()).spawn(work).ok()?;
        is_done.recv_timeout(left).ok()?
    }
}

/// A stop is answered within 200 ms, and so is the question which case.
const BRIEF: Duration = Duration::from_millis(100);

/// A case that was read before takes a tenth of that.
const LIMIT: Duration = Duration::from_millis(300);
