//! What was read of each case: once, and from then on what was added.
//!
//! A page of a case waits until its case is read. A list of all cases waits
//! for none: threads of its own read ahead, from the start of the guide, and
//! the list says which cases they have not come to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use countersign_case::case::{CaseError, Home, Reading};
use countersign_case::durable::DiskError;
use countersign_record::journal::Reference;

use crate::at_once::Begun;
use crate::progress::threads;

/// The cases of a home, as far as they were read.
pub struct CaseCache {
    home: Home,
    cases: Mutex<BTreeMap<Reference, Arc<Mutex<Cached>>>>,
    ahead: Mutex<Ahead>,
    is_ahead: Condvar,
    /// What pages have read of cases now, and since when.
    under_way: Mutex<Vec<(Reference, Instant)>>,
    /// The cases that were read since the guide began.
    read: Mutex<BTreeSet<Reference>>,
}

/// What was read of one case.
#[derive(Default)]
enum Cached {
    #[default]
    Unread,
    Read(Arc<Reading>),
    /// It could not be read, and when that was.
    Fault(Arc<CaseError>, Instant),
}

/// What there is to say of a case in a list.
#[derive(Clone)]
pub enum Listing {
    /// It was read, and its folder is as it was then.
    Read(Arc<Reading>),
    /// It was not whole when it was read a moment ago.
    Fault(Arc<CaseError>),
    /// It was not read yet, or has changed and is being read again.
    BeingRead,
}

/// Cases that are to be read ahead, the newest first.
#[derive(Default)]
struct Ahead {
    waiting: BTreeSet<Reference>,
    /// Since when each is being read.
    reading: BTreeMap<Reference, Instant>,
    readers: usize,
}

impl Ahead {
    /// Readers whose case does not answer: others read in their stead.
    fn stuck(&self) -> usize {
        self.reading.values().filter(|since| since.elapsed() > STUCK).count().min(MOST_STUCK)
    }
}

impl CaseCache {
    pub fn of(home: Home) -> CaseCache {
        CaseCache {
            home,
            cases: Mutex::default(),
            ahead: Mutex::default(),
            is_ahead: Condvar::new(),
            under_way: Mutex::default(),
            read: Mutex::default(),
        }
    }

    /// As [`CaseCache::read`], and no longer than `patience`: a case whose disk
    /// hangs is one that does not answer. As long as that lasts nobody waits
    /// for it again.
    pub fn read_within(
        self: &Arc<Self>,
        reference: Reference,
        patience: Duration,
    ) -> Result<Arc<Reading>, CaseError> {
        let is_silent =
            |(case, since): &(Reference, Instant)| *case == reference && since.elapsed() >= patience;
        let is_silent = self.under_way().iter().any(is_silent);
        let read = || {
            let reading = UnderWay::begin(self, reference);
            Begun::begin(move || reading.case_cache.read(reference)).within(patience)
        };
        (!is_silent).then(read).flatten().unwrap_or_else(|| {
            let path = self.home.case(reference).path().to_owned();
            Err(DiskError::io(&path, ErrorKind::TimedOut.into()).into())
        })
    }

    /// The case as it stands now. Entries that were read before are not read
    /// again; what was added since is, and every stop.
    pub fn read(&self, reference: Reference) -> Result<Arc<Reading>, CaseError> {
        // Pages of one case come one after the other here, so that it is read
        // once; those of others need not wait.
        let cached = self.cached(reference);
        let mut cached = cached.lock().unwrap_or_else(|e| e.into_inner());
        let read = match std::mem::take(&mut *cached) {
            // It is copied only where another page still looks at it.
            Cached::Read(mut reading) => Arc::make_mut(&mut reading).follow().map(|()| reading),
            Cached::Unread | Cached::Fault(..) => Reading::of(&self.home, reference).map(Arc::new),
        };
        read.inspect(|reading| {
            self.have_read().insert(reference);
            *cached = Cached::Read(Arc::clone(reading));
        })
    }

    /// Whether there was such a case since the guide began, wherever its disk
    /// is now.
    pub fn has_read(&self, reference: Reference) -> bool {
        self.have_read().contains(&reference)
    }

    /// All of them.
    pub fn have_read(&self) -> MutexGuard<'_, BTreeSet<Reference>> {
        self.read.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Has these cases read by others, where they need it.
    pub fn read_ahead(self: &Arc<Self>, cases: &[Reference]) {
        self.want(cases.iter().copied().filter(|case| self.look(*case).is_none_or(|seen| seen.is_old())));
    }

    /// What is known of these cases, in their order. It waits for others to
    /// read, but no longer than nobody notices.
    pub fn list(self: &Arc<Self>, cases: &[Reference]) -> Vec<Listing> {
        self.read_ahead(cases);
        let ahead = self.ahead();
        let is_busy = |ahead: &mut Ahead| !ahead.waiting.is_empty() || !ahead.reading.is_empty();
        drop(self.is_ahead.wait_timeout_while(ahead, UNNOTICED, is_busy));
        self.glance(cases)
    }

