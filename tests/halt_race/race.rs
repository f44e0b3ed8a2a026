//! A halt that comes at any moment, from another thread.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use countersign_case::case::{Folder, Halt, raise};
use countersign_record::digest::Digest;
use countersign_record::journal::{Side, entry_name};

use crate::world::World;

/// When the other person stops the case.
#[derive(Debug, Clone, Copy)]
pub enum When {
    /// After so many microseconds.
    After(u64),
    /// As soon as a file whose name ends so is there.
    AtSight(&'static str),
    /// Once it is done.
    AtTheEnd,
}

/// The times that one race after the other takes: the places where it is
/// tight, and any time in between.
pub fn whens(race: u64, longest: Duration, sights: &[&'static str]) -> When {
    let random =
        u64::from_be_bytes(Digest::of(&race.to_be_bytes()).as_bytes()[..8].try_into().expect("eight"));
    match sights.get((race % (2 * sights.len() as u64)) as usize) {
        Some(sight) => When::AtSight(sight),
        None => When::After(random % longest.as_micros() as u64),
    }
}

/// What came of the races.
#[derive(Debug, Default)]
pub struct Tally {
    /// Refused or dropped.
    pub stopped: AtomicU64,
    /// Done before the halt.
    pub before: AtomicU64,
    /// Entries of recording that stand before the halt.
    pub recorded: AtomicU64,
    /// Those of them that were kept only after whoever stopped the case was
    /// told that it is stopped.
    pub late: AtomicU64,
}

pub fn races(count: u64, what: &str, race: impl Fn(u64, &Tally) + Sync) {
    let next = AtomicU64::new(0);
    let tally = Tally::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= count {
                        return;
                    }
                    race(number, &tally);
                }
            });
        }
    });
    println!("{count} halts against {what}: {tally:?}");
    let of = |count: &AtomicU64| count.load(Ordering::SeqCst);
    assert!(of(&tally.stopped) > count / 20, "{what}: hardly any halt came in time: {tally:?}");
    // A disk that takes longer than a halt may wait is no fault of the halt.
    assert!(of(&tally.late) <= of(&tally.recorded) / 50, "{what}: kept after it was stopped: {tally:?}");
    assert!(of(&tally.before) > 0 || what == "nothing", "{what}: every halt came too early: {tally:?}");
}

/// Stops the case when it is time, from a thread of its own, and tells when it
/// had stopped it, and after which entry.
pub fn stop(world: &World, folder: &Folder, out: &Path, when: When, done: &AtomicBool) -> (Instant, u64) {
    let begun = Instant::now();
    match when {
        When::After(micros) => std::thread::sleep(Duration::from_micros(micros)),
        When::AtTheEnd => {
            while !done.load(Ordering::SeqCst) && begun.elapsed() < Duration::from_secs(60) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        When::AtSight(ending) => {
            let places = [folder.path().join("draft"), folder.path().join("data/journal"), out.to_owned()];
            let there = || {
                places.iter().filter_map(|place| fs::read_dir(place).ok()).flatten().flatten().any(|entry| {
                    let new =
                        entry.metadata().and_then(|m| m.modified()).is_ok_and(|at| at.elapsed().is_ok());
                    new && entry.file_name().to_string_lossy().ends_with(ending)
                })
            };
            while !there() && !done.load(Ordering::SeqCst) && begun.elapsed() < Duration::from_secs(20) {
                std::hint::spin_loop();
            }
        }
    }
    raise(folder, Halt { by: Some(Side::B), ..Halt::default() }, &world.clock).expect("is raised");
    let stopped = Instant::now();
    let journal = folder.path().join("data/journal");
    let kept = (1..).take_while(|number| journal.join(entry_name(*number)).exists()).last();
    (stopped, kept.unwrap_or(0))
}
