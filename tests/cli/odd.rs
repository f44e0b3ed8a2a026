//! For each file and folder of a case and of a home, and for each thing that
//! can lie there instead: no verb hangs, none takes much memory, the stop is
//! always made, and what to do is always shown.
//!
//! `.ci/deep` runs all of it and prints the table; a short share of it is run
//! with the other tests.

use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::school::{School, first_reference};

/// What lies where something of the case should be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Odd {
    Missing,
    Fifo,
    LinkToItself,
    LinkToZero,
    Folder,
    Sparse,
    NoAccess,
    Immutable,
}

const ALL: [Odd; 8] = [
    Odd::Missing,
    Odd::Fifo,
    Odd::LinkToItself,
    Odd::LinkToZero,
    Odd::Folder,
    Odd::Sparse,
    Odd::NoAccess,
    Odd::Immutable,
];

/// The verbs, each as it is typed; `CASE` is the case.
const VERBS: [&[&str]; 16] = [
    &["halt", "CASE"],
    &["concern", "CASE", "--category", "child-abuse-images", "--at", "JS/1", "--describe", "x"],
    &["show", "CASE"],
    &["register"],
    &["note", "CASE", "--text", "x", "--passphrases", "case.txt"],
    &["attach", "CASE", "photo.bin", "--describe", "x", "--passphrases", "case.txt"],
    &["judge", "CASE", "--substance", "no", "--because", "x", "--passphrases", "case.txt"],
    &["form", "CASE", "--out", "out.pdf"],
    &["seal", "CASE", "--out", "out", "--passphrases", "case.txt"],
    &["hand-over", "CASE", "--to", "PC Brown", "--out", "out", "--passphrases", "case.txt"],
    &["refer", "CASE", "--sheet", "sheet.pdf"],
    &["isolate", "CASE"],
    &["verify", "home/cases/CASE"],
    &["verify", "home/cases/CASE/data/journal/000001.json"],
    &["procedure", "check", "home/cases/CASE/data/journal/000001.json"],
    &["doctor"],
];

/// Seconds after which a verb hangs.
const HANGS: f64 = 60.0;

/// Megabytes that a verb may take.
const MOST_MEMORY: f64 = 200.0;

struct Ran {
    code: Option<i32>,
    seconds: f64,
    megabytes: f64,
    said: String,
}

#[test]
fn nobody_s_file_holds_up_a_stop_or_a_list() {
    let school = prepared();
    let head = school.home().join("heads").join(first_reference());
    let entry = school.entry(1);
    let mut table = Vec::new();
    for (path, odd) in [
        (&head, Odd::Folder),
        (&head, Odd::LinkToZero),
        (&entry, Odd::Fifo),
        (&entry, Odd::Sparse),
        (&school.case(), Odd::LinkToItself),
        (&school.case().join("keys/a"), Odd::Fifo),
    ] {
        judge(&school, path, odd, &[0, 1, 3, 4], &mut table);
    }
    assert!(table.iter().all(|line| !line.contains("!!")), "{}", table.join("\n"));
}

#[test]
#[ignore = "takes an hour; .ci/deep runs it and prints the table"]
fn every_file_and_folder_as_everything_that_it_can_be() {
    let school = prepared();
    let mut paths = vec![school.case(), school.home().join("cases"), school.home().join("heads")];
    paths.push(school.home().join("heads").join(first_reference()));
    walk(&school.case(), &mut paths);
    let every: Vec<usize> = (0..VERBS.len()).collect();
    let mut table = Vec::new();
    for path in &paths {
        for odd in ALL {
            judge(&school, path, odd, &every, &mut table);
        }
    }
    println!("what | as | worst seconds | worst MB | the stop\n-|-|-|-|-\n{}", table.join("\n"));
    let bad = table.iter().filter(|line| line.contains("!!")).count();
    println!("{} places and things, {} verbs each: {bad} bad", table.len(), VERBS.len());
    assert_eq!(bad, 0);
}

