//! A process that goes on after a fault, as the guide and a recording do: one
//! deed after the other on a case that is held unlocked, whatever became of the
//! one before. What it says of each deed has to be true afterwards.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign_case::capture::{AttachRequest, CaptureError, attach};
use countersign_case::case::{self, CaseError, Home, Reading, Unlocked};
use countersign_case::form::Fonts;
use countersign_case::handover::{FormRequest, HandoverError, SealRequest, make_form, seal};
use countersign_case::procedure::Deed;
use countersign_record::bundle::{Source, unwatched};
use countersign_record::digest::Digest;
use countersign_record::journal::{
    At, Body, Concern, Entry, Judged, Noted, Reference, Response, Restraint, Seen, Side, Visit, Visited,
    entry_name,
};
use countersign_record::verify::Verdict;

use crate::HOUR_MS;
use crate::child::lock_lightly;
use crate::copied::copy;
use crate::forge::verify_source;
use crate::sweep::{Share, Tally, place};
use crate::tracer::{Call, Fault, Traced, run};
use crate::world::{self, World, text};

/// What is done one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Journey {
    /// Notes, a file, a page that was visited, a concern, and the stop.
    Words,
    /// The form and the seal, and a note.
    Seal,
}

/// One thing that is said to be kept or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Note,
    Attach,
    Visit,
    Concern,
    Stop,
    Form,
    Seal,
}

impl Journey {
    pub const ALL: [Journey; 2] = [Journey::Words, Journey::Seal];

    pub fn name(self) -> String {
        format!("going-on-with-{}", format!("{self:?}").to_lowercase())
    }

    fn steps(self) -> &'static [Step] {
        match self {
            Journey::Words => &[
                Step::Note,
                Step::Note,
                Step::Attach,
                Step::Visit,
                Step::Concern,
                Step::Note,
                Step::Stop,
                Step::Note,
            ],
            Journey::Seal => &[Step::Form, Step::Seal, Step::Note, Step::Seal],
        }
    }

    /// Makes the case that it finds.
    fn prepare(self, world: &World, place: &Path) {
        fs::create_dir_all(place.join("drawer")).expect("a folder");
        fs::write(place.join("drawer/log.csv"), "what the filter saw\n").expect("writes");
        let pack = world::pack();
        let home = Home::at(place.join("home"));
        let case = case::open(&home, world::new_case(&pack, None), &pack, world.pass(), world.around());
        let mut case = case.expect("opens");
        let folder = case.folder().path().to_owned();
        if self == Journey::Seal {
            let bodies = [
                Body::Noted(Noted { text: text("seen") }),
                Body::Judged(Judged { substance: false, because: text("Nothing was found.") }),
            ];
            for body in bodies {
                let permit = case.permit(Deed::of(&body).expect("a deed")).expect("may");
                case.append(permit, body).expect("is kept");
            }
        }
        drop(case);
        lock_lightly(&folder.join("keys/a"), world.pass()[0]);
        lock_lightly(&folder.join("keys/b"), world.pass()[1]);
    }

    /// Does it, and says of each step what became of it as soon as it did.
    pub fn perform(self, world: &World, place: &Path) {
        let home = Home::at(place.join("home"));
        let mut held: Option<Unlocked<'_>> = None;
        for (number, step) in self.steps().iter().enumerate() {
            // As the guide does: where the disk failed, both unlock it anew.
            held = held.filter(|case| !case.is_spent());
            let case = match &mut held {
                Some(case) => case,
                None => match Unlocked::unlock(&home, reference(), world.pass(), world.around()) {
                    Ok(case) => held.insert(case),
                    Err(error) => {
                        println!("failed {number}: locked: {error}");
                        continue;
                    }
                },
            };
            match step.take(case, number, place) {
                Ok(entry) => {
                    println!("kept {number} {entry} {}", case.reading().links().entry);
                }
                Err(error) => println!("{} {number}: {error}", said_of(&error)),
            }
        }
        println!("ended");
    }
}

