//! Work that takes longer than a page may, and how far it is.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use countersign_record::digest::Digest;
use countersign_record::journal::Reference;

use crate::amounts::bytes;
use crate::message::Message;

/// The jobs of the guide, and how they ended.
#[derive(Default)]
pub struct Jobs {
    all: Mutex<VecDeque<(String, Arc<Job>)>>,
}

impl Jobs {
    /// Remembers a job under that name.
    pub fn add(&self, name: String, job: Arc<Job>) {
        let mut all = self.all.lock().unwrap_or_else(|e| e.into_inner());
        if all.len() == MOST_JOBS {
            all.pop_front();
        }
        all.push_back((name, job));
    }

    /// The job of that name, where it is of that session.
    pub fn find(&self, name: &str, session: &Digest) -> Option<Arc<Job>> {
        let all = self.all.lock().unwrap_or_else(|e| e.into_inner());
        let (_, job) = all.iter().find(|(known, _)| known == name)?;
        (job.session == *session).then(|| Arc::clone(job))
    }
}

/// One job.
pub struct Job {
    session: Digest,
    pub case: Option<Reference>,
    pub title: String,
    inside: Mutex<Inside>,
}

struct Inside {
    words: String,
    ended: Option<Result<String, Message>>,
}

impl Job {
    /// A job that has begun.
    pub fn new(session: Digest, case: Option<Reference>, title: &str) -> Job {
        let inside = Mutex::new(Inside { words: "It has begun.".to_owned(), ended: None });
        Job { session, case, title: title.to_owned(), inside }
    }

    /// Says how far it is, in words: `3 of 40 files`.
    pub fn say(&self, words: impl Into<String>) {
        self.inside().words = words.into();
    }

    /// Says how many bytes of `total` are done, for work that counts them as
    /// it goes.
    pub fn counts(self: &Arc<Job>, total: u64) -> impl Fn(u64) -> ControlFlow<()> + Send + Sync + 'static {
        let (job, done) = (Arc::clone(self), AtomicU64::new(0));
        move |more| {
            let done = done.fetch_add(more, Ordering::Relaxed) + more;
            // Copied and read back, some bytes are counted twice.
            job.say(match total {
                0 => bytes(done),
                total => format!("{} of {}", bytes(done.min(total)), bytes(total)),
            });
            ControlFlow::Continue(())
        }
    }

    /// How far it is, in words.
    pub fn words(&self) -> String {
        self.inside().words.clone()
    }

    /// Where it leads, or why it failed, once it has ended.
    pub fn ended(&self) -> Option<Result<String, Message>> {
        self.inside().ended.clone()
    }

    /// It has ended. Only the first end counts.
    pub fn end(&self, ended: Result<String, Message>) {
        self.inside().ended.get_or_insert(ended);
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Jobs that are remembered; the oldest go.
const MOST_JOBS: usize = 32;
