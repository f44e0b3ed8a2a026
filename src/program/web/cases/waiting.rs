//! Files of a form that was refused for another of its fields: they wait until
//! the form comes again, so that nobody has to send them twice.
//!
//! They go when their case is stopped, when the guide ends, and after a while.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use countersign_record::digest::Digest;
use countersign_record::journal::Reference;

use crate::web::cases::staged::Staged;
use crate::web::html::Problem;
use crate::web::session::Secret;

/// Files that wait.
#[derive(Default)]
pub struct Waiting {
    kept: Arc<Mutex<Vec<Kept>>>,
}

struct Kept {
    name: String,
    session: Digest,
    case: Reference,
    since: Instant,
    staged: Staged,
}

impl Waiting {
    /// Keeps them for the page that is shown again, which holds their name in
    /// the field [`FIELD`].
    pub fn keep(&self, session: Digest, case: Reference, staged: Staged) -> Result<String, Problem> {
        let name = Secret::draw().map_err(Problem::random)?.as_str()[..32].to_owned();
        let kept = Kept { name: name.clone(), session, case, since: Instant::now(), staged };
        let mut all = self.kept.lock().unwrap_or_else(|e| e.into_inner());
        let is_first = all.is_empty();
        if all.len() == MOST_FORMS {
            all.remove(0);
        }
        all.push(kept);
        drop(all);
        if is_first {
            self.look_after();
        }
        Ok(name)
    }

    /// Gives back what was kept under that name, for this session and case.
    pub fn take(&self, session: &Digest, case: Reference, name: &str) -> Option<Staged> {
        let mut all = self.kept.lock().unwrap_or_else(|e| e.into_inner());
        let place =
            all.iter().position(|kept| kept.name == name && kept.session == *session && kept.case == case)?;
        Some(all.remove(place).staged)
    }

    /// Lets go of all.
    pub fn clear(&self) {
        self.kept.lock().unwrap_or_else(|e| e.into_inner()).clear();
    }

    /// Looks for stops for as long as anything waits.
    fn look_after(&self) {
        let kept = Arc::clone(&self.kept);
        let look = move || {
            loop {
                thread::sleep(BETWEEN);
                let mut all = kept.lock().unwrap_or_else(|e| e.into_inner());
                all.retain(|kept| kept.since.elapsed() < FILES_WAIT && !kept.staged.is_stopped());
                if all.is_empty() {
                    return;
                }
            }
        };
        // Where no thread can be had, nothing waits.
        if thread::Builder::new().name("waiting".to_owned()).spawn(look).is_err() {
            self.clear();
        }
    }
}

/// The hidden field that says which files came before.
pub const FIELD: &str = "already";

/// Forms whose files wait at once; the oldest go.
const MOST_FORMS: usize = 4;

/// How long they wait.
const FILES_WAIT: Duration = Duration::from_secs(30 * 60);

/// Between two looks.
const BETWEEN: Duration = Duration::from_millis(200);