impl Step {
    fn take(self, case: &mut Unlocked<'_>, number: usize, place: &Path) -> Result<u64, CaseError> {
        let words = text(&marker(number));
        match self {
            Step::Note => {
                let permit = case.permit(Deed::Note)?;
                case.append(permit, Body::Noted(Noted { text: words }))
            }
            Step::Attach => {
                let paths = [place.join("drawer/log.csv")];
                let request = AttachRequest { paths: &paths, producer: Side::A, description: &words };
                match attach(case, request) {
                    Ok(brought) => Ok(brought.entries[0]),
                    Err(CaptureError::Case(error)) => Err(error),
                    Err(CaptureError::Disk(error)) => Err(error.into()),
                    Err(other) => Err(CaseError::Part { path: place.to_owned(), what: other.to_string() }),
                }
            }
            // As a recording does.
            Step::Visit => {
                let url = Seen::of(&address(number));
                let visit = Visit {
                    time: case.surroundings().clock.now(),
                    url: url.clone(),
                    redirects: Vec::new(),
                    redirects_left_out: 0,
                    final_url: url,
                    title: None,
                    status: Some(200),
                    failure: None,
                };
                let permit = case.permit_recording(Deed::Visit)?.into_permit();
                case.append(permit, Body::Visited(Visited { visits: vec![visit] }))
            }
            Step::Concern | Step::Stop => {
                let id = if self == Step::Stop { "child-abuse-images" } else { "bullying" };
                let category = world::pack().category(id).expect("is in the pack").recorded();
                let at = At::Url(Seen::of("http://example.com/"));
                case.record_concern(Concern { at, category, description: words })
            }
            Step::Form => {
                let request = FormRequest { fonts: &Fonts::built_in(), out: None };
                make_form(case, &request).map(|form| form.entry).map_err(|error| plain(error, place))
            }
            Step::Seal => {
                let out = place.join("home/sealed");
                let (fonts, threads) = (Fonts::built_in(), NonZeroUsize::MIN);
                let request = SealRequest { out: &out, fonts: &fonts, threads, watch: &unwatched };
                let sealed = seal(case, &request).map_err(|error| plain(error, place))?;
                println!("sealed {} {} {}", sealed.seal, sealed.root, case.unfinished().len());
                Ok(sealed.entry)
            }
        }
    }

    /// Whether this is the entry that step `number` makes.
    fn made(self, number: usize, entry: &Entry) -> bool {
        let says = |words: &str| words == marker(number);
        match (&entry.body, self) {
            (Body::Noted(noted), Step::Note) => says(noted.text.as_str()),
            (Body::Attached(attached), Step::Attach) => says(attached.description.as_str()),
            (Body::Visited(visited), Step::Visit) => {
                visited.visits.iter().any(|visit| visit.url.as_str() == address(number))
            }
            (Body::Concern(concern), Step::Concern | Step::Stop) => says(concern.description.as_str()),
            // Which of several was made when, nothing in it says.
            _ => false,
        }
    }
}

fn plain(error: HandoverError, place: &Path) -> CaseError {
    match error {
        HandoverError::Case(error) => error,
        HandoverError::Disk(error) => error.into(),
        other => CaseError::Part { path: place.to_owned(), what: other.to_string() },
    }
}

fn marker(number: usize) -> String {
    format!("step {number} of the journey")
}

fn address(number: usize) -> String {
    format!("http://example.com/step-{number}")
}

fn said_of(error: &CaseError) -> &'static str {
    match error {
        CaseError::Uncertain { .. } => "uncertain",
        CaseError::StoppedOnly { error, .. } => match said_of(error) {
            "uncertain" => "stopped-uncertain",
            _ => "stopped",
        },
        _ => "failed",
    }
}

fn reference() -> Reference {
    "2026-0001".parse().expect("a reference")
}

