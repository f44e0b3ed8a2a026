//! The checks, in the order in which a person would want to hear of them.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::thread;

use super::expected::{Journal, differences, entry_of, expected_payload, says};
use super::signatures::Checker;
use super::{Completeness, Finding, Identity, Integrity, Paper, Report, Says, Timing, Verdict};
use crate::bundle::bag::{BagError, SealedBag};
use crate::bundle::seal::{ALLOWED_SIGNERS, SEAL, SEAL_SIGNATURES, allowed_signers};
use crate::bundle::{ReadError, Seal, Source, Watch};
use crate::digest::Digest;
use crate::journal::{Chain, Fault, MAX_ENTRY, SignedEntry, entry_name};
use crate::signature::{self, Namespace};
use crate::words::SealWords;

/// Verifies a bundle, packed or unpacked.
///
/// An error is one of the surroundings only: what the bundle itself has wrong
/// is in the report.
pub fn verify(
    source: &Source,
    paper: Option<&Paper>,
    threads: NonZeroUsize,
    watch: &Watch<'_>,
) -> Result<Report, ReadError> {
    let mut inquiry = Inquiry::default();
    let bag = match SealedBag::read(source) {
        Ok(bag) => bag,
        Err(BagError::Read(error @ (ReadError::Io { .. } | ReadError::Stopped))) => return Err(error),
        Err(error) => return Ok(no_bag(&error)),
    };
    inquiry.root = Some(bag.root());
    inquiry.bytes(source, &bag, threads, watch)?;
    let Some(journal) = inquiry.journal(source, &bag, threads)? else {
        inquiry.missing(1, "there is no first entry that opens a case");
        return Ok(inquiry.report(Verdict::Unreadable));
    };
    inquiry.seal(source, &bag, &journal)?;
    inquiry.closed_set(&bag, &journal);
    // No outsider's stamp can be in a bundle of this version: the bag's closed
    // set has been checked for them.
    inquiry.time = Timing::Claimed;
    Ok(inquiry.conclude(paper))
}

/// A file too many or too few is a change; anything else is no bundle.
fn no_bag(error: &BagError) -> Report {
    let mut inquiry = Inquiry::default();
    let (file, verdict) = match error {
        BagError::NotListed { name, .. } | BagError::NotThere { name, .. } => {
            (Some(name.as_str().to_owned()), Verdict::Changed)
        }
        BagError::ManifestDigest => (Some("manifest-sha256.txt".to_owned()), Verdict::Changed),
        _ => (None, Verdict::Unreadable),
    };
    if verdict == Verdict::Changed {
        inquiry.integrity = Integrity::Changed;
    }
    let entry = file.as_deref().and_then(entry_of);
    inquiry.find(entry, file, &error.to_string());
    inquiry.report(verdict)
}

/// The checks that were made so far. Every line of it begins as not checked.
#[derive(Default)]
struct Inquiry {
    findings: Vec<Finding>,
    integrity: Integrity,
    identity: Identity,
    time: Timing,
    completeness: Completeness,
    root: Option<Digest>,
    says: Option<Says>,
    journal_is_whole: Option<bool>,
    entries_signed: Option<bool>,
    seal_signed: Option<bool>,
    seal_agrees: Option<bool>,
}

impl Inquiry {
    fn find(&mut self, entry: Option<u64>, file: Option<String>, what: &str) {
        self.findings.push(Finding { entry, file, what: what.to_owned() });
    }

    fn fault(&mut self, fault: &Fault) {
        self.find(
            Some(fault.entry()),
            Some(format!("data/journal/{}", entry_name(fault.entry()))),
            &fault.to_string(),
        );
    }

    /// Every file against the bag's manifests.
    fn bytes(
        &mut self,
        source: &Source,
        bag: &SealedBag,
        threads: NonZeroUsize,
        watch: &Watch<'_>,
    ) -> Result<(), ReadError> {
        let digests = source.digest_all(threads, watch)?;
        let unlike = bag.check(&digests);
        for difference in &unlike {
            let name = difference.name();
            self.find(entry_of(name), Some(name.to_owned()), &difference.to_string());
        }
        self.integrity = if unlike.is_empty() { Integrity::Unchanged } else { Integrity::Changed };
        Ok(())
    }

