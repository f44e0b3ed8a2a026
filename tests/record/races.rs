//! A halt against a recording, in the places where it is tight and any time in
//! between: nothing is recorded after it, and what was told is on record.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use countersign_case::capture::{CaptureError, Command, Ending, Event};
use countersign_case::case::{Folder, Halt, raise};
use countersign_record::journal::{Body, entry_name};

use crate::desk::{Remote, recording, serving};
use crate::site::{Site, html};
use crate::world::World;

/// When the other person stops the case.
#[derive(Debug, Clone, Copy)]
enum When {
    /// So long after the recording was asked for: the browser only just starts.
    AtFirst(Duration),
    /// So long after the first visit.
    After(Duration),
    /// As soon as the next file whose name ends so is there.
    AtSight(&'static str),
    /// As soon as a page that is being kept has its first file.
    InAKeep,
}

const WHENS: [When; 9] = [
    When::AtFirst(Duration::from_millis(60)),
    When::AtSight("entry.json"),
    When::After(Duration::from_millis(20)),
    When::AtSight(".json.a.sig"),
    When::AtSight(".json.b.sig"),
    When::After(Duration::from_millis(270)),
    When::AtSight(".json"),
    When::InAKeep,
    When::After(Duration::from_millis(640)),
];

#[derive(Default)]
struct Tally {
    recorded: AtomicU64,
    late: AtomicU64,
}

#[test]
fn whenever_it_comes_nothing_is_recorded_after_it() {
    let site = serving(|request, to| {
        let number: u32 = request.path.strip_prefix("/on-")?.parse().ok()?;
        let next = format!("onload = () => {{ location.href = '/on-{}' }}", number + 1);
        Some(html(to, &format!("<title>{number}</title><script>{next}</script>")))
    });
    let (next, tally) = (AtomicU64::new(0), Tally::default());
    let count = 3 * WHENS.len() as u64;
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= count {
                        return;
                    }
                    race(number, &site, &tally);
                }
            });
        }
    });
    let (recorded, late) = (tally.recorded.into_inner(), tally.late.into_inner());
    println!("{count} halts against a recording: {recorded} visits before them, none after; {late} late");
    assert!(recorded >= count / 2, "hardly any recording had begun: {recorded}");
    // A disk that takes longer than a halt may wait is no fault of the halt.
    assert!(late * 50 <= recorded, "kept after whoever stopped the case was told so: {late} of {recorded}");
}

fn race(number: u64, site: &Site, tally: &Tally) {
    let when = WHENS[number as usize % WHENS.len()];
    // Not three times the same moment.
    let shift = Duration::from_millis(37 * (number / WHENS.len() as u64));
    let world = World::seeded(number);
    let mut case = world.open();
    // A page that can be kept does not go on by itself.
    let start = site.url(if matches!(when, When::InAKeep) { "/tall" } else { "/on-0" });
    let mut known = 0;
    let (ended, events) = recording(&world, &mut case, Some(&start), |remote| {
        match when {
            When::AtFirst(moment) => thread::sleep(moment + 10 * shift),
            When::After(moment) => {
                remote.visit(&start);
                thread::sleep(moment + shift);
            }
            When::AtSight(ending) => {
                remote.visit(&start);
                until_seen(&remote.case, ending);
            }
            When::InAKeep => {
                remote.visit(&start);
                remote.say(Command::Keep);
                until_seen(&remote.case, ".part");
                thread::sleep(shift);
            }
        }
        raise(&remote.case, Halt::default(), &world.clock).expect("raised");
        known = last_entry(remote);
    });
    match ended {
        Ok(ended) => assert_eq!(ended.why, Ending::Halted, "race {number} {when:?}"),
        // It had not begun.
        Err(CaptureError::Halted) if matches!(when, When::AtFirst(_)) => {}
        Err(error) => panic!("race {number} {when:?}: {error:?}"),
    }
    case.permit(countersign_case::procedure::Deed::Note).expect("may");
    let entries = case.ledger().entries();
    let halted = case.ledger().halts().next().expect("on record").0.entry;
    let after = entries.iter().filter(|entry| entry.entry > halted && entry.body.is_recording()).count();
    assert_eq!(after, 0, "race {number} {when:?}");
    // What was told is on record, and nothing else is.
    let told =
        events.iter().filter(|event| matches!(event, Event::Visit { .. } | Event::Denied { .. })).count();
    let visits = entries.iter().map(|entry| match &entry.body {
        Body::Visited(visited) => visited.visits.len(),
        _ => 0,
    });
    let recorded: usize = visits.sum();
    assert_eq!(told, recorded, "race {number} {when:?}");
    let kept = entries.iter().filter(|entry| matches!(entry.body, Body::Kept(_))).count();
    let told = events.iter().filter(|event| matches!(event, Event::Kept { .. })).count();
    assert_eq!(told, kept, "race {number} {when:?}");
    tally.recorded.fetch_add(recorded as u64, Ordering::SeqCst);
    let late = entries.iter().filter(|entry| entry.entry > known && entry.body.is_recording()).count();
    tally.late.fetch_add(late as u64, Ordering::SeqCst);
}

/// Waits, wide awake, for a file that is not there yet and whose name ends so.
fn until_seen(folder: &Folder, ending: &str) {
    let places = [folder.draft(), folder.path().join("data/journal")];
    let names = || -> HashSet<(PathBuf, OsString)> {
        let list = |place: &PathBuf| {
            let entries = fs::read_dir(place).into_iter().flatten().flatten();
            entries.map(|entry| (place.clone(), entry.file_name())).collect::<Vec<_>>()
        };
        places.iter().flat_map(list).filter(|(_, name)| name.to_string_lossy().ends_with(ending)).collect()
    };
    let (before, until) = (names(), Instant::now() + Duration::from_secs(20));
    while names().is_subset(&before) && Instant::now() < until {
        std::hint::spin_loop();
    }
}

/// The last entry that is there.
fn last_entry(remote: &Remote<'_>) -> u64 {
    let journal = remote.case.path().join("data/journal");
    (1..).take_while(|number| journal.join(entry_name(*number)).exists()).last().unwrap_or(0)
}
