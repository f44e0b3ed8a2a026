//! Stops at the command line, whatever else is wrong: with the case, with what
//! was typed, with the disk.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::school::{School, first_reference, reference};

const CONCERN: [&str; 6] =
    ["concern", "--category", "child-abuse-images", "--at", "https://example.org/", "--describe"];

/// Every file of the case, each exchanged for what is no file.
#[test]
fn a_stop_makes_its_mark_whichever_file_of_the_case_is_none() {
    let school = School::with_a_case();
    assert_eq!(school.both(&["note", "--text", "one"]).code, 0);
    let mut files = Vec::new();
    every_file(&school.case(), &mut files);
    files.push(head(&school));
    assert!(files.len() > 12, "{files:?}");
    for (nth, file) in files.iter().enumerate() {
        for (kind, make) in ODD {
            let kept = school.path("kept");
            fs::rename(file, &kept).expect("moves");
            make(file);
            let before = signs(&school);
            // Each verb has its turn with each file: half of the time is enough
            // for whoever waits for this test.
            let arguments: Vec<&str> = match nth % 2 {
                0 => vec!["halt"],
                _ => CONCERN.into_iter().chain(["What we saw."]).collect(),
            };
            let mut child = start(&school, &[&arguments[..], &[&first_reference()]].concat());
            wait(&format!("{kind} as {}: a mark", file.display()), || signs(&school) > before);
            let _ = child.kill();
            child.wait().expect("ends");
            if kind == "folder" { fs::remove_dir(file) } else { fs::remove_file(file) }.expect("removes");
            fs::rename(&kept, file).expect("moves back");
        }
    }
}

#[test]
fn the_category_alone_stops_and_what_is_wrong_with_the_rest_is_said_after() {
    for (wrong, said) in [
        (&["--at", "htp//example", "--describe", "Words."][..], "neither an exhibit of this case"),
        (&["--at", "https://example.org/", "--describe", ""], "empty"),
        (&["--at", "https://example.org/"], "--describe is missing"),
        (&["--describe", "Words."], "--at is missing"),
    ] {
        let school = School::with_a_case();
        let arguments = [&["concern", "--category", "child-abuse-images"][..], wrong].concat();
        let answer = school.both(&arguments);
        answer.refuses(2, &["STOP. DO NOT LOOK AGAIN.", "is stopped", said]);
        let (entry, mark) = halted(&school);
        assert_eq!(entry["raised"], "by-concern");
        assert_eq!(entry["category"]["id"], "child-abuse-images");
        for (flag, name) in [("--at", "place"), ("--describe", "description")] {
            let typed = wrong.iter().position(|word| *word == flag).map(|at| wrong[at + 1]);
            assert_eq!(mark[name].as_str(), typed, "as it was typed");
            let visible = typed.filter(|words| !words.is_empty());
            assert_eq!(entry[name].as_str(), visible);
        }
        school.both(&["attach", "case.txt", "--describe", "x"]).refuses(1, &["the case was stopped"]);
    }
    // Characters that cannot be seen are no reason to refuse: visible in the
    // entry, and in the mark as they were typed.
    let school = School::with_a_case();
    assert_eq!(school.both(&[&CONCERN[..], &["a\u{1b}[2Jb"]].concat()).code, 0);
    let (entry, mark) = halted(&school);
    assert_eq!(mark["description"], "a\u{1b}[2Jb");
    assert_eq!(entry["description"], "a[U+001B][2Jb");
    // Nobody at a terminal, and no passphrases: stopped all the same.
    let school = School::with_a_case();
    let said = school.run(&[&CONCERN[..], &["Words."]].concat());
    said.refuses(2, &["STOP. DO NOT LOOK AGAIN.", "--passphrases is missing", "stopped all the same"]);
    assert_eq!(school.run(&["show", "--json"]).json()["phase"], "halt-raised");
    // A kind that stops nothing still stops nothing, and one that there is not
    // says that the case goes on.
    let school = School::with_a_case();
    let mild = ["concern", "--category", "bullying", "--at", "nowhere", "--describe", "x"];
    assert_eq!(school.both(&mild).code, 2);
    school.run(&["halt", "--category", "bullying"]).refuses(1, &["Nothing was stopped"]);
    let misspelt = ["concern", "--category", "child-abuse-image", "--at", "https://example.org/"];
    school.both(&[&misspelt[..], &["--describe", "x"]].concat()).refuses(2, &["the case goes on"]);
    assert_eq!(signs(&school), 0);
}

/// Whoever means a stop and calls it wrongly has stopped the case.
#[test]
fn a_stop_with_an_option_that_nobody_knows_stops_and_says_what_was_not_understood() {
    let wrong = ["halt", "--place", "a phone", "--category", "child-abuse-images", "--by", "both"];
    for (typed, raised) in [
        (&wrong[..], "by-hand"),
        (&["stop", &first_reference(), "now"], "by-hand"),
        (&["halt", "--category"], "by-hand"),
        (&["concern", "--category", "child-abuse-images", "--att", "https://example.org/"], "by-concern"),
    ] {
        let school = School::with_a_case();
        let said = school.run(typed);
        said.refuses(2, &["STOP. DO NOT LOOK AGAIN.", "is stopped", "was not understood"]);
        assert_eq!(signs(&school), 1, "{typed:?}");
        assert_eq!(school.run(&["show", "--json"]).json()["phase"], "halt-raised");
        let mark = fs::read_to_string(school.case().join("halt-raised")).expect("a mark");
        assert!(mark.contains(raised), "{mark}");
    }
    let school = School::with_a_case();
    school.run(&["concern", "--category", "bullying", "--att", "x"]).refuses(2, &["the case goes on"]);
    assert_eq!(signs(&school), 0);
}

