//! The traffic of a page, asked for in the guide.

use crate::opening::open_at;
use crate::recording::{recording_guide, sample};
use crate::support::Browser;
use crate::work::wait;

#[test]
fn a_page_is_kept_with_its_traffic_where_that_is_said() {
    let (_folder, guide) = recording_guide();
    let mut browser = Browser::enter(&guide);
    let case = open_at(&mut browser, "/open?practise=yes");
    for (said, expected) in [(&[][..], false), (&[("traffic", "yes")][..], true)] {
        browser.get(&format!("{case}/keep"));
        browser.sees("Keep the page's traffic, too?").sees("parts of the page that neither of you saw");
        let url = sample(&browser, "/class-7");
        browser.answer(&[&[("address", url.as_str()), ("producer", "a")], said].concat());
        wait(&mut browser);
        browser.sees("Class 7 message board");
        let text = browser.page.text();
        let is_there = text.contains("The page's traffic, as one file") || text.contains("no traffic: ");
        assert_eq!(is_there, expected, "{text}");
    }
    // It is listed, and served by no address.
    let text = browser.page.text();
    assert!(!text.contains(".wacz\""), "{text}");
}
