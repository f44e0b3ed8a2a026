//! A few threads that share jobs of very unequal size.
//!
//! It does not know what the jobs do, and it starts no thread that outlives
//! the call.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Does every job once, the largest first, so that no thread is left with the
/// longest one at the end, and gives the results in the order of the jobs.
///
/// `work` is given a buffer of `BUFFER` bytes that its thread keeps. After an
/// error no further job is begun; of several errors the one of the first job
/// in the given order comes back.
pub(super) fn largest_first<J: Sync, T: Send, E: Send>(
    jobs: &[J],
    threads: NonZeroUsize,
    size: impl Fn(&J) -> u64,
    work: impl Fn(&J, &mut [u8]) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|&job| std::cmp::Reverse(size(&jobs[job])));
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let all = Mutex::new((Vec::with_capacity(jobs.len()), None::<(usize, E)>));

    let worker = || {
        let mut buffer = vec![0; BUFFER];
        let mut done = Vec::new();
        let mut error = None;
        while !failed.load(Ordering::Relaxed) {
            let Some(&job) = order.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            match work(&jobs[job], &mut buffer) {
                Ok(result) => done.push((job, result)),
                Err(e) => {
                    failed.store(true, Ordering::Relaxed);
                    error = Some((job, e));
                }
            }
        }
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        all.0.append(&mut done);
        if let Some((job, e)) = error
            && all.1.as_ref().is_none_or(|(earlier, _)| job < *earlier)
        {
            all.1 = Some((job, e));
        }
    };
    let others = threads.get().min(jobs.len()).saturating_sub(1);
    thread::scope(|scope| {
        for _ in 0..others {
            scope.spawn(worker);
        }
        worker();
    });
    let (mut done, error) = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    match error {
        Some((_, error)) => Err(error),
        None => {
            done.sort_unstable_by_key(|&(job, _)| job);
            Ok(done.into_iter().map(|(_, result)| result).collect())
        }
    }
}

/// Consecutive things whose extents fit into one buffer together, so that many
/// small ones cost one reading and one writing. One that does not fit stands alone.
pub(super) fn runs(extents: impl IntoIterator<Item = u64>) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut room = 0;
    for (index, extent) in extents.into_iter().enumerate() {
        match runs.last_mut() {
            Some(run) if extent <= room => run.end = index + 1,
            _ => {
                runs.push(index..index + 1);
                room = BUFFER as u64;
            }
        }
        room = room.saturating_sub(extent);
    }
    runs
}

/// What each thread holds in memory: small enough to stay in its processor's
/// cache between reading, hashing and writing.
pub(super) const BUFFER: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_job_once_largest_first() {
        let jobs: Vec<u64> = vec![3, 9, 1, 9, 4];
        let done = Mutex::new(Vec::new());
        let one = NonZeroUsize::MIN;
        let result = largest_first(
            &jobs,
            one,
            |&job| job,
            |&job, _| {
                done.lock().expect("no panic").push(job);
                Ok::<u64, ()>(job * 2)
            },
        );
        assert_eq!(result, Ok(vec![6, 18, 2, 18, 8]));
        assert_eq!(done.into_inner().expect("no panic"), [9, 9, 4, 3, 1]);
    }

    #[test]
    fn an_error_ends_the_work() {
        let jobs: Vec<u64> = (0..1000).collect();
        let threads = NonZeroUsize::new(4).expect("not zero");
        let done = AtomicUsize::new(0);
        let result = largest_first(
            &jobs,
            threads,
            |&job| job,
            |&job, _| {
                done.fetch_add(1, Ordering::Relaxed);
                if job == 990 { Err(job) } else { Ok(()) }
            },
        );
        assert_eq!(result, Err(990));
        assert!(done.into_inner() < 1000);
    }

    #[test]
    fn small_things_go_together() {
        let buffer = BUFFER as u64;
        assert_eq!(runs([1, buffer - 1, 1, buffer + 1, 2, 3, buffer]), [0..2, 2..3, 3..4, 4..6, 6..7]);
        assert_eq!(runs([]), []);
    }
}
