//! For each file and folder of a case and of a home, and for each thing that
//! can lie there instead: no verb and no page of the guide hangs, none takes
//! much memory, the stop is always made or held, what to do is always shown,
//! and another case of the home goes on.
//!
//! A share of it is run with the other tests. `.ci/deep odd-files` runs all of
//! it and prints the table, which stands in `TABLE.md` beside this file.
#![cfg(unix)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the table is printed")]

#[path = "../support/guide.rs"]
mod guide;
mod hangs;
mod pages;
mod places;
#[path = "../cli/school.rs"]
#[allow(dead_code)]
mod school;
mod verbs;

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use school::{School, first_reference};
use tempfile::TempDir;

use places::{Odd, Place};
use verbs::{Stage, VERBS};

/// Seconds after which a verb or a page hangs.
const HANGS: f64 = 60.0;

/// Megabytes that a verb or a guide may take.
const MOST_MEMORY: f64 = 200.0;

#[test]
fn every_verb_of_the_program_is_on_the_list() {
    let school = School::new();
    let help = school.run(&["--help"]).out;
    let commands = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next());
    for line in commands.expect("a list").lines() {
        let verb = line.split_whitespace().next().expect("a verb");
        let is_listed = verb == "guide" || VERBS.iter().any(|(_, words)| words[0] == verb);
        assert!(is_listed, "{verb} is run with no odd file");
    }
}

#[test]
fn nobody_s_file_holds_up_a_stop_a_list_or_a_page() {
    let schools = Schools::prepare();
    let (case, other) = (Path::new("home/cases").join(first_reference()), Path::new("home/heads"));
    let entry = case.join("data/journal/000001.json");
    let head = other.join(first_reference());
    let cells = [
        (Place::file(&head), Odd::Folder),
        (Place::file(&head), Odd::LinkToZero),
        (Place::file(&entry), Odd::Fifo),
        (Place::file(&entry), Odd::Sparse),
        (Place::folder(&case), Odd::LinkToItself),
        (Place::file(&case.join("keys/a")), Odd::Fifo),
        (Place::file(&case.join("halt-raised")), Odd::Fifo),
        (Place::folder(Path::new("home/cases")), Odd::Fifo),
        (Place::folder(&case), Odd::Immutable),
        (Place::folder(Path::new("home")), Odd::Missing),
    ];
    // Both people's passphrases take half a second each time.
    let short = |words: &[&str]| {
        matches!(words[0], "halt" | "show" | "register" | "note" | "verify") || words.contains(&"--sheet")
    };
    let rows = run(&schools, cells.into(), &short);
    assert!(rows.len() >= 8, "{rows:?}");
    let bad: Vec<&String> = rows.iter().filter(|row| row.contains("!!")).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
#[ignore = "takes half an hour; .ci/deep odd-files runs it and prints the table"]
fn every_file_and_folder_as_everything_that_it_can_be() {
    let schools = Schools::prepare();
    let mut cells = VecDeque::new();
    for place in places::all(schools.sealed.folder.path(), &schools.other) {
        cells.extend(Odd::ALL.map(|odd| (place.clone(), odd)));
    }
    let wanted = cells.len();
    // A part of it, such as 100-199: what broke off goes on where it was.
    let part = std::env::var("COUNTERSIGN_ODD_ROWS").ok();
    if let Some((first, last)) = part.as_deref().and_then(|part| part.split_once('-')) {
        let (first, last): (usize, usize) = (first.parse().expect("a row"), last.parse().expect("a row"));
        cells.truncate(last + 1);
        cells.drain(..first);
    }
    let rows = run(&schools, cells, &|_| true);
    let head = "what | as | stop by halt, concern | Stop in the guide | worst verb | worst page";
    println!("{head}\n-|-|-|-|-|-\n{}", rows.join("\n"));
    let bad = rows.iter().filter(|row| row.contains("!!")).count();
    let verbs = VERBS.len();
    println!(
        "\n{} of {wanted} rows, each with {verbs} verbs and {} pages: {bad} bad",
        rows.len(),
        pages::addresses().len()
    );
    assert_eq!(bad, 0);
}

/// A home with a case in review, and one with the same case sealed; each has
/// another case beside it.
struct Schools {
    review: School,
    sealed: School,
    other: String,
    /// The program, where an ordinary user can run it.
    program: PathBuf,
    _folder: TempDir,
}

impl Schools {
    fn prepare() -> Schools {
        let review = School::with_a_case();
        fs::write(review.path("photo.bin"), vec![7; 100_000]).expect("writes");
        fs::write(review.path("browser"), "#!/bin/sh\necho Chromium 156.0.7000.0\n").expect("writes");
        let executable = Command::new("chmod").arg("755").arg(review.path("browser")).status();
        assert!(executable.is_ok_and(|status| status.success()));
        let case = first_reference();
        let both = |school: &School, words: &[&str]| {
            let said = school.both(words);
            assert_eq!(said.code, 0, "{words:?}: {}", said.err);
        };
        both(&review, &["attach", "photo.bin", "--describe", "A photo"]);
        both(&review, &["note", "--text", "one"]);
        let other = review.open_with(&[], "other.txt");
        assert_eq!(other.code, 0, "{}", other.err);
        let sealed = School::new();
        verbs::copy(review.folder.path(), sealed.folder.path());
        both(&sealed, &["judge", &case, "--substance", "no", "--because", "x"]);
        both(&sealed, &["seal", &case, "--out", "out"]);
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("countersign");
        // Where the tests' own is, nobody else may get at.
        fs::copy(env!("CARGO_BIN_EXE_countersign"), &program).expect("copies");
        let open = Command::new("chmod").args(["755"]).arg(folder.path()).arg(&program).status();
        assert!(open.is_ok_and(|status| status.success()));
        Schools { review, sealed, other: other.out.trim().to_owned(), program, _folder: folder }
    }

    fn at(&self, stage: Stage) -> &School {
        match stage {
            Stage::Review => &self.review,
            Stage::Sealed => &self.sealed,
        }
    }
}

/// A row of each cell that can be made here, in their order.
fn run(
    schools: &Schools,
    cells: VecDeque<(Place, Odd)>,
    is_wanted: &(dyn Fn(&[&str]) -> bool + Sync),
) -> Vec<String> {
    let rows = Mutex::new(Vec::new());
    let cells = Mutex::new(cells.into_iter().enumerate().collect::<VecDeque<_>>());
    let next = || cells.lock().expect("well").pop_front();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((number, (place, odd))) = next() {
                    let row = row(schools, &place, odd, is_wanted);
                    if let Some(row) = row.as_ref() {
                        eprintln!("{number}: {row}");
                    }
                    rows.lock().expect("well").extend(row.map(|row| (number, row)));
                }
            });
        }
    });
    let mut rows = rows.into_inner().expect("well");
    rows.sort();
    rows.into_iter().map(|(_, row)| row).collect()
}

