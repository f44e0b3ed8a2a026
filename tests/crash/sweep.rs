//! One fault at one system call, for every call that touches a case.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::ops::Add;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::child::Verb;
use crate::copied::copy;
use crate::world::World;

const CALLS: &str = "write,fsync,rename,link,linkat,openat,unlink,mkdir,ftruncate,pwrite64";
const FAULTS: [&str; 6] =
    ["signal=KILL", "error=ENOSPC", "error=EIO", "error=EROFS", "error=EACCES", "error=EINTR"];

/// A system call that touches the case: its name, and the how-manieth of its
/// kind it is in the main thread.
type Point = (String, u32);

/// Which of all points are tried: one of `of` equal shares.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    from: usize,
    of: usize,
}

impl Share {
    pub const ALL: Share = Share { from: 0, of: 1 };

    /// Whether the point of that number is in it.
    pub fn has(&self, number: usize) -> bool {
        number % self.of == self.from
    }

    /// The share of this run: `3/12` in the environment is the fourth of
    /// twelve. The build machine takes another from commit to commit.
    pub fn of_this_run() -> Share {
        Share::said("COUNTERSIGN_CRASH_SHARE", USUAL)
    }

    /// The same of the points at which a process goes on.
    pub fn of_this_run_going_on() -> Share {
        Share::said("COUNTERSIGN_GOING_ON_SHARE", USUAL_GOING_ON)
    }

    fn said(variable: &str, usual: usize) -> Share {
        let Ok(share) = std::env::var(variable) else { return Share { from: 0, of: usual } };
        let (from, of) = share.split_once('/').expect("a number, / and a number");
        let (from, of) = (from.parse().expect("a number"), of.parse().expect("a number"));
        assert!(from < of, "{share}: the first number is below the second");
        Share { from, of }
    }
}

/// Of which one is a minute or two.
const USUAL: usize = 5;

/// Of which one is half a minute.
const USUAL_GOING_ON: usize = 40;

pub struct Sweep {
    verb: Verb,
    /// What lies there before each run.
    before: tempfile::TempDir,
    points: Vec<Point>,
}

impl Sweep {
    pub fn of(verb: Verb) -> Sweep {
        let before = place();
        verb.prepare(&World::new(), before.path());
        let mut sweep = Sweep { verb, before, points: Vec::new() };
        let run = sweep.run("trace=none", None);
        assert!(!run.said.contains("refused"), "without a fault it goes through: {}", run.said);
        let kept = run.said.lines().filter(|line| line.starts_with("kept ")).count();
        assert_eq!(kept, verb.keeps(), "{verb:?}: {}\n{}", run.said, run.complained);
        assert_eq!(run.said.lines().any(|line| line == "raised"), verb == Verb::Raise, "{}", run.said);
        sweep.points = points(&run.trace, run.place.path());
        assert!(sweep.points.len() > 5, "{verb:?}: only {} points\n{}", sweep.points.len(), run.trace);
        sweep
    }

    fn run(&self, fault: &str, point: Option<&Point>) -> Run {
        let place = place();
        copy(self.before.path(), place.path());
        let log = place.path().join("strace.log");
        let mut command = Command::new("strace");
        command.args(["-f", "-y", "-s", "0", "-o"]).arg(&log).arg("-e").arg(format!("trace={CALLS}"));
        if let Some((call, number)) = point {
            command.arg("-e").arg(format!("inject={call}:{fault}:when={number}"));
        }
        command.arg(std::env::current_exe().expect("this program"));
        command.args(["--exact", "child", "--ignored", "--nocapture", "--test-threads=1"]);
        command.env("COUNTERSIGN_CRASH_TEST", format!("{}:{}", self.verb.name(), place.path().display()));
        let done = command.output().expect("strace runs (apt-get install strace)");
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let complained = String::from_utf8_lossy(&done.stderr).into_owned();
        Run { said, complained, trace: fs::read_to_string(&log).expect("reads"), place }
    }

    /// Tries the points of the share to their end, whatever fails. What a run
    /// left is given to `check`, which panics if it is not well.
    pub fn sweep(&self, share: Share, check: fn(&Run, &str)) -> Tally {
        let all = self.points.len() * FAULTS.len();
        // Points and faults are both spread over the shares.
        let faults = || FAULTS.iter().enumerate();
        let spread = |point: usize, fault: usize| (31 * point + fault) % share.of == share.from;
        let chosen: Vec<(&str, &Point)> = (self.points.iter().enumerate())
            .flat_map(|(at, point)| faults().map(move |(fault, name)| (at, point, fault, *name)))
            .filter(|(at, _, fault, _)| spread(*at, *fault))
            .map(|(_, point, _, name)| (name, point))
            .collect();
        let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(2, NonZeroUsize::get) {
                scope.spawn(|| {
                    while let Some((fault, point)) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let tried = AssertUnwindSafe(|| self.try_point(fault, point, check));
                        failed.fetch_add(usize::from(catch_unwind(tried).is_err()), Ordering::Relaxed);
                    }
                });
            }
        });
        let tally = Tally { all, tried: chosen.len(), failed: failed.into_inner() };
        eprintln!("{:?}, {share:?}: {tally:?}", self.verb);
        tally
    }

    fn try_point(&self, fault: &str, point: &Point, check: fn(&Run, &str)) {
        let run = self.run(fault, Some(point));
        let what = format!("{fault} at {point:?} of {:?}", self.verb);
        let hit = run.trace.contains("(INJECTED)") || run.trace.contains("killed by SIGKILL");
        assert!(hit, "{what}: was not injected\n{}", run.said);
        assert!(!run.complained.contains("panicked"), "{what}: {}", run.complained);
        check(&run, &what);
    }
}

/// How far a sweep went.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    /// How many points there are, faults times calls.
    pub all: usize,
    /// At how many a fault was injected, and all was well or not.
    pub tried: usize,
    /// At how many it was not.
    pub failed: usize,
}

impl Add for Tally {
    type Output = Tally;

    fn add(self, other: Tally) -> Tally {
        Tally {
            all: self.all + other.all,
            tried: self.tried + other.tried,
            failed: self.failed + other.failed,
        }
    }
}

pub struct Run {
    pub said: String,
    complained: String,
    trace: String,
    pub place: tempfile::TempDir,
}

/// The calls of the busiest thread that touch the case or what comes out.
fn points(trace: &str, place: &Path) -> Vec<Point> {
    let place = place.to_string_lossy().into_owned();
    let mut threads: BTreeMap<&str, (BTreeMap<String, u32>, Vec<Point>)> = BTreeMap::new();
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let Some((call, _)) = rest.trim_start().split_once('(') else { continue };
        let (counts, points) = threads.entry(thread).or_default();
        let count = counts.entry(call.to_owned()).or_default();
        *count += 1;
        let touches =
            rest.contains(&place) && !rest.contains("/drawer") && !rest.contains("O_RDONLY|O_NOFOLLOW");
        if touches {
            points.push((call.to_owned(), *count));
        }
    }
    threads.into_values().map(|(_, points)| points).max_by_key(Vec::len).unwrap_or_default()
}

/// In memory where the system has such a place: the calls are what counts, and
/// a real disk would be kept busy with a hundred thousand of them.
pub fn place() -> tempfile::TempDir {
    match Path::new("/dev/shm") {
        memory if memory.is_dir() => tempfile::tempdir_in(memory).expect("a folder"),
        _ => tempfile::tempdir().expect("a folder"),
    }
}
