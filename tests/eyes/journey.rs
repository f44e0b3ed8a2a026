//! The whole journey by keyboard alone, from the first page to the archive:
//! with scripts, each page looked at, and without.

use std::fs;

use crate::chromium::Tab;
use crate::looks::{Findings, is_there};
use crate::people::{BOTH, Office, answer_the_questions, open_case, refused, sign};

/// Practice: the sample site can be kept on every computer, and each page says
/// REHEARSAL.
fn whole(office: &Office, mut look: impl FnMut(&Tab)) -> String {
    let tab = &office.tab;
    look(tab);
    tab.follow("/practise");
    look(tab);
    tab.follow("/open?practise=yes");
    let case = answer_the_questions(tab, "no", &mut look);
    tab.sees("is open");
    review(office, &case, &mut look);
    decide(office, &case, &mut look);
    let words = seal(office, &case, &mut look);
    verify(tab, &words, &mut look);
    leave_the_house(office, &case, &mut look);
    case
}

fn review(office: &Office, case: &str, mut look: impl FnMut(&Tab)) {
    let tab = &office.tab;
    tab.follow("Write a note");
    refused(tab, &mut look);
    tab.answer(&[("text", "Words that both of us agree on.")]);
    sign(tab, &mut look);
    tab.sees("Entry 2 is kept");
    tab.follow(&format!("{case}/review"));
    look(tab);
    tab.follow(&format!("{case}/keep"));
    refused(tab, &mut look);
    tab.reach("a page of the sample site", |focus| focus.words.starts_with("Keep: "));
    tab.leave(|tab| tab.press(crate::chromium::Key::Enter));
    look(tab);
    tab.sees("Exhibit JS/1");
    assert_eq!(
        tab.eval("[...document.images].every(i => i.naturalWidth > 0) && document.images.length > 0"),
        true
    );
    tab.follow(case);
    tab.follow(&format!("{case}/review"));
    look(tab);
    tab.follow(&format!("{case}/attach"));
    refused(tab, &mut look);
    let file = office.folder.path().join("report <b>of the filter.txt");
    fs::write(&file, "Blocked: 14 addresses.\n").expect("writes");
    tab.choose_files(&[&file]);
    tab.answer(&[("description", "The report of the filter."), ("producer", "b")]);
    look(tab);
    tab.sees("Exhibit AK/1");
    tab.follow(case);
    tab.follow(&format!("{case}/review"));
    tab.follow(&format!("{case}/concern"));
    refused(tab, &mut look);
    tab.answer(&[("at", "typed"), ("typed", "https://example.org/comments")]);
    refused(tab, &mut look);
    tab.answer(&[("category", "bullying"), ("description", "Insults in the comments.")]);
    sign(tab, &mut look);
    tab.sees("is kept");
}

fn decide(office: &Office, case: &str, mut look: impl FnMut(&Tab)) {
    let tab = &office.tab;
    tab.follow(case);
    tab.follow(&format!("{case}/judge"));
    refused(tab, &mut look);
    tab.answer(&[("substance", "yes"), ("because", "Three messages say the same.")]);
    sign(tab, &mut look);
    tab.follow(&format!("{case}/act"));
    refused(tab, &mut look);
    tab.answer(&[
        ("route", "internal"),
        ("what", "Parents told."),
        ("action", "taken"),
        ("by", "Jane Smith"),
    ]);
    sign(tab, &mut look);
    tab.follow(case);
    tab.follow(&format!("{case}/form"));
    look(tab);
    tab.answer(&[]);
    sign(tab, &mut look);
    tab.sees("The form is made");
}

fn seal(office: &Office, case: &str, mut look: impl FnMut(&Tab)) -> String {
    let tab = &office.tab;
    tab.follow(&format!("{case}/seal"));
    look(tab);
    tab.answer(&[]);
    sign(tab, &mut look);
    tab.sees("is sealed: seal 1");
    let words =
        tab.text("[...document.querySelectorAll('.seal-words li')].map(e => e.textContent.trim()).join(' ')");
    assert_eq!(words.split(' ').count(), 8, "{words}");
    words
}

