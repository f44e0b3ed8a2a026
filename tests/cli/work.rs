//! A stop while something large is being brought in: it ends with it, and
//! nothing of it is stored.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use countersign_case::case::{Halt, Home, raise};
use countersign_record::clock::{Clock, Time};

use crate::school::{School, first_reference, reference};

#[test]
fn a_stop_ends_what_is_being_brought_in_and_nothing_of_it_is_stored() {
    let mut soonest = Duration::MAX;
    for _ in 0..ROUNDS {
        let school = School::with_a_case();
        let large = school.path("phone.img");
        File::create(&large).and_then(|file| file.set_len(2 << 30)).expect("a file");
        let before = stored(&school);
        let mut attach = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .current_dir(school.folder.path())
            .args(["--home", "home", "attach", &first_reference(), "phone.img", "--describe", "A phone"])
            .args(["--passphrases", "case.txt"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let began = Instant::now();
        while drafts(&school).iter().map(length).sum::<u64>() < 64 << 20 {
            assert!(began.elapsed() < Duration::from_secs(60), "nothing is brought in");
            assert_eq!(attach.try_wait().expect("is ours"), None, "it ended by itself");
            thread::sleep(Duration::from_millis(2));
        }
        raise(&Home::at(school.home()).case(reference()), Halt::default(), &Now).expect("is raised");
        let raised = Instant::now();
        let status = attach.wait().expect("ends");
        soonest = soonest.min(raised.elapsed());
        let mut said = String::new();
        attach.stderr.take().expect("a pipe").read_to_string(&mut said).expect("reads");
        assert_eq!(status.code(), Some(1), "{said}");
        assert!(said.contains("Nothing was kept: the case was stopped meanwhile."), "{said}");
        assert_eq!((stored(&school), drafts(&school)), (before, Vec::new()));
        // The stop, with what was being brought in, and nothing else.
        assert_eq!(school.entries(), 2);
        let stop = fs::read_to_string(school.entry(2)).expect("reads");
        assert!(stop.contains("\"kind\": \"halted\"") && stop.contains("phone.img"), "{stop}");
        let sheet = school.path("sheet.pdf");
        assert_eq!(school.run(&["refer", "--sheet", sheet.to_str().expect("UTF-8")]).code, 0);
        let words = Command::new("pdftotext").arg("-raw").arg(sheet).arg("-").output();
        let words = String::from_utf8(words.expect("poppler-utils").stdout).expect("UTF-8");
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("Being kept then, as the program saw it phone.img"), "{words}");
    }
    // The promise. A computer that is busy with other tests has some tries.
    assert!(soonest < Duration::from_millis(250), "{soonest:?}");
}

/// A slow stick, and one that takes its time at the end: what people want a
/// copy on does not hold up a stop, and keeps nothing of it.
#[test]
fn a_stop_ends_the_copy_of_a_seal_that_a_slow_stick_takes() {
    for (slow, is_begun) in [
        ("write:delay_enter=300000", (|length, _| length > 1 << 20) as fn(u64, u64) -> bool),
        ("fsync:delay_enter=30000000", |length, whole| length > 0 && length == whole),
    ] {
        let school = School::with_a_case();
        let large = school.path("phone.img");
        File::create(&large).and_then(|file| file.set_len(48 << 20)).expect("a file");
        assert_eq!(school.both(&["attach", "phone.img", "--describe", "A phone"]).code, 0);
        assert_eq!(school.both(&["judge", "--substance", "no", "--because", "Nothing was found."]).code, 0);
        let (out, name) = (school.path("stick"), format!("{}-seal-1.zip", first_reference()));
        let part = out.join(format!("{name}.part"));
        let mut seal = Command::new("strace")
            .current_dir(school.folder.path())
            .args(["-f", "--seccomp-bpf", "-qq", "-o", "strace.log", "-P"])
            .arg(&part)
            .args(["-e", "trace=write,fsync", "-e", &format!("inject={slow}")])
            .arg(env!("CARGO_BIN_EXE_countersign"))
            .args(["--home", "home", "seal", "--out"])
            .arg(&out)
            .args(["--passphrases", "case.txt"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("strace must be installed for this test");
        let began = Instant::now();
        let whole = || length(&school.home().join("sealed").join(&name));
        while !is_begun(length(&part), whole()) {
            assert!(began.elapsed() < Duration::from_secs(120), "{slow}: nothing is copied");
            assert_eq!(seal.try_wait().expect("is ours"), None, "{slow}: it ended by itself");
            thread::sleep(Duration::from_millis(2));
        }
        raise(&Home::at(school.home()).case(reference()), Halt::default(), &Now).expect("is raised");
        let raised = Instant::now();
        let mut lines = BufReader::new(seal.stderr.take().expect("a pipe")).lines();
        let mut said = String::new();
        while !said.contains("The seal code") {
            said.push_str(&lines.next().expect("goes on").expect("reads"));
            said.push('\n');
        }
        // One write that the disk is at, and what the program does then.
        assert!(raised.elapsed() < Duration::from_secs(3), "{slow}: {:?}", raised.elapsed());
        let left: Vec<PathBuf> =
            fs::read_dir(&out).expect("lists").map(|entry| entry.expect("one").path()).collect();
        assert_eq!(left, Vec::<PathBuf>::new(), "{slow}: {said}");
        for words in [format!("{name}: the case was stopped"), "are not printed, copied".to_owned()] {
            assert!(said.contains(&words), "{slow}: {words}: {said}");
        }
        assert!(!said.contains("Print the form"), "{slow}: {said}");
        // The tracer waits for the sync that it holds back.
        seal.kill().expect("ends");
        seal.wait().expect("ends");
    }
}

const ROUNDS: usize = 3;

fn stored(school: &School) -> Vec<PathBuf> {
    listed(school, "data/files")
}

fn drafts(school: &School) -> Vec<PathBuf> {
    listed(school, "draft")
}

fn listed(school: &School, folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(school.case().join(folder)).expect("lists");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

fn length(path: &PathBuf) -> u64 {
    fs::metadata(path).map_or(0, |there| there.len())
}

struct Now;

impl Clock for Now {
    fn now(&self) -> Time {
        Time::parse("2026-11-22T10:00:00.000Z").expect("a time")
    }

    fn since_start(&self) -> Duration {
        Duration::ZERO
    }
}
