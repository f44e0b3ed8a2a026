//! The review: what is kept, brought in and said, and what is left of it on
//! the pages after a stop.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::opening::{OURS, guide, open, open_at};
use crate::support::{Browser, Guide};

/// As root a browser refuses its sandbox; a script in `fixtures/` is named.
fn browser_arguments() -> Vec<String> {
    let wrapper = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/chromium-as-root.sh");
    #[cfg(unix)]
    {
        // SAFETY: it only tells who runs this.
        if unsafe { libc::geteuid() } == 0 {
            return vec!["--browser".to_owned(), wrapper.display().to_string()];
        }
    }
    drop(wrapper);
    Vec::new()
}

/// A guide that records without a window.
pub fn recording_guide() -> (tempfile::TempDir, Guide) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut arguments = browser_arguments();
    arguments.push("--headless".to_owned());
    let more: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let guide = Guide::start_with(&folder.path().join("home"), &more);
    (folder, guide)
}

/// Follows a job to its end.
fn wait(browser: &mut Browser<'_>) {
    let began = Instant::now();
    while browser.path.starts_with("/job/") && browser.page.text().contains("goes on by itself") {
        assert!(began.elapsed() < Duration::from_secs(240), "{}", browser.page.text());
        std::thread::sleep(Duration::from_millis(100));
        let path = browser.path.clone();
        browser.get(&path);
    }
}

/// Looks at a page again until it says something.
fn until(browser: &mut Browser<'_>, path: &str, words: &str) {
    let began = Instant::now();
    while !browser.get(path).text().contains(words) {
        assert!(began.elapsed() < Duration::from_secs(240), "no {words:?}: {}", browser.page.text());
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// A part of a form with files.
pub enum Part<'a> {
    Words(&'a str, &'a str),
    File(&'a str, &'a str, &'a [u8]),
}

impl Browser<'_> {
    /// Sends the form with files of this page.
    pub fn bring(&mut self, action: &str, parts: &[Part<'_>]) {
        let text = self.page.text();
        let to = text.split("action=\"").skip(1).find(|rest| rest.starts_with(&format!("{action}?token=")));
        let to = to.expect("a form with files").split('"').next().expect("an end").to_owned();
        let mut body = Vec::new();
        for part in parts {
            body.extend(b"--edge\r\n");
            match part {
                Part::Words(name, words) => body.extend(
                    format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{words}").as_bytes(),
                ),
                Part::File(name, file, bytes) => {
                    let head = format!(
                        "Content-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                    );
                    body.extend(head.as_bytes());
                    body.extend(*bytes);
                }
            }
            body.extend(b"\r\n");
        }
        body.extend(b"--edge--\r\n");
        let host = self.guide.host();
        let head = format!(
            "POST {to} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=edge\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.cookie,
            body.len()
        );
        self.page = self.guide.raw(&[head.as_bytes(), &body].concat()).expect("an answer");
        self.path = action.to_owned();
        if self.page.status == 303 {
            let to = self.page.header("location").to_owned();
            self.get(&to);
        }
        wait(self);
    }
}

/// Files and folders of the home that hold something for a while only.
fn passing(home: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(home).expect("a home").flatten().map(|entry| entry.path());
    entries
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            name.starts_with("incoming-") || name.starts_with("sending-")
        })
        .collect()
}

#[test]
fn files_and_folders_are_brought_in_and_nothing_is_left_beside_the_case() {
    let (folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    let attach = format!("{case}/attach");
    browser.get(&attach);
    browser.bring(&attach, &[Part::Words("description", ""), Part::Words("producer", "a")]);
    assert_eq!(browser.page.status, 422);
    browser.sees("Write the description.").sees("Choose the files, or a folder.");
    let hostile = "<img src=x onerror=alert(1)>.html";
    browser.bring(
        &attach,
        &[
            Part::Words("description", "The phone <script>alert(1)</script>"),
            Part::Words("producer", "b"),
            Part::File("files", hostile, b"<script>alert(2)</script>"),
            Part::File("files", "", b""),
            Part::File("folder", "phone/2026/photo.jpg", b"one"),
            Part::File("folder", "phone/../../escape.txt", b"two"),
        ],
    );
    browser.sees("Entry 2 is kept").sees("Exhibit AK/1").sees("3 files");
    browser.sees("phone/2026/photo.jpg").sees("&lt;script&gt;");
    let text = browser.page.text();
    assert!(!text.contains("<script>alert") && !text.contains("<img"), "{text}");
    let home = folder.path().join("home");
    assert_eq!(passing(&home), Vec::<PathBuf>::new());
    assert!(!home.join("escape.txt").exists() && !folder.path().join("escape.txt").exists());
    browser.get(&format!("{case}/review"));
    browser.sees("Brought in as exhibit AK/1").sees("&lt;script&gt;");
}

#[test]
fn files_that_are_still_coming_do_not_survive_a_stop() {
    use std::io::{Read, Write};
    let (folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    browser.get(&format!("{case}/attach"));
    let text = browser.page.text();
    let to = text.split("action=\"").find(|rest| rest.contains("/attach?token=")).expect("a form");
    let to = to.split('"').next().expect("an end");
    let host = guide.host();
    let mut stream = std::net::TcpStream::connect(host).expect("connects");
    let head = format!(
        "POST {to} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=edge\r\nContent-Length: 10000000\r\nConnection: close\r\n\r\n--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.bin\"\r\n\r\n",
        browser.cookie
    );
    stream.write_all(head.as_bytes()).expect("writes");
    stream.write_all(&vec![b'x'; 100_000]).expect("writes");
    let home = folder.path().join("home");
    let began = Instant::now();
    while passing(&home).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(60), "it never came");
        std::thread::sleep(Duration::from_millis(20));
    }
    // It stands still in the middle, and the case is stopped.
    browser.get(&case);
    browser.post(&format!("{case}/stop"), &[]);
    let began = Instant::now();
    while !passing(&home).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", passing(&home));
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(String::from_utf8_lossy(&answer).contains("was stopped"));
    browser.get(&format!("{case}/attach"));
    assert_ne!(browser.page.status, 200);
}

#[test]
fn a_concern_is_placed_described_and_signed() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    browser.get(&format!("{case}/concern"));
    browser.answer(&[("typed", "")]);
    browser.sees("Say where it is");
    browser.answer(&[("at", "typed"), ("typed", "javascript:alert(1)")]);
    browser.sees("begins with http:// or https://").sees("value=\"javascript:alert(1)\"");
    browser.answer(&[("at", "typed"), ("typed", "https://example.org/<script>\"x")]);
    assert!(browser.path.starts_with(&format!("{case}/concern/kind?at=")), "{}", browser.path);
    browser.answer(&[("category", ""), ("description", "")]);
    browser.sees("Choose the kind of concern").sees("Write the description.");
    browser.answer(&[("category", "bullying"), ("description", "<b>Insults</b> in the comments.")]);
    browser.sees("Check before you both sign").sees("&lt;b&gt;Insults");
    // Back, to change it: everything is still there.
    let check = browser.path.clone();
    let draft = check.rsplit('/').next().expect("a draft").to_owned();
    browser.get(&format!("{case}/concern/kind?draft={draft}"));
    browser.sees("&lt;b&gt;Insults").sees("About https://example.org/");
    browser.get(&check);
    browser.answer(&[]);
    browser.sees("Entry 2 is kept");
    assert!(!browser.page.text().contains("<b>Insults"));
}