    /// Every entry against its one spelling, the entry before, and both keys.
    fn journal(
        &mut self,
        source: &Source,
        bag: &SealedBag,
        threads: NonZeroUsize,
    ) -> Result<Option<Journal>, ReadError> {
        let Some(first) = self.signed_entry(source, bag, 1)? else { return Ok(None) };
        let mut chain = match Chain::begin(&first) {
            Ok(chain) => chain,
            Err(fault) => {
                self.fault(&fault);
                return Ok(None);
            }
        };
        let keys = chain.ledger().opened().keys();
        let mut broken = None;
        let faults = thread::scope(|scope| {
            let mut checker = Checker::start(scope, keys, threads);
            checker.check(1, first);
            for number in 2.. {
                let Some(signed) = self.signed_entry(source, bag, number)? else { break };
                if broken.is_none() {
                    broken = chain.extend(&signed).err();
                }
                checker.check(number, signed);
            }
            Ok::<_, ReadError>(checker.finish())
        })?;
        self.entries_signed = faults.as_ref().map(Vec::is_empty);
        // A signature that fails tells which entry was changed; a broken link
        // shows only at the entry after it.
        for fault in faults.iter().flatten() {
            self.fault(fault);
        }
        if let Some(fault) = &broken {
            self.fault(fault);
        }
        let gap = match broken {
            None => self.gap(bag, chain.ledger().head() + 1),
            Some(_) => false,
        };
        self.journal_is_whole = Some(broken.is_none() && !gap);
        Ok(Some(Journal::of(chain)))
    }

    /// Whether there are entries after one that is not there.
    fn gap(&mut self, bag: &SealedBag, missing: u64) -> bool {
        let mut paths = bag.entries().iter().rev().map(|entry| entry.name.as_str());
        let Some(later) = paths.find(|path| entry_of(path).is_some_and(|n| n > missing)) else {
            return false;
        };
        self.missing(missing, &format!("is missing, and {later} is there"));
        true
    }

    fn missing(&mut self, number: u64, what: &str) {
        self.find(Some(number), Some(format!("data/journal/{}", entry_name(number))), what);
    }

    fn signed_entry(
        &mut self,
        source: &Source,
        bag: &SealedBag,
        number: u64,
    ) -> Result<Option<SignedEntry>, ReadError> {
        let path = format!("data/journal/{}", entry_name(number));
        let Some(entry) = self.listed(source, bag, &path, MAX_ENTRY as u64)? else { return Ok(None) };
        let mut signature = |side: &str| {
            let path = format!("{path}.{side}.sig");
            Ok::<_, ReadError>(self.listed(source, bag, &path, MAX_SIGNATURE)?.unwrap_or_else(|| {
                self.find(Some(number), Some(path), "is missing");
                Vec::new()
            }))
        };
        Ok(Some(SignedEntry { entry, sig_a: signature("a")?, sig_b: signature("b")? }))
    }

    /// The content of a file as the bag lists it. What was read here and what
    /// was hashed before must be the same bytes, even if somebody changes the
    /// bundle in between.
    fn listed(
        &mut self,
        source: &Source,
        bag: &SealedBag,
        path: &str,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(entry) = bag.entry(path) else { return Ok(None) };
        let bytes = match source.read_small(&entry.member, limit) {
            Ok(bytes) => bytes,
            Err(error @ (ReadError::Io { .. } | ReadError::Stopped)) => return Err(error),
            Err(error) => {
                self.find(entry_of(path), Some(path.to_owned()), &error.to_string());
                self.integrity = Integrity::Changed;
                return Ok(Some(Vec::new()));
            }
        };
        if Digest::of(&bytes) != entry.digest && self.integrity != Integrity::Changed {
            self.integrity = Integrity::Changed;
            self.find(entry_of(path), Some(path.to_owned()), "changed while it was being read");
        }
        Ok(Some(bytes))
    }

    /// The seal against both keys, and what it says against what there is.
    fn seal(&mut self, source: &Source, bag: &SealedBag, journal: &Journal) -> Result<(), ReadError> {
        let opened = journal.ledger.opened();
        let Some(bytes) = self.listed(source, bag, SEAL, MAX_SEAL)? else {
            self.find(None, Some(SEAL.to_owned()), "is missing");
            return Ok(());
        };
        let mut signed = true;
        for (name, key) in SEAL_SIGNATURES.into_iter().zip(opened.keys()) {
            let held = match self.listed(source, bag, name, MAX_SIGNATURE)? {
                Some(file) => {
                    signature::verify(&key, Namespace::Seal, &bytes, &file).map_err(|e| e.to_string())
                }
                None => Err("is missing".to_owned()),
            };
            if let Err(what) = held {
                self.find(None, Some(name.to_owned()), &what);
                signed = false;
            }
        }
        self.seal_signed = Some(signed);
        let signers = self.listed(source, bag, ALLOWED_SIGNERS, MAX_SEAL)?;
        let mut agrees = signers == Some(allowed_signers(opened).into_bytes());
        if !agrees {
            self.find(None, Some(ALLOWED_SIGNERS.to_owned()), "does not name the keys of entry 1");
        }
        match Seal::parse(&bytes) {
            Ok(seal) => {
                let head = journal.ledger.head();
                if signed && seal.entries > head && self.journal_is_whole == Some(true) {
                    self.missing(head + 1, "is missing: the seal was made after it");
                }
                for what in differences(&seal, bag, journal) {
                    self.find(None, Some(SEAL.to_owned()), &what);
                    agrees = false;
                }
                self.says = Some(says(&seal, &journal.ledger));
            }
            Err(error) => {
                self.find(None, Some(SEAL.to_owned()), &error.to_string());
                agrees = false;
            }
        }
        self.seal_agrees = Some(agrees);
        Ok(())
    }

