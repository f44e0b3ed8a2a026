//! A case through power cuts and failing disks: killed, or refused by the
//! system, at each system call that touches it. What was acknowledged is
//! there afterwards, nothing half-written is taken, and the case goes on.

// What was acknowledged is what was printed; the sweeps say how far they went.
#![allow(clippy::print_stdout, clippy::print_stderr)]
#![cfg(target_os = "linux")]

#[path = "support/forge.rs"]
mod forge;
#[path = "support/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;

use countersign::bundle::Source;
use countersign::capture::{AttachRequest, attach};
use countersign::case::{self, Home, Reading, Unlocked};
use countersign::form::Fonts;
use countersign::handover::{SealRequest, seal};
use countersign::journal::{Body, Judged, Noted, Reference, Restraint, Side};
use countersign::procedure::Deed;
use countersign::verify::Verdict;
use forge::verify_source;
use world::{World, text};

/// How many points of each kind the quick sweep takes; the long one takes all.
const QUICK: usize = 5;

const CALLS: &str = "write,fsync,rename,link,linkat,openat,unlink,mkdir,ftruncate,pwrite64";
const FAULTS: [&str; 6] =
    ["signal=KILL", "error=ENOSPC", "error=EIO", "error=EROFS", "error=EACCES", "error=EINTR"];

// What is run and interrupted.

/// Not a test by itself: the sweeps run it in a process of its own, with the
/// place of the case in the environment.
#[test]
#[ignore = "the sweeps run it"]
fn child() {
    let Ok(place) = std::env::var("COUNTERSIGN_CRASH_TEST") else { return };
    let (verb, place) = place.split_once(':').expect("a verb and a place");
    // Ends the line that the harness began.
    println!();
    let mut world = World::seeded(u64::from(std::process::id()));
    world.folder = tempfile::TempDir::with_prefix("unused").expect("a folder");
    if let Err(error) = perform(&world, verb, Path::new(place)) {
        println!("refused: {error}");
    }
}

fn perform(world: &World, verb: &str, place: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let home = Home::at(place.join("home"));
    let reference: Reference = "2026-0001".parse()?;
    if verb == "raise" {
        let category = world::pack().category("child-abuse-images").expect("is there").recorded();
        case::raise(&home.case(reference), Some(category), None, None, &world.clock)?;
        println!("raised");
        return Ok(());
    }
    let mut case = match verb {
        "open" => {
            let pack = world::pack();
            case::open(&home, world::new_case(&pack, None), &pack, world.pass(), world.around())?
        }
        _ => Unlocked::unlock(&home, reference, world.pass(), world.around())?,
    };
    println!("kept 1 opened");
    if verb == "open" {
        return Ok(());
    }
    let log = place.join("log.csv");
    let description = text("A log");
    let brought =
        attach(&mut case, AttachRequest { paths: &[log], producer: Side::A, description: &description })?;
    println!("kept {} attached", brought.entries[0]);
    let permit = case.permit(Deed::Note)?;
    let noted = case.append(permit, Body::Noted(Noted { text: text("a note"), corrects: None }))?;
    println!("kept {noted} noted");
    let permit = case.permit(Deed::Judge)?;
    let judged = case.append(permit, Body::Judged(Judged { substance: true, because: text("Seen.") }))?;
    println!("kept {judged} judged");
    let fonts = Fonts::built_in();
    let out = place.join("out");
    let watch = &countersign::bundle::unwatched;
    let request = SealRequest { out: &out, fonts: &fonts, threads: NonZeroUsize::MIN, watch };
    let sealed = seal(&mut case, &request)?;
    println!("kept {} sealed", sealed.entry);
    println!("sealed {}", sealed.bundle.display());
    Ok(())
}

// The sweeps.

/// A system call that touches the case: its name, and the how-manieth of its
/// kind it is in the main thread.
type Point = (String, u32);

struct Sweep {
    verb: &'static str,
    /// What lies there before each run.
    before: tempfile::TempDir,
    points: Vec<Point>,
}

impl Sweep {
    fn of(verb: &'static str) -> Sweep {
        let before = tempfile::tempdir().expect("a folder");
        fs::write(before.path().join("log.csv"), "what the filter saw\n").expect("writes");
        if verb != "open" {
            let world = World::new();
            drop(world.open());
            copy(world.home().path(), &before.path().join("home"));
        }
        let mut sweep = Sweep { verb, before, points: Vec::new() };
        let run = sweep.run("trace=none", None);
        assert!(!run.said.contains("refused"), "without a fault it goes through: {}", run.said);
        let done = run.said.lines().filter(|line| line.starts_with("kept ") || *line == "raised").count();
        assert_eq!(done, if verb == "work" { 5 } else { 1 }, "{}", run.said);
        sweep.points = points(&run.trace, run.place.path());
        assert!(sweep.points.len() > 5, "{verb}: only {} points\n{}", sweep.points.len(), run.trace);
        sweep
    }

    fn run(&self, fault: &str, point: Option<&Point>) -> Run {
        let place = tempfile::tempdir().expect("a folder");
        copy(self.before.path(), place.path());
        let log = place.path().join("strace.log");
        let mut command = Command::new("strace");
        command.args(["-f", "-y", "-s", "0", "-o"]).arg(&log).arg("-e").arg(format!("trace={CALLS}"));
        if let Some((call, number)) = point {
            command.arg("-e").arg(format!("inject={call}:{fault}:when={number}"));
        }
        command.arg(std::env::current_exe().expect("this program"));
        command.args(["--exact", "child", "--ignored", "--nocapture", "--test-threads=1"]);
        command.env("COUNTERSIGN_CRASH_TEST", format!("{}:{}", self.verb, place.path().display()));
        let done = command.output().expect("strace runs (apt-get install strace)");
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let complained = String::from_utf8_lossy(&done.stderr).into_owned();
        Run { said, complained, trace: fs::read_to_string(&log).expect("reads"), place }
    }