fn row(schools: &Schools, place: &Place, odd: Odd, is_wanted: &dyn Fn(&[&str]) -> bool) -> Option<String> {
    let tried = verbs::tried(schools, place, odd, is_wanted)?;
    let paged = pages::tried(schools, place, odd)?;
    let what = place.path.display().to_string().replace(&first_reference(), "CASE");
    Some(format!(
        "{what} | {odd:?} | {} | {} | {} | {}",
        tried.stop,
        paged.stop,
        tried.worst.told(),
        paged.worst.told()
    ))
}

/// What took longest, and what took most memory.
#[derive(Default)]
struct Worst {
    seconds: f64,
    longest: String,
    megabytes: f64,
    largest: String,
    /// What must not be.
    bad: Vec<String>,
}

impl Worst {
    fn add(&mut self, what: &str, seconds: f64, megabytes: f64) {
        if seconds > self.seconds {
            (self.seconds, self.longest) = (seconds, what.to_owned());
        }
        if megabytes > self.megabytes {
            (self.megabytes, self.largest) = (megabytes, what.to_owned());
        }
    }

    fn told(&self) -> String {
        let mut told =
            format!("{:.1} s ({}), {:.0} MB ({})", self.seconds, self.longest, self.megabytes, self.largest);
        if self.seconds >= HANGS {
            told += " !! hangs";
        }
        if self.megabytes > MOST_MEMORY {
            told += " !! much memory";
        }
        for bad in &self.bad {
            told += &format!(" !! {bad}");
        }
        told
    }
}
