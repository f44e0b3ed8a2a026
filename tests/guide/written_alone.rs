//! A stopped case that is locked: one person alone tells the police and writes
//! it down, and both see it before they sign it.

use crate::ending::BOTH;
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