/// Every point of a journey, and what a share of them came to.
pub fn sweep(journey: Journey, share: Share) -> Tally {
    let before = place();
    journey.prepare(&World::new(), before.path());
    let calls = traced(journey, before.path(), None).1.calls;
    assert!(calls.len() > 100, "{journey:?}: only {} calls: {calls:?}", calls.len());
    let points: Vec<(usize, Fault)> = (0..calls.len())
        .flat_map(|at| FAULTS.into_iter().map(move |fault| (at, fault)))
        .enumerate()
        // Neighbours fall into different shares, and so do faults.
        .filter(|(at, _)| share.has(at / FAULTS.len() * 31 + at % FAULTS.len()))
        .map(|(_, point)| point)
        .collect();
    let [next, failed, missed] = [const { AtomicUsize::new(0) }; 3];
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, NonZeroUsize::get) {
            scope.spawn(|| {
                while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let tried =
                        std::panic::AssertUnwindSafe(|| try_point(journey, before.path(), *point, &calls));
                    match std::panic::catch_unwind(tried) {
                        Ok(true) => {}
                        Ok(false) => drop(missed.fetch_add(1, Ordering::Relaxed)),
                        Err(_) => drop(failed.fetch_add(1, Ordering::Relaxed)),
                    }
                }
            });
        }
    });
    let (all, missed) = (calls.len() * FAULTS.len(), missed.into_inner());
    assert!(missed * 20 <= points.len(), "{journey:?}: {missed} points of {} were in no run", points.len());
    let tally = Tally { all, tried: points.len() - missed, failed: failed.into_inner() };
    eprintln!("{journey:?}, {share:?}: {} calls, {tally:?}", calls.len());
    tally
}

const FAULTS: [Fault; 4] = [
    Fault::Killed,
    Fault::Refused(libc::EIO),
    Fault::Refused(libc::ENOSPC),
    Fault::DoneAndRefused(libc::EIO),
];

/// Whether it came to that point. A stop is looked for as time goes by: a run
/// that is quicker than the first looks less often and has fewer calls, and
/// is then held to what a run without a fault is.
fn try_point(journey: Journey, before: &Path, point: (usize, Fault), calls: &[Call]) -> bool {
    let (place, traced, said) = {
        let (place, traced) = traced(journey, before, Some(point));
        let said = fs::read_to_string(place.path().join("said")).expect("reads");
        (place, traced, said)
    };
    let what = format!("{:?} at {:?} of {journey:?}", point.1, calls[point.0]);
    assert!(traced.hit || traced.calls.len() <= point.0, "{what}: it did not come to that\n{said}");
    let complained = fs::read_to_string(place.path().join("complained")).expect("reads");
    // Rust's library ends the thread where a folder cannot be closed: what was
    // said until then holds, as after a kill.
    let ended_by_a_folder = complained.contains("unexpected error during closedir");
    assert!(ended_by_a_folder || !complained.contains("panicked"), "{what}: {complained}");
    let goes_on = (point.1 != Fault::Killed || !traced.hit) && !ended_by_a_folder;
    assert!(!goes_on || said.contains("\nended\n"), "{what}: it did not go on\n{said}");
    let held = std::panic::AssertUnwindSafe(|| check(journey, place.path(), &said));
    if let Err(panic) = std::panic::catch_unwind(held) {
        eprintln!("{what}:\n{said}");
        std::panic::resume_unwind(panic);
    }
    traced.hit
}

fn traced(journey: Journey, before: &Path, fault: Option<(usize, Fault)>) -> (tempfile::TempDir, Traced) {
    let place = place();
    copy(before, place.path());
    let file = |name: &str| fs::File::create(place.path().join(name)).expect("creates");
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "child", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env("COUNTERSIGN_CRASH_TEST", format!("{}:{}", journey.name(), place.path().display()));
    command.stdout(file("said")).stderr(file("complained"));
    let traced = run(command, &place.path().join("home"), &place.path().join("drawer"), fault);
    (place, traced)
}

