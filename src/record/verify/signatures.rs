//! Many signatures at once, on all cores, in bounded memory.

use std::num::NonZeroUsize;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Scope, ScopedJoinHandle};

use crate::journal::{Fault, SignedEntry, check_signatures};
use crate::key::PublicKey;

/// Checks entries' signatures while the next entries are being read.
pub(super) struct Checker<'scope> {
    jobs: SyncSender<Batch>,
    batch: Batch,
    workers: Vec<ScopedJoinHandle<'scope, Tally>>,
    sent: u64,
}

/// Entries that one worker takes at a time: handing over each by itself costs
/// as much as its signatures.
type Batch = Vec<(u64, SignedEntry)>;

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
        // Entries of at most 64 KiB wait: few enough to stay in bounds.
        let (jobs, queue) = sync_channel::<Batch>(4);
        let queue = Arc::new(Mutex::new(queue));
        let work = |_| {
            let queue = Arc::clone(&queue);
            scope.spawn(move || {
                let mut tally = Tally::default();
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(batch) = next else { return tally };
                    for (number, signed) in batch {
                        tally.checked += 1;
                        tally.faults.extend(check_signatures(number, &keys, &signed).err());
                    }
                }
            })
        };
        Checker { jobs, batch: Batch::new(), workers: (0..threads.get()).map(work).collect(), sent: 0 }
    }

    pub(super) fn check(&mut self, number: u64, signed: SignedEntry) {
        self.batch.push((number, signed));
        self.sent += 1;
        if self.batch.len() == BATCH {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        // It fails only if every worker is gone, and then the count tells.
        let _ = self.jobs.send(std::mem::take(&mut self.batch));
    }

    /// The faults, by entry; `None` if not every signature was checked.
    pub(super) fn finish(mut self) -> Option<Vec<Fault>> {
        self.hand_over();
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

const BATCH: usize = 16;