fn verify(tab: &Tab, words: &str, mut look: impl FnMut(&Tab)) {
    tab.follow("/");
    tab.follow("/verify");
    look(tab);
    tab.answer(&[("words", "abandon ability")]);
    look(tab);
    tab.follow("/");
    tab.follow("/verify");
    tab.answer(&[("paper", words)]);
    look(tab);
    tab.sees("Unchanged since it was sealed on");
}

/// The words that the page shows to be written down.
pub fn words_shown(tab: &Tab) -> String {
    let words = tab.eval("[...document.querySelectorAll('ol.words li')].map(li => li.textContent).join(' ')");
    words.as_str().expect("words").to_owned()
}

fn leave_the_house(office: &Office, case: &str, mut look: impl FnMut(&Tab)) {
    let tab = &office.tab;
    tab.follow("/");
    tab.follow(case);
    look(tab);
    tab.follow(&format!("{case}/hand-over"));
    look(tab);
    tab.answer(&[]);
    let stick = office.folder.path().join("stick");
    fs::create_dir(&stick).expect("a folder");
    for page in [
        &[("to", "PC 1234 Brown"), ("organisation", "Anytown Police"), ("role", "Officer")][..],
        &[("how", "In person")],
        &[("medium", "USB stick, bag 7"), ("folder", stick.to_str().expect("UTF-8"))],
        &[("lock", "locked")],
    ] {
        refused(tab, &mut look);
        tab.answer(page);
    }
    tab.sees("Save the passphrase of the copy");
    refused(tab, &mut look);
    tab.answer(&[("typed", &words_shown(tab))]);
    sign(tab, &mut look);
    tab.sees("The copy is handed over");
    tab.follow(case);
    tab.follow(&format!("{case}/archive"));
    look(tab);
    tab.answer(&[]);
    refused(tab, &mut look);
    tab.answer(&[("retention", "child-protection")]);
    refused(tab, &mut look);
    tab.answer(&[("birth", "9 3 2014")]);
    look(tab);
    tab.answer(&[]);
    refused(tab, &mut look);
    tab.answer(&[("hold", "yes")]);
    refused(tab, &mut look);
    tab.answer(&[("because", "The police ask for it.")]);
    sign(tab, &mut look);
    tab.sees("is filed");
    tab.follow("/");
    look(tab);
    tab.follow("/register");
    look(tab);
}

/// A case that is stopped by the button, to what is left to do.
fn stopped(office: &Office, mut look: impl FnMut(&Tab)) {
    let tab = &office.tab;
    let case = open_case(tab, "no", |_| {});
    tab.push("Stop");
    tab.sees("Stop. Do not look again.");
    look(tab);
    tab.follow(&format!("{case}/isolate"));
    if tab.path().ends_with("/unlock") {
        look(tab);
        tab.answer(&BOTH);
    }
    look(tab);
    tab.go(&office.url(&format!("{case}/refer")));
    look(tab);
    tab.follow(&case);
    look(tab);
}

#[test]
fn by_keyboard() {
    let office = Office::open();
    let mut findings = Findings::default();
    let case = whole(&office, |tab| {
        findings.look(tab);
        if tab.path().starts_with("/case/") || tab.path().starts_with("/open/") {
            assert!(tab.words().contains("REHEARSAL"), "{}: {}", tab.url(), tab.words());
        }
    });
    findings.survey(&office.tab, &office.url(&case), Findings::fits_and_axe);
    println!("{} pages by keyboard", findings.pages.len());
    findings.none();
}

#[test]
fn without_a_script() {
    let office = Office::with(Tab::without_script);
    assert_eq!(office.tab.eval("document.documentElement.classList.contains('script')"), false);
    let mut pages = 0;
    whole(&office, |tab| {
        pages += 1;
        is_there(tab);
    });
    println!("{pages} pages without a script");
}

#[test]
fn stopped_by_keyboard() {
    let office = Office::open();
    let mut findings = Findings::default();
    stopped(&office, |tab| findings.look(tab));
    findings.survey(&office.tab, &office.url("/case/2026-0001"), Findings::fits_and_axe);
    findings.none();
}

#[test]
fn stopped_without_a_script() {
    let office = Office::with(Tab::without_script);
    stopped(&office, is_there);
}

#[test]
fn it_opens_stopped() {
    let office = Office::open();
    let mut findings = Findings::default();
    open_case(&office.tab, "yes", |tab| findings.look(tab));
    office.tab.sees("Stop. Do not look again.");
    findings.none();
}
