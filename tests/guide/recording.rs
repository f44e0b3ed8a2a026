//! Pages that are recorded and kept: steered by the guide's pages, shown on
//! them until the case is stopped.

use std::io::{Read, Write};
use std::time::Duration;

use crate::opening::{guide, open, open_at};
use crate::support::{Browser, Guide};
use crate::work::{until, wait};

/// A guide that records without a window.
pub fn recording_guide() -> (tempfile::TempDir, Guide) {
    let folder = tempfile::tempdir().expect("a folder");
    let guide = Guide::start_with(&folder.path().join("home"), &["--headless"]);
    (folder, guide)
}

#[test]
fn practice_says_so_and_offers_the_sample_site() {
    let (_folder, guide) = recording_guide();
    let mut browser = Browser::enter(&guide);
    browser.get("/practise");
    browser.sees("REHEARSAL").sees("/open?practise=yes");
    let case = open_at(&mut browser, "/open?practise=yes");
    for page in ["", "/review", "/review/start", "/keep", "/attach", "/concern", "/record", "/exhibits"] {
        browser.get(&format!("{case}{page}"));
        assert_eq!(browser.page.status, 200, "{page}");
        browser.sees("This is practice, not a real case.");
    }
    browser.get(&format!("{case}/keep"));
    browser.sees("Class 7: the message board").sees("http://127.0.0.1:");
    // The guide itself is out of reach, even in practice.
    let own = format!("http://{}/", guide.host());
    browser.answer(&[("address", &own), ("producer", "a")]);
    assert_eq!(browser.page.status, 422, "{}", browser.page.text());
}
/// The sample site's address on the page.
pub fn sample(browser: &Browser<'_>, path: &str) -> String {
    let text = browser.page.text();
    let found = text.split("value=\"").filter_map(|rest| rest.split('"').next());
    let found =
        found.filter(|value| value.starts_with("http://127.0.0.1:")).find(|value| value.ends_with(path));
    found.expect("a sample page").to_owned()
}

#[test]
fn a_kept_page_shows_its_picture_until_the_case_is_stopped() {
    let (_folder, guide) = recording_guide();
    let mut browser = Browser::enter(&guide);
    let case = open_at(&mut browser, "/open?practise=yes");
    browser.get(&format!("{case}/keep"));
    let url = sample(&browser, "/class-7");
    browser.answer(&[("address", &url), ("producer", "a")]);
    wait(&mut browser);
    browser.sees("Exhibit JS/1").sees("Class 7 message board");
    let text = browser.page.text();
    let pictures: Vec<String> = text
        .split("<img src=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect();
    if pictures.is_empty() {
        // No browser on this computer: the server's answer was kept.
        browser.sees("The server's answer");
    }
    for picture in &pictures {
        let seen = browser.get(picture);
        assert_eq!((seen.status, seen.header("content-type")), (200, "image/png"), "{picture}");
        assert_eq!(seen.header("x-content-type-options"), "nosniff");
        assert!(seen.body.starts_with(b"\x89PNG"), "{picture}");
    }
    assert!(text.contains("width=\"") || pictures.is_empty());
    // No other file of the case is served, by any name.
    for file in ["0".repeat(64), "../../keys/a".to_owned(), "%2e%2e%2fkeys%2fa".to_owned()] {
        browser.get(&format!("{case}/picture/{file}"));
        assert_eq!(browser.page.status, 404, "{file}");
    }
    let exhibit = {
        browser.get(&format!("{case}/exhibits"));
        browser.sees("Exhibit JS/1").sees("Class 7 message board");
        let text = browser.page.text();
        let link = text.split("href=\"").find(|rest| rest.contains("/exhibits/")).expect("a link");
        link.split('"').next().expect("an end").to_owned()
    };
    browser.get(&case);
    browser.post(&format!("{case}/stop"), &[]);
    for picture in &pictures {
        assert_eq!(browser.get(picture).status, 404, "{picture}");
    }
    let pages = [
        "",
        "/stopped",
        "/review",
        "/record",
        "/record/2",
        "/record/3",
        "/exhibits",
        "/concern",
        "/note",
        "/live",
    ];
    let pages = pages.iter().map(|page| format!("{case}{page}")).chain([
        exhibit,
        "/".to_owned(),
        "/practise".to_owned(),
    ]);
    for page in pages {
        browser.get(&page);
        let text = browser.page.text();
        for word in ["<img", "/picture/", "message board", "image/png"] {
            assert!(!text.contains(word), "{page} has {word:?}:\n{text}");
        }
        assert_ne!(browser.page.header("content-type"), "image/png", "{page}");
    }
    browser.get(&format!("{case}/record"));
    browser.sees("withheld by rule").sees("Left where it is; not shown, printed or copied.");
}

#[test]
fn a_recording_is_steered_by_pages_and_ends_with_a_stop() {
    let (_folder, guide) = recording_guide();
    let mut browser = Browser::enter(&guide);
    let case = open_at(&mut browser, "/open?practise=yes");
    let review = format!("{case}/review");
    browser.get(&review);
    browser.sees("NOT RECORDING").sees("Start recording").sees("Room on the disk");
    browser.get(&format!("{review}/start"));
    let url = sample(&browser, "/");
    browser.answer(&[("address", &url), ("producer", "b")]);
    if browser.page.title().contains("cannot record") {
        browser.sees("Keep a page by its address").sees("Add files");
        return;
    }
    browser.sees("End the recording").sees("role=\"status\"");
    // Other pages add to the case between two events.
    browser.get(&format!("{case}/note"));
    browser.answer(&[("text", "While it records.")]);
    browser.answer(&[]);
    browser.sees("is kept, signed by both of you");
    browser.get(&review);
    until(&mut browser, &review, "RECORDING – page 1 visited ");
    browser.sees("REHEARSAL: Example School").sees("Describe a concern");
    browser.send(&format!("{review}/keep"), &[]);
    until(&mut browser, &review, "Last page kept: exhibit AK/1 at ");
    browser.get(&format!("{review}/go"));
    browser.answer(&[("address", "file:///etc/passwd")]);
    until(&mut browser, &review, "Not opened: it begins with file:");
    browser.get(&format!("{review}/go"));
    let board = sample(&browser, "/class-7");
    browser.answer(&[("address", &board)]);
    until(&mut browser, &review, "message board");
    browser.get(&case);
    browser.post(&format!("{case}/stop"), &[]);
    until(&mut browser, &format!("{case}/record"), "The recording ended");
    browser.sees("STOPPED");
    browser.get(&review);
    browser.sees("Stop. Do not look again.");
}

#[test]
fn live_events_say_the_state_the_rows_and_the_stop() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    let host = guide.host();
    let mut stream = std::net::TcpStream::connect(guide.address()).expect("connects");
    let request = format!(
        "GET {case}/live?list=yes HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\n\r\n",
        browser.cookie
    );
    stream.write_all(request.as_bytes()).expect("writes");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
    let mut heard = String::new();
    let mut hear = |words: &str| {
        while !heard.contains(words) {
            let mut buffer = [0; 4096];
            let n = stream.read(&mut buffer).expect("events");
            assert!(n > 0, "{heard}");
            heard.push_str(&String::from_utf8_lossy(&buffer[..n]));
        }
    };
    hear("event: state\ndata: NOT RECORDING");
    browser.get(&format!("{case}/note"));
    browser.answer(&[("text", "<i>Words</i>\r\nof two lines.")]);
    browser.answer(&[]);
    hear("&lt;i&gt;Words");
    browser.get(&case);
    browser.post(&format!("{case}/stop"), &[]);
    hear("event: stopped");
}
