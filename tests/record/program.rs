//! `countersign record` as programs see it: lines in, one JSON object a line
//! out, and a recorder that is killed.

use std::io::{BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::desk::PATIENCE;
use crate::processes::processes;
use crate::recorder::let_pass;
use crate::site::Site;

pub struct Program {
    child: Child,
    lines: Receiver<Value>,
    input: Option<ChildStdin>,
}

impl Program {
    pub fn record(folder: &Path, start: &str) -> Program {
        Program::record_on(folder, start, None)
    }

    /// In a window on this display, or without one.
    pub fn record_on(folder: &Path, start: &str, display: Option<&str>) -> Program {
        let mut command = countersign(folder);
        command.args(["--json", "record", "--start", start]);
        match display {
            Some(display) => command.env("DISPLAY", display).env_remove("WAYLAND_DISPLAY"),
            None => command.arg("--headless"),
        };
        let mut child = command
            .arg("--passphrases")
            .arg(folder.join("words"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let out = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, lines) = channel();
        thread::spawn(move || {
            // Objects, one after the other: each event has a line of its own.
            for value in serde_json::Deserializer::from_reader(out).into_iter().map_while(Result::ok) {
                let _ = sender.send(value);
            }
        });
        let input = child.stdin.take();
        Program { child, lines, input }
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    pub fn say(&mut self, line: &str) {
        writeln!(self.input.as_mut().expect("open"), "{line}").expect("said");
    }

    pub fn wait_visit(&self, url: &str) {
        while self.wait("visit")["url"] != url {}
    }

    pub fn wait(&self, event: &str) -> Value {
        let until = Instant::now() + PATIENCE;
        let mut others = Vec::new();
        while let Ok(value) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            if value["event"] == event {
                return value;
            }
            others.push(value);
        }
        panic!("no {event}, but {others:?}");
    }

    pub fn end(mut self) -> Option<i32> {
        drop(self.input.take());
        self.child.wait().expect("ends").code()
    }
}

pub fn countersign(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.arg("--home").arg(folder.join("home")).env("TMPDIR", folder.join("t"));
    command
}

pub fn opened() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("t")).expect("made");
    let_pass(folder.path());
    let_pass(&folder.path().join("t"));
    let status = countersign(folder.path())
        .args(["open", "--rehearsal", "--suspected-illegal", "no", "--reason", "Practice"])
        .args(["--reported-by", "Form tutor", "--concerns", "pupil", "--subject", "P-1"])
        .args(["--first", "Jane Smith, Headteacher", "--second", "Ali Khan, Safeguarding lead"])
        .args(["--computer", "ADMIN-07, Office", "--confirm-all", "--passphrases"])
        .arg(folder.path().join("words"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("runs");
    assert!(status.success());
    folder
}

pub fn entries(folder: &Path) -> Vec<Value> {
    let mut cases = std::fs::read_dir(folder.join("home/cases")).expect("cases").flatten();
    let journal = cases.next().expect("a case").path().join("data/journal");
    let mut paths: Vec<_> =
        std::fs::read_dir(journal).expect("entries").flatten().map(|e| e.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths
        .iter()
        .map(|path| serde_json::from_slice(&std::fs::read(path).expect("reads")).expect("JSON"))
        .collect()
}

#[test]
fn lines_go_in_and_one_object_a_line_comes_out() {
    let (site, folder) = (Site::start(), opened());
    let mut program = Program::record(folder.path(), &site.url("/redirect"));
    let visit = program.wait("visit");
    assert_eq!(visit["url"], site.url("/"));
    let entry = visit["entry"].as_u64().expect("a number");
    assert_eq!(entries(folder.path())[entry as usize - 1]["kind"], "visited", "told once it is on record");
    program.say("keep");
    assert_eq!(program.wait("kept")["url"], site.url("/"));
    program.say("area 0 0 50 50");
    assert_eq!(program.wait("kept")["files"][0]["role"], "area");
    program.say("nonsense");
    program.wait("refused");
    program.say(&format!("go {}", site.url("/download")));
    assert_eq!(program.wait("denied")["url"], site.url("/download"));
    program.say("note We stop here.");
    program.wait("noted");
    program.say("end");
    program.wait("ended");
    assert_eq!(program.end(), Some(0));

    let mut program = Program::record(folder.path(), &site.url("/"));
    program.wait("visit");
    program.say("halt");
    program.wait("halted");
    program.wait("ended");
    assert_eq!(program.end(), Some(0));
    let program = Program::record(folder.path(), &site.url("/"));
    assert_eq!(program.end(), Some(1), "nothing after a stop");
}

#[test]
fn a_killed_recorder_takes_its_browser_along_and_the_gap_is_said() {
    let (site, folder) = (Site::start(), opened());
    let mut program = Program::record(folder.path(), &site.url("/"));
    program.wait("visit");
    assert!(!processes(&folder.path().join("t")).is_empty());
    program.child.kill().expect("killed");
    program.child.wait().expect("dead");
    let killed = Instant::now();
    while !processes(&folder.path().join("t")).is_empty() {
        assert!(killed.elapsed() < Duration::from_secs(2), "the browser outlives its recorder");
        thread::sleep(Duration::from_millis(5));
    }
    println!("{:?} from the recorder's death to the browser's", killed.elapsed());
    let mut again = Program::record(folder.path(), &site.url("/404"));
    again.wait("visit");
    again.say("end");
    assert_eq!(again.end(), Some(0));
    let entries = entries(folder.path());
    let said: Vec<&str> = entries.iter().filter_map(|entry| entry["body"]["event"].as_str()).collect();
    assert_eq!(said, ["began", "gap", "began", "ended"]);
    let left = std::fs::read_dir(folder.path().join("t")).expect("listed").count();
    assert_eq!(left, 0, "what the killed one left is swept");
}
