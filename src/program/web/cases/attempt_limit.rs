//! How often passphrases can be tried: ten times at once, then ever more
//! slowly.
//!
//! What makes guessing hard is the lock of the keys; this keeps somebody at
//! the keyboard from trying names and dates. It is forgotten when the guide
//! ends.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use countersign_case::case::CaseError;
use countersign_record::journal::Reference;

use crate::web::html::Problem;

/// The wrong tries of each case.
#[derive(Default)]
pub struct AttemptLimit {
    cases: Mutex<BTreeMap<Reference, Arc<Mutex<Wrong>>>>,
}

#[derive(Default)]
struct Wrong {
    times: u32,
    not_before: Option<Instant>,
}

impl AttemptLimit {
    /// One try, after any other of the same case has ended.
    pub fn one<R>(
        &self,
        reference: Reference,
        unlock: impl FnOnce() -> Result<R, Problem>,
    ) -> Result<R, Problem> {
        let wrong = {
            let mut cases = self.cases.lock().unwrap_or_else(|e| e.into_inner());
            Arc::clone(cases.entry(reference).or_default())
        };
        let mut wrong = wrong.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(left) = wrong.not_before.and_then(|then| then.checked_duration_since(Instant::now())) {
            return Err(Problem::Wait(left.as_secs() + 1));
        }
        let tried = unlock();
        match &tried {
            Ok(_) => *wrong = Wrong::default(),
            Err(Problem::Case(CaseError::Passphrase)) => {
                wrong.times += 1;
                wrong.not_before = delay(wrong.times).map(|delay| Instant::now() + delay);
            }
            Err(_) => {}
        }
        tried
    }
}

/// How long to wait after so many wrong tries.
fn delay(times: u32) -> Option<Duration> {
    let over = times.checked_sub(FREE)?;
    Some(Duration::from_secs(30 << over.min(5)))
}

/// Wrong tries that cost nothing but the try.
const FREE: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_are_free_and_then_it_takes_longer_each_time() {
        let case: Reference = "2026-0001".parse().expect("a reference");
        let attempt_limit = AttemptLimit::default();
        let wrong = || -> Result<(), Problem> { Err(Problem::Case(CaseError::Passphrase)) };
        for _ in 0..10 {
            assert!(matches!(attempt_limit.one(case, wrong), Err(Problem::Case(CaseError::Passphrase))));
        }
        // Not even the right ones are tried now.
        assert!(matches!(attempt_limit.one(case, || Ok(())), Err(Problem::Wait(1..=30))));
        assert!(delay(10) < delay(11) && delay(14) < delay(15));
        assert_eq!(delay(15), delay(4_000_000));
        let other: Reference = "2026-0002".parse().expect("a reference");
        assert!(attempt_limit.one(other, || Ok(())).is_ok());
    }

    #[test]
    fn the_right_ones_begin_anew() {
        let case: Reference = "2026-0001".parse().expect("a reference");
        let attempt_limit = AttemptLimit::default();
        for round in 0..3 {
            for _ in 0..9 {
                let wrong = || -> Result<(), Problem> { Err(Problem::Case(CaseError::Passphrase)) };
                assert!(matches!(attempt_limit.one(case, wrong), Err(Problem::Case(_))), "{round}");
            }
            assert!(attempt_limit.one(case, || Ok(())).is_ok());
        }
    }
}
