//! The chain: each entry holds the digests of the entry before it and of both
//! its signatures.

use super::entry::{Entry, EntryError};
use super::facts::Side;
use super::ledger::{Irregular, Ledger};
use crate::digest::Digest;
use crate::key::PublicKey;
use crate::signature::{self, Namespace, SignatureError};

/// An entry with both signatures, as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedEntry {
    /// The entry's file.
    pub entry: Vec<u8>,
    /// The first person's signature file.
    pub sig_a: Vec<u8>,
    /// The second person's signature file.
    pub sig_b: Vec<u8>,
}

impl SignedEntry {
    /// What the next entry must name.
    pub fn links(&self) -> Links {
        Links {
            entry: Digest::of(&self.entry),
            sig_a: Digest::of(&self.sig_a),
            sig_b: Digest::of(&self.sig_b),
        }
    }
}

/// The digests by which an entry holds on to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Links {
    /// Of the entry.
    pub entry: Digest,
    /// Of the first person's signature.
    pub sig_a: Digest,
    /// Of the second person's signature.
    pub sig_b: Digest,
}

/// A journal as far as it has been read: every entry in its one spelling, in
/// order, of one case, each holding on to the one before.
///
/// It does not check signatures ([`check_signatures`] does), because the last
/// entry's two hold the whole chain.
#[derive(Debug, Clone)]
pub struct Chain {
    ledger: Ledger,
    tail: Links,
}

impl Chain {
    /// Begins with entry 1.
    pub fn begin(first: &SignedEntry) -> Result<Chain, Fault> {
        let entry = Entry::parse(&first.entry).map_err(|e| Fault::Entry { entry: 1, error: e })?;
        if entry.entry != 1
            || entry.prev.is_some()
            || entry.prev_sig_a.is_some()
            || entry.prev_sig_b.is_some()
        {
            return Err(Fault::NotFirst);
        }
        let ledger = Ledger::begin(entry).map_err(Fault::Irregular)?;
        Ok(Chain { ledger, tail: first.links() })
    }

    /// Whether this can be the next entry, and the entry that it is.
    pub fn check(&self, next: &SignedEntry) -> Result<Entry, Fault> {
        let number = self.ledger.head() + 1;
        let entry = Entry::parse(&next.entry).map_err(|e| Fault::Entry { entry: number, error: e })?;
        if entry.case != self.ledger.case() {
            return Err(Fault::OtherCase { entry: number });
        }
        if entry.entry != number {
            return Err(Fault::Number { entry: number, says: entry.entry });
        }
        if entry.links() != Some(self.tail) {
            return Err(Fault::Link { entry: number });
        }
        self.ledger.check(&entry).map_err(Fault::Irregular)?;
        Ok(entry)
    }

    /// Takes the next entry.
    pub fn extend(&mut self, next: &SignedEntry) -> Result<(), Fault> {
        let entry = self.check(next)?;
        self.ledger.push(entry).map_err(Fault::Irregular)?;
        self.tail = next.links();
        Ok(())
    }

    /// What follows from the entries.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The same, where nothing more follows.
    pub fn into_ledger(self) -> Ledger {
        self.ledger
    }

    /// The digests that the next entry must name.
    pub fn tail(&self) -> Links {
        self.tail
    }
}

/// Checks both signatures of an entry by the two keys of entry 1.
pub fn check_signatures(number: u64, keys: &[PublicKey; 2], signed: &SignedEntry) -> Result<(), Fault> {
    for (side, key, file) in [(Side::A, &keys[0], &signed.sig_a), (Side::B, &keys[1], &signed.sig_b)] {
        signature::verify(key, Namespace::Journal, &signed.entry, file)
            .map_err(|error| Fault::Signature { entry: number, side, error })?;
    }
    Ok(())
}

/// What is wrong with a journal, and at which entry first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file is no entry.
    #[error("entry {entry}: {error}")]
    Entry {
        /// Which.
        entry: u64,
        /// Why not.
        error: EntryError,
    },
    /// Entry 1 is not a first entry.
    #[error("entry 1 is not the first entry of a case")]
    NotFirst,
    /// An entry of another case.
    #[error("entry {entry} belongs to another case")]
    OtherCase {
        /// Which.
        entry: u64,
    },
    /// An entry in another's place.
    #[error("entry {entry} says that it is entry {says}")]
    Number {
        /// Where it stands.
        entry: u64,
        /// What it says.
        says: u64,
    },
    /// It does not hold on to the entry before.
    #[error("entry {entry} does not follow from entry {}", entry - 1)]
    Link {
        /// Which.
        entry: u64,
    },
    /// A signature does not hold.
    #[error("entry {entry}, signature {}: {error}", side.letter())]
    Signature {
        /// Which entry.
        entry: u64,
        /// Whose signature.
        side: Side,
        /// Why.
        error: SignatureError,
    },
    /// It says what no case can say there.
    #[error(transparent)]
    Irregular(Irregular),
}

impl Fault {
    /// The entry at which it shows first.
    pub fn entry(&self) -> u64 {
        match self {
            Fault::NotFirst => 1,
            Fault::Entry { entry, .. }
            | Fault::OtherCase { entry }
            | Fault::Number { entry, .. }
            | Fault::Link { entry }
            | Fault::Signature { entry, .. } => *entry,
            Fault::Irregular(irregular) => irregular.entry,
        }
    }
}
