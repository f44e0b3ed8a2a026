//! Signatures that were cut: of an entry that was kept, and of a draft that a
//! crash left behind.

use std::fs;

use countersign_case::case::CaseError;
use countersign_record::journal::Body;

use crate::copied::copy;
use crate::{Case, note};

/// No length but the whole one is a signature, whoever's and wherever.
#[test]
fn each_signature_cut_at_each_byte() {
    let case = Case::new();
    for entry in [1, 4] {
        for letter in ["a", "b"] {
            let name = format!("{entry:06}.json.{letter}.sig");
            let path = case.journal(&name);
            let whole = fs::read(&path).expect("reads");
            assert!(whole.len() > 200, "{name}: {} bytes", whole.len());
            for length in 0..whole.len() {
                fs::write(&path, &whole[..length]).expect("writes");
                let error = case.read().expect_err("is cut");
                let CaseError::Fault { fault, .. } = &error else { panic!("{name} at {length}: {error}") };
                assert_eq!(fault.entry(), entry, "{name} at {length}: {error}");
            }
            fs::write(&path, &whole).expect("writes");
            assert!(case.read().is_ok(), "{name} as it was");
        }
    }
    assert!(case.unlock().is_ok());
}

/// A draft is completed with both signatures whole and not otherwise; what one
/// of them signed is put aside, and the case goes on.
#[test]
fn a_drafts_signature_cut_at_each_byte() {
    let case = Case::new();
    // Entry 4 as a draft that both had signed.
    let entry = fs::read(case.journal("000004.json")).expect("reads");
    case.forget_last();
    fs::remove_file(case.journal("000004.json")).expect("removes");
    fs::write(case.folder().join("draft/000005-9.entry.json"), &entry).expect("writes");
    let signature = case.journal("000004.json.b.sig");
    let whole = fs::read(&signature).expect("reads");
    let before = case.world.folder.path().join("before");
    copy(case.world.home().path(), &before);
    for length in 0..=whole.len() {
        fs::write(&signature, &whole[..length]).expect("writes");
        assert_eq!(case.read().expect("is no entry").ledger().head(), 3, "cut at {length}");
    }
    // Unlocking costs a quarter of a second of key derivation: a few lengths.
    for length in [0, 1, whole.len() / 2, whole.len() - 1, whole.len()] {
        fs::remove_dir_all(case.world.home().path()).expect("removes");
        copy(&before, case.world.home().path());
        fs::write(&signature, &whole[..length]).expect("writes");
        let open = case.unlock().expect("opens");
        let kinds: Vec<&str> = open.ledger().entries()[3..].iter().map(|entry| entry.body.kind()).collect();
        let Body::Recovered(recovered) = &open.ledger().last().body else { panic!("{kinds:?}") };
        if length == whole.len() {
            assert_eq!((kinds.as_slice(), recovered.completed.len()), (&["noted", "recovered"][..], 1));
        } else {
            assert_eq!((kinds.as_slice(), recovered.completed.len()), (&["recovered"][..], 0), "{length}");
            assert!(!recovered.void.is_empty(), "cut at {length}");
        }
        drop(open);
        note(&mut case.unlock().expect("opens again"), "goes on");
    }
}