/// From the bytes and the keys alone: what was said of each step is so.
fn check(journey: Journey, place: &Path, said: &str) {
    let mut world = World::seeded(78);
    world.clock.jump(2 * HOUR_MS);
    world.folder = tempfile::tempdir().expect("a folder");
    let home = Home::at(place.join("home"));
    let acknowledged = kept(said);
    // Before anything is mended: each entry that was acknowledged lies there
    // with the bytes that both signed.
    for (number, entry, digest) in &acknowledged {
        let path = home.case(reference()).path().join("data/journal").join(entry_name(*entry));
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("step {number}, entry {entry}: {error}"));
        assert_eq!(Digest::of(&bytes), *digest, "step {number}: entry {entry} was written over");
    }
    Reading::of(&home, reference()).expect("reads");
    let mut case = Unlocked::unlock(&home, reference(), world.pass(), world.around()).expect("is unlocked");
    assert!(case.unfinished().is_empty(), "{:?}", case.unfinished());
    let permit = case.permit(Deed::Note).expect("may");
    case.append(permit, Body::Noted(Noted { text: text("goes on") })).expect("goes on");
    assert!(case.unfinished().is_empty(), "{:?}", case.unfinished());
    let ledger = case.ledger();
    for (number, step) in journey.steps().iter().enumerate() {
        if matches!(step, Step::Form | Step::Seal) {
            continue;
        }
        let made = ledger.entries().iter().filter(|entry| step.made(number, entry)).count();
        let line = |word: &str| said.lines().any(|line| line.starts_with(&format!("{word} {number}")));
        if line("kept") {
            assert_eq!(made, 1, "step {number} was said to be kept");
        } else if line("failed") || line("stopped") {
            assert_eq!(made, 0, "step {number} was said not to be kept");
        } else {
            assert!(made <= 1, "step {number} is there {made} times");
        }
        if *step == Step::Stop && (line("kept") || line("stopped") || line("stopped-uncertain")) {
            assert_eq!(case.reading().released().restraint(), Restraint::Withhold, "was said to be stopped");
        }
    }
    let halts = ledger.halts().count();
    assert!(halts <= 1, "one stop is one entry, and not {halts}");
    assert!(ledger.halts().all(|(_, halt)| halt.response() == Response::StopAndWithhold));
    for (entry, sealed) in ledger.seals() {
        let bundle = home.case(reference()).seal_files(sealed.seal).expect("a home").bundle;
        match ledger.unbundled(sealed.seal) {
            Some(_) => assert!(!bundle.exists(), "seal {} is said to have no bundle", sealed.seal),
            None => {
                let report = verify_source(&Source::open(&bundle).expect("opens"), None);
                assert_eq!(report.verdict, Verdict::UnchangedNotCompared, "{:?}", report.findings);
                assert_eq!(report.root, Some(sealed.root), "entry {}", entry.entry);
            }
        }
    }
    let sealed: Vec<PathBuf> = match fs::read_dir(home.sealed()) {
        Ok(there) => there.map(|entry| entry.expect("lists").path()).collect(),
        Err(_) => Vec::new(),
    };
    let bundles = sealed.iter().filter(|path| path.extension().is_some_and(|ending| ending == "zip")).count();
    assert!(bundles <= ledger.seals().count(), "a bundle without a seal: {sealed:?}");
    drop(case);
    Reading::of(&home, reference()).expect("reads, later");
}

fn kept(said: &str) -> Vec<(usize, u64, Digest)> {
    let kept = said.lines().filter_map(|line| line.strip_prefix("kept "));
    kept.map(|line| {
        let mut parts = line.split(' ');
        let mut next = || parts.next().expect("a part");
        let (number, entry) = (next().parse().expect("a number"), next().parse().expect("a number"));
        (number, entry, next().parse().expect("a digest"))
    })
    .collect()
}
