//! A stopped case that is locked: one person alone tells the police and writes
//! it down, and both see it before they sign it.

use crate::ending::BOTH;
use crate::files::Part;
use crate::opening::{guide, lock, open};
use crate::support::Browser;

#[test]
fn one_person_tells_the_police_in_a_locked_case_and_both_sign_what_they_see() {
    let (folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    lock(&mut browser, &case);
    browser.get(&case);
    browser.post(&format!("{case}/stop"), &[]);
    browser.get(&case);
    browser.sees("Tell the police, and write down whom you spoke to: either of you alone");
    for step in ["refer", "isolate"] {
        browser.sees(&format!("<a href=\"{case}/{step}\">"));
    }
    let text = browser.page.text();
    let list = text.split("All steps").nth(1).expect("a task list");
    for step in ["refer", "isolate"] {
        let row = list.split(&format!("{case}/{step}\"")).nth(1).expect("a row").split("</li>").next();
        assert!(row.is_some_and(|row| row.contains("To do")), "{step}: {row:?}");
    }

    browser.get(&format!("{case}/refer?route=police-101"));
    browser.answer(&[("to", "Police"), ("contact", "PC <b>1234</b> Brown"), ("reference", "CAD 5678")]);
    browser.sees("Check before you both sign").sees("Is only one of you here?");
    let alone = format!("{}/alone", browser.path);
    browser.send(&alone, &[]);
    browser.sees("Say which of you writes this.");
    browser.send(&alone, &[("written-by", "a")]);
    browser.sees("Kept, and not signed yet");
    assert!(!browser.page.text().contains("CAD 5678"), "a locked case shows nothing of it");
    let lies = |number: u64| {
        folder.path().join(format!("home/cases/2026-0001/data/journal/{number:06}.json")).exists()
    };
    assert!(!lies(2), "nothing was signed");
    // Once it is kept, its draft leads on and keeps nothing more.
    browser.get(alone.trim_end_matches("/alone"));
    browser.sees("Kept, and not signed yet");
    let files = std::fs::read_dir(folder.path().join("home/cases/2026-0001")).expect("lists").flatten();
    let written = files.filter(|file| file.file_name().to_string_lossy().starts_with("written-alone-"));
    assert_eq!(written.count(), 1);

    // Both see it before they sign, also where a passphrase is mistyped.
    browser.get(&format!("{case}/unlock"));
    browser.sees("Written by one of you alone, and not signed yet").sees("CAD 5678").sees("PC &lt;b&gt;1234");
    browser.sees("Written by Jane Smith, as they said, alone");
    browser.answer(&[BOTH[0], ("second-passphrase", "wrong")]);
    browser.sees("One of the passphrases is not right.").sees("CAD 5678");
    assert!(!lies(2), "nothing was signed");
    browser.answer(&BOTH);
    browser.get(&format!("{case}/record"));
    browser.sees("CAD 5678").sees("Written by Jane Smith, as they said, alone").sees("signed later.");
    assert!(lies(3) && !lies(4), "the stop, and what was written alone");
    browser.get(&case);
    assert!(!browser.page.text().contains("not signed yet"), "{}", browser.page.text());
}

pub fn sheet(browser: &mut Browser<'_>, case: &str) -> String {
    browser.get(&format!("{case}/stopped"));
    browser.post(&format!("{case}/referral-sheet"), &[]);
    let pdf = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(pdf.path(), &browser.page.body).expect("writes");
    let words = std::process::Command::new("pdftotext").arg(pdf.path()).arg("-").output();
    let words = String::from_utf8(words.expect("poppler-utils").stdout).expect("UTF-8");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_concern_that_stops_says_where_and_who_though_nothing_more_was_written() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    let file = [
        Part::Words("description", "A chat"),
        Part::Words("producer", "a"),
        Part::File("files", "chat.txt", b"words"),
    ];
    let attach = format!("{case}/attach");
    browser.get(&attach);
    browser.bring(&attach, &file);
    // What is chosen from the list stands in the stop in words.
    browser.get(&format!("{case}/concern"));
    browser.answer(&[("at", "exhibit-2")]);
    browser.answer(&[("category", "child-abuse-images"), ("description", "")]);
    browser.sees("Who of you stops it? (you can leave this out)");
    browser.send(&format!("{case}/concern/stop"), &[("by", "b")]);
    browser.sees("Stop. Do not look again.");
    let words = sheet(&mut browser, &case);
    for said in ["Where exhibit JS/1", "Ali Khan", "By a concern"] {
        assert!(words.contains(said), "{said}: {words}");
    }
    // What somebody knows besides: a device or a place. It is no second stop,
    // and not signed before both have seen it.
    let about = format!("{case}/stopped/about");
    browser.get(&about);
    browser.answer(&[("place", "The pupil's phone, in Snapchat")]);
    browser.sees("Say which of you writes this.");
    browser.answer(&[("written-by", "a"), ("place", "")]);
    browser.sees("Say at least one thing that is not known already.");
    browser.answer(&[
        ("category", "child-abuse-images"),
        ("written-by", "a"),
        ("by", "b"),
        ("place", "The pupil's phone, in Snapchat"),
        ("description", "A picture that was sent on."),
    ]);
    browser.sees("Kept, and not signed yet");
    let words = sheet(&mut browser, &case);
    for said in [
        "Said afterwards Where it was seen: The pupil's phone, in Snapchat",
        "A picture that was sent on.",
        "Written by Jane Smith, as they said, alone",
        "NOT SIGNED YET",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert_eq!(words.matches("Said afterwards").count(), 2, "who and what were known: {words}");
    browser.get(&format!("{case}/unlock"));
    browser.sees("Written by one of you alone").sees("The pupil's phone, in Snapchat");
    browser.answer(&BOTH);
    browser.get(&format!("{case}/record"));
    browser.sees("STOPPED by Ali Khan").sees("Where: The pupil's phone, in Snapchat");
    browser
        .sees("was: exhibit JS/1")
        .sees("Written by Jane Smith, as they said, alone")
        .sees("signed later.");
    assert_eq!(browser.page.text().matches("STOPPED").count(), 1, "{}", browser.page.text());
    let words = sheet(&mut browser, &case);
    for said in ["Where The pupil's phone, in Snapchat", "In words A picture that was sent on."] {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert!(!words.contains("Said afterwards"), "it stands in the stop: {words}");
}

#[test]
fn who_stopped_is_not_guessed() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    browser.get(&format!("{case}/concern"));
    browser.answer(&[("at", "typed"), ("typed", "https://example.org/wall9")]);
    browser.answer(&[("category", "child-abuse-images"), ("description", "")]);
    browser.send(&format!("{case}/concern/stop"), &[]);
    let words = sheet(&mut browser, &case);
    assert!(words.contains("Where https://example.org/wall9"), "{words}");
    assert!(words.contains("Raised by One of the two; the program does not know which"), "{words}");
    browser.get(&format!("{case}/unlock"));
    browser.answer(&BOTH);
    browser.get(&format!("{case}/record"));
    browser.sees(
        "STOPPED by the concern that was described, by one of the two; the program does not know which",
    );
}
