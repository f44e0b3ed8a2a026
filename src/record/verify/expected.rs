//! What the record says that the bundle must hold.
//!
//! It reads no bytes of the bundle, and judges nothing.

use std::collections::BTreeMap;

use super::{Says, Signer};
use crate::bundle::Seal;
use crate::bundle::bag::SealedBag;
use crate::bundle::seal::{Left, SEALED_TAG_FILES, TagFile};
use crate::digest::Digest;
use crate::journal::{Body, Chain, Ledger, Links, Released, Restraint, Reviewer, entry_name};

/// A journal as far as it could be read.
pub(super) struct Journal {
    pub(super) tail: Links,
    pub(super) released: Released,
    pub(super) ledger: Ledger,
}

impl Journal {
    pub(super) fn of(chain: Chain) -> Journal {
        let (tail, ledger) = (chain.tail(), chain.into_ledger());
        Journal { tail, released: ledger.released(Restraint::None), ledger }
    }
}

/// In what the seal says otherwise than the bundle is.
pub(super) fn differences(seal: &Seal, bag: &SealedBag, journal: &Journal) -> Vec<String> {
    let ledger = &journal.ledger;
    let opened = ledger.opened();
    let mut found = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    must(seal.case == ledger.case(), "names another case");
    must(seal.reference == opened.reference, "names another reference");
    must(seal.standing == opened.standing, "says otherwise whether this is a rehearsal");
    must(seal.entries == ledger.head(), "names another number of entries");
    let head = (seal.head, seal.head_sig_a, seal.head_sig_b);
    must(head == (journal.tail.entry, journal.tail.sig_a, journal.tail.sig_b), "names another last entry");
    let before = ledger.last_seal().map(|(_, sealed)| sealed);
    must(seal.seal == before.map_or(1, |s| s.seal + 1), "has another number than the record allows");
    must(seal.previous_root == before.map(|s| s.root), "names another seal before it");
    let tag_files: Option<Vec<TagFile>> = SEALED_TAG_FILES
        .into_iter()
        .map(|name| bag.entry(name).map(|entry| TagFile { name: name.to_owned(), sha256: entry.digest }))
        .collect();
    must(Some(&seal.tag_files) == tag_files.as_ref(), "names other tag files");
    let tags = bag.entries().iter().filter(|entry| !entry.name.as_str().starts_with("data/")).count();
    // Beside them the seal, its two signatures and the tagmanifest itself.
    must(tags == SEALED_TAG_FILES.len() + 4, "does not name every tag file");
    let withheld: Vec<Left> = journal.released.withheld().iter().map(Left::of).collect();
    must(seal.withheld == withheld, "names other withheld files");
    must(bag.top().is_none_or(|top| top.as_str() == seal.top()), "is in a folder of another name");
    found
}

/// Every file that the payload must have: with its entry, and with its digest
/// where the record names one.
pub(super) fn expected_payload(journal: &Journal) -> BTreeMap<String, (Option<u64>, Option<Digest>)> {
    let Journal { ledger, released, .. } = journal;
    let mut expected = BTreeMap::new();
    for number in 1..=ledger.head() {
        let path = format!("data/journal/{}", entry_name(number));
        for ending in ["", ".a.sig", ".b.sig"] {
            expected.insert(format!("{path}{ending}"), (Some(number), None));
        }
    }
    for (letter, key) in ["a", "b"].into_iter().zip(ledger.opened().keys()) {
        let digest = Digest::of(format!("{key}\n").as_bytes());
        expected.insert(format!("data/keys/{letter}.pub"), (Some(1), Some(digest)));
    }
    for (file, entry) in ledger.files().filter(|(file, _)| released.allows(file)) {
        expected.insert(format!("data/{}", file.path()), (Some(entry), Some(file.sha256)));
    }
    for entry in ledger.entries() {
        if let Body::Recovered(recovered) = &entry.body {
            for void in &recovered.void {
                expected.insert(format!("data/void/{}", void.name), (Some(entry.entry), Some(void.sha256)));
            }
        }
    }
    expected
}

pub(super) fn says(seal: &Seal, ledger: &Ledger) -> Says {
    let (opened, first) = (ledger.opened(), ledger.now(&ledger.entries()[0]));
    let signer = |reviewer: &Reviewer, names: [&str; 2]| Signer {
        name: first.annotated(names[0], reviewer.name.to_string()),
        position: first.annotated(names[1], reviewer.position.to_string()),
        fingerprint: reviewer.public_key.fingerprint(),
    };
    Says {
        case: seal.case,
        reference: seal.reference,
        standing: seal.standing,
        seal: seal.seal,
        sealed_at: seal.time,
        entries: seal.entries,
        withheld: seal.withheld.len() as u64,
        signers: [
            signer(&opened.first, ["first.name", "first.position"]),
            signer(&opened.second, ["second.name", "second.position"]),
        ],
        corrected: ledger.corrected(),
    }
}

/// The entry whose file or signature this is.
pub(super) fn entry_of(path: &str) -> Option<u64> {
    let name = path.strip_prefix("data/journal/")?;
    let number = name.split('.').next()?.parse().ok()?;
    name.starts_with(&entry_name(number)).then_some(number)
}
