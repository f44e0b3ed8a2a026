//! What the program saw when a case was stopped: in the entry that both sign,
//! and on the sheet for the police.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;

use crate::desk::{PATIENCE, serving, until};
use crate::program::{Program, countersign, entries, opened};
use crate::screen::Screen;
use crate::site::{self, Site};

/// A site of which a page's last picture does not come, so that it is still
/// being kept.
fn slow() -> Site {
    serving(|request, to| {
        (request.path == "/lazy-19.bmp").then(|| {
            thread::sleep(PATIENCE);
            site::answer(to, "404 Not Found", b"")
        })
    })
}

fn is_being_kept(site: &Site) {
    until("its pictures are asked for", || site.asked().iter().any(|path| path == "/lazy-19.bmp"));
}

/// The only stop on record.
fn stop(folder: &Path) -> Value {
    let mut stops = entries(folder).into_iter().filter(|entry| entry["kind"] == "halted");
    let stop = stops.next().expect("a stop");
    assert_eq!(stops.next(), None, "one stop is one entry");
    stop["body"].clone()
}

/// The words of the sheet for the police.
fn sheet(folder: &Path) -> String {
    let to = folder.join("sheet.pdf");
    let made = countersign(folder).args(["refer", "--sheet"]).arg(&to).stderr(Stdio::null()).status();
    assert!(made.expect("runs").success());
    let text = Command::new("pdftotext").arg("-raw").arg(to).arg("-").output().expect("poppler-utils");
    String::from_utf8(text.stdout).expect("UTF-8").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn says(sheet: &str, label: &str, url: &str) {
    let after = sheet.split(label).nth(1).unwrap_or_else(|| panic!("no {label:?}: {sheet}"));
    // A long address goes on in the next line.
    let after: String = after.split_whitespace().take(4).collect();
    assert!(after.starts_with(url), "{label:?} is not {url}: {sheet}");
}

const SCREEN: &str = "On the screen then, as the program saw it";
const KEEPING: &str = "Being kept then, as the program saw it";

/// Nobody typed a word, and the program does not guess who pressed the keys.
#[test]
fn the_keys_say_what_was_on_the_screen_and_what_was_being_kept() {
    let (site, folder, screen) = (slow(), opened(), Screen::start());
    let mut program = Program::record_on(folder.path(), &site.url("/lazy"), Some(&screen.display));
    program.wait_visit(&site.url("/lazy"));
    program.say("keep");
    is_being_kept(&site);
    screen.press(&["ctrl+shift+s"]);
    program.wait("ended");
    assert_eq!(program.end(), Some(0));
    let stop = stop(folder.path());
    assert_eq!((&stop["screen"], &stop["keeping"]), (&site.url("/lazy").into(), &site.url("/lazy").into()));
    assert_eq!((&stop["raised"], &stop["by"]), (&"by-hand".into(), &Value::Null));
    let sheet = sheet(folder.path());
    says(&sheet, SCREEN, &site.url("/lazy"));
    says(&sheet, KEEPING, &site.url("/lazy"));
    let unknown = "Raised by One of the two; the program does not know which";
    assert!(sheet.contains(unknown), "{sheet}");
}

#[test]
fn halt_at_another_prompt_says_what_was_on_the_screen_of_the_recording() {
    let (site, folder) = (Site::start(), opened());
    let program = Program::record(folder.path(), &site.url("/"));
    program.wait_visit(&site.url("/"));
    let halt = countersign(folder.path()).args(["halt", "--by", "second"]).stderr(Stdio::null()).status();
    assert!(halt.expect("runs").success());
    program.wait("ended");
    assert_eq!(program.end(), Some(0));
    let stop = stop(folder.path());
    assert_eq!((&stop["screen"], &stop["keeping"]), (&site.url("/").into(), &Value::Null));
    assert_eq!((&stop["raised"], &stop["by"]), (&"by-hand".into(), &"b".into()));
    let sheet = sheet(folder.path());
    says(&sheet, SCREEN, &site.url("/"));
    assert!(!sheet.contains(KEEPING) && sheet.contains("Raised by Ali Khan"), "{sheet}");
}

#[test]
fn halt_while_a_page_is_kept_without_a_window_says_which() {
    let (site, folder) = (slow(), opened());
    let mut keep = countersign(folder.path());
    keep.args(["keep", &site.url("/lazy"), "--passphrases"]).arg(folder.path().join("words"));
    let mut keep = keep.stdin(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    is_being_kept(&site);
    let halt = countersign(folder.path()).arg("halt").stderr(Stdio::null()).status();
    assert!(halt.expect("runs").success());
    assert_eq!(keep.wait().expect("ends").code(), Some(1));
    let stop = stop(folder.path());
    assert_eq!((&stop["screen"], &stop["keeping"]), (&Value::Null, &site.url("/lazy").into()));
    let sheet = sheet(folder.path());
    says(&sheet, KEEPING, &site.url("/lazy"));
    assert!(!sheet.contains(SCREEN), "{sheet}");
}
