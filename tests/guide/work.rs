//! Work that goes on behind a page.

use std::time::{Duration, Instant};

use crate::support::Browser;

/// Follows a job to its end.
pub fn wait(browser: &mut Browser<'_>) {
    let began = Instant::now();
    while browser.path.starts_with("/job/") && browser.page.text().contains("goes on by itself") {
        assert!(began.elapsed() < Duration::from_secs(240), "{}", browser.page.text());
        std::thread::sleep(Duration::from_millis(100));
        let path = browser.path.clone();
        browser.get(&path);
    }
}

/// Looks at a page again until it says something.
pub fn until(browser: &mut Browser<'_>, path: &str, words: &str) {
    let began = Instant::now();
    while !browser.get(path).text().contains(words) {
        assert!(began.elapsed() < Duration::from_secs(240), "no {words:?}: {}", browser.page.text());
        std::thread::sleep(Duration::from_millis(200));
    }
}
