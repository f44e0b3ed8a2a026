//! Entries and exhibits, taken out, swapped, brought in from elsewhere.

use countersign_record::clock::Time;
use countersign_record::journal::{Body, Halted, Raised, Side};
use countersign_record::verify::{Identity, Integrity, Verdict};

use crate::forge::entry_path;
use crate::found::{by_each, found_at, found_at_entry};
use crate::sealed::{REVIEWED, SMALL};
use crate::world;

#[test]
fn an_entry_taken_out() {
    for number in [2, 4] {
        let mut bundle = REVIEWED.bundle.clone();
        bundle.remove_entry(number);
        by_each(&REVIEWED, &bundle, |bundle| {
            found_at_entry(bundle, number);
        });
    }
    let mut bundle = REVIEWED.bundle.clone();
    bundle.remove_entry(1);
    for report in bundle.reports(None) {
        assert_eq!((report.verdict, report.findings[0].entry), (Verdict::Changed, Some(1)));
    }
    bundle.relist();
    for report in bundle.reports(None) {
        assert_eq!((report.verdict, report.findings[0].entry), (Verdict::Unreadable, Some(1)));
    }
}

#[test]
fn the_last_entries_taken_out() {
    let mut bundle = REVIEWED.bundle.clone();
    for number in [6, 5] {
        bundle.remove_entry(number);
    }
    // The form that entry 6 names stays, or goes as well.
    found_at_entry(&bundle, 5);
    bundle.relist();
    found_at_entry(&bundle, 5);
}

#[test]
fn an_entry_taken_out_and_the_rest_moved_up() {
    let mut bundle = REVIEWED.bundle.clone();
    bundle.remove_entry(3);
    for number in 4..=6 {
        let entry = bundle.remove_entry(number);
        bundle.insert_entry(number - 1, entry);
    }
    bundle.relist();
    found_at_entry(&bundle, 3);
}

#[test]
fn an_entry_twice() {
    let mut bundle = REVIEWED.bundle.clone();
    let entry = bundle.remove_entry(4);
    bundle.insert_entry(4, entry.clone());
    bundle.insert_entry(7, entry);
    by_each(&REVIEWED, &bundle, |bundle| {
        found_at_entry(bundle, 7);
    });
}

#[test]
fn two_entries_swapped() {
    let mut bundle = REVIEWED.bundle.clone();
    let (two, three) = (bundle.remove_entry(2), bundle.remove_entry(3));
    bundle.insert_entry(2, three);
    bundle.insert_entry(3, two);
    by_each(&REVIEWED, &bundle, |bundle| {
        found_at_entry(bundle, 2);
    });
}

#[test]
fn an_entry_of_another_case() {
    let mut other = SMALL.bundle.clone();
    let mut bundle = REVIEWED.bundle.clone();
    bundle.remove_entry(2);
    bundle.insert_entry(2, other.remove_entry(2));
    by_each(&REVIEWED, &bundle, |bundle| {
        found_at_entry(bundle, 2);
    });
    // Signed by the keys of this case, and linked: the case's id tells.
    let bytes = SMALL.bundle.files[&entry_path(2)].clone();
    let mut bundle = REVIEWED.bundle.clone();
    bundle.put_entry(2, bytes, REVIEWED.both());
    bundle.rechain(2, REVIEWED.both());
    bundle.reseal(REVIEWED.both());
    let [report, _] = found_at_entry(&bundle, 2);
    assert!(report.findings[0].what.contains("another case"), "{:?}", report.findings);
}

#[test]
fn exhibits_swapped() {
    let attached = |number| match REVIEWED.bundle.entry(number).body {
        Body::Attached(attached) => format!("data/{}", attached.files[0].path()),
        other => panic!("entry {number} is {other:?}"),
    };
    let (one, two) = (attached(2), attached(3));
    let mut bundle = REVIEWED.bundle.clone();
    let (first, second) = (bundle.files[&one].clone(), bundle.files[&two].clone());
    bundle.files.insert(one.clone(), second);
    bundle.files.insert(two, first);
    // Both are named; the earlier entry's comes first.
    by_each(&REVIEWED, &bundle, |bundle| {
        let [report, _] = found_at(bundle, Some(2), &one);
        assert!(report.findings.iter().any(|finding| finding.entry == Some(3)), "{:?}", report.findings);
    });
}

#[test]
fn an_exhibit_changed_or_taken_out() {
    let Body::Attached(attached) = REVIEWED.bundle.entry(3).body else { panic!("entry 3 is an exhibit") };
    let name = format!("data/{}", attached.files[0].path());
    let mut bundle = REVIEWED.bundle.clone();
    bundle.files.insert(name.clone(), b"something else".to_vec());
    by_each(&REVIEWED, &bundle, |bundle| {
        found_at(bundle, Some(3), &name);
    });
    bundle.files.remove(&name);
    found_at(&bundle, None, &name);
    bundle.relist();
    found_at(&bundle, Some(3), &name);
    bundle.reseal(REVIEWED.both());
    found_at(&bundle, Some(3), &name);
}

#[test]
fn something_recorded_after_a_halt() {
    let mut bundle = REVIEWED.bundle.clone();
    let Body::Attached(mut attached) = bundle.entry(3).body else { panic!("entry 3 is an exhibit") };
    let pack = world::pack();
    let halted = Halted {
        category: Some(pack.category("grooming").expect("is in the pack").recorded()),
        typed: None,
        place: None,
        by: Some(Side::A),
        raised: Raised::ByHand,
        raised_at: Some(Time::parse("2026-11-22T14:30:00.000Z").expect("a time")),
        raised_file: None,
        description: None,
        screen: None,
        keeping: None,
    };
    bundle.append(Body::Halted(halted), REVIEWED.both());
    attached.exhibit.number = 3;
    attached.exhibit.label = world::line("JS/3");
    let number = bundle.append(Body::Attached(attached), REVIEWED.both());
    bundle.reseal(REVIEWED.both());
    let [report, _] = found_at_entry(&bundle, number);
    assert!(report.findings[0].what.contains("after the case was stopped"), "{:?}", report.findings);
    assert_eq!((report.identity, report.integrity), (Identity::SignedByBoth, Integrity::Changed));
}
