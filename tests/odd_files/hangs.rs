//! A disk that hangs: when two cases are read, and when anything is written.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::guide::{Browser, Guide};
use crate::places::signs;
use crate::school::{School, first_reference};

/// Two cases whose entries nobody can open for ten minutes, and a third.
struct Hanging {
    school: School,
    cases: [String; 3],
}

impl Hanging {
    fn prepare() -> Hanging {
        let school = School::with_a_case();
        let more = ["two.txt", "three.txt"].map(|passphrases| {
            let said = school.open_with(&[], passphrases);
            assert_eq!(said.code, 0, "{}", said.err);
            said.out.trim().to_owned()
        });
        let [second, third] = more;
        Hanging { school, cases: [first_reference(), second, third] }
    }

    /// The program as it runs while they hang.
    fn command(&self) -> Command {
        let mut command = Command::new("strace");
        // The program is the child itself, and its tracer a grandchild.
        command.args(["-D", "-f", "-qq", "-o", "/dev/null", "--seccomp-bpf", "-e", "trace=openat"]);
        for case in &self.cases[..2] {
            command
                .arg("-P")
                .arg(self.school.home().join("cases").join(case).join("data/journal/000001.json"));
        }
        command.args(["-e", "inject=openat:delay_enter=600000000", env!("CARGO_BIN_EXE_countersign")]);
        command
    }
}

/// Who makes a program's threads wait. Dropped, it lets them go: nobody can end
/// a program before.
struct Tracer(u32);

impl Tracer {
    fn of(program: u32) -> Tracer {
        let status = fs::read_to_string(format!("/proc/{program}/status")).expect("runs");
        let line = status.lines().find_map(|line| line.strip_prefix("TracerPid:")).expect("a line");
        Tracer(line.trim().parse().expect("a number"))
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        done("kill", &["-9".as_ref(), self.0.to_string().as_ref()]);
    }
}

#[test]
fn two_cases_whose_disk_hangs_hold_up_no_page_of_another_and_no_stop() {
    let hanging = Hanging::prepare();
    let [first, second, third] = &hanging.cases;
    let guide = Guide::try_start(hanging.command(), &hanging.school.home()).expect("begins");
    // Gone before the guide is ended.
    let _tracer = Tracer::of(guide.id());
    let mut browser = Browser::arrive_by(&guide, guide.way_in());
    let mut look = |page: &str| {
        let began = Instant::now();
        let seen = browser.look(page).clone();
        (seen, began.elapsed())
    };
    // More often than there are readers.
    for page in ["/", "/register", "/", "/register", "/stop"] {
        let (seen, took) = look(page);
        assert!(took < SOON, "{page}: {took:?}");
        assert!([first, second, third].iter().all(|case| seen.text().contains(*case)), "{page}");
    }
    let (seen, took) = look(&format!("/case/{third}"));
    assert!(seen.status == 200 && took < SOON, "{took:?} {}", seen.text());
    // One of theirs says so after a while, and from then on at once.
    let (seen, _) = look(&format!("/case/{first}"));
    assert!(seen.text().contains("does not answer"), "{}", seen.text());
    let (seen, took) = look(&format!("/case/{first}"));
    assert!(seen.text().contains("does not answer") && took < SOON, "{took:?}");
    // The readers that wait there have others in their stead.
    let listed = || {
        let text = browser.look("/").text();
        text.split("<li>").any(|row| row.contains(third.as_str()) && row.contains("In review"))
    };
    wait("the third case in the list", listed);
    browser.look("/stop");
    let stop = format!("/case/{first}/stop");
    let began = Instant::now();
    browser.post(&stop, &[]);
    browser.look(&format!("/case/{first}/stopped")).text();
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    browser.sees("Stop. Do not look again.");
    assert!(signs(hanging.school.folder.path()) > 0);
}

