//! Every verb beside an odd file.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::places::{self, Odd, Place, signs};
use crate::school::first_reference;
use crate::{HANGS, Schools, Worst};

/// What the case is when the verb comes to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Review,
    Sealed,
}

use Stage::{Review, Sealed};

/// The verbs, each as it is typed. `CASE` is the case, `OTHER` the one beside
/// it; one that signs gets `--passphrases case.txt` at its end.
pub const VERBS: [(Stage, &[&str]); 34] = [
    (Review, &["halt", "CASE"]),
    (Review, &["concern", "CASE", "--category", "child-abuse-images", "--at", "JS/1", "--describe", "x"]),
    (Review, &["concern", "CASE", "--category", "bullying", "--at", "JS/1", "--describe", "x", "SIGN"]),
    (Review, &["show", "CASE"]),
    (Review, &["show", "OTHER"]),
    (Review, &["register"]),
    (Review, &["note", "CASE", "--text", "x", "SIGN"]),
    (Review, &["attach", "CASE", "photo.bin", "--describe", "x", "SIGN"]),
    // A proxy that is not there: nothing leaves this computer.
    (
        Review,
        &[
            "keep",
            "CASE",
            "http://93.184.216.34/",
            "--browser",
            "./browser",
            "--proxy",
            "127.0.0.1:9",
            "SIGN",
        ],
    ),
    (Review, &["record", "CASE", "--headless", "--browser", "./browser", "--proxy", "127.0.0.1:9", "SIGN"]),
    (Review, &["judge", "CASE", "--substance", "no", "--because", "x", "SIGN"]),
    (Review, &["refer", "CASE", "--sheet", "sheet.pdf"]),
    (
        Review,
        &["refer", "CASE", "--route", "police-101", "--contact", "x", "--by", "y", "--when", "z", "SIGN"],
    ),
    (Review, &["isolate", "CASE"]),
    (Review, &["isolate", "CASE", "--what", "x", "--by", "y", "--when", "z", "SIGN"]),
    (Review, &["open", "SIGN"]),
    (Review, &["halt", "CASE", "--record", "SIGN"]),
    (Review, &["verify", "home/cases/CASE"]),
    (Review, &["verify", "home/cases/CASE/data/journal/000001.json"]),
    (Review, &["procedure", "check", "home/cases/CASE/data/journal/000001.json"]),
    (Review, &["procedure", "show"]),
    (Review, &["completions", "bash"]),
    (Review, &["doctor"]),
    (Review, &["rehearse", "--unattended", "--out", "practice", "--browser", "./browser"]),
    (Sealed, &["halt", "CASE"]),
    (Sealed, &["show", "CASE"]),
    (Sealed, &["register"]),
    (Sealed, &["act", "CASE", "--route", "internal", "--what", "x", "--by", "y", "--when", "z", "SIGN"]),
    (Sealed, &["form", "CASE", "--out", "form.pdf", "SIGN"]),
    (Sealed, &["seal", "CASE", "--out", "again", "SIGN"]),
    (Sealed, &["seal", "CASE", "--out", "paper", "--paper", "1"]),
    (
        Sealed,
        &[
            "hand-over",
            "CASE",
            "--to",
            "PC Brown",
            "--organisation",
            "Police",
            "--role",
            "Officer",
            "--how",
            "In person",
            "--medium",
            "Stick",
            "--out",
            "stick",
            "SIGN",
        ],
    ),
    (Sealed, &["archive", "CASE", "--retention", "pupil-discipline", "SIGN"]),
    (Sealed, &["verify", "home/sealed/CASE-seal-1.zip"]),
];

pub struct Tried {
    pub stop: String,
    pub worst: Worst,
}

