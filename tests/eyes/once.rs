//! What happens once although it is asked for twice: in two tabs, after the
//! back button, over a restart in the middle.

use crate::chromium::Tab;
use crate::people::{Office, sign};

fn entries(office: &Office, case: &str) -> String {
    office.go(case);
    let words = office.tab.words();
    let line = words.lines().find(|line| line.contains("Read the record so far")).unwrap_or_default();
    line.rsplit(": ").next().unwrap_or_default().to_owned()
}

fn write_note(tab: &Tab, words: &str) {
    tab.answer(&[("text", words)]);
    assert!(tab.path().contains("/check/"), "{}", tab.words());
}

#[test]
fn back_after_signing_signs_nothing_more() {
    let (office, case) = Office::with_case();
    let tab = &office.tab;
    office.go(&format!("{case}/note"));
    write_note(tab, "Once.");
    let check = tab.path();
    sign(tab, |_| {});
    tab.sees("Entry 2 is kept");
    tab.back();
    if tab.path() == check && tab.words().contains("Sign and keep it") {
        // The browser showed its own copy: pressing again must not sign again.
        tab.push("Sign and keep it");
    }
    tab.sees("This is signed already");
    // Further back, and the form sent again: another note, which waits.
    tab.back();
    assert_eq!(entries(&office, &case), "2 entries");
    // The same after the opening: its questions do not open a second case.
    office.go("/");
    assert_eq!(tab.words().matches("About P-1234").count(), 1);
}

#[test]
fn two_tabs_sign_one_entry_once() {
    let (office, case) = Office::with_case();
    let one = &office.tab;
    let two = office.person.tab();
    office.go(&format!("{case}/note"));
    write_note(one, "From two tabs.");
    two.go(&one.url());
    two.sees("From two tabs.");
    sign(one, |_| {});
    one.sees("Entry 2 is kept");
    two.push("Sign and keep it");
    two.sees("This is signed already");
    // Two notes in two tabs are two entries, one after the other.
    for tab in [one, &two] {
        tab.go(&office.url(&format!("{case}/note")));
    }
    write_note(one, "The first tab's.");
    write_note(&two, "The second tab's.");
    sign(&two, |_| {});
    two.sees("The second tab's.");
    sign(one, |_| {});
    one.sees("The first tab's.");
    assert_eq!(entries(&office, &case), "4 entries");
    // A case that is locked or stopped in one tab is so in the other.
    one.push("Lock the case now");
    two.go(&office.url(&case));
    two.sees("The case is locked");
    one.push("Stop");
    two.go(&office.url(&format!("{case}/note")));
    two.answer(&[("text", "After the stop.")]);
    assert!(!two.words().contains("Entry 5"), "{}", two.words());
}

#[test]
fn a_restart_in_the_middle_goes_on() {
    let (mut office, case) = Office::with_case();
    office.go(&format!("{case}/note"));
    write_note(&office.tab, "Not signed when the power went.");
    office.restart();
    // The page of before is an old one; nothing that it says gets in.
    assert_eq!(office.tab.path(), "/");
    office.tab.follow(&case);
    assert_eq!(entries(&office, &case), "1 entry");
    office.tab.sees("The case is locked");
    office.go(&format!("{case}/note"));
    write_note(&office.tab, "Signed after the restart.");
    office.tab.sees("Jane Smith, type your passphrase");
    sign(&office.tab, |_| {});
    office.tab.sees("Entry 2 is kept");
    // In the middle of the questions, too: they begin again, and nothing is
    // half open.
    office.go("/");
    office.tab.follow("Start a new case");
    office.tab.answer(&[("suspected", "no")]);
    let question = office.tab.path();
    office.restart();
    office.go(&question);
    assert!(office.tab.words().contains("not there any more"), "{}", office.tab.words());
    office.go("/");
    assert_eq!(office.tab.words().matches("About P-1234").count(), 1);
}
