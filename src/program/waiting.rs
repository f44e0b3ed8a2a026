//! For which file somebody waits: said once a share has not answered for a
//! while, since nothing else can say it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::message::shown;
use crate::say;

/// Files that are read one after the other. Dropped, it says nothing more.
pub struct Waiting(Arc<(Mutex<State>, Condvar)>);

struct State {
    path: PathBuf,
    /// How often something came: the same as before means that nothing did.
    signs: u64,
    is_over: bool,
}

impl Waiting {
    /// Waits for `path` first.
    pub fn begin(path: &Path) -> Waiting {
        let state = State { path: path.to_owned(), signs: 0, is_over: false };
        let shared = Arc::new((Mutex::new(state), Condvar::new()));
        let looks = Arc::clone(&shared);
        // Without a thread nothing is said; the work goes on.
        let _ = thread::Builder::new().name("waiting".to_owned()).spawn(move || look(&looks));
        Waiting(shared)
    }

    /// The next file is this one.
    pub fn reads(&self, path: &Path) {
        self.sign(|state| state.path = path.to_owned());
    }

    /// Something came of it.
    pub fn goes_on(&self) {
        self.sign(|_| {});
    }

    fn sign(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.signs += 1;
        change(&mut state);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.sign(|state| state.is_over = true);
        self.0.1.notify_all();
    }
}

fn look((state, changed): &(Mutex<State>, Condvar)) {
    let mut told = None;
    let mut seen = 0;
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    while !state.is_over {
        let waited = changed.wait_timeout(state, SILENT).unwrap_or_else(PoisonError::into_inner);
        state = waited.0;
        if !waited.1.timed_out() || state.is_over {
            continue;
        }
        if state.signs == seen && told.as_ref() != Some(&state.path) {
            say::aside(&format!(
                "Waiting for {}, which does not answer. Nothing was kept yet; Ctrl+C gives up.",
                shown(&state.path)
            ));
            told = Some(state.path.clone());
        }
        seen = state.signs;
    }
}

/// How long nothing may come before it is said.
const SILENT: Duration = Duration::from_secs(2);
