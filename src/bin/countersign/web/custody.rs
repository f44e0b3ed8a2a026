//! An unlocked case has one owner: a thread of its own, to which pages send
//! what they want done.
//!
//! The thread holds the case's lock and both keys. It lets go of them when
//! nobody has asked for anything for ten minutes, when it is told to, and when
//! the guide ends.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use countersign::case::{CaseError, Home, Unlocked};
use countersign::journal::Reference;

use super::problem::Problem;
use super::tries::Tries;
use crate::ambient::Ambient;
use crate::passphrase::Both;

/// What a page wants done with an unlocked case.
pub type Work = Box<dyn FnOnce(&mut Unlocked<'_>) + Send>;

/// What the thread of a case can be told.
pub enum Errand {
    /// Do this.
    Do(Work),
    /// Let go of the case.
    Lock,
}

/// The cases that are unlocked now.
#[derive(Default)]
pub struct Custody {
    owners: Mutex<BTreeMap<Reference, Sender<Errand>>>,
    tries: Tries,
}

impl Custody {
    /// Unlocks the case with both passphrases and keeps it so.
    pub fn unlock(
        &self,
        home: &Home,
        reference: Reference,
        both: Both,
        ambient: Arc<Ambient>,
    ) -> Result<(), Problem> {
        self.tries.one(reference, || {
            if self.is_unlocked(reference) {
                return self.confirm(reference, both);
            }
            let home = home.clone();
            self.hold(reference, move |errands, ready| {
                let around = ambient.surroundings();
                match Unlocked::unlock(&home, reference, [&both[0], &both[1]], around) {
                    Ok(unlocked) => serve(unlocked, errands, ready),
                    Err(error) => drop(ready.send(Err(error))),
                }
            })
        })
    }

    /// Takes a case that `open` gives unlocked, and tells its reference.
    ///
    /// `open` runs on the thread that then owns the case.
    pub fn take(
        &self,
        ambient: Arc<Ambient>,
        open: impl for<'a> FnOnce(&'a Ambient) -> Result<Unlocked<'a>, CaseError> + Send + 'static,
    ) -> Result<Reference, Problem> {
        let (errand, errands) = mpsc::channel();
        let (opened, reference) = mpsc::channel();
        let (ready, is_ready) = mpsc::channel();
        let owner = move || match open(&ambient) {
            Ok(unlocked) => {
                let _ = opened.send(unlocked.folder().reference());
                serve(unlocked, errands, ready);
            }
            Err(error) => drop(ready.send(Err(error))),
        };
        spawn("case", owner)?;
        is_ready.recv().map_err(|_| Problem::ended())??;
        let reference = reference.recv().map_err(|_| Problem::ended())?;
        self.owners().insert(reference, errand);
        Ok(reference)
    }

    /// Whether pages can add to the case without asking for passphrases.
    pub fn is_unlocked(&self, reference: Reference) -> bool {
        self.owner(reference).is_some_and(|owner| owner.send(Errand::Do(Box::new(|_| {}))).is_ok())
    }

    /// Whether these are the passphrases of a case that is unlocked.
    fn confirm(&self, reference: Reference, both: Both) -> Result<(), Problem> {
        let confirmed = self.with(reference, move |unlocked| unlocked.confirm([&both[0], &both[1]]))?;
        Ok(confirmed?)
    }

    /// Has something done with the unlocked case, and waits for it.
    pub fn with<R: Send + 'static>(
        &self,
        reference: Reference,
        work: impl FnOnce(&mut Unlocked<'_>) -> R + Send + 'static,
    ) -> Result<R, Problem> {
        let owner = self.owner(reference).ok_or(Problem::Locked(reference))?;
        let (answer, answered) = mpsc::channel();
        let work: Work = Box::new(move |unlocked| drop(answer.send(work(unlocked))));
        owner.send(Errand::Do(work)).map_err(|_| Problem::Locked(reference))?;
        answered.recv().map_err(|_| Problem::Locked(reference))
    }

    /// Lets go of the case.
    pub fn lock(&self, reference: Reference) {
        if let Some(owner) = self.owners().remove(&reference) {
            let _ = owner.send(Errand::Lock);
        }
    }

    /// Lets go of every case.
    pub fn lock_all(&self) {
        let owners = std::mem::take(&mut *self.owners());
        for owner in owners.into_values() {
            let _ = owner.send(Errand::Lock);
        }
    }

    fn hold(
        &self,
        reference: Reference,
        owner: impl FnOnce(Receiver<Errand>, Sender<Result<(), CaseError>>) + Send + 'static,
    ) -> Result<(), Problem> {
        let (errand, errands) = mpsc::channel();
        let (ready, is_ready) = mpsc::channel();
        spawn("case", move || owner(errands, ready))?;
        is_ready.recv().map_err(|_| Problem::ended())??;
        self.owners().insert(reference, errand);
        Ok(())
    }

    fn owner(&self, reference: Reference) -> Option<Sender<Errand>> {
        self.owners().get(&reference).cloned()
    }

    fn owners(&self) -> std::sync::MutexGuard<'_, BTreeMap<Reference, Sender<Errand>>> {
        self.owners.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Does what pages ask for, until they stop asking.
fn serve(mut unlocked: Unlocked<'_>, errands: Receiver<Errand>, ready: Sender<Result<(), CaseError>>) {
    let _ = ready.send(Ok(()));
    drop(ready);
    loop {
        match errands.recv_timeout(IDLE) {
            Ok(Errand::Do(work)) => work(&mut unlocked),
            Ok(Errand::Lock) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Problem> {
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(work);
    spawned.map(drop).map_err(|error| Problem::surroundings(&format!("This computer is too busy: {error}.")))
}

/// How long a case stays unlocked when nobody asks for anything.
const IDLE: Duration = Duration::from_secs(10 * 60);