    /// The same without waiting at all.
    pub fn glance(&self, cases: &[Reference]) -> Vec<Listing> {
        cases.iter().map(|case| self.look(*case).map_or(Listing::BeingRead, |seen| seen.glance)).collect()
    }

    /// What is known of a case that nobody is reading and whose folder is as it
    /// was.
    fn look(&self, case: Reference) -> Option<Seen> {
        let cached = self.cached(case);
        let cached = match cached.try_lock() {
            Ok(cached) => cached,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        match &*cached {
            Cached::Read(reading) if reading.looks_unchanged() => {
                Some(Seen { glance: Listing::Read(Arc::clone(reading)), at: None })
            }
            Cached::Fault(error, at) => {
                Some(Seen { glance: Listing::Fault(Arc::clone(error)), at: Some(*at) })
            }
            Cached::Read(_) | Cached::Unread => None,
        }
    }

    fn want(self: &Arc<Self>, cases: impl Iterator<Item = Reference>) {
        let cases: Vec<Reference> = cases.collect();
        let mut ahead = self.ahead();
        let new: Vec<Reference> =
            cases.into_iter().filter(|case| !ahead.reading.contains_key(case)).collect();
        ahead.waiting.extend(new);
        let stuck = ahead.stuck();
        let wanted = ahead.waiting.len() + ahead.reading.len() - stuck;
        while ahead.readers - stuck < threads().get().min(wanted) {
            let case_cache = Arc::clone(self);
            let spawned =
                thread::Builder::new().name("ahead".to_owned()).spawn(move || case_cache.go_ahead());
            // Where the computer has no thread now, the next list asks again.
            if spawned.is_err() {
                break;
            }
            ahead.readers += 1;
        }
    }

    fn go_ahead(&self) {
        let mut reader = Reader { case_cache: self, case: None };
        while let Some(case) = reader.next() {
            if let Err(error) = self.read(case) {
                let cached = self.cached(case);
                *cached.lock().unwrap_or_else(|e| e.into_inner()) =
                    Cached::Fault(Arc::new(error), Instant::now());
            }
        }
    }

    fn cached(&self, case: Reference) -> Arc<Mutex<Cached>> {
        Arc::clone(self.cases.lock().unwrap_or_else(|e| e.into_inner()).entry(case).or_default())
    }

    fn under_way(&self) -> MutexGuard<'_, Vec<(Reference, Instant)>> {
        self.under_way.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn ahead(&self) -> MutexGuard<'_, Ahead> {
        self.ahead.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// A case that is being read for a page, until this is dropped.
struct UnderWay {
    case_cache: Arc<CaseCache>,
    reading: (Reference, Instant),
}

impl UnderWay {
    fn begin(case_cache: &Arc<CaseCache>, case: Reference) -> UnderWay {
        let reading = (case, Instant::now());
        case_cache.under_way().push(reading);
        UnderWay { case_cache: Arc::clone(case_cache), reading }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut under_way = self.case_cache.under_way();
        if let Some(place) = under_way.iter().position(|other| *other == self.reading) {
            under_way.remove(place);
        }
    }
}

struct Seen {
    glance: Listing,
    /// When it had a fault.
    at: Option<Instant>,
}

impl Seen {
    /// A fault can be mended.
    fn is_old(&self) -> bool {
        self.at.is_some_and(|at| at.elapsed() > FAULT_HOLDS)
    }
}

/// One of the threads that read ahead, and what it reads.
struct Reader<'s> {
    case_cache: &'s CaseCache,
    case: Option<Reference>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Reference> {
        let mut ahead = self.case_cache.ahead();
        if let Some(done) = self.case.take() {
            ahead.reading.remove(&done);
        }
        self.case = ahead.waiting.pop_last();
        ahead.reading.extend(self.case.map(|case| (case, Instant::now())));
        self.case_cache.is_ahead.notify_all();
        self.case
    }
}

/// One that panics leaves its place to another.
impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let mut ahead = self.case_cache.ahead();
        if let Some(case) = self.case.take() {
            ahead.reading.remove(&case);
        }
        ahead.readers -= 1;
        self.case_cache.is_ahead.notify_all();
    }
}

/// A home of a few cases is read in it, and its lists are whole at once.
const UNNOTICED: Duration = Duration::from_millis(25);

/// After which a case counts as one that does not answer: longer than the
/// longest takes.
const STUCK: Duration = Duration::from_secs(5);

/// So many readers may wait for such cases, and no more.
const MOST_STUCK: usize = 32;

/// For how long a fault is told without looking again.
const FAULT_HOLDS: Duration = Duration::from_secs(1);
