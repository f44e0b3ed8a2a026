//! Cases that were stopped while the guide runs: no page shows what is in them
//! until both unlock them.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

use countersign_record::journal::Reference;

/// The cases that were stopped since both unlocked them.
#[derive(Default)]
pub struct Stopped {
    cases: Mutex<BTreeSet<Reference>>,
}

impl Stopped {
    pub fn add(&self, case: Reference) {
        self.cases().insert(case);
    }

    /// Both unlocked it.
    pub fn remove(&self, case: Reference) {
        self.cases().remove(&case);
    }

    pub fn has(&self, case: Reference) -> bool {
        self.cases().contains(&case)
    }

    fn cases(&self) -> MutexGuard<'_, BTreeSet<Reference>> {
        self.cases.lock().unwrap_or_else(|e| e.into_inner())
    }
}
