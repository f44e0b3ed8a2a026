//! A case that is filed goes on: what was proposed is done, it is sealed
//! again, and the filing is confirmed. No page says that nothing is left to do
//! while another names what is due.

use crate::ending::{BOTH, cli, concern, judge, seal};
use crate::opening::{guide, lock, open};
use crate::support::Browser;
use crate::work::wait;

#[test]
fn what_was_proposed_is_done_after_filing_and_the_day_of_review_stays() {
    let (folder, guide) = guide();
    let home = folder.path().join("home");
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    concern(&mut browser, &case, &home, "gambling");
    judge(&mut browser, &case);
    act(&mut browser, &case, "proposed");
    seal(&mut browser, &case);
    file(&mut browser, &case, &[("birth", "9/3/2014")]);
    browser.sees("This case is filed").sees("Do what was proposed").sees("Seal 1 is current");
    assert!(!browser.page.text().contains("Nothing is left to do"), "{}", browser.page.text());
    browser.get("/register");
    browser.sees("Do what was proposed").sees("Seal 1 is current");

    act(&mut browser, &case, "taken");
    for page in [case.as_str(), "/register"] {
        browser.get(page);
        browser.sees("Seal 1 is not current: what was added since, up to entry 8, is not in it.");
    }
    browser.get(&case);
    browser.sees("seal the case again").sees("This case is filed");
    lock(&mut browser, &case);
    let (_, shown) = cli(&home, &["show", "2026-0001"]);
    assert!(
        shown.contains("Seal 1 is not current: what was added since, up to entry 8, is not in it."),
        "{shown}"
    );
    assert!(shown.contains("seal the case again"), "{shown}");

    browser.get(&format!("{case}/seal"));
    browser.answer(&[]);
    browser.answer(&BOTH);
    wait(&mut browser);
    browser.sees("is sealed: seal 2");
    browser.get(&case);
    browser.sees("Seal 2 is current").sees("confirm how it is filed");
    browser.get("/register");
    browser.sees("Confirm how the case is filed");

    // Everything stands as it was, and is confirmed: no date of birth, no new
    // day counted from today.
    browser.get(&format!("{case}/archive"));
    browser.answer(&[]);
    browser.sees("value=\"child-protection\" checked");
    browser.answer(&[("retention", "child-protection")]);
    browser.sees("You can leave this out: the day of review then stays as it is filed now.");
    browser.answer(&[("birth", "")]);
    browser.sees("As it is filed now, on <strong>9 March 2039</strong>");
    browser.answer_each(&[&[("review", "")], &[("hold", "no")], &[("because", "")]]);
    browser.sees("Check before you both sign").sees("9 March 2039");
    browser.answer(&[]);
    wait(&mut browser);
    browser.sees("Nothing is left to do.").sees("Seal 2 is current");
    browser.get("/register");
    assert!(!browser.page.text().contains("Due: "), "{}", browser.page.text());
    // The review is over for good, and says what to do instead.
    for page in ["keep", "attach"] {
        browser.get(&format!("{case}/{page}"));
        browser.sees("open a case that follows this one");
        assert_eq!(browser.page.status, 409, "{page}");
    }
    // The same at the command line, where the day stands without a word.
    lock(&mut browser, &case);
    let passphrases = home.join("passphrases");
    let file = passphrases.to_str().expect("a path");
    let archive = ["archive", "2026-0001", "--retention", "child-protection", "--passphrases", file];
    let (code, words) = cli(&home, &archive);
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("To be looked at again on 2039-03-09, as it is filed now."), "{words}");
}

fn act(browser: &mut Browser<'_>, case: &str, action: &str) {
    browser.get(&format!("{case}/act"));
    browser.answer(&[
        ("route", "internal"),
        ("what", "Talk with the parents."),
        ("action", action),
        ("by", ""),
        ("when", ""),
    ]);
    browser.sees("Check before you both sign");
    browser.answer(if browser.page.text().contains("first-passphrase") { &BOTH } else { &[] });
    browser.sees("is kept");
}

fn file(browser: &mut Browser<'_>, case: &str, birth: &[(&str, &str)]) {
    browser.get(&format!("{case}/archive"));
    browser.answer_each(&[&[], &[("retention", "child-protection")], birth]);
    browser.answer_each(&[&[("review", "")], &[("hold", "no")], &[("because", "")]]);
    browser.answer(&[]);
    wait(browser);
}
