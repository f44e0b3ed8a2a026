//! Big files on their way into a case, as people see it: how far they are, a
//! way to leave off, and a connection that breaks.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::chromium::{Key, Tab};
use crate::looks::Findings;
use crate::people::Office;

/// A large file of nothing.
fn large(office: &Office, megabytes: u64) -> PathBuf {
    let path = office.folder.path().join("phone.img");
    File::create(&path).and_then(|file| file.set_len(megabytes << 20)).expect("a sparse file");
    path
}

/// Files that are on their way into a case of this home.
fn coming(office: &Office) -> Vec<PathBuf> {
    let home = fs::read_dir(office.folder.path().join("home")).expect("a home").flatten();
    let begun = |path: &Path| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("incoming-"));
    home.map(|entry| entry.path()).filter(|path| begun(path)).collect()
}

/// Waits until so many are on their way.
fn until_coming(office: &Office, count: usize) {
    let began = Instant::now();
    while coming(office).len() != count {
        assert!(began.elapsed() < PATIENCE, "{:?}", coming(office));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What the case has in it, by the files of its record.
fn kept(office: &Office) -> usize {
    let files = office.folder.path().join("home/cases/2026-0001/data/files");
    fs::read_dir(files).map(|files| files.flatten().count()).unwrap_or_default()
}

/// Bytes in a second that take two minutes for a large file.
const SLOW: i64 = 500_000;

/// As over a slow wire.
fn at(tab: &Tab, bytes_in_a_second: i64) {
    tab.call(
        "Network.emulateNetworkConditions",
        json!({ "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_in_a_second }),
    );
}

/// Chooses the file and sends it, by the keyboard.
fn send(office: &Office, case: &str, file: &Path) {
    let tab = &office.tab;
    office.go(&format!("{case}/attach"));
    tab.choose_files(&[file]);
    tab.fill("description", "A copy of the phone.");
    tab.reach("the button", |focus| focus.words.starts_with("Bring them in"));
    // Everything that is said aloud while it goes.
    tab.eval("(() => { window.stayed = true; window.said = []; new MutationObserver(() => said.push(document.querySelector('.progress').textContent)).observe(document.querySelector('.progress'), { childList: true }); return 0; })()");
    tab.press(Key::Enter);
}

fn until(tab: &Tab, what: &str, expression: &str) {
    let began = Instant::now();
    while tab.eval(expression) != true {
        assert!(began.elapsed() < PATIENCE, "no {what}: {}", tab.words());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_big_file_says_how_far_it_is_and_arrives() {
    let (office, case) = Office::with_case();
    let tab = &office.tab;
    let file = large(&office, 64);
    // Slow, so that there is time to look; the rest goes quicker.
    at(tab, 2_000_000);
    send(&office, &case, &file);
    until(tab, "bar", "document.querySelector('progress').value > 0.2");
    tab.sees(" of 67 MB");
    let bar = tab.eval("document.querySelector('progress').value").as_f64().expect("a number");
    assert!((0.2..1.0).contains(&bar), "{bar}");
    let mut findings = Findings::default();
    findings.axe(tab);
    findings.fits(tab);
    at(tab, 24_000_000);
    let mut said = Vec::new();
    let began = Instant::now();
    while tab.path().ends_with("/attach") {
        assert!(began.elapsed() < PATIENCE, "{}", tab.words());
        let now = tab.eval("window.said || null");
        said = serde_json::from_value(now).ok().filter(|now: &Vec<String>| !now.is_empty()).unwrap_or(said);
        std::thread::sleep(Duration::from_millis(20));
    }
    // A few words, and not one for each part that arrived.
    assert_eq!(said.first().map(String::as_str), Some("It is being sent."));
    assert!((3..=6).contains(&said.len()), "{said:?}");
    tab.arrive();
    tab.sees("Exhibit JS/1");
    tab.sees("phone.img");
    assert_eq!(coming(&office), Vec::<PathBuf>::new());
    let before = kept(&office);
    assert!(before > 0);
    findings.none();
}

#[test]
fn a_big_file_can_be_left_off_and_sent_again() {
    let (office, case) = Office::with_case();
    let tab = &office.tab;
    let before = kept(&office);
    let file = large(&office, 64);
    at(tab, SLOW);
    send(&office, &case, &file);
    until(tab, "bar", "document.querySelector('progress').value > 0.02");
    until_coming(&office, 1);
    // Pressed twice it is sent once.
    tab.press(Key::Enter);
    tab.reach("Cancel", |focus| focus.words == "Cancel");
    tab.press(Key::Enter);
    until(
        tab,
        "word",
        "document.querySelector('.progress').textContent.startsWith('You cancelled. Nothing was brought in')",
    );
    until_coming(&office, 0);
    assert_eq!((kept(&office), tab.eval("window.stayed")), (before, true.into()));
    assert!(tab.focus().words.starts_with("Bring them in"), "{:?}", tab.focus());
    assert_eq!(tab.eval("document.querySelector('progress').checkVisibility()"), false);
    // What was typed and chosen is still there.
    at(tab, -1);
    assert_eq!(tab.text("document.getElementsByName('description')[0].value"), "A copy of the phone.");
    tab.leave(|tab| tab.press(Key::Enter));
    tab.sees("Exhibit JS/1");
    office.go(&case);
    tab.sees("2 entries");
}

#[test]
fn a_tab_that_is_closed_in_the_middle_leaves_nothing_half_kept() {
    let (office, case) = Office::with_case();
    let tab = &office.tab;
    let before = kept(&office);
    let file = large(&office, 64);
    at(tab, SLOW);
    send(&office, &case, &file);
    until(tab, "bar", "document.querySelector('progress').value > 0.02");
    let beside = office.person.tab();
    beside.go(&office.url(&case));
    until_coming(&office, 1);
    tab.call("Page.close", json!({}));
    until_coming(&office, 0);
    beside.go(&office.url(&case));
    beside.sees("1 entry");
    assert_eq!(kept(&office), before);
}

#[test]
fn a_guide_that_dies_in_the_middle_says_so_and_cleans_up_when_it_comes_back() {
    let (mut office, case) = Office::with_case();
    let before = kept(&office);
    let file = large(&office, 64);
    at(&office.tab, SLOW);
    send(&office, &case, &file);
    until(&office.tab, "bar", "document.querySelector('progress').value > 0.02");
    until_coming(&office, 1);
    office.guide.kill();
    until(
        &office.tab,
        "word",
        "document.querySelector('.progress').textContent === 'The files did not arrive. Nothing was brought in. Try again.'",
    );
    assert_eq!(coming(&office).len(), 1);
    at(&office.tab, -1);
    office.restart();
    assert_eq!(coming(&office), Vec::<PathBuf>::new());
    assert_eq!(kept(&office), before);
    office.go(&case);
    office.tab.sees("1 entry");
}

/// A case that is stopped while a file is on its way: the page that sends it
/// says why, and nothing of it stays.
#[test]
fn a_stop_ends_what_is_on_its_way() {
    let (office, case) = Office::with_case();
    let tab = &office.tab;
    let file = large(&office, 64);
    at(tab, SLOW);
    send(&office, &case, &file);
    until(tab, "bar", "document.querySelector('progress').value > 0.02");
    // From the page itself: Stop does not wait behind the file.
    tab.press(Key::Escape);
    tab.leave(|tab| tab.press(Key::Escape));
    tab.sees("Stop. Do not look again.");
    until_coming(&office, 0);
}

const PATIENCE: Duration = Duration::from_secs(90);
