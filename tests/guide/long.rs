//! A case of 10,000 entries: each page is there at once, and is small.

use std::time::Instant;

use crate::long::long_case;
use crate::support::{Browser, Guide};
use crate::world::World;

/// The goal is 50 ms on an optimised program; this one is not, and others work
/// on the computer that it runs on.
#[test]
fn pages_of_a_long_case_are_quick_and_small() {
    let world = World::new();
    let case = long_case(&world, 10_000);
    let guide = Guide::start(world.home().path());
    let mut browser = Browser::enter(&guide);
    for page in [
        "",
        "/note",
        "/refer",
        "/unlock",
        "/review",
        "/review?before=5000",
        "/record",
        "/record?from=9951",
        "/exhibits",
        "/concern",
    ] {
        let path = format!("/case/{case}{page}");
        let mut best = u128::MAX;
        for _ in 0..5 {
            let began = Instant::now();
            browser.get(&path);
            best = best.min(began.elapsed().as_millis());
        }
        assert_eq!(browser.page.status, 200, "{path}");
        assert!(browser.page.body.len() < 60_000, "{path}: {} bytes", browser.page.body.len());
        assert!(best < 400, "{path}: {best} ms");
    }
}

#[test]
fn style_and_script_are_small() {
    let (_folder, guide) = crate::opening::guide();
    let mut browser = Browser::enter(&guide);
    let sum: usize = ["/assets/style.css", "/assets/guide.js", "/assets/icon.svg"]
        .iter()
        .map(|path| browser.get(path).body.len())
        .sum();
    assert!(sum < 40_000, "{sum} bytes");
}
