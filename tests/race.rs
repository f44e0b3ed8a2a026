//! A halt raised at any moment against whatever is being done: nothing is
//! recorded after it, and no bundle comes out after it was acknowledged.
#![allow(clippy::print_stderr)] // It says how the halts fell.

#[path = "support/forge.rs"]
mod forge;
#[path = "support/world.rs"]
mod world;

use std::fs;
use std::num::NonZeroUsize;
use std::time::{Duration, SystemTime};

use countersign::bundle::{Source, unwatched};
use countersign::capture::{AttachRequest, attach};
use countersign::case::{self, Folder, Unlocked};
use countersign::form::Fonts;
use countersign::handover::{SealRequest, SealedCase, seal};
use countersign::journal::{Body, Judged, Restraint, Side};
use countersign::procedure::Deed;
use countersign::verify::Verdict;
use forge::verify_source;
use world::{World, text};

#[test]
fn a_halt_against_what_is_being_recorded_and_sealed() {
    rounds(0..24);
}

#[test]
#[ignore = "half an hour: a thousand moments"]
fn a_thousand_halts() {
    rounds(0..1000);
}

fn rounds(numbers: std::ops::Range<u64>) {
    let next = std::sync::atomic::AtomicU64::new(numbers.start);
    let (published, stopped) = (std::sync::atomic::AtomicU64::new(0), std::sync::atomic::AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, NonZeroUsize::get) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    if number >= numbers.end {
                        return;
                    }
                    match round(number) {
                        true => published.fetch_add(1, std::sync::atomic::Ordering::SeqCst),
                        false => stopped.fetch_add(1, std::sync::atomic::Ordering::SeqCst),
                    };
                }
            });
        }
    });
    let (published, stopped) = (published.into_inner(), stopped.into_inner());
    assert!(stopped > 0, "no halt came in time: {published} sealed");
    eprintln!("{stopped} stopped, {published} sealed before");
}

/// Attaches, judges and seals while somebody stops the case. Tells whether the
/// bundle came out.
fn round(number: u64) -> bool {
    let world = World::seeded(number + 1);
    let mut case = world.open();
    let folder = case.folder().clone();
    // From at once to after the seal.
    let delay = Duration::from_micros(number.wrapping_mul(2_654_435_761) % 1_500_000);
    let (worked, acknowledged) = std::thread::scope(|scope| {
        let raiser = scope.spawn(|| {
            std::thread::sleep(delay);
            raise(&world, &folder);
            SystemTime::now()
        });
        let worked = work(&world, &mut case);
        (worked, raiser.join().expect("the halt is raised"))
    });
    let reference = folder.reference();
    drop(case);
    let case = world.unlock(reference).expect("goes on");
    let entries = case.ledger().entries();
    let halted = entries.iter().position(|entry| matches!(entry.body, Body::Halted(_)));
    let halted = halted.unwrap_or_else(|| panic!("round {number}: the halt is in no entry"));
    let after = entries[halted..].iter().find(|entry| entry.body.is_recording());
    assert!(after.is_none(), "round {number}: {after:?}");
    assert_eq!(case.reading().released().restraint(), Restraint::Withhold);
    let out = world.folder.path().join("out");
    let there = fs::read_dir(&out).map_or(0, |entries| entries.count());
    let Some(sealed) = worked else {
        assert_eq!(there, 0, "round {number}: something came out of a case that was stopped");
        return false;
    };
    assert_eq!(there, 2, "round {number}: the bundle and its paper");
    let report = verify_source(&Source::open(&sealed.bundle).expect("opens"), None);
    assert_eq!(report.verdict, Verdict::UnchangedNotCompared, "{:?}", report.findings);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // The moment of its name, on a clock that ticks every few milliseconds.
        let there = fs::metadata(&sealed.bundle).expect("is there");
        let named =
            SystemTime::UNIX_EPOCH + Duration::new(there.ctime().unsigned_abs(), there.ctime_nsec() as u32);
        let late = named.duration_since(acknowledged).unwrap_or_default() > Duration::from_millis(20);
        // A case that was stopped can be sealed, without what was brought in.
        let bundle = forge::Bundle::of_zip(fs::read(&sealed.bundle).expect("reads"));
        let brought_in = bundle.files.keys().any(|name| name.ends_with(".csv"));
        assert!(!(late && brought_in), "round {number}: came out after the halt, with what must not");
        assert_eq!(brought_in, sealed.withheld == 0);
    }
    true
}

fn raise(world: &World, folder: &Folder) {
    let category = world::pack().category("child-abuse-images").expect("is there").recorded();
    case::raise(folder, Some(category), Some(Side::B), None, &world.clock).expect("stops it");
}

fn work(world: &World, case: &mut Unlocked<'_>) -> Option<SealedCase> {
    for number in 0..6 {
        let path = world.folder.path().join(format!("{number}.csv"));
        fs::write(&path, format!("file {number}\n")).expect("writes");
        let description = text("A log");
        let request = AttachRequest { paths: &[path], producer: Side::A, description: &description };
        attach(case, request).ok()?;
    }
    let permit = case.permit(Deed::Judge).ok()?;
    case.append(permit, Body::Judged(Judged { substance: true, because: text("Seen.") })).ok()?;
    let out = world.folder.path().join("out");
    let fonts = Fonts::built_in();
    let request = SealRequest { out: &out, fonts: &fonts, threads: NonZeroUsize::MIN, watch: &unwatched };
    seal(case, &request).ok()
}
