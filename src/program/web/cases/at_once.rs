//! What a page that must not wait can have: asked for beside it, and left to
//! itself where it takes too long; and the stop itself.
//!
//! A disk that hangs, or a case that is long and was never read, MUST NOT hold
//! up whoever stops a case.

use std::sync::Arc;
use std::time::Duration;

use countersign_case::case::{Category, Halt, RaiseError, Reading, category, glance, hold, is_held, raise};
use countersign_record::journal::{Opened, Reference};

use super::guide::Guide;
use crate::ambient::SystemClock;
use crate::at_once::{Begun, Deadline};
use crate::web::html::Problem;

/// Stops the case, and waits no longer than a stop may take. What the disk does
/// not take, or not in time, this guide holds in memory and tries again: only
/// a case that there is not, and was not since the guide began, is an error.
pub fn stop(guide: &Guide, case: Reference, halt: Halt) -> Result<(), Problem> {
    let (folder, at, said) = (guide.home().case(case), guide.home().case(case), halt.clone());
    let raising = Begun::begin(move || raise(&at, halt, &SystemClock::start()));
    match raising.within(STOPPED) {
        Some(Err(RaiseError::Missing(_))) if !guide.case_cache().has_read(case) => Err(Problem::NotFound),
        raised => {
            // The disk that it lay on was taken away.
            if let Some(Err(RaiseError::Missing(_))) = raised {
                hold(&folder, said, &SystemClock::start());
            }
            guide.stopped().add(case);
            Ok(())
        }
    }
}

/// Whether the disk has not taken a stop of the case yet.
pub fn is_not_written(guide: &Guide, case: Reference) -> bool {
    is_held(&guide.home().case(case))
}

/// How long such a page waits, for everything together.
pub struct PageDeadline(Deadline);

impl PageDeadline {
    pub fn begin() -> PageDeadline {
        PageDeadline(Deadline::after(PAGE_WAITS))
    }

    /// For a page that still leads to a stop: it is part of the way there.
    pub fn brief() -> PageDeadline {
        PageDeadline(Deadline::after(BRIEF))
    }

    /// The case as it stands now.
    pub fn reading(&self, guide: &Arc<Guide>, case: Reference) -> Option<Arc<Reading>> {
        let guide = Arc::clone(guide);
        self.wait(move || guide.reading(case).ok())?
    }

    /// What its first entry says; nothing is decided by it.
    pub fn glance(&self, guide: &Guide, case: Reference) -> Option<Opened> {
        let folder = guide.home().case(case);
        self.wait(move || glance(&folder))?
    }

    /// What a category does in it. What cannot be told in time is unknown.
    pub fn category(&self, guide: &Guide, case: Reference, typed: &str) -> Category {
        let (folder, typed) = (guide.home().case(case), typed.to_owned());
        self.wait(move || category(&folder, &typed)).unwrap_or(Category::Unknown)
    }

    /// The cases that this computer knows of, and whether there is this one:
    /// yes, where that cannot be told in time.
    pub fn is_there(&self, guide: &Guide, case: Reference) -> bool {
        let home = guide.home().clone();
        let known = self.wait(move || home.is_known(case));
        known.unwrap_or(true)
    }

    /// The references of all cases that this computer knows of, in order.
    pub fn known(&self, guide: &Guide) -> Option<Vec<Reference>> {
        let home = guide.home().clone();
        self.wait(move || home.known().ok())?
    }

    /// The work goes on when nobody waits for it any more.
    fn wait<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        if self.0.left().is_zero() {
            return None;
        }
        Begun::begin(work).before(&self.0)
    }
}

/// In which a stop is written down, where the disk is well.
const STOPPED: Duration = Duration::from_millis(200);

/// A stop is answered within 200 ms, and so is the question which case.
const BRIEF: Duration = Duration::from_millis(100);

/// A case that was read before takes a tenth of that.
const PAGE_WAITS: Duration = Duration::from_millis(300);