    fn sweep(&self, faults: &[&str], most: usize, check: impl Fn(&Run, &str) + Sync) {
        let chosen: Vec<(&str, &Point)> = faults
            .iter()
            .enumerate()
            .flat_map(|(shift, fault)| {
                let stride = self.points.len().div_ceil(most).max(1);
                self.points.iter().skip(shift % stride).step_by(stride).map(move |point| (*fault, point))
            })
            .collect();
        let next = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(2, NonZeroUsize::get) {
                scope.spawn(|| {
                    while let Some((fault, point)) =
                        chosen.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                    {
                        let run = self.run(fault, Some(point));
                        let what = format!("{} at {point:?} of {}", fault, self.verb);
                        let hit = run.trace.contains("(INJECTED)") || run.trace.contains("killed by SIGKILL");
                        assert!(hit, "{what}: was not injected");
                        assert!(!run.complained.contains("panicked"), "{what}: {}", run.complained);
                        check(&run, &what);
                    }
                });
            }
        });
        eprintln!("{}: {} of {} points", self.verb, chosen.len(), self.points.len() * faults.len());
    }
}

struct Run {
    said: String,
    complained: String,
    trace: String,
    place: tempfile::TempDir,
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
            rest.contains(&place) && !rest.contains("/log.csv") && !rest.contains("O_RDONLY|O_NOFOLLOW");
        if touches {
            points.push((call.to_owned(), *count));
        }
    }
    threads.into_values().map(|(_, points)| points).max_by_key(Vec::len).unwrap_or_default()
}

/// The case reads whole, has everything that was acknowledged, and goes on.
fn holds(run: &Run, what: &str) {
    let mut world = World::seeded(77);
    let home = Home::at(run.place.path().join("home"));
    let acknowledged: Vec<(u64, &str)> = run.said.lines().filter_map(acknowledged).collect();
    let reference: Reference = "2026-0001".parse().expect("a reference");
    world.folder = tempfile::tempdir().expect("a folder");
    if !home.case(reference).path().exists() {
        assert!(acknowledged.is_empty(), "{what}: the case is gone: {}", run.said);
        return;
    }
    Reading::of(&home, reference).unwrap_or_else(|error| panic!("{what}: {error}\n{}", run.said));
    let unlocked = Unlocked::unlock(&home, reference, world.pass(), world.around());
    let mut case = unlocked.unwrap_or_else(|error| panic!("{what}: {error}\n{}", run.said));
    for (number, kind) in acknowledged {
        let entry = case.ledger().entries().get(number as usize - 1);
        assert_eq!(entry.map(|entry| entry.body.kind()), Some(kind), "{what}: entry {number} is lost");
    }
    let permit = case.permit(Deed::Note).expect("may");
    case.append(permit, Body::Noted(Noted { text: text("goes on"), corrects: None })).expect("goes on");
    drop(case);
    Reading::of(&home, reference).unwrap_or_else(|error| panic!("{what}, later: {error}"));
    let out = run.place.path().join("out");
    let bundles: Vec<PathBuf> = match fs::read_dir(&out) {
        Ok(entries) => entries.map(|entry| entry.expect("lists").path()).collect(),
        Err(_) => Vec::new(),
    };
    for bundle in bundles.iter().filter(|path| path.extension().is_some_and(|ending| ending == "zip")) {
        let report = verify_source(&Source::open(bundle).expect("opens"), None);
        assert_eq!(report.verdict, Verdict::UnchangedNotCompared, "{what}: {:?}", report.findings);
    }
    if let Some(path) = run.said.lines().find_map(|line| line.strip_prefix("sealed ")) {
        assert!(Path::new(path).exists(), "{what}: {path} was said to be there");
    }
}

fn acknowledged(line: &str) -> Option<(u64, &str)> {
    let (number, kind) = line.strip_prefix("kept ")?.split_once(' ')?;
    Some((number.parse().ok()?, kind))
}

/// The case is stopped, or nobody was told that it is.
fn stops(run: &Run, what: &str) {
    let home = Home::at(run.place.path().join("home"));
    let reading = Reading::of(&home, "2026-0001".parse().expect("a reference"));
    let reading = reading.unwrap_or_else(|error| panic!("{what}: {error}"));
    if run.said.lines().any(|line| line == "raised") {
        assert_eq!(reading.raised(), Restraint::Withhold, "{what}: said to be stopped, and is not");
    }
}

#[test]
fn some_points_of_a_case() {
    Sweep::of("work").sweep(&FAULTS, QUICK, holds);
}

#[test]
fn some_points_of_opening() {
    Sweep::of("open").sweep(&FAULTS[..3], QUICK, holds);
}

#[test]
fn every_point_of_a_halt() {
    Sweep::of("raise").sweep(&FAULTS, usize::MAX, stops);
}

#[test]
#[ignore = "half an hour: cargo test --test crash -- --ignored every_point_of_a_case"]
fn every_point_of_a_case() {
    Sweep::of("work").sweep(&FAULTS, usize::MAX, holds);
    Sweep::of("open").sweep(&FAULTS, usize::MAX, holds);
}

fn copy(from: &Path, to: &Path) {
    for path in walkdir::WalkDir::new(from) {
        let path = path.expect("lists").into_path();
        let target = to.join(path.strip_prefix(from).expect("within"));
        match path.is_dir() {
            true => fs::create_dir_all(&target).expect("a folder"),
            false => drop(fs::copy(&path, &target).expect("copies")),
        }
    }
}