#[test]
fn the_register_names_two_cases_whose_disk_hangs_and_lists_the_third() {
    let hanging = Hanging::prepare();
    let [first, second, third] = &hanging.cases;
    let path = hanging.school.path("said.txt");
    let mut command = hanging.command();
    command.arg("--home").arg(hanging.school.home()).arg("register").stdin(Stdio::null());
    command.stdout(fs::File::create(&path).expect("a file")).stderr(Stdio::null());
    let mut child = command.spawn().expect("starts");
    let said = || fs::read_to_string(&path).expect("reads");
    wait("the register", || hanging.cases.iter().all(|case| said().contains(case.as_str())));
    let said = said();
    drop(Tracer::of(child.id()));
    child.wait().expect("ends");
    for case in [first, second] {
        let row = said.lines().find(|line| line.starts_with(case.as_str())).expect("a row");
        assert!(row.contains("CANNOT BE READ") && row.contains("does not answer"), "{row}");
    }
    assert!(
        said.lines().any(|line| line.starts_with(third.as_str()) && line.contains("in review")),
        "{said}"
    );
}

/// A share that hangs holds up whoever needs its file, and that is said.
#[test]
fn whoever_waits_for_a_file_that_does_not_answer_hears_which_it_is() {
    let school = School::with_a_case();
    let file = school.path("of-a-share.txt");
    fs::write(&file, "what the filter wrote").expect("writes");
    let said = school.path("said.txt");
    let mut command = Command::new("strace");
    command
        .args(["-D", "-f", "-qq", "-o", "/dev/null", "--seccomp-bpf", "-e", "trace=read", "-P"])
        .arg(&file);
    command.args(["-e", "inject=read:delay_enter=600000000", env!("CARGO_BIN_EXE_countersign"), "--home"]);
    command.arg(school.home()).arg("attach").arg(&file).args([
        "--describe",
        "Of the filter",
        "--passphrases",
    ]);
    command.arg(school.path("case.txt")).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(fs::File::create(&said).expect("a file"));
    let mut child = command.spawn().expect("starts");
    let read = || fs::read_to_string(&said).expect("reads");
    wait("the name of the file", || read().contains("Waiting for ") && read().contains("of-a-share.txt"));
    // Whoever waits can be stopped all the same.
    assert_eq!(school.run(&["halt"]).code, 0);
    wait("the end", || read().contains("stopped"));
    drop(Tracer::of(child.id()));
    child.wait().expect("ends");
}

