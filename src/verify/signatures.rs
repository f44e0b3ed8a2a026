//! Many signatures at once, on all cores, in bounded memory.

use std::num::NonZeroUsize;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Scope, ScopedJoinHandle};

use crate::journal::{Fault, SignedEntry, check_signatures};
use crate::key::PublicKey;

/// Checks entries' signatures while the next entries are being read.
pub(super) struct Checker<'scope> {
    jobs: SyncSender<(u64, SignedEntry)>,
    workers: Vec<ScopedJoinHandle<'scope, Tally>>,
    sent: u64,
}

#[derive(Default)]
struct Tally {
    checked: u64,
    faults: Vec<Fault>,
}

impl<'scope> Checker<'scope> {
    pub(super) fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        keys: [PublicKey; 2],
        threads: NonZeroUsize,
    ) -> Checker<'scope> {
        // 64 entries of at most 64 KiB wait at a time.
        let (jobs, queue) = sync_channel::<(u64, SignedEntry)>(64);
        let queue = Arc::new(Mutex::new(queue));
        let work = |_| {
            let queue = Arc::clone(&queue);
            scope.spawn(move || {
                let mut tally = Tally::default();
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, signed)) = next else { return tally };
                    tally.checked += 1;
                    tally.faults.extend(check_signatures(number, &keys, &signed).err());
                }
            })
        };
        Checker { jobs, workers: (0..threads.get()).map(work).collect(), sent: 0 }
    }

    pub(super) fn check(&mut self, number: u64, signed: SignedEntry) {
        // It fails only if every worker is gone, and then the count tells.
        let _ = self.jobs.send((number, signed));
        self.sent += 1;
    }

    /// The faults, by entry; `None` if not every signature was checked.
    pub(super) fn finish(self) -> Option<Vec<Fault>> {
        drop(self.jobs);
        let (mut checked, mut faults) = (0, Vec::new());
        for worker in self.workers {
            let tally = thread::ScopedJoinHandle::join(worker).ok()?;
            checked += tally.checked;
            faults.extend(tally.faults);
        }
        faults.sort_by_key(Fault::entry);
        (checked == self.sent).then_some(faults)
    }
}
