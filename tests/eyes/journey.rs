//! The whole journey by keyboard alone: with scripts, each page looked at; and
//! without.

use crate::chromium::Tab;
use crate::looks::Findings;
use crate::people::{Office, open_case, refused, sign};

/// From the first page to a note on record.
fn begin(office: &Office, mut look: impl FnMut(&Tab)) -> String {
    let tab = &office.tab;
    look(tab);
    let case = open_case(tab, "no", &mut look);
    tab.sees("is open");
    tab.follow("Write a note, or put an entry right");
    refused(tab, &mut look);
    tab.answer(&[("text", "Words that both of us agree on.")]);
    sign(tab, &mut look);
    tab.sees("Entry 2 is kept");
    case
}

/// A case that is stopped by the button, to what is left to do.
fn stopped(office: &Office, mut look: impl FnMut(&Tab)) {
    let tab = &office.tab;
    tab.push("Stop");
    tab.sees("Stop. Do not look again.");
    look(tab);
    tab.follow("Go to the task list of this case");
    look(tab);
}

#[test]
fn by_keyboard() {
    let office = Office::open();
    let mut findings = Findings::default();
    begin(&office, |tab| findings.look(tab));
    stopped(&office, |tab| findings.look(tab));
    println!("{} pages by keyboard", findings.pages.len());
    findings.none();
}

#[test]
fn without_a_script() {
    let office = Office::with(Tab::without_script);
    let mut findings = Findings::default();
    assert_eq!(office.tab.eval("document.documentElement.classList.contains('script')"), false);
    begin(&office, |tab| findings.by_keyboard(tab));
    stopped(&office, |tab| findings.by_keyboard(tab));
    println!("{} pages without a script", findings.pages.len());
    findings.none();
}

#[test]
fn it_opens_stopped() {
    let office = Office::open();
    let mut findings = Findings::default();
    open_case(&office.tab, "yes", |tab| findings.look(tab));
    office.tab.sees("Stop. Do not look again.");
    findings.none();
}