/// What a case withholds that does not answer is not known; what its files are
/// called is, and nothing else of a third case waits for it.
#[test]
fn two_cases_whose_disk_hangs_hold_up_nothing_that_comes_into_a_third() {
    let hanging = Hanging::prepare();
    let [first, _, third] = &hanging.cases;
    let own = hanging.school.path("own.txt");
    fs::write(&own, "what the filter wrote").expect("writes");
    let copy = hanging.school.path("copy.txt");
    fs::write(&copy, "what the first case has").expect("writes");
    let path = copy.to_str().expect("is text");
    let said = hanging.school.both(&["attach", first, path, "--describe", "Of the filter"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for (path, word) in [(&own, "brought in"), (&copy, "is withheld in case")] {
        let said = hanging.school.path("said.txt");
        let mut command = hanging.command();
        command.arg("--home").arg(hanging.school.home()).args(["attach", third.as_str()]).arg(path);
        command.args(["--describe", "Of the filter", "--passphrases"]).arg(hanging.school.path("three.txt"));
        let out = fs::File::create(&said).expect("a file");
        command.stdin(Stdio::null()).stdout(out.try_clone().expect("a file")).stderr(out);
        let mut child = command.spawn().expect("starts");
        let read = || fs::read_to_string(&said).expect("reads");
        wait(word, || read().to_lowercase().contains(word));
        drop(Tracer::of(child.id()));
        child.wait().expect("ends");
        assert_eq!(read().contains(first.as_str()), path == &copy, "{}", read());
    }
}

/// A disk that takes no writing until it is let: `fsfreeze` on a file system of
/// its own, which only root can make, and not everywhere.
struct Frozen {
    folder: tempfile::TempDir,
    is_frozen: bool,
}

impl Frozen {
    fn mount() -> Option<Frozen> {
        let folder = tempfile::tempdir().expect("a folder");
        let (image, disk) = (folder.path().join("image"), folder.path().join("disk"));
        fs::create_dir(&disk).expect("makes");
        fs::File::create(&image).and_then(|file| file.set_len(64 << 20)).expect("a file");
        let is_there = done("mkfs.ext4", &["-q".as_ref(), &image])
            && done("mount", &["-o".as_ref(), "loop".as_ref(), &image, &disk]);
        is_there.then_some(Frozen { folder, is_frozen: false })
    }

    fn disk(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    fn freeze(&mut self) -> bool {
        self.is_frozen = done("fsfreeze", &["-f".as_ref(), &self.disk()]);
        self.is_frozen
    }

    fn thaw(&mut self) {
        if std::mem::take(&mut self.is_frozen) {
            done("fsfreeze", &["-u".as_ref(), &self.disk()]);
        }
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.thaw();
        done("umount", &["-l".as_ref(), &self.disk()]);
    }
}

#[test]
fn a_disk_that_takes_nothing_lets_what_to_do_be_read_and_the_guide_hold_the_stop() {
    let Some(mut frozen) = Frozen::mount() else {
        return eprintln!("skipped: nobody here can mount and freeze a disk");
    };
    let disk = frozen.disk();
    let school = School::with_a_case();
    crate::verbs::copy(school.folder.path(), &disk);
    let guide = Guide::start(&disk.join("home"));
    let case = format!("/case/{}", first_reference());
    let mut browser = Browser::enter(&guide);
    // A page from before the stop.
    browser.get("/end");
    let mut early_end = browser.tab();
    browser.get(&case);
    if !frozen.freeze() {
        return eprintln!("skipped: nobody here can freeze a disk");
    }

    // In the guide: held, and said so on the page and before the guide ends.
    let began = Instant::now();
    browser.post(&format!("{case}/stop"), &[]);
    let pressed = began.elapsed();
    browser.look(&format!("{case}/stopped"));
    let shown = began.elapsed();
    let page = browser.page.text();
    browser.look("/end");
    let end = browser.page.text();
    early_end.post("/end", &[]);

    // At the command line: the words need no disk.
    let said = school.path("said.txt");
    let mut halt = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("--home")
        .arg(disk.join("home"))
        .args(["halt", &first_reference()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(&said).expect("a file"))
        .spawn()
        .expect("starts");
    let began = Instant::now();
    let words = || {
        let mut words = String::new();
        fs::File::open(&said).and_then(|mut file| file.read_to_string(&mut words)).expect("reads");
        words
    };
    while !words().contains("STOP. DO NOT LOOK AGAIN.") && began.elapsed() < Duration::from_secs(30) {
        thread::sleep(Duration::from_millis(5));
    }
    let (told, early) = (began.elapsed(), words());
    // Whatever failed above, the disk is let before anybody waits for it.
    frozen.thaw();
    halt.wait().expect("ends");

    assert!(pressed < SOON && shown < SOON && told < SOON, "{pressed:?} {shown:?} {told:?}");
    assert!(
        page.contains("Stop. Do not look again.") && page.contains("could not be written to the disk yet")
    );
    let warned = |text: &str| text.contains("nothing on this computer says that it was stopped");
    assert!(warned(&end) && !end.contains(">End the guide</button>"), "{end}");
    assert!(warned(&early_end.page.text()), "a page from before it ends no guide: {}", early_end.page.text());
    assert!(!early.contains("is stopped"), "nothing that is not so: {early}");
    assert!(words().contains("is stopped"), "{}", words());
    wait("both stops on the disk", || signs(&disk) >= 4);
    wait("a guide that holds nothing", || browser.look("/end").text().contains(">End the guide</button>"));
}

fn done(program: &str, arguments: &[&Path]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(120), "{what}: not in two minutes");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A second is the promise; the computer that tests may be busy.
const SOON: Duration = Duration::from_secs(6);
