//! Older folders, and the note outside the case that tells them.

use std::fs;

use countersign_case::case::{CaseError, HeadFault, Home, Reading};
use countersign_record::journal::Restraint;

use crate::copied::copy;
use crate::{Case, note};

#[test]
fn a_restored_backup_and_a_cloned_folder() {
    let case = Case::new();
    let backup = case.world.folder.path().join("backup");
    copy(&case.folder(), &backup);
    let old_head = fs::read(case.head()).expect("reads");
    note(&mut case.unlock().expect("opens"), "three");

    let newer = case.world.folder.path().join("newer");
    fs::rename(case.folder(), &newer).expect("moves");
    copy(&backup, &case.folder());
    let error = case.read().expect_err("is a backup");
    assert!(
        matches!(error, CaseError::Head { fault: HeadFault::Behind { record: 4, head: 5 }, .. }),
        "{error}"
    );
    fs::remove_dir_all(case.folder()).expect("removes");
    copy(&newer, &case.folder());
    assert!(case.read().is_ok());

    // The note alone put back: one entry ahead is what a crash leaves, two are not.
    note(&mut case.unlock().expect("opens"), "four");
    let head = fs::read(case.head()).expect("reads");
    fs::write(case.head(), &old_head).expect("writes");
    let error = case.read().expect_err("is older");
    assert!(
        matches!(error, CaseError::Head { fault: HeadFault::Ahead { record: 6, head: 4 }, .. }),
        "{error}"
    );

    fs::remove_file(case.head()).expect("removes");
    let error = case.read().expect_err("has no note");
    assert!(matches!(error, CaseError::Head { fault: HeadFault::Missing(_), .. }), "{error}");
    fs::write(case.head(), head).expect("writes");

    // The folder in another home, without the note or with another case's.
    let elsewhere = Home::at(case.world.folder.path().join("elsewhere"));
    copy(&case.folder(), &elsewhere.path().join("cases/2026-0001"));
    assert!(Reading::of(&elsewhere, case.reference).is_err());
    let second = case.world.open().folder().reference();
    copy(&case.folder(), &case.world.home().path().join("cases/2026-0009"));
    let theirs = case.world.home().path().join("heads/2026-0009");
    fs::copy(case.head(), &theirs).expect("copies");
    let error =
        Reading::of(&case.world.home(), "2026-0009".parse().expect("a reference")).expect_err("a clone");
    assert!(matches!(error, CaseError::Fault { .. }), "{error}");
    // One case's folder in another's place.
    let place = case.world.home().case(second).path().to_owned();
    fs::remove_dir_all(&place).expect("removes");
    copy(&case.folder(), &place);
    assert!(Reading::of(&case.world.home(), second).is_err());
    assert!(case.read().is_ok());
}

#[test]
fn each_byte_of_the_note_outside() {
    let case = Case::new();
    case.raise();
    let bytes = fs::read(case.head()).expect("reads");
    let mut refused = 0;
    for byte in 0..bytes.len() {
        for other in [bytes[byte] ^ 1, b' ', b'\n', b'0'] {
            let mut changed = bytes.clone();
            changed[byte] = other;
            fs::write(case.head(), changed).expect("writes");
            match case.read() {
                // What it says of older entries is not needed any more.
                Ok(reading) => {
                    assert_eq!(reading.ledger().head(), 4, "byte {byte}");
                    assert!(reading.raised() >= Restraint::Police, "byte {byte}");
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > bytes.len(), "only {refused} changes were refused");
}