#[test]
fn a_concern_that_stops_is_the_stop_and_its_words_are_signed_later() {
    let (folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    browser.get(&case);
    browser.send(&format!("{case}/lock"), &[]);
    browser.get(&format!("{case}/concern"));
    browser.answer(&[("at", "typed"), ("typed", "https://example.org/page")]);
    // Nothing has to be written first.
    browser.answer(&[("category", "child-abuse-images"), ("description", "")]);
    browser.sees("Stop the case?").sees("nobody types a passphrase");
    let marks = || {
        let folder = folder.path().join("home/cases").join(case.rsplit('/').next().expect("a case"));
        std::fs::read_dir(folder)
            .expect("a folder")
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("halt-raised"))
            .count()
    };
    assert_eq!(marks(), 0, "asked, and not raised");
    browser.get(&format!("{case}/concern/kind?at=https%3A%2F%2Fexample.org%2Fpage"));
    browser.answer(&[("category", "child-abuse-images"), ("description", "A picture in the third comment.")]);
    browser.post(&format!("{case}/concern/stop"), &[]);
    assert_eq!((browser.page.status, marks()), (303, 1));
    let to = browser.page.header("location").to_owned();
    browser.get(&to);
    browser.sees("Stop. Do not look again.").sees("Put your words on record");
    let text = browser.page.text();
    let check = text.split("href=\"").find(|rest| rest.contains("/check/")).expect("a link");
    browser.get(check.split('"').next().expect("an end"));
    browser.sees("A picture in the third comment.");
    browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])]);
    browser.sees("is kept, signed by both of you");
    browser.get(&format!("{case}/record"));
    browser.sees("STOPPED").sees("Concern at https://example.org/page");
    // Nothing is looked at any more.
    for page in ["review/start", "keep", "attach"] {
        browser.get(&format!("{case}/{page}"));
        assert_ne!(browser.page.status, 200, "{page}");
    }
    browser.get(&format!("{case}/review"));
    assert!(browser.path.ends_with("/stopped"), "{}", browser.path);
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
fn sample(browser: &Browser<'_>, path: &str) -> String {
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
    browser.answer(&[("text", "While it records."), ("corrects", "")]);
    browser.answer(&[]);
    browser.sees("is kept, signed by both of you");
    browser.get(&review);
    until(&mut browser, &review, "RECORDING – page 1 saved ");
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
    use std::io::{Read, Write};
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    let host = guide.host();
    let mut stream = std::net::TcpStream::connect(host).expect("connects");
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
    browser.answer(&[("text", "<i>Words</i>\r\nof two lines."), ("corrects", "")]);
    browser.answer(&[]);
    hear("&lt;i&gt;Words");
    browser.get(&case);
    browser.post(&format!("{case}/stop"), &[]);
    hear("event: stopped");
}