    /// The payload against what the record names: nothing missing, nothing
    /// else, and nothing that should have stayed behind.
    fn closed_set(&mut self, bag: &SealedBag, journal: &Journal) {
        let mut expected = expected_payload(journal);
        let withheld: BTreeSet<String> =
            journal.released.withheld().iter().map(|w| format!("data/{}", w.file.path())).collect();
        let mut whole = true;
        // Where the record breaks off, what comes after it has been named.
        let broken = self.journal_is_whole != Some(true);
        let after = |path: &str| broken && entry_of(path).is_some_and(|n| n > journal.ledger.head());
        for entry in bag.entries().iter().filter(|entry| entry.name.as_str().starts_with("data/")) {
            let path = entry.name.as_str();
            if after(path) {
                continue;
            }
            let what = match expected.remove(path) {
                None if withheld.contains(path) => "was to stay on the designated computer",
                None => "is not part of the record",
                Some((_, Some(digest))) if digest != entry.digest => "is not the file that the record names",
                Some(_) => continue,
            };
            whole = false;
            self.find(entry_of(path), Some(path.to_owned()), what);
        }
        for (path, (entry, _)) in expected {
            whole = false;
            self.find(entry, Some(path), "is missing");
        }
        self.name_entries(journal);
        self.completeness = match (whole, withheld.is_empty()) {
            (false, _) => Completeness::Incomplete,
            (true, false) => Completeness::CompleteButWithheld,
            (true, true) => Completeness::Complete,
        };
    }

    /// Says of each file which entry brought it in, so that the first bad
    /// entry is named whatever of it is bad.
    fn name_entries(&mut self, journal: &Journal) {
        if self.findings.iter().all(|finding| finding.entry.is_some()) {
            return;
        }
        let mut entries: BTreeMap<String, u64> =
            journal.ledger.files().map(|(file, entry)| (format!("data/{}", file.path()), entry)).collect();
        for (path, (entry, _)) in expected_payload(journal) {
            entries.extend(entry.map(|entry| (path, entry)));
        }
        for finding in self.findings.iter_mut().filter(|finding| finding.entry.is_none()) {
            finding.entry = finding.file.as_ref().and_then(|file| entries.get(file)).copied();
        }
    }

    fn conclude(mut self, paper: Option<&Paper>) -> Report {
        self.identity = match (self.entries_signed, self.seal_signed) {
            (Some(true), Some(true)) => Identity::SignedByBoth,
            (Some(false), _) | (_, Some(false)) => Identity::NotSignedByBoth,
            _ => Identity::NotChecked,
        };
        if self.journal_is_whole != Some(true) || self.seal_agrees != Some(true) {
            self.integrity = Integrity::Changed;
        }
        let sound = self.findings.is_empty()
            && self.integrity == Integrity::Unchanged
            && self.identity == Identity::SignedByBoth
            && self.time != Timing::NotChecked
            && matches!(self.completeness, Completeness::Complete | Completeness::CompleteButWithheld);
        let report = self.report(if sound { Verdict::UnchangedNotCompared } else { Verdict::Changed });
        match paper {
            Some(paper) => report.compared(paper),
            None => report,
        }
    }

    fn report(mut self, verdict: Verdict) -> Report {
        // The first bad entry first; what is no entry's after them.
        self.findings.sort_by_key(|finding| finding.entry.unwrap_or(u64::MAX));
        Report {
            verdict,
            integrity: self.integrity,
            identity: self.identity,
            time: self.time,
            completeness: self.completeness,
            findings: self.findings,
            root: self.root,
            words: self.root.map(|root| SealWords::of(&root).to_string()),
            says: self.says,
        }
    }
}

/// A signature file has 318 bytes, that of a seal 314.
const MAX_SIGNATURE: u64 = 1024;

/// Ten thousand withheld files, say.
const MAX_SEAL: u64 = 16 * 1024 * 1024;
