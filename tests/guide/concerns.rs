//! Concerns: placed, described, signed, and those that are the stop.

use crate::opening::{OURS, guide, lock, open};
use crate::support::Browser;

#[test]
fn a_concern_is_placed_described_and_signed() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    browser.get(&format!("{case}/concern"));
    browser.answer(&[("typed", "")]);
    browser.sees("Say where it is");
    browser.answer(&[("at", "typed"), ("typed", "javascript:alert(1)")]);
    browser.sees("begins with http:// or https://").sees("value=\"javascript:alert(1)\"");
    browser.answer(&[("at", "typed"), ("typed", "https://example.org/<script>\"x")]);
    assert!(browser.path.starts_with(&format!("{case}/concern/kind?at=")), "{}", browser.path);
    browser.answer(&[("category", ""), ("description", "")]);
    browser.sees("Choose the kind of concern").sees("Write the description.");
    browser.answer(&[("category", "bullying"), ("description", "<b>Insults</b> in the comments.")]);
    browser.sees("Check before you both sign").sees("&lt;b&gt;Insults");
    // Back, to change it: everything is still there.
    let check = browser.path.clone();
    let draft = check.rsplit('/').next().expect("a draft").to_owned();
    browser.get(&format!("{case}/concern/kind?draft={draft}"));
    browser.sees("&lt;b&gt;Insults").sees("About https://example.org/");
    browser.get(&check);
    browser.answer(&[]);
    browser.sees("Entry 2 is kept");
    assert!(!browser.page.text().contains("<b>Insults"));
}

#[test]
fn a_concern_that_stops_is_the_stop_and_its_words_are_signed_later() {
    let (folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    lock(&mut browser, &case);
    browser.get(&format!("{case}/concern"));
    browser.answer(&[("at", "typed"), ("typed", "https://example.org/page")]);
    // Nothing has to be written first.
    browser.answer(&[("category", "child-abuse-images"), ("description", "")]);
    browser.sees("Stop the case?").sees("nobody types a passphrase");
    let marks = || {
        let folder = folder.path().join("home/cases").join(case.rsplit('/').next().expect("a case"));
        std::fs::read_dir(folder)
            .expect("a folder")
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("halt-raised"))
            .count()
    };
    assert_eq!(marks(), 0, "asked, and not raised");
    browser.get(&format!("{case}/concern/kind?at=https%3A%2F%2Fexample.org%2Fpage"));
    browser.answer(&[("category", "child-abuse-images"), ("description", "A picture in the third comment.")]);
    browser.post(&format!("{case}/concern/stop"), &[]);
    assert_eq!((browser.page.status, marks()), (303, 1));
    let to = browser.page.header("location").to_owned();
    browser.get(&to);
    browser.sees("Stop. Do not look again.").sees("Put your words on record");
    let text = browser.page.text();
    let check = text.split("href=\"").find(|rest| rest.contains("/check/")).expect("a link");
    browser.get(check.split('"').next().expect("an end"));
    browser.sees("A picture in the third comment.");
    browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])]);
    browser.sees("is kept, signed by both of you");
    browser.get(&format!("{case}/record"));
    browser.sees("STOPPED").sees("Concern at https://example.org/page");
    // Nothing is looked at any more.
    for page in ["review/start", "keep", "attach"] {
        browser.get(&format!("{case}/{page}"));
        assert_ne!(browser.page.status, 200, "{page}");
    }
    browser.get(&format!("{case}/review"));
    assert!(browser.path.ends_with("/stopped"), "{}", browser.path);
}
