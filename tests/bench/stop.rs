//! How soon a stop is answered: from the request, over the mark that is durable
//! then, to the last byte of the answer; and the page that it leads to.

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::guide::{Browser, Guide};
use crate::support::{Times, timed};

/// A case can be stopped again: what is done is the same each time.
pub fn measure(home: &Path, case: &str) {
    let folder = home.join(case.trim_start_matches('/').replacen("case/", "cases/", 1));
    println!("a stop of the same case, each followed by the page of what to do:");
    let mut times = Times::default();
    for _ in 0..ROUNDS {
        let guide = Guide::start(home);
        let mut browser = in_front_of(&guide);
        times.add(CHOICE, timed(|| drop(browser.get("/stop").clone())));
        stop(&mut browser, case, &mut times, [FIRST, FIRST_PAGE]);
    }
    let guide = Guide::start(home);
    let mut browser = Browser::enter(&guide);
    browser.get("/stop");
    for _ in 0..ROUNDS {
        stop(&mut browser, case, &mut times, [QUIET, QUIET_PAGE]);
    }
    // As a crash leaves it: whoever stops the case waits a moment for the
    // entry that this may be.
    let draft = folder.join("draft/entry.json");
    fs::create_dir_all(folder.join("draft")).expect("a folder");
    File::create(&draft).expect("a draft");
    for _ in 0..ROUNDS {
        stop(&mut browser, case, &mut times, [DRAFT, DRAFT_PAGE]);
    }
    fs::remove_file(&draft).expect("is there");
    while_others_wait(&mut browser, case, &mut times);
    while_the_disk_is_busy(home, &mut browser, case, &mut times);
    for (name, goal) in [
        (CHOICE, ANSWER),
        (FIRST, ANSWER),
        (FIRST_PAGE, PAGE),
        (QUIET, ANSWER),
        (QUIET_PAGE, PAGE),
        (DRAFT, ANSWER),
        (DRAFT_PAGE, PAGE),
        (CROWD, ANSWER),
        (CROWD_PAGE, PAGE),
        (DISK, ANSWER),
        (DISK_PAGE, PAGE),
    ] {
        times.within(name, goal);
    }
}

/// Came in, and has seen no page yet.
fn in_front_of(guide: &Guide) -> Browser<'_> {
    let host = guide.host();
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: none\r\nConnection: close\r\n\r\n",
        guide.way_in()
    );
    let page = guide.raw(request.as_bytes()).expect("an answer");
    let cookie = page.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    Browser { guide, cookie, path: String::new(), page }
}

/// From a page that has the button.
fn stop(browser: &mut Browser<'_>, case: &str, times: &mut Times, names: [&'static str; 2]) {
    let page = browser.page.clone();
    times.add(names[0], timed(|| drop(browser.post(&format!("{case}/stop"), &[]).clone())));
    assert_eq!(browser.page.status, 303);
    times.add(names[1], timed(|| drop(browser.get(&format!("{case}/stopped")).clone())));
    browser.sees("Stop. Do not look again.");
    browser.page = page;
}

/// Every thread for pages tries passphrases, which takes both processors.
fn while_others_wait(browser: &mut Browser<'_>, case: &str, times: &mut Times) {
    let mut tab = browser.tab();
    tab.get(&format!("{case}/unlock"));
    thread::scope(|scope| {
        for _ in 0..56 {
            let mut waiting = tab.tab();
            let wrong = [("first-passphrase", "wrong"), ("second-passphrase", "wrong")];
            scope.spawn(move || drop(waiting.answer(&wrong).clone()));
        }
        thread::sleep(Duration::from_millis(300));
        for _ in 0..ROUNDS {
            stop(browser, case, times, [CROWD, CROWD_PAGE]);
        }
    });
}

/// Somebody writes a large file and makes it durable, again and again: a seal
/// does that.
fn while_the_disk_is_busy(home: &Path, browser: &mut Browser<'_>, case: &str, times: &mut Times) {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let path = home.join("large");
            while !over.load(Ordering::Relaxed) {
                let mut file = File::create(&path).expect("a file");
                for _ in 0..64 {
                    std::io::Write::write_all(&mut file, &[7; 1 << 20]).expect("room");
                }
                file.sync_all().expect("durable");
            }
            let _ = fs::remove_file(&path);
        });
        thread::sleep(Duration::from_millis(300));
        for _ in 0..ROUNDS {
            stop(browser, case, times, [DISK, DISK_PAGE]);
        }
        over.store(true, Ordering::Relaxed);
    });
}

const ROUNDS: usize = 7;
/// Seconds. The page may wait a little for a case that was never read.
const ANSWER: f64 = 0.2;
const PAGE: f64 = 0.5;
const CHOICE: &str = "which case to stop, asked by a guide that has read none";
const FIRST: &str = "a stop, the first thing that a guide does";
const FIRST_PAGE: &str = "… and what to do";
const QUIET: &str = "a stop";
const QUIET_PAGE: &str = "…  and what to do";
const DRAFT: &str = "a stop while an entry is being written, at the longest";
const DRAFT_PAGE: &str = "…   and what to do";
const CROWD: &str = "a stop while 56 pages try passphrases";
const CROWD_PAGE: &str = "…    and what to do";
const DISK: &str = "a stop while 64 MB at a time are made durable";
const DISK_PAGE: &str = "…     and what to do";
