//! How soon the guide is there, how soon each of its pages is when a case has
//! 10,000 entries and its home 200 cases more, what a page weighs, and how soon
//! a stop is answered:
//! `cargo bench --bench guide [-- FOLDER]`.
//!
//! The pages are those that links lead to, from the first page on. A time is
//! from the request to the last byte of the answer, on this computer.

#![allow(clippy::print_stdout, reason = "printing figures is what a benchmark is for")]

#[path = "../support/guide.rs"]
mod guide;
#[path = "../support/long.rs"]
mod long;
#[path = "stop.rs"]
mod stop;
mod support;
#[path = "../support/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::path::Path;

use guide::{Browser, Guide};
use support::{Times, timed};
use world::World;

fn main() {
    let Some(folder) = support::place() else { return };
    first_page(EMPTY, &folder.path().join("home"), LONGEST_START);
    let world = World::within(folder.path());
    let long = long::long_case(&world, ENTRIES);
    let case = format!("/case/{long}");
    first_page(LONG, world.home().path(), LONGEST_START);
    long::more_cases(&world, long, MORE_CASES, ENTRIES_OF_MORE);
    first_page(MANY, world.home().path(), LONGEST_START);
    all_read(world.home().path());

    let guide = Guide::start(world.home().path());
    let mut browser = Browser::enter(&guide);
    browser.get(&format!("{case}/unlock"));
    let words = world.pass().map(|passphrase| passphrase.reveal().to_owned());
    browser.answer(&[("first-passphrase", &words[0]), ("second-passphrase", &words[1])]);
    let around: usize = ASSETS.iter().map(|path| browser.get(path).body.len()).sum();
    println!("{around:8}          bytes of style, script and icon, once for all pages");
    println!("each page, while a case of {ENTRIES} entries is unlocked, one of {}:", MORE_CASES + 1);
    let (mut slowest, mut heaviest) = (0.0_f64, 0);
    for page in linked(&mut browser, &case) {
        let mut times = Times::default();
        for _ in 0..ROUNDS {
            let took = timed(|| {
                browser.get(&page);
            });
            times.add(PAGE, took);
        }
        let weight = browser.page.body.len() + around;
        let said = if browser.page.status == 200 { "" } else { " (says why not)" };
        println!("{:8.4} {:8.4} s  {weight:7} bytes  {page}{said}", times.median(PAGE), times.best(PAGE));
        slowest = slowest.max(times.median(PAGE));
        heaviest = heaviest.max(weight);
    }
    let mut all = Times::default();
    all.add(SLOWEST, slowest);
    all.within(SLOWEST, LONGEST_PAGE);
    let kept = if heaviest <= LARGEST_PAGE { "met" } else { "MISSED" };
    println!(
        "{heaviest:8}          bytes: the heaviest page with all that it loads (goal: at most {LARGEST_PAGE}): {kept}"
    );
    drop(browser);
    drop(guide);
    stop::measure(world.home().path(), &case);
}

/// From the start of the program to the last byte of the first page.
fn first_page(what: &'static str, home: &Path, goal: f64) {
    let mut times = Times::default();
    for _ in 0..ROUNDS {
        let mut guide = None;
        let took = timed(|| {
            let started = guide.insert(Guide::start(home));
            Browser::arrive_by(started, started.way_in()).sees("Start a new case");
        });
        times.add(what, took);
    }
    times.within(what, goal);
}

/// Until no page says any more that cases are being read; the first look at
/// the register meanwhile.
fn all_read(home: &Path) {
    let mut times = Times::default();
    for _ in 0..ROUNDS {
        let guide = Guide::start(home);
        let all = timed(|| {
            let mut browser = Browser::arrive_by(&guide, guide.way_in());
            times.add(REGISTER, timed(|| drop(browser.look("/register").clone())));
            while browser.look("/register").text().contains(" data-again") {}
        });
        times.add(ALL_READ, all);
    }
    times.within(REGISTER, LONGEST_PAGE);
    times.print(&[ALL_READ]);
}

/// The pages that links lead to; of those that differ in their last part or
/// behind the question mark, two.
fn linked(browser: &mut Browser<'_>, case: &str) -> Vec<String> {
    let (mut found, mut waiting) = (Vec::new(), vec!["/".to_owned()]);
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(page) = waiting.pop() {
        let path = page.split('?').next().unwrap_or_default();
        let kind = match path.strip_prefix(case) {
            Some(rest) => rest.split('/').take(2).collect::<Vec<_>>().join("/"),
            None => path.split('/').take(2).collect::<Vec<_>>().join("/"),
        };
        let seen = alike.entry(kind).or_default();
        if *seen == 2 || found.contains(&page) {
            continue;
        }
        *seen += 1;
        let text = browser.get(&page).text();
        let links = text.split("href=\"/").skip(1).filter_map(|rest| rest.split('"').next());
        waiting.extend(
            links
                .filter(|link| !link.starts_with("assets/") && !link.contains('.'))
                .map(|link| format!("/{}", link.replace("&amp;", "&").split('#').next().unwrap_or_default())),
        );
        found.push(page);
    }
    found.sort();
    found
}

const ENTRIES: u64 = 10_000;
const MORE_CASES: u32 = 200;
const ENTRIES_OF_MORE: u64 = 40;
const ROUNDS: usize = 7;
const ASSETS: [&str; 3] = ["/assets/style.css", "/assets/guide.js", "/assets/icon.svg"];
/// Seconds.
const LONGEST_START: f64 = 0.1;
const LONGEST_PAGE: f64 = 0.05;
/// Bytes.
const LARGEST_PAGE: usize = 100_000;
const EMPTY: &str = "from the start of the program to the first page";
const LONG: &str = "the same with a case of 10,000 entries";
const MANY: &str = "the same with 200 cases of 40 entries more";
const REGISTER: &str = "the register, while the cases of it are being read";
const ALL_READ: &str = "until all of them are read";
const PAGE: &str = "page";
const SLOWEST: &str = "the slowest page";
