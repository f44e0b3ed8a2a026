//! Work that nothing can interrupt, done on a thread of its own, so that a
//! stop ends whoever waits for it.
//!
//! It is left to itself then, and what it gives goes nowhere. So it MUST make
//! nothing that is kept: it syncs what has no name yet, or draws in memory.

use std::io;
use std::panic::resume_unwind;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// What `work` gives; none where `is_stopped` says yes before.
///
/// # Errors
/// Where the system has no thread for it: nothing was begun.
pub fn unless<T: Send + 'static>(
    is_stopped: &dyn Fn() -> bool,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<Option<T>> {
    let (send, done) = mpsc::sync_channel(1);
    let working = thread::Builder::new().name("work".to_owned()).spawn(move || {
        let _ = send.send(work());
    })?;
    loop {
        match done.recv_timeout(LOOK_FOR_A_STOP) {
            Ok(done) => return Ok(Some(done)),
            Err(RecvTimeoutError::Timeout) if is_stopped() => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                // It gave nothing, so it panicked.
                if let Err(panic) = working.join() {
                    resume_unwind(panic);
                }
                return Ok(None);
            }
        }
    }
}

/// Between two looks whether there is a stop.
const LOOK_FOR_A_STOP: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn a_stop_ends_the_wait_for_what_does_not_end() {
        let looks = AtomicU32::new(0);
        let third = || looks.fetch_add(1, Ordering::SeqCst) == 2;
        let given = unless(&third, || -> u32 {
            loop {
                thread::park();
            }
        });
        assert_eq!(given.expect("has a thread"), None);
        assert_eq!(looks.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn what_ends_is_given_whatever_is_said_later() {
        assert_eq!(unless(&|| true, || 7).expect("has a thread"), Some(7));
    }
}
