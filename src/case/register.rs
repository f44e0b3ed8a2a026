//! The log over all cases of a home: what is open, sealed, filed and due.
//!
//! It reads and never writes, and needs no passphrase. It holds no exhibit,
//! no picture and no description: nothing that a stop can withhold.

mod csv;
mod row;
mod words;

use std::borrow::Borrow;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use serde::Serialize;

pub use row::{Case, DueItem, Filed, HandedTo, Known, LastSeal, Row};

use crate::case::{CaseError, Home, Reading};
use crate::durable::DiskError;
use countersign_record::clock::Time;
use countersign_record::journal::Reference;

/// All cases of a home, in the order of their references.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Register {
    /// What time it was when it was read, as the computer said.
    pub at: Time,
    /// The cases.
    pub cases: Vec<Row>,
}

impl Register {
    /// Reads every case of `home` on so many threads.
    ///
    /// A case that cannot be read says so in its own row and MUST NOT hide
    /// another, nor hold one up: where none was read for as long as `patience`,
    /// others are read beside those that do not answer, and these are left to
    /// themselves and say so. One whose folder is gone, though this computer kept entries of
    /// it, is listed as well; a reference that was reserved and never became a
    /// case is not.
    pub fn read(
        home: &Home,
        now: Time,
        threads: NonZeroUsize,
        patience: Duration,
    ) -> Result<Register, DiskError> {
        let home = home.clone();
        let known = home.known()?;
        let cases = rows(known, threads, patience, move |reference| {
            Row::of(reference, Reading::of(&home, reference).as_ref(), now)
        });
        Ok(Register { at: now, cases })
    }

    /// The same of the cases in `known`, by one who reads them, and may have
    /// read them before. A reading MUST be up to date.
    pub fn of<R: Borrow<Reading>>(
        known: &[Reference],
        now: Time,
        threads: NonZeroUsize,
        reading: impl Fn(Reference) -> Result<R, CaseError> + Sync,
    ) -> Register {
        let next = AtomicUsize::new(0);
        let read = || {
            let mut rows = Vec::new();
            while let Some(reference) = known.get(next.fetch_add(1, Ordering::SeqCst)) {
                let read = reading(*reference);
                rows.push(Row::of(*reference, read.as_ref().map(Borrow::borrow), now));
            }
            rows
        };
        let mut cases: Vec<Row> = thread::scope(|scope| {
            let readers: Vec<_> = (0..threads.get()).map(|_| scope.spawn(read)).collect();
            readers.into_iter().flat_map(|reader| reader.join().unwrap_or_default()).collect()
        });
        cases.sort_by_key(|row| row.reference);
        // Those of a reader that broke off.
        let lost: Vec<Row> = known
            .iter()
            .filter(|reference| cases.binary_search_by_key(*reference, |row| row.reference).is_err())
            .map(|reference| Row::unread(*reference, "it could not be read"))
            .collect();
        cases.extend(lost);
        cases.sort_by_key(|row| row.reference);
        Register { at: now, cases }
    }

    /// As one JSON object.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// As CSV (RFC 4180), safe to open with a spreadsheet.
    pub fn to_csv(&self) -> String {
        csv::of(self)
    }
}

/// A row of each case, in their order.
fn rows(
    known: Vec<Reference>,
    threads: NonZeroUsize,
    patience: Duration,
    row: impl Fn(Reference) -> Row + Send + Sync + 'static,
) -> Vec<Row> {
    let (tell, told) = mpsc::channel();
    let (row, known, next) = (Arc::new(row), Arc::new(known), Arc::new(AtomicUsize::new(0)));
    let read = || {
        let (row, known, next, tell) =
            (Arc::clone(&row), Arc::clone(&known), Arc::clone(&next), tell.clone());
        let read = move || {
            while let Some(reference) = known.get(next.fetch_add(1, Ordering::SeqCst)) {
                if tell.send(row(*reference)).is_err() {
                    return;
                }
            }
        };
        drop(thread::Builder::new().name("register".to_owned()).spawn(read));
    };
    (0..threads.get()).for_each(|_| read());
    let mut rows: Vec<Row> = Vec::with_capacity(known.len());
    let mut slow = 0;
    while rows.len() < known.len() {
        match told.recv_timeout(patience) {
            Ok(row) => rows.push(row),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if next.load(Ordering::SeqCst) >= known.len() => break,
            Err(RecvTimeoutError::Timeout) if slow == MOST_SLOW => break,
            Err(RecvTimeoutError::Timeout) => {
                slow += 1;
                (0..threads.get()).for_each(|_| read());
            }
        }
    }
    rows.sort_by_key(|row| row.reference);
    let is_read = |reference: &&Reference| rows.binary_search_by_key(*reference, |row| row.reference).is_ok();
    let lost: Vec<Row> = known
        .iter()
        .filter(|reference| !is_read(reference))
        .map(|reference| Row::unread(*reference, "it does not answer: the disk that it lies on hangs"))
        .collect();
    rows.extend(lost);
    rows.sort_by_key(|row| row.reference);
    rows
}

/// How often others are read beside those that do not answer: a home that lies
/// on a disk that hangs as a whole is not waited for at length.
const MOST_SLOW: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_that_do_not_answer_hold_up_no_other() {
        let known: Vec<Reference> = (1..=9).map(|n| Reference::new(2026, n).expect("one")).collect();
        let (first, third) = (known[0], known[2]);
        let read = move |reference: Reference| {
            if reference == first || reference == third {
                thread::sleep(Duration::from_secs(3600));
            }
            Row::unread(reference, "was read")
        };
        let two = NonZeroUsize::new(2).expect("two");
        let rows = rows(known.clone(), two, Duration::from_millis(300), read);
        assert_eq!(rows.iter().map(|row| row.reference).collect::<Vec<_>>(), known);
        for row in rows {
            let Known::Unread { fault } = row.known else { panic!("nothing was read") };
            let hangs = row.reference == first || row.reference == third;
            assert_eq!(fault.as_str().contains("does not answer"), hangs, "{}", row.reference);
        }
    }
}