/// A category stops by what the case's own procedure says, or the strictest
/// rule holds.
#[test]
fn a_procedure_that_cannot_be_read_is_known_by_its_digest_or_is_the_strictest() {
    let school = School::with_a_case();
    let pack = pack(&school);
    let bytes = fs::read(&pack).expect("reads");
    fs::write(&pack, "").expect("writes");
    // It is one that comes with Countersign: what it says is known.
    school.run(&["halt", "--category", "bullying"]).refuses(1, &["Nothing was stopped"]);
    let said = school.run(&["halt", "--category", "grooming", "--json"]);
    assert_eq!((said.code, &said.json()["response"]), (0, &Value::from("police")), "{}", said.err);

    // A school's own, which nobody can read.
    let school = School::new();
    let own = String::from_utf8(bytes).expect("text").replacen("id = \"uk-schools\"", "id = \"ours\"", 1);
    fs::write(school.path("ours.toml"), own).expect("writes");
    assert_eq!(school.open(&["--procedure", "ours.toml"]).code, 0);
    fs::write(self::pack(&school), "").expect("writes");
    let said = school.run(&["halt", "--category", "grooming", "--json"]);
    assert_eq!((said.code, &said.json()["response"]), (0, &Value::from("stop-and-withhold")), "{}", said.err);
    assert!(said.err.contains("could not be read") && signs(&school) == 1, "{}", said.err);
}

#[test]
fn a_case_whose_folder_is_gone_is_stopped_by_the_note_of_it() {
    let school = School::with_a_case();
    fs::rename(school.case(), school.path("elsewhere")).expect("moves");
    let said = school.run(&["halt", &first_reference()]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("STOP. DO NOT LOOK AGAIN.") && said.err.contains("a line outside"));
    assert_eq!(signs(&school), 1);
    fs::rename(school.path("elsewhere"), school.case()).expect("moves back");
    assert_eq!(school.run(&["show", "--json"]).json()["phase"], "halt-raised");
    let no_case = format!("{}-0099", reference().to_string().split_once('-').expect("a year").0);
    school.run(&["halt", &no_case]).refuses(2, &["There is no case"]);
}

/// The disk does not answer: what to do needs no disk.
#[test]
fn what_to_do_is_shown_within_a_second_where_the_disk_hangs() {
    let school = School::with_a_case();
    let shown = school.path("shown.txt");
    let mut child = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync"])
        .args(["-e", "inject=fsync:delay_enter=8000000"])
        .arg(env!("CARGO_BIN_EXE_countersign"))
        .arg("--home")
        .arg(school.home())
        .args(["halt", &first_reference()])
        .stderr(fs::File::create(&shown).expect("a file"))
        .stdout(Stdio::null())
        .spawn()
        .expect("strace");
    let began = Instant::now();
    wait("what to do", || fs::read_to_string(&shown).expect("reads").contains("STOP. DO NOT LOOK AGAIN."));
    // A second is the promise; the computer that tests may be busy.
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    assert!(!fs::read_to_string(&shown).expect("reads").contains("is stopped"), "nothing that is not so");
    let _ = child.kill();
    child.wait().expect("ends");
}

fn halted(school: &School) -> (Value, Value) {
    let entry = fs::read_to_string(school.entry(2)).expect("reads");
    let entry: Value = serde_json::from_str(&entry).expect("JSON");
    assert_eq!(entry["kind"], "halted");
    let mark = fs::read_to_string(school.case().join("halt-raised")).expect("reads");
    (entry["body"].clone(), serde_json::from_str(&mark).expect("JSON"))
}

/// How many signs of a stop there are: marks, and lines outside.
fn signs(school: &School) -> usize {
    let listed = fs::read_dir(school.case()).into_iter().flatten().flatten();
    let marks = listed.filter(|entry| entry.file_name().to_string_lossy().starts_with("halt-raised"));
    let head = match fs::symlink_metadata(head(school)) {
        Ok(there) if there.is_file() => fs::read_to_string(head(school)).expect("reads"),
        _ => String::new(),
    };
    marks.count().max(head.lines().filter(|line| line.starts_with("halt ")).count())
}

fn head(school: &School) -> PathBuf {
    school.home().join("heads").join(first_reference())
}

fn pack(school: &School) -> PathBuf {
    let listed = fs::read_dir(school.case().join("data/files")).expect("lists");
    let mut files = listed.map(|entry| entry.expect("an entry").path());
    files.find(|path| path.extension().is_some_and(|ending| ending == "toml")).expect("a pack")
}

fn every_file(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("lists") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { every_file(&path, found) } else { found.push(path) }
    }
}

fn start(school: &School, arguments: &[&str]) -> std::process::Child {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("--home")
        .arg(school.home())
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts")
}

fn wait(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}: not in a minute");
        thread::sleep(Duration::from_millis(5));
    }
}

type Make = fn(&Path);

/// What can lie where a file should be.
const ODD: [(&str, Make); 4] = [
    ("FIFO", |path| {
        let made = Command::new("mkfifo").arg(path).status().expect("mkfifo");
        assert!(made.success());
    }),
    ("link to itself", |path| symlink(path, path).expect("links")),
    ("link to /dev/zero", |path| symlink("/dev/zero", path).expect("links")),
    ("folder", |path| fs::create_dir(path).expect("a folder")),
];
