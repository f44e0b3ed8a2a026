//! A reading that is kept and read on tells the same as one that is read
//! anew.

#[path = "support/world.rs"]
mod world;

use std::fs;

use countersign_case::case::{CaseError, Halt, HeadFault, Reading, Unlocked, raise};
use countersign_case::procedure::Deed;
use countersign_record::journal::{Body, Fault, Noted, Restraint};
use world::{World, text};

fn note(case: &mut Unlocked<'_>, words: &str) -> u64 {
    let permit = case.permit(Deed::Note).expect("may");
    case.append(permit, Body::Noted(Noted { text: text(words) })).expect("is kept")
}

#[test]
fn what_was_added_since_is_read_and_nothing_else_changes() {
    let world = World::new();
    let mut case = world.open();
    let reference = case.folder().reference();
    let mut reading = Reading::of(&world.home(), reference).expect("reads");
    reading.follow().expect("nothing is new");
    assert_eq!(reading.ledger().head(), 1);
    for round in 0..5 {
        let last = (0..=round).map(|_| note(&mut case, "One more.")).last();
        reading.follow().expect("follows");
        let anew = Reading::of(&world.home(), reference).expect("reads");
        assert_eq!(Some(reading.ledger().head()), last);
        assert_eq!(reading.links(), anew.links());
        assert_eq!(reading.ledger().entries(), anew.ledger().entries());
    }
}

#[test]
fn a_stop_is_seen_at_once_and_again_when_it_is_on_record() {
    let world = World::new();
    let mut case = world.open();
    let mut reading = Reading::of(&world.home(), case.folder().reference()).expect("reads");
    raise(reading.folder(), Halt::default(), &world.clock).expect("stops");
    reading.follow().expect("follows");
    assert_eq!((reading.raised(), reading.ledger().head()), (Restraint::Withhold, 1));
    case.permit(Deed::Note).expect("may");
    reading.follow().expect("follows");
    assert_eq!((reading.raised(), reading.ledger().head()), (Restraint::None, 2));
    assert_eq!(reading.released().restraint(), Restraint::Withhold);
}

#[test]
fn a_last_entry_that_was_changed_is_found() {
    let world = World::new();
    let mut case = world.open();
    note(&mut case, "As it was.");
    let mut reading = Reading::of(&world.home(), case.folder().reference()).expect("reads");
    let path = case.folder().data().join("journal/000002.json");
    let changed = fs::read_to_string(&path).expect("reads").replace("As it was.", "As it wasn't.");
    fs::write(&path, changed).expect("writes");
    assert!(matches!(reading.follow(), Err(CaseError::Fault { fault: Fault::Link { entry: 2 }, .. })));
}

#[test]
fn an_entry_that_does_not_follow_is_found() {
    let world = World::new();
    let mut case = world.open();
    note(&mut case, "As it was.");
    let mut reading = Reading::of(&world.home(), case.folder().reference()).expect("reads");
    note(&mut case, "A new one.");
    let path = case.folder().data().join("journal/000003.json");
    let changed = fs::read_to_string(&path).expect("reads").replace("A new one.", "An odd one.");
    fs::write(&path, changed).expect("writes");
    assert!(matches!(reading.follow(), Err(CaseError::Fault { .. } | CaseError::Head { .. })));
}

#[test]
fn entries_that_were_taken_away_are_found() {
    let world = World::new();
    let mut case = world.open();
    let mut reading = Reading::of(&world.home(), case.folder().reference()).expect("reads");
    note(&mut case, "Goes.");
    note(&mut case, "Goes, too.");
    for name in ["000002.json", "000003.json"] {
        for ending in ["", ".a.sig", ".b.sig"] {
            fs::remove_file(case.folder().data().join(format!("journal/{name}{ending}"))).expect("removes");
        }
    }
    let fault = HeadFault::Behind { record: 1, head: 3 };
    assert!(matches!(reading.follow(), Err(CaseError::Head { fault: found, .. }) if found == fault));
    // And those that it had read before.
    let mut reading = Reading::of(&world.home(), world.open().folder().reference()).expect("reads");
    let journal = reading.folder().data().join("journal");
    fs::remove_file(journal.join("000001.json")).expect("removes");
    assert!(matches!(reading.follow(), Err(CaseError::Part { .. })));
}

/// What a list goes by: it sees an entry and a stop even where somebody puts
/// the times of the files back, and what was changed at the end of the record.
#[test]
fn a_list_sees_that_a_case_has_changed() {
    let world = World::new();
    let mut case = world.open();
    note(&mut case, "As it was.");
    let folder = case.folder().clone();
    let mut reading = Reading::of(&world.home(), folder.reference()).expect("reads");
    assert!(reading.looks_unchanged() && reading.looks_unchanged());
    let head = world.home().path().join("heads").join(folder.reference().to_string());
    let around = [head, folder.path().to_owned(), folder.data().join("journal"), folder.files()];
    let times = around.clone().map(|path| fs::metadata(path).and_then(|found| found.modified()));
    let put_back = || {
        for (path, time) in around.iter().zip(&times) {
            let file = fs::File::open(path).expect("opens");
            file.set_modified(*time.as_ref().expect("a time")).expect("sets");
        }
    };
    note(&mut case, "One more.");
    put_back();
    assert!(!reading.looks_unchanged(), "an entry");
    reading.follow().expect("follows");
    assert!(reading.looks_unchanged());
    raise(&folder, Halt::default(), &world.clock).expect("stops");
    put_back();
    assert!(!reading.looks_unchanged(), "a stop");
    reading.follow().expect("follows");
    assert!(reading.looks_unchanged());
    let last = folder.data().join("journal/000003.json.a.sig");
    let bytes = fs::read(&last).expect("reads");
    fs::write(&last, &bytes[1..]).expect("writes");
    assert!(!reading.looks_unchanged(), "a signature");
    fs::write(&last, bytes).expect("writes");
    reading.follow().expect("follows");
    fs::remove_file(folder.data().join("journal/000002.json.b.sig")).expect("removes");
    assert!(!reading.looks_unchanged(), "a signature that is gone");
}
