//! A case through power cuts and failing disks: killed, or refused by the
//! system, at each system call that touches it. What was acknowledged is
//! there afterwards, nothing half-written is taken, and the case goes on.

// What was acknowledged is what was printed; the sweeps say how far they went.
#![allow(clippy::print_stdout, clippy::print_stderr)]
#![cfg(target_os = "linux")]

#[path = "../support/copied.rs"]
mod copied;
#[path = "../support/forge.rs"]
mod forge;
#[path = "../support/world.rs"]
mod world;

mod child;
#[cfg(target_arch = "x86_64")]
mod going_on;
mod sweep;
#[cfg(target_arch = "x86_64")]
mod tracer;

use std::fs;
use std::ops::Add;
use std::path::{Path, PathBuf};

use countersign_case::case::{Home, Reading, Unlocked};
use countersign_case::procedure::Deed;
use countersign_record::bundle::Source;
use countersign_record::journal::{Body, Noted, Reference, Restraint};
use countersign_record::verify::Verdict;

use crate::child::Verb;
use crate::forge::verify_source;
use crate::sweep::{Run, Share, Sweep, Tally};
use crate::world::{World, text};

#[test]
fn a_share_of_the_points_of_every_verb() {
    let tally = sweep_all(Share::of_this_run(), |verb| verb != Verb::Raise);
    eprintln!("{tally:?}; COUNTERSIGN_CRASH_SHARE=FROM/OF takes other points");
    assert_eq!(tally.failed, 0, "what is said above");
}

#[test]
fn every_point_of_a_halt() {
    let tally = sweep_all(Share::ALL, |verb| verb == Verb::Raise);
    assert_eq!((tally.tried, tally.failed), (tally.all, 0), "what is said above");
}

#[test]
#[ignore = "a quarter of an hour: cargo test --test crash -- --ignored --nocapture every_point_of_every_verb"]
fn every_point_of_every_verb() {
    let tally = sweep_all(Share::ALL, |_| true);
    eprintln!("{tally:?}");
    assert_eq!((tally.tried, tally.failed), (tally.all, 0), "what is said above");
    assert!(tally.tried >= 5_000, "{tally:?}");
}

/// One process, several deeds, and one fault among them: a call that is not
/// done, or that is done and reported as failed.
#[cfg(target_arch = "x86_64")]
#[test]
fn a_share_of_the_points_at_which_a_process_goes_on() {
    let tally = going_on_at(Share::of_this_run_going_on());
    eprintln!("{tally:?}; COUNTERSIGN_GOING_ON_SHARE=FROM/OF takes other points");
    assert_eq!(tally.failed, 0, "what is said above");
}

#[cfg(target_arch = "x86_64")]
#[test]
#[ignore = "an hour: .ci/deep going-on"]
fn every_point_at_which_a_process_goes_on() {
    let tally = going_on_at(Share::ALL);
    assert_eq!((tally.tried, tally.failed), (tally.all, 0), "what is said above");
}

#[cfg(target_arch = "x86_64")]
fn going_on_at(share: Share) -> Tally {
    let sweep = |journey| going_on::sweep(journey, share);
    going_on::Journey::ALL.into_iter().map(sweep).fold(Tally::default(), Add::add)
}

fn sweep_all(share: Share, which: impl Fn(Verb) -> bool) -> Tally {
    let sweep = |verb: Verb| {
        let check = if verb == Verb::Raise { stops } else { holds };
        Sweep::of(verb).sweep(share, check)
    };
    Verb::ALL.into_iter().filter(|verb| which(*verb)).map(sweep).fold(Tally::default(), Add::add)
}

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
    // After whatever was prepared, however long a busy computer took for it.
    world.clock.jump(HOUR_MS);
    #[cfg(target_arch = "x86_64")]
    if let Some(journey) = going_on::Journey::ALL.into_iter().find(|known| known.name() == verb) {
        return journey.perform(&world, Path::new(place));
    }
    let verb = Verb::ALL.into_iter().find(|known| known.name() == verb).expect("a verb");
    if let Err(error) = verb.perform(&world, Path::new(place)) {
        println!("refused: {error}");
    }
}

/// The case reads whole, has everything that was acknowledged, and goes on.
fn holds(run: &Run, what: &str) {
    let mut world = World::seeded(77);
    world.clock.jump(2 * HOUR_MS);
    let home = Home::at(run.place.path().join("home"));
    let acknowledged: Vec<(u64, &str)> = run.said.lines().filter_map(acknowledged).collect();
    let reference: Reference = "2026-0001".parse().expect("a reference");
    world.folder = tempfile::tempdir().expect("a folder");
    if !home.case(reference).path().exists() {
        assert!(acknowledged.is_empty(), "{what}: the case is gone: {}", run.said);
        return;
    }
    Reading::of(&home, reference).unwrap_or_else(|error| panic!("{what}: {error}\n{}", run.said));
    // As it was said, before the next unlocking gives a bundle the name that it
    // could not get.
    for path in run.said.lines().filter_map(|line| line.strip_prefix("made ")) {
        let whole = Path::new(path).metadata().is_ok_and(|it| it.len() > 0);
        assert!(whole, "{what}: {path} was said to be there");
    }
    let unlocked = Unlocked::unlock(&home, reference, world.pass(), world.around());
    let mut case = unlocked.unwrap_or_else(|error| panic!("{what}: {error}\n{}", run.said));
    for (number, kind) in acknowledged {
        let entry = case.ledger().entries().get(number as usize - 1);
        assert_eq!(entry.map(|entry| entry.body.kind()), Some(kind), "{what}: entry {number} is lost");
    }
    let permit = case.permit(Deed::Note).expect("may");
    case.append(permit, Body::Noted(Noted { text: text("goes on") })).expect("goes on");
    drop(case);
    Reading::of(&home, reference).unwrap_or_else(|error| panic!("{what}, later: {error}"));
    // What has its name is whole. A locked copy is no bundle.
    for folder in ["out", "stick", "home/sealed"] {
        for bundle in bundles(&run.place.path().join(folder)) {
            let report = verify_source(&Source::open(&bundle).expect("opens"), None);
            assert_eq!(report.verdict, Verdict::UnchangedNotCompared, "{what}: {:?}", report.findings);
        }
    }
    for copy in bundles(&run.place.path().join("disc")) {
        assert!(copy.metadata().is_ok_and(|it| it.len() > 0), "{what}: {} is empty", copy.display());
    }
}

const HOUR_MS: i64 = 60 * 60 * 1000;

fn bundles(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("lists").path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "zip")).collect()
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