/// What the verbs make of an odd file; none where it cannot be made here.
pub fn tried(
    schools: &Schools,
    place: &Place,
    odd: Odd,
    is_wanted: &dyn Fn(&[&str]) -> bool,
) -> Option<Tried> {
    let mut worst = Worst::default();
    let mut stop = "made".to_owned();
    for (stage, words) in VERBS.iter().filter(|(_, words)| is_wanted(words)) {
        // It opens a case of its own, and looks at no other.
        if words[0] == "rehearse" && is_of_the_case(place) {
            continue;
        }
        let trial = tempfile::tempdir().expect("a folder");
        let at = trial.path();
        copy(schools.at(*stage).folder.path(), at);
        if !places::hand_over(odd, at) || !places::make(place, odd, at) {
            // Only the sealed case has it.
            if *stage == Review && schools.sealed.path("").join(&place.path).symlink_metadata().is_ok() {
                continue;
            }
            return None;
        }
        let before = signs(at);
        let ran = run(schools, at, words, odd);
        places::undo(place, odd, at);
        let verb = words.iter().take(1).chain(words.iter().filter(|word| word.starts_with("--")).take(1));
        let verb = verb.copied().collect::<Vec<_>>().join(" ");
        worst.add(&verb, ran.seconds, ran.megabytes);
        if ran.said.contains("panicked") {
            worst.bad.push(format!("{verb} panicked"));
        }
        if words.contains(&"OTHER") && ran.code != Some(0) && is_of_the_case(place) {
            worst.bad.push("show of the other case".to_owned());
        }
        if words[0] == "register" && is_of_the_case(place) && !lists_the_other(&ran.said, &schools.other) {
            worst.bad.push("register of the other case".to_owned());
        }
        let is_stop = matches!(words, ["halt", "CASE"]) || words.contains(&"child-abuse-images");
        if is_stop {
            let is_shown = ran.said.contains("STOP. DO NOT LOOK AGAIN.");
            match (is_shown, signs(at) > before, ran.code) {
                (true, true, _) => {}
                (true, false, Some(4)) => stop = "shown; not made, and said so".to_owned(),
                (false, false, Some(2)) if is_nothing_left(at) => stop = "there is no case".to_owned(),
                _ => stop = format!("!! {verb}: shown {is_shown}, exit {:?}", ran.code),
            }
        }
    }
    Some(Tried { stop, worst })
}

/// Nothing that is of this case alone holds up another.
fn is_of_the_case(place: &Place) -> bool {
    let case = first_reference();
    place.path.components().any(|part| part.as_os_str() == case.as_str())
}

fn lists_the_other(said: &str, other: &str) -> bool {
    said.lines().any(|line| line.starts_with(other) && line.contains("in review"))
}

/// Neither the case nor the note of it is there any more.
pub fn is_nothing_left(trial: &Path) -> bool {
    let gone = |path: &str| trial.join("home").join(path).symlink_metadata().is_err();
    gone(&format!("cases/{}", first_reference())) && gone(&format!("heads/{}", first_reference()))
}

struct Ran {
    code: Option<i32>,
    seconds: f64,
    megabytes: f64,
    said: String,
}

fn run(schools: &Schools, trial: &Path, words: &[&str], odd: Odd) -> Ran {
    let said = tempfile::NamedTempFile::new().expect("a file");
    let mut command = places::command(odd, &schools.program);
    command.current_dir(trial).args(["--home", "home"]);
    for word in words {
        match *word {
            "open" => command.args(&crate::school::usual("case.txt")[..18]),
            "SIGN" => command.args(["--passphrases", "case.txt"]),
            word => command.arg(word.replace("CASE", &first_reference()).replace("OTHER", &schools.other)),
        };
    }
    let appended = || fs::OpenOptions::new().append(true).open(said.path()).expect("opens");
    command.stdin(Stdio::null()).stdout(appended()).stderr(appended());
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
        thread::sleep(Duration::from_millis(3));
    };
    let seconds = began.elapsed().as_secs_f64();
    let mut words = Vec::new();
    said.reopen().expect("opens").take(1 << 20).read_to_end(&mut words).expect("reads");
    Ran { code, seconds, megabytes: largest, said: String::from_utf8_lossy(&words).into_owned() }
}

/// The most that the process has held until now.
pub fn megabytes(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
}

pub fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").args(["-a", "."]).arg(to).current_dir(from).status();
    assert!(copied.is_ok_and(|status| status.success()), "copies");
}
