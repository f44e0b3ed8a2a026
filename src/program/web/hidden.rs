//! Cases of which no page shows what is in them until both unlock them: those
//! that were locked here, by hand or because nobody did anything, and those
//! that were stopped.
//!
//! Whoever goes back, forward or opens a tab again is answered by the server,
//! and this is what it asks. It keeps nobody out who can read the folder.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

use axum::http::Method;
use countersign_record::journal::{Reference, Restraint};

use super::Guide;
use super::pages::to_unlock;
use super::visit::{Reply, Visit};

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

/// What is shown in place of a page, where it must not be. Forms are shown and
/// taken: no word that somebody typed is lost because the case was locked
/// meanwhile, and nobody is kept from saying what stops a case.
pub fn in_place_of(guide: &Guide, method: &Method, visit: &Visit) -> Option<Reply> {
    let case = visit.case().ok()?;
    let page = visit.path().strip_prefix(&format!("/case/{case}/"))?;
    let part = page.split('/').next().unwrap_or_default();
    let shows = CONTENTS.contains(&part) || page == "review";
    (*method == Method::GET && shows && guide.is_hidden(case) && !is_withheld(guide, case))
        .then(|| Reply::See(to_unlock(case, visit)))
}

/// After that stop these pages show nothing that was looked at anyway.
fn is_withheld(guide: &Guide, case: Reference) -> bool {
    guide.reading(case).is_ok_and(|reading| reading.released().restraint() == Restraint::Withhold)
}

/// The pages that show what was recorded, and what the papers say of it.
const CONTENTS: [&str; 7] = ["record", "correct", "exhibits", "picture", "form", "sealed", "handed"];
