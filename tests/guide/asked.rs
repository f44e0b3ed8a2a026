//! Questions of the last part of a case: what is missing is asked for, what was
//! typed stays, and an answer can be changed from the check.

use crate::ending::{HOSTILE, concern, judge, seal};
use crate::opening::{guide, open};
use crate::support::{Browser, Guide};

#[test]
fn what_is_missing_is_asked_for_and_what_was_typed_stays() {
    let (folder, guide) = guide();
    let home = folder.path().join("home");
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    // Too early, each of them.
    for page in ["judge", "act", "seal", "hand-over", "archive"] {
        browser.get(&format!("{case}/{page}"));
        assert_eq!(browser.page.status, 409, "{page}: {}", browser.page.text());
        assert!(!browser.page.text().contains("countersign "), "{page}: {}", browser.page.text());
    }
    concern(&mut browser, &case, &home, "gambling");
    browser.get(&format!("{case}/judge"));
    browser.answer(&[("because", HOSTILE)]);
    browser.sees("href=\"#substance\"").sees("&lt;script&gt;");
    assert!(browser.page.title().starts_with("Error: "));
    judge(&mut browser, &case);
    // A decision is signed with both passphrases, unlocked or not.
    browser.get(&format!("{case}/act"));
    browser.answer(&[("what", HOSTILE), ("by", HOSTILE), ("when", "")]);
    browser.sees("href=\"#route\"").sees("href=\"#action\"").sees("&lt;script&gt;");
    seal(&mut browser, &case);
    browser.get(&format!("{case}/hand-over"));
    browser.answer(&[]);
    browser.answer(&[("to", "PC <b>Brown</b>")]);
    browser.sees("value=\"PC &lt;b&gt;Brown&lt;/b&gt;\"");
    browser.sees("href=\"#organisation\"").sees("href=\"#role\"");
    browser.answer(&[("to", "PC Brown"), ("organisation", "Police"), ("role", "Officer")]);
    browser.answer(&[]);
    browser.sees("href=\"#how\"");
    browser.answer(&[("how", "In person")]);
    browser.answer(&[("folder", "relative")]);
    browser.sees("Type the whole path").sees("href=\"#medium\"");
    let not_there = folder.path().join("no-such-stick");
    browser.answer(&[("medium", "A stick"), ("folder", not_there.to_str().expect("a path"))]);
    browser.sees("There is no folder").sees("value=\"A stick\"");
    browser.answer(&[("medium", "A stick"), ("folder", folder.path().to_str().expect("a path"))]);
    browser.answer(&[]);
    browser.sees("href=\"#lock\"");
    browser.get(&format!("{case}/archive"));
    browser.answer(&[]);
    browser.answer(&[]);
    browser.sees("href=\"#retention\"");
    browser.answer(&[("retention", "child-protection")]);
    browser.answer(&[("birth", "")]);
    browser.sees("href=\"#birth\"").sees("date of birth, which is missing");
    browser.answer(&[("birth", "some day")]);
    browser.sees("Write the day in numbers").sees("value=\"some day\"");
    // Another class asks for no date of birth.
    browser.get(&format!("{case}/archive"));
    browser.answer(&[]);
    browser.answer(&[("retention", "pupil-discipline")]);
    browser.answer(&[("review", "1 1 2027")]);
    browser.sees("earlier than the rule allows").sees("value=\"1 1 2027\"");
    browser.answer(&[("review", "")]);
    browser.answer(&[]);
    browser.sees("href=\"#hold\"");
    browser.answer(&[("hold", "yes")]);
    browser.answer(&[("because", "")]);
    browser.sees("Write who asked for it to be held");
}

/// From the check an answer can be changed and leads back to it; a change that
/// asks more leads through what it asks; another case, another browser and a
/// new start know nothing of the answers.
#[test]
fn an_answer_is_changed_from_the_check() {
    let (folder, guide) = guide();
    let home = folder.path().join("home");
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    concern(&mut browser, &case, &home, "gambling");
    judge(&mut browser, &case);
    seal(&mut browser, &case);
    browser.get(&format!("{case}/archive"));
    browser.answer_each(&[
        &[],
        &[("retention", "pupil-discipline")],
        &[("review", "")],
        &[("hold", "no")],
        &[("because", "")],
    ]);
    browser.sees("Check before you both sign");
    let change = |browser: &Browser<'_>, page: &str| {
        let text = browser.page.text();
        let links = text.split("href=\"").filter_map(|rest| rest.split('"').next());
        let mut links = links.filter(|link| link.ends_with(&format!("/{page}")));
        links.next().unwrap_or_else(|| panic!("no link to change {page}:\n{text}")).to_owned()
    };
    let retention = change(&browser, "retention");
    browser.get(&retention);
    browser.sees("value=\"pupil-discipline\" checked");
    browser.answer(&[("retention", "child-protection")]);
    browser.sees("What is the child's date of birth?");
    browser.answer(&[("birth", "9 3 2014")]);
    browser.sees("Check before you both sign").sees("9 March 2039");
    let hold = change(&browser, "hold");
    browser.get(&hold);
    browser.answer(&[("hold", "yes")]);
    // The reason was left out, which it may not be now.
    browser.sees("Write who asked for it to be held").sees("/because\"");
    let because = hold.replace("/hold", "/because");
    browser.get(&because);
    browser.answer(&[("because", "The court.")]);
    browser.sees("Check before you both sign").sees("The court.").sees("Yes, whatever the date");
    // Not by another verb, and not for another browser.
    browser.get(&hold.replace("/archive/", "/hand-over/").replace("/hold", "/lock"));
    browser.sees("These answers are not there any more");
    let second = Guide::start(&home);
    let mut other = Browser::enter_by(&guide, second.way_in());
    other.get(&hold);
    other.sees("These answers are not there any more");
    drop(guide);
    let guide = Guide::start(&home);
    let mut browser = Browser::enter(&guide);
    browser.get(&hold);
    browser.sees("These answers are not there any more").sees("What both of you have signed is safe");
}
