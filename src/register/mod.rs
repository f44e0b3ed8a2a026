//! The log over all cases of a home: what is open, sealed, filed and due.
//!
//! It reads and never writes, and needs no passphrase. It holds no exhibit,
//! no picture and no description: nothing that a stop can withhold.

mod csv;
mod row;
mod words;

use std::borrow::Borrow;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde::Serialize;

pub use row::{Case, DueItem, Filed, HandedTo, Known, LastSeal, Row};

use crate::case::{CaseError, Home, Reading};
use crate::clock::Time;
use crate::durable::DiskError;
use crate::journal::Reference;

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
    /// another. One whose folder is gone, though this computer kept entries of
    /// it, is listed as well; a reference that was reserved and never became a
    /// case is not.
    pub fn read(home: &Home, now: Time, threads: NonZeroUsize) -> Result<Register, DiskError> {
        let known = home.known()?;
        Ok(Register::of(&known, now, threads, |reference| Reading::of(home, reference)))
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