/// One place as one thing, under some of the verbs: a line of the table.
fn judge(school: &School, path: &Path, odd: Odd, verbs: &[usize], table: &mut Vec<String>) {
    let inside = path.strip_prefix(school.folder.path()).expect("within").to_owned();
    let (mut slowest, mut largest): (f64, f64) = (0.0, 0.0);
    let mut stop = "made";
    for verb in verbs {
        let trial = tempfile::tempdir().expect("a folder");
        let copied =
            Command::new("cp").args(["-a", "."]).arg(trial.path()).current_dir(school.folder.path()).status();
        assert!(copied.is_ok_and(|status| status.success()), "copies");
        let place = trial.path().join(&inside);
        if !make(&place, odd, trial.path()) {
            return;
        }
        let ran = run(trial.path(), VERBS[*verb], odd);
        undo(&place, odd);
        slowest = slowest.max(ran.seconds);
        largest = largest.max(ran.megabytes);
        if *verb < 2 {
            let is_shown = ran.said.contains("STOP. DO NOT LOOK AGAIN.");
            let is_made = ran.said.contains("is stopped") || is_marked(trial.path());
            stop = match (is_shown, is_made, ran.code) {
                (true, true, _) => stop,
                (true, false, Some(4)) => "shown; not made, and said so",
                (false, _, Some(2)) if odd == Odd::Missing && ran.said.contains("There is no case") => {
                    "there is no case"
                }
                _ => "!! neither made nor shown",
            };
        }
        if ran.said.contains("panicked") {
            stop = "!! panicked";
        }
    }
    let slow = if slowest >= HANGS { "!! " } else { "" };
    let large = if largest > MOST_MEMORY { "!! " } else { "" };
    let what = inside.display().to_string().replace(&first_reference(), "CASE");
    table.push(format!("{what} | {odd:?} | {slow}{slowest:.1} | {large}{largest:.0} | {stop}"));
}

/// Puts it there. Not everything can be made by everybody.
fn make(place: &Path, odd: Odd, trial: &Path) -> bool {
    let done = |program: &str, arguments: &[&std::ffi::OsStr]| {
        Command::new(program).args(arguments).status().is_ok_and(|status| status.success())
    };
    if matches!(odd, Odd::NoAccess) {
        // An ordinary user, who has everything but this.
        return done("chown", &["-R".as_ref(), "nobody".as_ref(), trial.as_os_str()])
            && done("chown", &["root".as_ref(), place.as_os_str()])
            && done("chmod", &["000".as_ref(), place.as_os_str()]);
    }
    if matches!(odd, Odd::Immutable) {
        return done("chattr", &["+i".as_ref(), place.as_os_str()]);
    }
    if place.is_dir() { fs::remove_dir_all(place) } else { fs::remove_file(place) }.expect("removes");
    match odd {
        Odd::Missing => true,
        Odd::Fifo => done("mkfifo", &[place.as_os_str()]),
        Odd::LinkToItself => symlink(place, place).is_ok(),
        Odd::LinkToZero => symlink("/dev/zero", place).is_ok(),
        Odd::Folder => fs::create_dir(place).is_ok(),
        Odd::Sparse => fs::File::create(place).and_then(|file| file.set_len(50_000_000_000)).is_ok(),
        Odd::NoAccess | Odd::Immutable => false,
    }
}

fn undo(place: &Path, odd: Odd) {
    if odd == Odd::Immutable {
        let _ = Command::new("chattr").arg("-i").arg(place).status();
    }
}

fn run(trial: &Path, verb: &[&str], odd: Odd) -> Ran {
    let case = first_reference();
    let program = env!("CARGO_BIN_EXE_countersign");
    let mut command = match odd {
        Odd::NoAccess => {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", program]);
            command
        }
        _ => Command::new(program),
    };
    let said = trial.join("said.txt");
    let file = fs::File::create(&said).expect("a file");
    command
        .current_dir(trial)
        .args(["--home", "home"])
        .args(verb.iter().map(|word| word.replace("CASE", &case)));
    command.stdin(Stdio::null()).stdout(file.try_clone().expect("twice")).stderr(file);
    let began = Instant::now();
    let mut child = command.spawn().expect("starts");
    let mut largest: f64 = 0.0;
    let code = loop {
        if let Some(status) = child.try_wait().expect("is ours") {
            break status.code();
        }
        largest = largest.max(megabytes(child.id()).unwrap_or_default());
        if began.elapsed().as_secs_f64() > HANGS {
            let _ = child.kill();
            child.wait().expect("ends");
            break None;
        }
        thread::sleep(Duration::from_millis(5));
    };
    let mut words = String::new();
    let _ = fs::File::open(&said).expect("is there").take(1 << 20).read_to_string(&mut words);
    Ran { code, seconds: began.elapsed().as_secs_f64(), megabytes: largest, said: words }
}

/// The most that the process has held until now.
fn megabytes(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
}

fn is_marked(trial: &Path) -> bool {
    let listed =
        fs::read_dir(trial.join("home/cases").join(first_reference())).into_iter().flatten().flatten();
    listed.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("halt-raised"))
}

/// A case with an exhibit and a note.
fn prepared() -> School {
    let school = School::with_a_case();
    fs::write(school.path("photo.bin"), vec![7; 100_000]).expect("writes");
    assert_eq!(school.both(&["attach", "photo.bin", "--describe", "A photo"]).code, 0);
    assert_eq!(school.both(&["note", "--text", "one"]).code, 0);
    school
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("lists").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        found.push(path.clone());
        if path.is_dir() {
            walk(&path, found);
        }
    }
}
