//! Files that are brought in by a form, and what is left of them beside the
//! case.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::opening::{guide, open};
use crate::support::Browser;
use crate::work::wait;

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
            name.starts_with("incoming-")
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
    browser.sees("&lt;img src=x onerror=alert(1)&gt;.html");
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
    let mut stream = std::net::TcpStream::connect(guide.address()).expect("connects");
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

/// What the command line keeps, the guide keeps.
#[test]
fn files_keep_the_names_that_they_have() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    let attach = format!("{case}/attach");
    browser.get(&attach);
    browser.bring(
        &attach,
        &[
            Part::Words("description", "A chat"),
            Part::Words("producer", "a"),
            Part::File("files", "Chat <final>: why?.txt", b"one"),
            Part::File("files", "say %22hi%22.txt", b"two"),
            Part::File("folder", "chat/a?b.txt", b"three"),
            Part::File("folder", "chat/ab.txt", b"four"),
            Part::File("folder", "chat/ab.txt", b"five"),
            Part::File("folder", "chat/back\\slash.txt", b"six"),
        ],
    );
    browser.sees("Entry 2 is kept").sees("6 files").sees("Chat &lt;final&gt;: why?.txt");
    browser.sees("say &quot;hi&quot;.txt").sees("chat/a?b.txt").sees("chat/ab.txt").sees("back\\slash.txt");
}

#[test]
fn files_of_a_form_that_is_refused_need_not_be_sent_again() {
    let (folder, guide) = guide();
    let home = folder.path().join("home");
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    let attach = format!("{case}/attach");
    browser.get(&attach);
    let refused = [
        Part::Words("description", ""),
        Part::Words("producer", "a"),
        Part::File("files", "first.txt", b"one"),
    ];
    browser.bring(&attach, &refused);
    assert_eq!(browser.page.status, 422);
    browser.sees("Write the description.").sees("1 file, 3 bytes, already here.").sees("first.txt");
    let already = already(&browser);
    // Another case's form, or nobody's, does not get them.
    browser.bring(
        &attach,
        &[
            Part::Words("description", "The chat"),
            Part::Words("producer", "a"),
            Part::Words("already", &already),
            Part::File("files", "second.txt", b"two"),
        ],
    );
    browser.sees("Entry 2 is kept").sees("2 files").sees("first.txt").sees("second.txt");
    assert_eq!(passing(&home), Vec::<PathBuf>::new());
    // Taken once, and gone with a stop.
    browser.get(&attach);
    let again =
        [Part::Words("description", "Again"), Part::Words("producer", "a"), Part::Words("already", &already)];
    browser.bring(&attach, &again);
    browser.sees("Choose the files, or a folder.");
    browser.bring(&attach, &refused);
    assert_eq!(passing(&home).len(), 1);
    let reference = case.rsplit('/').next().expect("a reference");
    let stopped = std::process::Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["halt", reference, "--home"])
        .arg(&home)
        .output()
        .expect("runs");
    assert!(stopped.status.success());
    let began = Instant::now();
    while !passing(&home).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", passing(&home));
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn already(browser: &Browser<'_>) -> String {
    let text = browser.page.text();
    let value = text.split("name=\"already\" value=\"").nth(1).expect("the field");
    value.split('"').next().expect("an end").to_owned()
}

/// A person's folder in the home is theirs, whatever it is called.
#[test]
fn a_start_removes_only_what_the_guide_made_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().join("home");
    for name in ["incoming-mine", "sending-mine", "incoming-00112233445566778899aabbccddeeff"] {
        std::fs::create_dir_all(home.join(name)).expect("makes");
        std::fs::write(home.join(name).join("file-001"), "mine").expect("writes");
    }
    let guide = crate::support::Guide::start(&home);
    drop(Browser::enter(&guide));
    for name in ["incoming-mine", "sending-mine", "incoming-00112233445566778899aabbccddeeff"] {
        assert!(home.join(name).join("file-001").exists(), "{name}");
    }
}

#[test]
fn what_a_case_withholds_comes_into_no_other_by_the_guide() {
    let (_folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    let file = [
        Part::Words("description", "A picture"),
        Part::Words("producer", "a"),
        Part::File("files", "x.png", b"the picture"),
    ];
    let attach = format!("{case}/attach");
    browser.get(&attach);
    browser.bring(&attach, &file);
    browser.sees("Entry 2 is kept");
    let before = open(&mut browser);
    let attach = format!("{before}/attach");
    browser.get(&attach);
    browser.bring(&attach, &file);
    browser.get(&format!("{before}/exhibits/2"));
    assert!(!browser.page.text().contains("No picture"), "{}", browser.page.text());
    browser.get(&case);
    browser.post(&format!("{case}/stop"), &[]);
    browser.get(&format!("{before}/exhibits/2"));
    browser.sees("No picture of this case is shown: it holds a file that is withheld in case 2026-0001.");
    let other = open(&mut browser);
    let attach = format!("{other}/attach");
    browser.get(&attach);
    browser.bring(&attach, &file);
    browser.sees("x.png is withheld in case").sees("Look away.");
    let folder = [
        Part::Words("description", "A folder"),
        Part::Words("producer", "a"),
        Part::File("folder", "copy/data/journal/000001.json", b"{}"),
        Part::File("folder", "copy/keys/a", b"a key"),
    ];
    browser.get(&attach);
    browser.bring(&attach, &folder);
    browser.sees("lies in the folder of a case");
    browser.get(&other);
    browser.sees("1 entry");
}
