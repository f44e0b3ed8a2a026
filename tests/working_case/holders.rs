//! Who may add to a case, and when: one at a time, with both passphrases, on
//! its computer, by its clock.

use countersign_case::case::{CaseError, Halt, Unlocked, raise};
use countersign_case::procedure::Deed;
use countersign_case::secret::Passphrase;
use countersign_record::digest::Digest;
use countersign_record::journal::Body;

use crate::{Case, note};

#[test]
fn one_holder_at_a_time() {
    let case = Case::new();
    let open = case.unlock().expect("opens");
    assert!(matches!(case.unlock(), Err(CaseError::Busy(_))));
    assert!(case.read().is_ok(), "reading needs no lock");
    drop(open);
    let (done, unlocked) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (case, done) = (&case, done.clone());
            scope.spawn(move || done.send(case.unlock()).expect("is heard"));
        }
        // Whoever has it holds it until all have tried.
        let tried: Vec<_> = unlocked.iter().take(4).collect();
        assert_eq!(tried.iter().filter(|tried| tried.is_ok()).count(), 1);
        assert_eq!(tried.iter().filter(|tried| matches!(tried, Err(CaseError::Busy(_)))).count(), 3);
    });
}

#[test]
fn a_reading_is_unlocked_with_what_was_added_and_raised_since() {
    let case = Case::new();
    let (home, around) = (case.world.home(), case.world.around());
    let before = case.read().expect("reads");
    let mut open = case.unlock().expect("opens");
    note(&mut open, "added since");
    let head = open.ledger().head();
    assert!(matches!(before.clone().unlock(&home, case.world.pass(), around), Err(CaseError::Busy(_))));
    drop(open);
    let again = before.clone().unlock(&home, case.world.pass(), around).expect("unlocks");
    assert_eq!(again.ledger().head(), head);
    drop(again);
    raise(&home.case(case.reference), Halt::default(), around.clock).expect("stops");
    let stopped = case.read().expect("reads");
    // Not on record yet: that is done by the unlocking, which asks again.
    assert!(stopped.may(&Deed::Keep).is_ok());
    assert!(matches!(stopped.may_now(&Deed::Keep), Err(CaseError::Refused(_))));
    let mut unlocked = before.unlock(&home, case.world.pass(), around).expect("unlocks");
    assert!(matches!(unlocked.ledger().last().body, Body::Halted(_)));
    assert!(matches!(unlocked.permit(Deed::Keep), Err(CaseError::Refused(_))));
}

#[test]
fn a_wrong_passphrase_does_not_say_whose() {
    let case = Case::new();
    let wrong = Passphrase::typed("not the right words at all").expect("words");
    let [a, b] = case.world.pass();
    let mut said = Vec::new();
    for pair in [[&wrong, b], [a, &wrong], [&wrong, &wrong], [b, a]] {
        let refused = Unlocked::unlock(&case.world.home(), case.reference, pair, case.world.around());
        said.push(refused.map(drop).expect_err("is wrong").to_string());
    }
    said.dedup();
    assert_eq!(said, ["one of the passphrases is not right"]);
}

#[test]
fn another_computer_may_read_and_not_write() {
    let mut case = Case::new();
    case.world.machine.identity = Some(Digest::of(b"another machine"));
    assert!(matches!(case.unlock(), Err(CaseError::OtherComputer { .. })));
    case.world.machine.identity = None;
    assert!(matches!(case.unlock(), Err(CaseError::OtherComputer { .. })));
    assert!(case.read().is_ok());
}

#[test]
fn a_clock_that_jumps_is_journaled() {
    let case = Case::new();
    let day = 24 * 60 * 60 * 1000;
    let jumps = |open: &Unlocked<'_>| {
        open.ledger().entries().iter().filter(|entry| matches!(entry.body, Body::ClockJumped(_))).count()
    };
    let mut open = case.unlock().expect("opens");
    assert_eq!(jumps(&open), 0);
    for (ms, expected) in [(day, 1), (-2 * day, 2), (1_000, 2), (3_650 * day, 3), (-3_650 * day, 4)] {
        case.world.clock.jump(ms);
        note(&mut open, "after a jump");
        note(&mut open, "and on");
        assert_eq!(jumps(&open), expected, "{ms} ms");
    }
    drop(open);
    // Between two sessions a clock that went back is told.
    case.world.clock.jump(-day);
    let mut open = case.unlock().expect("opens");
    note(&mut open, "a day before");
    assert_eq!(jumps(&open), 5);
    let numbers: Vec<u64> = open.ledger().entries().iter().map(|entry| entry.entry).collect();
    assert!(numbers.iter().zip(1..).all(|(number, place)| *number == place), "order is by number");
}
