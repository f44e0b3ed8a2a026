//! An unlocked case has one owner: a thread of its own, to which pages send
//! what they want done.
//!
//! The thread holds the case's lock and both keys. It lets go of them when
//! nobody has done anything for ten minutes, when it is told to, and when the
//! guide ends. While it records, what people do in the window
//! counts, and what pages want is done between two events of the recording.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use countersign_case::capture::Command;
use countersign_case::case::{CaseError, Home, Unlocked};
use countersign_record::clock::Time;
use countersign_record::journal::Reference;

use crate::ambient::Ambient;
use crate::explain::unfinished;
use crate::message::Message;
use crate::passphrase::Both;
use crate::web::cases::attempt_limit::AttemptLimit;
use crate::web::cases::idle_timer::IdleTimer;
use crate::web::html::Problem;

/// A recording, which has the case and the commands until it ends.
pub type Recording = Box<dyn FnOnce(&mut Unlocked<'_>, &Receiver<Command>) + Send>;

/// The cases that are unlocked now.
pub struct UnlockedCases {
    threads: Mutex<BTreeMap<Reference, CaseThread>>,
    attempt_limit: AttemptLimit,
    idle: Duration,
}

impl Default for UnlockedCases {
    fn default() -> UnlockedCases {
        UnlockedCases { threads: Mutex::default(), attempt_limit: AttemptLimit::default(), idle: IDLE }
    }
}

/// The thread of a case as others reach it.
#[derive(Clone)]
struct CaseThread {
    commands: Sender<Command>,
    state: Arc<State>,
}

/// What the thread and those who reach it share.
struct State {
    /// It still holds the case.
    is_there: AtomicBool,
    /// It is to let go of the case.
    is_to_leave: AtomicBool,
    is_recording: AtomicBool,
    /// A recording that is to begin.
    next: Mutex<Option<Recording>>,
    idle_timer: IdleTimer,
    /// What could not be done beside what was kept, as it was last.
    unfinished: Mutex<Vec<Message>>,
}

impl State {
    fn note_unfinished(&self, unlocked: &Unlocked<'_>) {
        let unfinished = unlocked.unfinished().iter().map(unfinished).collect();
        *self.unfinished.lock().unwrap_or_else(|e| e.into_inner()) = unfinished;
    }
}

impl UnlockedCases {
    /// Unlocks the case with both passphrases and keeps it so. Where it is
    /// unlocked, asks whether these are its passphrases.
    pub fn unlock(
        &self,
        home: &Home,
        reference: Reference,
        both: Both,
        ambient: Arc<Ambient>,
    ) -> Result<(), Problem> {
        self.attempt_limit.one(reference, || {
            if self.is_unlocked(reference) {
                let confirm = move |unlocked: &mut Unlocked<'_>| unlocked.confirm([&both[0], &both[1]]);
                return Ok(self.with(reference, confirm)??);
            }
            let home = home.clone();
            let unlock = move |ambient: &Ambient, serve: Serve| {
                let around = ambient.surroundings();
                serve.begin(Unlocked::unlock(&home, reference, [&both[0], &both[1]], around));
            };
            self.hold(ambient, unlock).map(drop)
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
        self.hold(ambient, move |ambient, serve| serve.begin(open(ambient)))
    }

    /// Whether pages can add to the case without asking for passphrases.
    pub fn is_unlocked(&self, reference: Reference) -> bool {
        self.thread(reference).is_ok()
    }

    /// Whether the case was unlocked here and is not any more.
    pub fn was_let_go(&self, reference: Reference) -> bool {
        self.threads().get(&reference).is_some_and(|thread| !thread.is_there())
    }

    /// Whether a recording of the case goes on.
    pub fn is_recording(&self, reference: Reference) -> bool {
        self.thread(reference).is_ok_and(|thread| thread.state.is_recording.load(Ordering::SeqCst))
    }

    /// Has something done with the unlocked case, and waits for it.
    pub fn with<R: Send + 'static>(
        &self,
        reference: Reference,
        work: impl FnOnce(&mut Unlocked<'_>) -> R + Send + 'static,
    ) -> Result<R, Problem> {
        let (answer, answered) = mpsc::channel();
        let state = self.thread(reference)?.state;
        let work = move |unlocked: &mut Unlocked<'_>| {
            let done = work(unlocked);
            // Before the page is shown that tells of it.
            state.note_unfinished(unlocked);
            drop(answer.send(done));
        };
        self.command(reference, Command::Do(Box::new(work)))?;
        answered.recv().map_err(|_| Problem::Locked(reference))
    }

    /// Tells the recording of the case something. It does not wait.
    pub fn command(&self, reference: Reference, command: Command) -> Result<(), Problem> {
        let thread = self.thread(reference)?;
        thread.state.idle_timer.restart();
        thread.commands.send(command).map_err(|_| Problem::Locked(reference))
    }

    /// Begins a recording. It does not wait until it ends.
    pub fn record(&self, reference: Reference, recording: Recording) -> Result<(), Problem> {
        let thread = self.thread(reference)?;
        if thread.state.is_recording.swap(true, Ordering::SeqCst) {
            return Err(Problem::no(format!("Case {reference} is being recorded already.")));
        }
        *thread.state.next.lock().unwrap_or_else(|e| e.into_inner()) = Some(recording);
        let watched = thread.clone();
        spawn("idle", move || watched.end_when_idle())?;
        thread.commands.send(Command::Do(Box::new(|_| {}))).map_err(|_| Problem::Locked(reference))
    }

    /// What could not be done beside what was kept, the last time that anything
    /// was; also where the case had to be locked for it.
    pub fn unfinished(&self, reference: Reference) -> Vec<Message> {
        let state = self.threads().get(&reference).map(|thread| Arc::clone(&thread.state));
        state
            .map_or_else(Vec::new, |state| state.unfinished.lock().unwrap_or_else(|e| e.into_inner()).clone())
    }

    /// When the recording of the case ends because nobody does anything, where
    /// that is soon.
    pub fn ends_soon(&self, reference: Reference) -> Option<Time> {
        let state = self.thread(reference).ok()?.state;
        state.idle_timer.ends_soon().filter(|_| state.is_recording.load(Ordering::SeqCst))
    }

    /// That people did something with the case, or in the window of its
    /// recording. What a page does by itself MUST NOT be said here.
    pub fn note_activity(&self, reference: Reference) {
        if let Ok(thread) = self.thread(reference) {
            thread.state.idle_timer.restart();
        }
    }

    /// Lets go of the case. A recording of it ends first. It waits a little
    /// until that is done, so that whoever unlocks it next finds it free.
    pub fn lock(&self, reference: Reference) {
        // It stays in the list: that it was let go is known by it.
        let thread = self.threads().get(&reference).cloned();
        if let Some(thread) = thread {
            thread.leave();
            wait_for(&[thread]);
        }
    }

    /// Lets go of every case, and waits a little until that is done.
    pub fn lock_all(&self) {
        let threads: Vec<CaseThread> = self.threads().values().cloned().collect();
        threads.iter().for_each(CaseThread::leave);
        wait_for(&threads);
    }

    fn hold(
        &self,
        ambient: Arc<Ambient>,
        thread: impl FnOnce(&Ambient, Serve) + Send + 'static,
    ) -> Result<Reference, Problem> {
        let (commands, received) = mpsc::channel();
        let (ready, is_ready) = mpsc::channel();
        let state = Arc::new(State {
            is_there: AtomicBool::new(true),
            is_to_leave: AtomicBool::new(false),
            is_recording: AtomicBool::new(false),
            next: Mutex::default(),
            idle_timer: IdleTimer::begin(self.idle),
            unfinished: Mutex::default(),
        });
        let serve = Serve { commands: received, ready, state: Arc::clone(&state) };
        spawn("case", move || thread(&ambient, serve))?;
        let reference = is_ready.recv().map_err(|_| Problem::ended())??;
        self.threads().insert(reference, CaseThread { commands, state });
        Ok(reference)
    }

    fn thread(&self, reference: Reference) -> Result<CaseThread, Problem> {
        let thread = self.threads().get(&reference).filter(|thread| thread.is_there()).cloned();
        thread.ok_or(Problem::Locked(reference))
    }

    fn threads(&self) -> MutexGuard<'_, BTreeMap<Reference, CaseThread>> {
        self.threads.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl CaseThread {
    fn is_there(&self) -> bool {
        self.state.is_there.load(Ordering::SeqCst)
    }

    fn leave(&self) {
        self.state.is_to_leave.store(true, Ordering::SeqCst);
        let _ = self.commands.send(Command::End);
    }

    /// A recording that everybody has left does not keep the case unlocked.
    fn end_when_idle(&self) {
        while self.is_there() && self.state.is_recording.load(Ordering::SeqCst) {
            thread::sleep(LOOK_EVERY);
            if self.state.idle_timer.left().is_zero() {
                self.state.is_to_leave.store(true, Ordering::SeqCst);
                let _ = self.commands.send(Command::Leave);
                return;
            }
        }
    }
}

/// The thread's own end.
struct Serve {
    commands: Receiver<Command>,
    ready: Sender<Result<Reference, CaseError>>,
    state: Arc<State>,
}

impl Serve {
    /// Does what pages ask for, until nobody asks any more.
    fn begin(self, unlocked: Result<Unlocked<'_>, CaseError>) {
        let mut unlocked = match unlocked {
            Ok(unlocked) => unlocked,
            Err(error) => return drop(self.ready.send(Err(error))),
        };
        // They were there until now: they typed.
        self.state.idle_timer.restart();
        self.state.note_unfinished(&unlocked);
        if self.ready.send(Ok(unlocked.folder().reference())).is_err() {
            return;
        }
        loop {
            match self.commands.recv_timeout(self.state.idle_timer.left()) {
                Ok(Command::Do(work)) => work(&mut unlocked),
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) if self.state.idle_timer.left().is_zero() => return,
                // What is meant for a recording comes too late or too early.
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            }
            let next = self.state.next.lock().unwrap_or_else(|e| e.into_inner()).take();
            if let Some(recording) = next {
                recording(&mut unlocked, &self.commands);
                self.state.note_unfinished(&unlocked);
                self.state.is_recording.store(false, Ordering::SeqCst);
                self.state.idle_timer.restart();
            }
            // Where the disk failed, both unlock the case anew: it is read from
            // the disk then, and not from here.
            if unlocked.is_spent() || self.state.is_to_leave.load(Ordering::SeqCst) {
                return;
            }
        }
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        self.state.is_recording.store(false, Ordering::SeqCst);
        self.state.is_there.store(false, Ordering::SeqCst);
    }
}

fn wait_for(threads: &[CaseThread]) {
    let began = Instant::now();
    while threads.iter().any(CaseThread::is_there) && began.elapsed() < ENTRY_TAKES {
        thread::sleep(Duration::from_millis(5));
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Problem> {
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(work);
    spawned.map(drop).map_err(|error| Problem::surroundings(&format!("This computer is too busy: {error}.")))
}

/// How long a case stays unlocked when nobody does anything.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// Between two looks whether a recording is left alone.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// For an entry that is being written while its case is let go.
const ENTRY_TAKES: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
