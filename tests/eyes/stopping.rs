//! Stop: from every page, by button and by key, with and without a script, at
//! once.

use std::time::{Duration, Instant};

use crate::chromium::{Key, Tab};
use crate::looks::linked;
use crate::people::Office;

fn button(tab: &Tab) {
    tab.reach("Stop", |focus| focus.tag == "BUTTON" && focus.words == "Stop");
}

#[test]
fn by_button_on_every_page_without_a_script() {
    let (office, case) = Office::with_case_and(Tab::without_script);
    let tab = &office.tab;
    let pages = linked(tab, &office.url(&case));
    for page in &pages {
        tab.go(page);
        button(tab);
        let action = tab.text("document.activeElement.form.getAttribute('action')");
        let of_case = tab.path().starts_with(&case);
        assert_eq!(action, if of_case { format!("{case}/stop") } else { "/stop".to_owned() }, "{page}");
        // It is the first thing in the page that can be sent.
        let first = tab.text("document.querySelector('form').className");
        assert_eq!(first, "stop", "{page}");
    }
    println!("the button is on {} pages", pages.len());
    office.go("/");
    button(tab);
    tab.leave(|tab| tab.press(Key::Enter));
    tab.sees("Which case is it?");
    office.go(&case);
    // Nobody needs to unlock it for that.
    tab.push("Lock the case now");
    button(tab);
    let began = Instant::now();
    tab.leave(|tab| tab.press(Key::Enter));
    let took = began.elapsed();
    println!("stopped by button without a script, page and all: {} ms", took.as_millis());
    tab.sees("Stop. Do not look again.");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn by_key_the_page_is_covered_and_the_case_stopped() {
    let (office, case) = Office::with_case();
    let tab = &office.tab;
    let mut slowest = Duration::ZERO;
    for page in linked(tab, &office.url(&case)) {
        tab.go(&page);
        let began = Instant::now();
        tab.press(Key::Escape);
        let covered = tab.eval("document.body.hidden && !!document.querySelector('.cover')");
        let took = began.elapsed();
        assert_eq!(covered, true, "{page}");
        assert!(took < Duration::from_secs(2), "{took:?}");
        slowest = slowest.max(took);
        // Any other key goes back: a slip is no stop.
        tab.press(Key::Space);
        assert_eq!(tab.eval("document.body.hidden"), false, "{page}");
    }
    println!("covered by Esc: {} ms at most", slowest.as_millis());
    office.go(&case);
    tab.press(Key::Escape);
    let began = Instant::now();
    tab.leave(|tab| tab.press(Key::Escape));
    let took = began.elapsed();
    println!("stopped by Esc, page and all: {} ms", took.as_millis());
    tab.sees("Stop. Do not look again.");
    assert!(took < Duration::from_secs(5), "{took:?}");
    // The way back shows a page of a case that is stopped, whatever the
    // browser remembers.
    tab.back();
    tab.leave(|tab| drop(tab.call("Page.reload", serde_json::json!({}))));
    assert!(!tab.words().contains("Keep this page"), "{}", tab.words());
    office.go(&case);
    tab.sees("This case is stopped.");
}
