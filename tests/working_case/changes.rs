//! Files that were changed, cut, removed or swapped; words that nobody can
//! type.

use std::fs;
use std::path::{Path, PathBuf};

use countersign_case::case::CaseError;
use countersign_case::form::Fonts;
use countersign_case::handover::{FormRequest, make_form};
use countersign_case::procedure::Deed;
use countersign_record::journal::{Id, Line, Name};

use crate::Case;
use crate::world::text;
use countersign_record::journal::Body;

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("lists").into_path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}

/// The entry that a file in `data` belongs to, as the error must name it.
fn entry_of(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    path.parent()?.ends_with("journal").then(|| name[..6].parse().expect("a number"))
}

fn named(error: &CaseError, path: &Path) -> bool {
    let says = error.to_string();
    let file = path.file_name().expect("a name").to_string_lossy().into_owned();
    let entry = entry_of(path);
    says.contains(&file)
        || entry.is_some_and(|n| says.contains(&format!("entry {n}")))
        || matches!(error, CaseError::Fault { fault, .. } if Some(fault.entry()) == entry)
}

#[test]
fn each_file_changed_cut_or_removed() {
    let case = Case::new();
    let lock = case.folder().join("lock");
    let mut checked = 0;
    for path in files_in(&case.folder()).into_iter().filter(|path| *path != lock) {
        let bytes = fs::read(&path).expect("reads");
        let locked_key = path.parent().is_some_and(|parent| parent == case.folder().join("keys"));
        let exhibit = path.extension().is_some_and(|ending| ending == "csv");
        for byte in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[byte] ^= 1;
            fs::write(&path, &changed).expect("writes");
            if locked_key {
                // Only the passphrase can tell a changed key.
                assert!(case.unlock().is_err(), "{} byte {byte}", path.display());
            } else if exhibit {
                // Hashed wherever it is read: see the next test.
                assert!(case.read().is_ok());
            } else {
                let error = case.read().expect_err("is changed");
                assert!(named(&error, &path), "{} byte {byte}: {error}", path.display());
                assert!(case.unlock().is_err());
            }
            checked += 1;
        }
        // A locked key may lack its last line feed: nothing is read into it.
        let shorter = bytes.len() - if locked_key { 2 } else { 1 };
        for cut in [Some(&bytes[..shorter]), Some(&bytes[..0]), None] {
            match cut {
                Some(cut) => fs::write(&path, cut).expect("writes"),
                None => fs::remove_file(&path).expect("removes"),
            }
            let error = match locked_key {
                true => case.unlock().map(drop).expect_err("is cut"),
                false => case.read().map(drop).expect_err("is cut"),
            };
            let passphrase = matches!(error, CaseError::Passphrase);
            assert!(named(&error, &path) || passphrase, "{} cut: {error}", path.display());
            checked += 1;
        }
        fs::write(&path, &bytes).expect("writes");
        assert!(case.read().is_ok(), "{} as it was", path.display());
    }
    assert_eq!(checked, 6 * (4 * 3 + 2 + 2 + 2), "twelve of the journal, two files, four keys");
    assert!(case.unlock().is_ok());
}

#[test]
fn an_exhibit_of_the_same_length_goes_neither_on_paper_nor_out() {
    let case = Case::new();
    let mut open = case.unlock().expect("opens");
    let permit = open.permit(Deed::Judge).expect("may");
    let judged = countersign_record::journal::Judged { substance: true, because: text("Seen.") };
    open.append(permit, Body::Judged(judged)).expect("is judged");
    let path = files_in(&case.folder()).into_iter().find(|path| path.extension().is_some_and(|e| e == "csv"));
    let path = path.expect("the exhibit");
    fs::write(&path, "what the filter SAW\n").expect("writes");
    let out = case.world.folder.path().join("out");
    let request = countersign_case::handover::SealRequest {
        out: &out,
        fonts: &Fonts::built_in(),
        threads: std::num::NonZeroUsize::MIN,
        watch: &countersign_record::bundle::unwatched,
    };
    let error =
        countersign_case::handover::seal(&mut open, &request).expect_err("is another file").to_string();
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(error.contains(&name), "{error}");
    assert_eq!(fs::read_dir(&out).expect("lists").count(), 0, "nothing came out");
    assert!(open.ledger().last_seal().is_none());
    let _ = make_form(&mut open, &FormRequest { fonts: &Fonts::built_in(), out: None });
}

#[test]
fn files_that_changed_places() {
    let case = Case::new();
    let journal = |name: &str| case.journal(name);
    let keys = |name: &str| case.folder().join("data/keys").join(name);
    for (one, other, entry) in [
        (journal("000003.json"), journal("000004.json"), Some(3)),
        (journal("000002.json.a.sig"), journal("000003.json.a.sig"), Some(2)),
        (journal("000003.json.a.sig"), journal("000003.json.b.sig"), Some(3)),
        (journal("000004.json.a.sig"), journal("000004.json.b.sig"), Some(4)),
        (keys("a.pub"), keys("b.pub"), None),
    ] {
        let swap = || {
            let (a, b) = (fs::read(&one).expect("reads"), fs::read(&other).expect("reads"));
            fs::write(&one, b).and_then(|()| fs::write(&other, a)).expect("writes");
        };
        swap();
        let error = case.read().expect_err("is swapped");
        match (&error, entry) {
            (CaseError::Fault { fault, .. }, Some(entry)) => assert_eq!(fault.entry(), entry, "{error}"),
            (CaseError::Part { path, .. }, None) => assert_eq!(*path, one),
            _ => panic!("{error}"),
        }
        swap();
    }
    assert!(case.read().is_ok());
}

#[test]
fn words_that_nobody_can_type() {
    for bad in ["a\u{202e}b", "a\0b", "a\u{2066}b", "\u{feff}a"] {
        let shown = countersign_record::journal::Text::typed(bad).expect("is written so that it can be seen");
        assert!(shown.as_str().contains("[U+"), "{bad:?}");
        assert!(Name::typed(bad).is_err(), "{bad:?}");
        assert!(bad.parse::<Id>().is_err());
    }
    for empty in ["", " \n"] {
        assert!(countersign_record::journal::Text::typed(empty).is_err() && Line::typed(empty).is_err());
    }
    assert!(countersign_record::journal::Text::typed(&"x".repeat(64 * 1024)).is_err());
}
