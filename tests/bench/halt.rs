//! How soon a case is stopped: `halt` and a concern as whole commands, from the
//! start of the program to its end; *Stop* in the guide, from the request to
//! the last byte of the answer; and the mark alone:
//! `cargo bench --bench halt [-- FOLDER]`.
//!
//! Each of them makes the mark durable, and notes it outside the case. How long
//! a stop takes beside other work is measured by `cargo bench --bench guide`.

#![allow(clippy::print_stdout, reason = "printing figures is what a benchmark is for")]

#[path = "../support/guide.rs"]
mod guide;
mod support;
#[path = "../support/world.rs"]
mod world;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use countersign_case::case::{Halt, raise};
use guide::{Browser, Guide};
use support::{Times, timed};
use world::World;

fn main() {
    let Some(folder) = support::place() else { return };
    let world = World::within(folder.path());
    let case = world.open();
    let reference = case.folder().reference();
    drop(case);
    let stopped = Stopped::of(world.home().path(), &reference.to_string());
    let mut times = Times::default();
    let folder = world.home().case(reference);
    let reference = reference.to_string();
    let concern = ["concern", &reference, "--category", "child-abuse-images", "--at", "https://example.org/"];
    let guide = Guide::start(world.home().path());
    let mut browser = Browser::enter(&guide);
    browser.get(&format!("/case/{reference}"));
    let page = browser.page.clone();
    for _ in 0..ROUNDS {
        stopped.forget();
        times.add(SYNC, timed(|| sync(world.home().path())));
        times.add(MARK, timed(|| drop(raise(&folder, Halt::default(), &world.clock).expect("is raised"))));
        stopped.forget();
        times.add(HALT, timed(|| run(world.home().path(), &["halt", &reference], 0)));
        stopped.forget();
        // Without passphrases: stopped, and not on record yet.
        let words = [&concern[..], &["--describe", "Words."]].concat();
        times.add(CONCERN, timed(|| run(world.home().path(), &words, 2)));
        stopped.forget();
        browser.page = page.clone();
        times.add(STOP, timed(|| drop(browser.post(&format!("/case/{reference}/stop"), &[]).clone())));
        assert_eq!(browser.page.status, 303);
        assert!(stopped.is_so());
    }
    times.print(&[SYNC]);
    for name in [MARK, HALT, CONCERN, STOP] {
        times.within(name, GOAL);
    }
}

fn run(home: &Path, words: &[&str], code: i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.arg("--home").arg(home).args(words);
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert_eq!(status.expect("runs").code(), Some(code), "{words:?}");
}

/// What the disk itself takes for the two that a stop makes durable.
fn sync(home: &Path) {
    for _ in 0..2 {
        let path = home.join("sync");
        let mut file = File::create(&path).expect("a file");
        std::io::Write::write_all(&mut file, b"mark").expect("room");
        file.sync_all().expect("durable");
        fs::remove_file(path).expect("is there");
    }
}

/// The signs of a stop of the case, which the next round does without.
struct Stopped {
    case: PathBuf,
    head: PathBuf,
    before: Vec<u8>,
}

impl Stopped {
    fn of(home: &Path, reference: &str) -> Stopped {
        let head = home.join("heads").join(reference);
        let before = fs::read(&head).expect("reads");
        Stopped { case: home.join("cases").join(reference), head, before }
    }

    fn is_so(&self) -> bool {
        self.case.join("halt-raised").exists() && fs::read(&self.head).expect("reads") != self.before
    }

    fn forget(&self) {
        let _ = fs::remove_file(self.case.join("halt-raised"));
        fs::write(&self.head, &self.before).expect("writes");
        File::open(&self.head).and_then(|head| head.sync_all()).expect("durable");
    }
}

const ROUNDS: usize = 25;
/// Seconds.
const GOAL: f64 = 0.005;
const SYNC: &str = "two small files, made durable";
const MARK: &str = "a stop, in a program that runs";
const HALT: &str = "halt, the whole command";
const CONCERN: &str = "concern of a kind that stops, the whole command";
const STOP: &str = "Stop in the guide";
