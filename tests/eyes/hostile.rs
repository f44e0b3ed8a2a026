//! Words that would be more than words, typed into every field: none of them
//! runs, asks for anything, or hides.

use crate::looks::linked;
use crate::people::{OURS, Office, sign};
use crate::typing::{Watch, attack, every_text_field, send};

#[test]
fn words_stay_words_in_every_field() {
    let office = Office::open();
    let (tab, ours) = (&office.tab, office.url("/"));
    let mut watch = Watch::begin(tab);
    tab.follow("Start a new case");
    tab.answer(&[("suspected", "no")]);
    let mut turn = 0;
    let case = loop {
        let path = tab.path();
        let step = path.rsplit('/').next().unwrap_or_default().to_owned();
        turn += 1;
        match step.as_str() {
            "concerned" => tab.answer(&[("concerns", "pupil")]),
            "first-passphrase" => tab.answer(&[("own", OURS[0]), ("own-again", OURS[0])]),
            "second-passphrase" => tab.answer(&[("own", OURS[1]), ("own-again", OURS[1])]),
            "check" => {
                watch.look(tab, &ours);
                tab.sees("<script>ran(");
                tab.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])]);
                break tab.path();
            }
            statement if statement.starts_with("statement-") => tab.answer(&[(statement, "yes")]),
            _ if every_text_field(tab).is_empty() => panic!("{path}: {}", tab.words()),
            _ => attack(&office, &mut watch, &[], turn),
        }
        watch.look(tab, &ours);
        assert_ne!(tab.path(), path, "{}", tab.words());
    };
    // Every field of the pages of the case, each on record where it is taken.
    let case = case.split('?').next().expect("a path");
    let pages: [(&str, &[(&str, &str)]); 6] = [
        ("note", &[]),
        ("concern", &[]),
        ("concern/kind?at=https%3A%2F%2Fexample.org%2F", &[("category", "bullying")]),
        ("refer", &[]),
        ("judge", &[("substance", "yes")]),
        ("act", &[("route", "internal"), ("action", "taken")]),
    ];
    for (turn, (page, also)) in pages.into_iter().enumerate() {
        office.go(&format!("{case}/{page}"));
        if page == "refer" {
            let first = tab.text("document.querySelector('main a[href*=\"route=\"]').getAttribute('href')");
            office.go(&first);
        }
        attack(&office, &mut watch, also, turn);
        if tab.path().contains("/check/") {
            sign(tab, |tab| watch.look(tab, &ours));
        }
    }
    // And everything that shows them.
    for page in linked(tab, &office.url(case)) {
        tab.go(&page);
        watch.look(tab, &ours);
    }
    // What stands behind a question mark, and in the path.
    for path in [
        "/?<script>ran(1)</script>",
        "/case/<script>ran(2)<",
        "/case/2026-0001/unlock?then=//evil.invalid/",
        "/case/2026-0001/unlock?then=javascript:ran(3)",
        "/open?follows=<img src=x onerror=ran(4)>&suspected=<b>",
        "/nothing/<svg onload=ran(5)>",
    ] {
        office.go(path);
        watch.look(tab, &ours);
    }
    office.go("/");
    watch.look(tab, &ours);
    watch.none();
}

#[test]
fn more_than_an_entry_holds_is_refused_in_words() {
    let (office, case) = Office::with_case();
    let tab = &office.tab;
    for (length, words) in [(70_000, "There is a problem"), (700_000, "That is too long")] {
        office.go(&format!("{case}/note"));
        tab.eval(&format!(
            "document.getElementsByName('text')[0].value = '<b>x</b> '.repeat({})",
            length / 9
        ));
        send(tab);
        tab.sees(words);
        assert!(tab.text("document.title").len() < 200);
    }
    office.go(&case);
    tab.sees("1 entry");
}
