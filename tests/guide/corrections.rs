//! Put this right: a value, a whole entry, and a category that stops.

use crate::opening::{OURS, guide, lock, open};
use crate::support::Browser;

#[test]
fn a_value_is_put_right_where_it_stands_and_says_so_everywhere() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    browser.get(&case);
    browser.sees("About P-1234, by Jane Smith and Ali Khan").sees("Put this right");
    browser.get(&format!("{case}/record/1"));
    browser.sees("What it says, one by one").sees(&format!("{case}/correct/1/subject"));
    browser
        .sees(&format!("{case}/correct/1/first-name"))
        .sees(&format!("{case}/correct/1/computer-location"));
    browser.get(&format!("{case}/correct/1/subject"));
    browser.sees("P-1234").sees("What is right?");
    // What it was already, nothing, two lines: nobody types a passphrase for it.
    for (to, words) in [("P-1234", "already"), (" ", "is empty"), ("a\u{202e}b", "cannot be seen")] {
        browser.answer(&[("to", to), ("because", "")]);
        assert_eq!(browser.page.status, 422);
        browser.sees("There is a problem").sees(words);
    }
    browser.answer(&[("to", "7B-<41>"), ("because", "A slip & no more.")]);
    browser.sees("Check before you both sign").sees("7B-&lt;41&gt;. It was: P-1234. A slip &amp; no more.");
    // Back, to change it: what was typed is there.
    let check = browser.path.clone();
    let draft = check.rsplit('/').next().expect("a draft").to_owned();
    browser.get(&format!("{case}/correct/1/subject?draft={draft}"));
    browser.sees("value=\"7B-&lt;41&gt;\"").sees("A slip &amp; no more.");
    browser.get(&check);
    browser.answer(&[]);
    browser.sees("Entry 2 is kept, signed by both of you");
    let now = "7B-&lt;41&gt; (entry 2; was: P-1234, entry 1)";
    for page in [case.clone(), format!("{case}/record"), format!("{case}/record/1"), format!("{case}/form")] {
        browser.get(&page);
        browser.sees(now);
    }
    for page in ["/", "/register", "/stop"] {
        browser.get(page);
        browser.sees(now);
    }
    // A locked case asks for both passphrases, by the corrected name.
    lock(&mut browser, &case);
    browser.get(&format!("{case}/correct/1/first-name"));
    browser.sees("Jane Smith, type your passphrase");
    browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])]);
    browser.answer(&[("to", "Joan Smythe"), ("because", "")]);
    browser.answer(&[]);
    browser.sees("Entry 3 is kept").sees("Joan Smythe (entry 3; was: Jane Smith, entry 1) and Ali Khan");
    lock(&mut browser, &case);
    browser.get(&format!("{case}/unlock"));
    browser.sees("Joan Smythe, type your passphrase");
    // The correction itself leads to the value.
    browser.get(&format!("{case}/record/2"));
    browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])]);
    browser.sees("Put the value right in entry 1");
}

#[test]
fn a_whole_entry_is_marked_by_words() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    browser.get(&format!("{case}/correct/1"));
    browser.answer(&[("because", "")]);
    browser.sees("Write the correction.");
    browser.answer(&[("because", "The pupil's reference is 7B-41, not 7B-14")]);
    browser.answer(&[]);
    browser.sees("Entry 2 is kept");
    for page in [case.clone(), format!("{case}/record/1"), format!("{case}/form"), "/register".to_owned()] {
        browser.get(&page);
        browser.sees("corrected by entry 2");
    }
}

#[test]
fn nobody_becomes_the_other_or_the_person_concerned() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    browser.get(&format!("{case}/correct/1/second-name"));
    browser.answer(&[("to", "smith, jane"), ("because", "")]);
    assert_ne!(browser.page.status, 200);
    browser.sees("both reviewing people would be the same person");
    browser.get(&format!("{case}/correct/1/subject"));
    browser.answer(&[("to", "Ali Khan"), ("because", "")]);
    browser.sees("would seem to be the person concerned");
    for missing in
        ["correct/1/public-key", "correct/1/time", "correct/7/subject", "correct/0", "correct/1/text"]
    {
        browser.get(&format!("{case}/{missing}"));
        assert_eq!(browser.page.status, 404, "{missing}");
    }
}

#[test]
fn a_category_that_stops_is_the_stop_and_is_signed_later() {
    let (folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    browser.get(&format!("{case}/concern/kind?at=https%3A%2F%2Fexample.org%2Fpage"));
    browser.answer(&[("category", "bullying"), ("description", "A picture in the third comment.")]);
    browser.answer(&[]);
    browser.sees("Entry 2 is kept");
    let marks = || {
        let folder = folder.path().join("home/cases").join(case.rsplit('/').next().expect("a case"));
        let files = std::fs::read_dir(folder).expect("a folder").flatten();
        files.filter(|entry| entry.file_name().to_string_lossy().starts_with("halt-raised")).count()
    };
    browser.get(&format!("{case}/correct/2/category"));
    browser.answer(&[("to", "child-abuse-images"), ("because", "Looked closer at the words.")]);
    browser.sees("Stop the case?").sees("nobody types a passphrase");
    assert_eq!(marks(), 0, "asked, and not raised");
    browser.post(&format!("{case}/correct/2/category/stop"), &[]);
    assert_eq!((browser.page.status, marks()), (303, 1));
    let to = browser.page.header("location").to_owned();
    browser.get(&to);
    browser.sees("Stop. Do not look again.").sees("Put your words on record");
    let text = browser.page.text();
    let check = text.split("href=\"").find(|rest| rest.contains("/check/")).expect("a link");
    browser.get(check.split('"').next().expect("an end"));
    browser.sees("Looked closer at the words.");
    match browser.page.text().contains("type your passphrase") {
        true => browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])]),
        false => browser.answer(&[]),
    };
    browser.sees("is kept, signed by both of you");
    browser.get(&format!("{case}/record"));
    browser.sees("STOPPED").sees("; was: Bullying or harassment online, entry 2)");
    // Not lifted by another correction.
    browser.get(&format!("{case}/correct/2/category"));
    browser.answer(&[("to", "bullying"), ("because", "")]);
    browser.sees("A stop is not lifted.");
}
