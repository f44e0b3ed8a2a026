//! Marks of a halt that were emptied, cut, changed or removed.

use std::fs;

use countersign_case::procedure::Deed;
use countersign_record::journal::{Raised, Restraint};

use crate::Case;

#[test]
fn a_halt_stands_whatever_becomes_of_its_mark() {
    let case = Case::new();
    case.raise();
    let mark = case.folder().join("halt-raised");
    let bytes = fs::read(&mark).expect("reads");
    assert_eq!(case.read().expect("reads").raised(), Restraint::Police);
    // Emptied, cut anywhere, or filled with something else: the strictest.
    for cut in (0..bytes.len() - 1).step_by(7).chain([bytes.len() - 2]) {
        fs::write(&mark, &bytes[..cut]).expect("writes");
        assert_eq!(case.read().expect("reads").raised(), Restraint::Withhold, "cut at {cut}");
    }
    for other in [&b"{}\n"[..], b"\0\0\0\0", b"null\n", b"\xff"] {
        fs::write(&mark, other).expect("writes");
        assert_eq!(case.read().expect("reads").raised(), Restraint::Withhold);
    }
    // Made milder by hand: the note outside knows another mark.
    fs::write(&mark, String::from_utf8(bytes).expect("text").replace("grooming", "gambling"))
        .expect("writes");
    assert_eq!(case.read().expect("reads").raised(), Restraint::Withhold);
    fs::remove_file(&mark).expect("removes");
    assert_eq!(case.read().expect("reads").raised(), Restraint::Withhold);

    let mut open = case.unlock().expect("opens");
    let found: Vec<Raised> = open.ledger().halts().map(|(_, halted)| halted.raised).collect();
    assert_eq!(found, [Raised::Found], "the unlocking journals it");
    assert!(open.permit_recording(Deed::Attach).is_err());
    assert_eq!(open.reading().released().restraint(), Restraint::Withhold);
}

#[test]
fn one_mark_that_is_gone_hides_no_other() {
    let case = Case::new();
    case.raise();
    case.raise();
    fs::remove_file(case.folder().join("halt-raised")).expect("removes");
    let reading = case.read().expect("reads");
    assert_eq!(reading.pending_halts().len(), 2);
    assert!(case.unlock().expect("opens").permit_recording(Deed::Keep).is_err());
}
