//! A concern for the police: the case stops, what there is stays to be seen and
//! goes to them, and what the two write on the way stays words.

use std::time::{Duration, Instant};

use crate::chromium::{Key, Tab};
use crate::looks::{Findings, linked};
use crate::people::{BOTH, Office, answer_the_questions, sign};
use crate::typing::{Watch, attack};

#[test]
fn a_concern_for_the_police_by_keyboard_to_the_seal() {
    let office = Office::open();
    let tab = &office.tab;
    let mut findings = Findings::default();
    office.go("/open?practise=yes");
    let case = answer_the_questions(tab, "no", |_| {});
    let exhibit = keep_the_board(&office, &case);
    office.go(&format!("{case}/concern/kind?at=https%3A%2F%2Fexample.org%2Fchat"));
    tab.answer(&[("category", "grooming"), ("description", "Somebody asks a pupil to meet.")]);
    tab.sees("Stop the case?");
    findings.look(tab);
    tab.push("Stop the case now");
    tab.sees("Stop. This goes to the police.");
    assert!(!tab.words().contains("Do not look again"), "{}", tab.words());
    findings.look(tab);
    // Its words wait for both.
    tab.follow("Put your words on record");
    tab.sees("Somebody asks a pupil to meet.");
    sign(tab, |_| {});
    tab.sees("is kept, signed by both of you");
    findings.look(tab);
    // Nothing more is looked at; what was kept may be.
    for page in ["review/start", "keep", "attach"] {
        office.go(&format!("{case}/{page}"));
        assert!(!tab.words().contains("signed by both of us"), "{page}: {}", tab.words());
    }
    // After a stop nothing is shown until both unlock the case again.
    tab.go(&exhibit);
    unlock_again(tab);
    shows_a_picture(tab);
    // Stricter is still possible, and Stop still there.
    assert_eq!(tab.eval("!!document.getElementById('stop')"), true);
    findings.look(tab);
    let mut watch = Watch::begin(tab);
    let ours = office.url("/");
    office.go(&format!("{case}/isolate"));
    findings.look(tab);
    attack(&office, &mut watch, &[("device", "other")], 0);
    sign(tab, |tab| watch.look(tab, &ours));
    tab.sees("is kept, signed by both of you");
    office.go(&format!("{case}/refer"));
    findings.look(tab);
    let police = tab.text("document.querySelector('main a[href*=\"route=police\"]').getAttribute('href')");
    office.go(&police);
    attack(&office, &mut watch, &[], 1);
    sign(tab, |tab| watch.look(tab, &ours));
    office.go(&format!("{case}/judge"));
    tab.answer(&[("substance", "yes"), ("because", "We read it in the chat.")]);
    sign(tab, |_| {});
    office.go(&format!("{case}/seal"));
    tab.answer(&[]);
    tab.answer(&BOTH);
    tab.sees("is sealed: seal 1");
    findings.look(tab);
    for page in linked(tab, &office.url(&case)) {
        tab.go(&page);
        watch.look(tab, &ours);
    }
    findings.survey(tab, &office.url(&case), Findings::fits_and_axe);
    watch.none();
    findings.none();
}

/// From there the stricter stop is one press, on a page that shows a picture,
/// too; and what shows one elsewhere goes.
#[test]
fn after_the_police_what_may_not_be_seen_is_still_stopped() {
    let office = Office::open();
    let tab = &office.tab;
    office.go("/open?practise=yes");
    let case = answer_the_questions(tab, "no", |_| {});
    let exhibit = keep_the_board(&office, &case);
    office.go(&format!("{case}/concern/kind?at=https%3A%2F%2Fexample.org%2Fchat"));
    tab.answer(&[("category", "grooming"), ("description", "")]);
    tab.push("Stop the case now");
    tab.sees("Stop. This goes to the police.");
    let beside = office.person.tab();
    beside.go(&exhibit);
    unlock_again(&beside);
    shows_a_picture(&beside);
    tab.go(&exhibit);
    tab.push("Stop");
    tab.sees("Stop. Do not look again.");
    let began = Instant::now();
    while !beside.words().contains("Stop. Do not look again.") {
        assert!(began.elapsed() < Duration::from_secs(60), "{}", beside.words());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(beside.eval("document.images.length"), 0);
    office.go(&case);
    assert_eq!(tab.eval("!!document.getElementById('stop')"), false, "{}", tab.words());
}

/// Both unlock the case where it shows nothing since it was stopped.
fn unlock_again(tab: &Tab) {
    tab.sees("Unlock the case together");
    assert_eq!(tab.eval("document.images.length"), 0);
    tab.answer(&BOTH);
}

/// Pictures come after their page has loaded.
fn shows_a_picture(tab: &Tab) {
    let began = Instant::now();
    while tab.eval("[...document.images].some(i => i.naturalWidth > 0)") != true {
        assert!(began.elapsed() < Duration::from_secs(60), "{}", tab.words());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The address of the exhibit.
fn keep_the_board(office: &Office, case: &str) -> String {
    let tab = &office.tab;
    office.go(&format!("{case}/keep"));
    tab.reach("the message board", |focus| focus.tag == "BUTTON" && focus.words.contains("message board"));
    tab.leave(|tab| tab.press(Key::Enter));
    tab.sees("Exhibit JS/1");
    tab.url()
}
