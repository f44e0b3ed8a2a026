//! Hostile words in the fields of what comes last: files that are brought in, a
//! bundle that is checked, a copy that is handed over, a case that is filed.

use std::fs;

use crate::chromium::Tab;
use crate::journey::words_shown;
use crate::looks::linked;
use crate::people::{BOTH, Office, sign};
use crate::typing::{HOSTILE, REFUSED, Watch, attack, every_text_field, send, set};

/// One decision and one seal, so that the rest is open.
fn sealed(office: &Office, case: &str) {
    let tab = &office.tab;
    office.go(&format!("{case}/concern/kind?at=https%3A%2F%2Fexample.org%2F"));
    tab.answer(&[("category", "bullying"), ("description", "Insults.")]);
    sign(tab, |_| {});
    office.go(&format!("{case}/judge"));
    tab.answer(&[("substance", "yes"), ("because", "Three people say so.")]);
    sign(tab, |_| {});
    office.go(&format!("{case}/seal"));
    tab.answer(&[]);
    tab.answer(&BOTH);
    tab.sees("is sealed: seal 1");
}

/// Question after question, on one page or on many, to the check and the
/// signature.
fn walk(office: &Office, watch: &mut Watch, known: &[(&str, &str)]) {
    let (tab, ours) = (&office.tab, office.url("/"));
    for turn in 0..20 {
        watch.look(tab, &ours);
        let path = tab.path();
        if path.contains("/check/") {
            sign(tab, |tab| watch.look(tab, &ours));
            return;
        }
        let asked =
            |name: &str| tab.eval(&format!("document.getElementsByName('{name}').length > 0")) == true;
        let also: Vec<(&str, &str)> = known.iter().copied().filter(|(name, _)| asked(name)).collect();
        if asked("typed") {
            tab.answer(&[("typed", &words_shown(tab))]);
        } else if every_text_field(tab).is_empty() && also.is_empty() {
            tab.answer(&[]);
        } else {
            attack(office, watch, &also, turn);
        }
        assert!(!tab.words().contains("There is a problem"), "{path}: {}", tab.words());
    }
    panic!("no end of questions at {}", tab.url());
}

#[test]
fn words_stay_words_when_a_case_leaves_the_house() {
    let (office, case) = Office::with_case();
    let (tab, ours) = (&office.tab, office.url("/"));
    let mut watch = Watch::begin(tab);
    sealed(&office, &case);
    let stick = office.folder.path().join("stick <img src=x onerror=ran('stick')>");
    fs::create_dir(&stick).expect("a folder");
    office.go(&format!("{case}/hand-over"));
    let stick = stick.to_str().expect("UTF-8");
    walk(&office, &mut watch, &[("seal", "1"), ("folder", stick), ("lock", "locked"), ("when", "")]);
    tab.sees("The copy is handed over");
    office.go(&format!("{case}/archive"));
    let known = [("retention", "child-protection"), ("birth", "9 3 2014"), ("review", ""), ("hold", "yes")];
    walk(&office, &mut watch, &known);
    tab.sees("is filed");
    for page in linked(tab, &office.url(&case)) {
        tab.go(&page);
        watch.look(tab, &ours);
    }
    office.go("/register");
    watch.look(tab, &ours);
    watch.none();
}

#[test]
fn words_stay_words_where_files_come_in() {
    let (office, case) = Office::with_case();
    let (tab, ours) = (&office.tab, office.url("/"));
    let mut watch = Watch::begin(tab);
    let named = |name: &str| {
        let path = office.folder.path().join(name);
        fs::write(&path, "<script>ran('file')</script>").expect("writes");
        path
    };
    let file = named("<img src=x onerror=ran('name')>\u{202E}gpj.html");
    office.go(&format!("{case}/attach"));
    for words in HOSTILE.into_iter().chain(REFUSED) {
        office.go(&format!("{case}/attach"));
        tab.choose_files(&[&file]);
        set(tab, "description", words);
        send(tab);
        watch.look(tab, &ours);
        tab.sees("is kept, signed by both of you");
        // A name that turns its letters round is seen to.
        tab.sees("[U+202E]");
    }
    for page in linked(tab, &office.url(&case)) {
        tab.go(&page);
        watch.look(tab, &ours);
    }
    watch.none();
}

/// What is typed and dropped in to be checked goes into no record; it is shown
/// again, as words.
#[test]
fn words_stay_words_where_a_bundle_is_checked() {
    let office = Office::open();
    let (tab, ours) = (&office.tab, office.url("/"));
    let mut watch = Watch::begin(tab);
    let no_bundle = office.folder.path().join("\"><img src=x onerror=ran('zip')>.zip");
    fs::write(&no_bundle, "<script>ran('zip')</script>").expect("writes");
    let mut check =
        |fill: &dyn Fn(&Tab), form: &str| {
            office.go("/verify");
            fill(tab);
            tab.leave(|tab| {
                drop(tab.eval(&format!(
                    "document.querySelector('main form[action^=\"{form}\"]').requestSubmit(), 0"
                )))
            });
            watch.look(tab, &ours);
            tab.words()
        };
    for words in HOSTILE.into_iter().chain(REFUSED) {
        let said = check(
            &|tab| {
                tab.choose_files(&[&no_bundle]);
                set(tab, "words", words);
            },
            "/verify?",
        );
        assert!(said.contains("This is not a complete Countersign bundle."), "{said}");
        let said = check(
            &|tab| {
                set(tab, "path", words);
                set(tab, "paper", words);
            },
            "/verify/here",
        );
        assert!(said.contains("There is a problem"), "{said}");
        let path = format!("/nowhere/{words}");
        check(&|tab| set(tab, "path", &path), "/verify/here");
    }
    watch.none();
}
