//! A halt against whatever is under way: nothing is recorded after it, and no
//! bundle comes out that holds what it withholds.

// The tallies, for whoever runs it by hand.
#![allow(clippy::print_stdout)]

#[path = "support/site.rs"]
mod site;
#[path = "support/world.rs"]
mod world;

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use countersign::bundle::unwatched;
use countersign::bundle::zip::Reader;
use countersign::capture::{
    AttachRequest, CaptureError, KeepRequest, Network, Traffic, Without, attach, keep,
};
use countersign::case::{CaseError, Folder, Unlocked, raise};
use countersign::digest::Digest;
use countersign::form::Fonts;
use countersign::handover::{
    CopyError, FormRequest, HandOverRequest, HandoverError, Receiver, SealRequest, hand_over, make_form, seal,
};
use countersign::journal::{Body, Encryption, Judged, Restraint, Side, entry_name};
use countersign::procedure::{Deed, Why};
use site::Site;
use world::{World, line, text};

const CANARY: &[u8] = b"canary-7f3a words of a captured file";

/// When the other person stops the case.
#[derive(Debug, Clone, Copy)]
enum When {
    /// After so many microseconds.
    After(u64),
    /// As soon as a file whose name ends so is there.
    AtSight(&'static str),
    /// Once it is done.
    AtTheEnd,
}

/// The times that one race after the other takes: the places where it is
/// tight, and any time in between.
fn whens(race: u64, longest: Duration, sights: &[&'static str]) -> When {
    let random =
        u64::from_be_bytes(Digest::of(&race.to_be_bytes()).as_bytes()[..8].try_into().expect("eight"));
    match sights.get((race % (2 * sights.len() as u64)) as usize) {
        Some(sight) => When::AtSight(sight),
        None => When::After(random % longest.as_micros() as u64),
    }
}

/// What came of the races.
#[derive(Debug, Default)]
struct Tally {
    /// Refused or dropped.
    stopped: AtomicU64,
    /// Done before the halt.
    before: AtomicU64,
    /// Entries of recording that stand before the halt.
    recorded: AtomicU64,
    /// Those of them that were kept only after whoever stopped the case was
    /// told that it is stopped.
    late: AtomicU64,
}

fn races(count: u64, what: &str, race: impl Fn(u64, &Tally) + Sync) {
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
fn stop(world: &World, folder: &Folder, out: &Path, when: When, done: &AtomicBool) -> (Instant, u64) {
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
    raise(folder, None, Some(Side::B), None, &world.clock).expect("is raised");
    let stopped = Instant::now();
    let journal = folder.path().join("data/journal");
    let kept = (1..).take_while(|number| journal.join(entry_name(*number)).exists()).last();
    (stopped, kept.unwrap_or(0))
}

/// Records until it is refused, and stops it meanwhile.
fn against_recording(
    number: u64,
    tally: &Tally,
    longest: Duration,
    record: impl Fn(&World, &mut Unlocked<'_>) -> Result<u64, CaptureError>,
) {
    let world = World::seeded(number);
    let mut case = world.open();
    let folder = case.folder().clone();
    let done = AtomicBool::new(false);
    // Entry 2 is the first that is recorded.
    let when =
        whens(number, longest, &["entry.json", "000002.json.a.sig", "000002.json.b.sig", "000002.json"]);
    let ((stopped, known), last) = std::thread::scope(|scope| {
        let stopper = scope.spawn(|| stop(&world, &folder, Path::new("/nonexistent"), when, &done));
        let mut last = None;
        let refused = loop {
            let begun = Instant::now();
            match record(&world, &mut case) {
                Ok(_) => last = Some(begun),
                Err(error) => break error,
            }
        };
        done.store(true, Ordering::SeqCst);
        assert!(is_stop(&refused), "{number} {when:?}: {refused:?}");
        (stopper.join().expect("stops"), last)
    });
    if let Some(begun) = last {
        assert!(begun < stopped, "{number} {when:?}: recorded what began after the stop");
    }
    // Whatever was under way, the stop is on record now, and nothing after it.
    case.permit(Deed::Note).expect("may");
    let halted = case.ledger().halts().next().expect("is on record").0.entry;
    let recording = |body: &Body| matches!(body, Body::Visited(_) | Body::Kept(_) | Body::Attached(_));
    let entries = case.ledger().entries();
    let after = entries.iter().filter(|entry| entry.entry > halted && recording(&entry.body)).count();
    assert_eq!(after, 0, "{number} {when:?}: recorded after the halt in entry {halted}");
    let before = entries.iter().filter(|entry| recording(&entry.body)).count() as u64;
    tally.recorded.fetch_add(before, Ordering::SeqCst);
    let late = entries.iter().filter(|entry| entry.entry > known && recording(&entry.body)).count() as u64;
    tally.late.fetch_add(late, Ordering::SeqCst);
    let which = if before > 0 { &tally.before } else { &tally.stopped };
    which.fetch_add(1, Ordering::SeqCst);
    if before > 0 {
        // The one that was under way was dropped.
        tally.stopped.fetch_add(1, Ordering::SeqCst);
    }
}

fn is_stop(error: &CaptureError) -> bool {
    match error {
        CaptureError::Halted | CaptureError::Case(CaseError::HaltedMeanwhile(_)) => true,
        CaptureError::Case(CaseError::Refused(refusal)) => {
            matches!(refusal.why, Why::Halted { .. } | Why::HaltRaised)
        }
        _ => false,
    }
}

fn against_attach(number: u64, tally: &Tally) {
    let file = AtomicUsize::new(0);
    against_recording(number, tally, Duration::from_millis(40), |world, case| {
        let path = world.folder.path().join("seen.txt");
        let content = [CANARY, file.fetch_add(1, Ordering::SeqCst).to_string().as_bytes()].concat();
        fs::write(&path, content).expect("writes");
        let request =
            AttachRequest { paths: &[path], producer: Side::A, description: &text("What was seen") };
        attach(case, request).map(|brought| brought.entries[0])
    });
}

fn against_keep(number: u64, tally: &Tally, site: &Site) {
    against_recording(number, tally, Duration::from_millis(80), |_, case| {
        let url = site.url("/page");
        let with = Err(Without::NoBrowser("none in this test".to_owned()));
        keep(
            case,
            KeepRequest {
                url: &url,
                producer: Side::A,
                with,
                network: &Network::default(),
                traffic: Traffic::NotKept,
            },
        )
        .map(|kept| kept.entry)
    });
}

/// What is being made that can leave the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaving {
    Form,
    Seal,
    HandOver,
}

fn against_leaving(number: u64, tally: &Tally, what: Leaving, fonts: &Fonts) {
    let world = World::seeded(number);
    let mut case = world.open();
    let path = world.folder.path().join("seen.txt");
    fs::write(&path, CANARY).expect("writes");
    attach(
        &mut case,
        AttachRequest { paths: &[path], producer: Side::A, description: &text("What was seen") },
    )
    .expect("is brought in");
    let permit = case.permit(Deed::Judge).expect("may");
    case.append(permit, Body::Judged(Judged { substance: true, because: text("Both saw it.") }))
        .expect("is judged");
    let out = world.folder.path().join("out");
    let to = world.folder.path().join("to");
    fs::create_dir_all(&to).expect("is made");
    let request = SealRequest { out: &out, fonts, threads: NonZeroUsize::MIN, watch: &unwatched };
    if what != Leaving::Form {
        // So that the race is about the seal and not about its form.
        make_form(&mut case, &FormRequest { fonts, out: None }).expect("is made");
    }
    if what == Leaving::HandOver {
        seal(&mut case, &request).expect("seals");
    }
    let entry = case.ledger().head() + 1;
    let begun = Instant::now();
    let (longest, sights): (u64, &[&str]) = match what {
        Leaving::Form => (150, &["form.pdf.part", "entry.json", ".b.sig"]),
        Leaving::Seal => (150, &[".zip.part", "-form.pdf.part", "entry.json", "5.json"]),
        Leaving::HandOver => (40, &["-copy.zip.part", "entry.json", "copy.zip", "6.json"]),
    };
    // However busy the computer is, some halts come too late.
    let when = match number % 12 {
        11 => When::AtTheEnd,
        _ => whens(number, Duration::from_millis(longest), sights),
    };
    let folder = case.folder().clone();
    let done = AtomicBool::new(false);
    let pdf = to.join("form.pdf");
    let copy = to.join("a-copy.zip");
    let watched = if what == Leaving::Seal { &out } else { &to };
    let made: Result<(), String> = std::thread::scope(|scope| {
        let stopper = scope.spawn(|| stop(&world, &folder, watched, when, &done));
        let made = match what {
            Leaving::Form => make_form(&mut case, &FormRequest { fonts, out: Some(&pdf) })
                .map(drop)
                .map_err(|error| kind_of(&error, number)),
            Leaving::Seal => seal(&mut case, &request).map(drop).map_err(|error| kind_of(&error, number)),
            Leaving::HandOver => {
                hand_over(&mut case, &copying(&out, &copy, fonts)).map(drop).map_err(|error| match error {
                    CopyError::Halted | CopyError::HaltedAfter { .. } | CopyError::Case(_) => {
                        "stopped".to_owned()
                    }
                    other => panic!("{number}: {other}"),
                })
            }
        };
        done.store(true, Ordering::SeqCst);
        stopper.join().expect("stops");
        made
    });
    assert!(begun.elapsed() < Duration::from_secs(60));
    case.permit(Deed::Note).expect("may");
    let halted = case.ledger().halts().next().expect("is on record").0.entry;
    let made_entries: Vec<u64> = case.ledger().entries()[entry as usize - 1..]
        .iter()
        .filter(|entry| matches!(entry.body, Body::FormMade(_) | Body::Sealed(_) | Body::HandedOver(_)))
        .map(|entry| entry.entry)
        .collect();
    if made_entries.iter().any(|entry| *entry > halted) {
        // The halt came before it was asked for: a case that is stopped has a
        // form and a seal, too, made of what may leave.
        assert!(made_entries.iter().all(|entry| *entry > halted), "{number} {when:?}: {made_entries:?}");
        match what {
            Leaving::Form => assert!(!holds(&fs::read(&pdf).expect("reads"), CANARY), "{number} {when:?}"),
            Leaving::Seal => {
                assert!(!holds_the_canary(&out.join("2026-0001-seal-1.zip")), "{number} {when:?}");
            }
            Leaving::HandOver => panic!("{number} {when:?}: a seal from before the halt was handed over"),
        }
        tally.stopped.fetch_add(1, Ordering::SeqCst);
        return;
    }
    let place = if what == Leaving::Seal { &out } else { &to };
    let there = names(place);
    match &made {
        // It was whole before the stop, and the record says so.
        Ok(()) => {
            assert!(!made_entries.is_empty(), "{number} {when:?}");
            tally.before.fetch_add(1, Ordering::SeqCst);
        }
        Err(_) => {
            assert_eq!(there, Vec::<String>::new(), "{number} {when:?}: published after the halt");
            tally.stopped.fetch_add(1, Ordering::SeqCst);
        }
    }
    // A form from before the stop is withheld with the rest.
    let released = case.reading().released();
    assert_eq!(released.restraint(), Restraint::Withhold);
    for entry in case.ledger().entries() {
        if let Body::FormMade(form) = &entry.body {
            assert!(!released.allows(&form.file), "{number} {when:?}: the form of entry {}", entry.entry);
        }
    }
    // What is sealed from now on holds none of it, and no older seal leaves.
    if what == Leaving::Seal && number.is_multiple_of(10) {
        let later = world.folder.path().join("later");
        let sealed = seal(&mut case, &SealRequest { out: &later, ..request }).expect("seals");
        assert!(!holds_the_canary(&sealed.bundle), "{number} {when:?}");
        if made.is_ok() {
            let refused =
                hand_over(&mut case, &HandOverRequest { seal: Some(1), ..copying(&out, &copy, fonts) });
            assert!(matches!(refused, Err(CopyError::Case(CaseError::Refused(_)))), "{number} {when:?}");
        }
    }
}

fn kind_of(error: &HandoverError, number: u64) -> String {
    match error {
        HandoverError::Halted
        | HandoverError::FormHalted
        | HandoverError::Case(CaseError::HaltedMeanwhile(_) | CaseError::Refused(_)) => "stopped".to_owned(),
        // Only words were left to be drawn when it came.
        HandoverError::Form(error) => format!("stopped while it was drawn: {error}"),
        other => panic!("{number}: {other}"),
    }
}

fn copying<'a>(out: &'a PathBuf, to: &'a Path, fonts: &'a Fonts) -> HandOverRequest<'a> {
    HandOverRequest {
        seal: None,
        sources: std::slice::from_ref(out),
        to,
        encryption: Encryption::None,
        sheets: None,
        receiver: Receiver {
            to: line("PC 1234 Brown"),
            organisation: line("Example Police"),
            role: line("Digital forensics"),
            when: None,
            how: line("In person"),
            medium: line("USB stick"),
        },
        fonts,
        threads: NonZeroUsize::MIN,
        watch: &unwatched,
    }
}

fn holds_the_canary(bundle: &Path) -> bool {
    let zip = Reader::of_bytes(fs::read(bundle).expect("reads"), bundle).expect("a bundle");
    zip.members().iter().any(|member| {
        let bytes = zip.read_small(&member.name, u64::MAX).expect("reads");
        holds(&bytes, CANARY)
    })
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn pages() -> Site {
    Site::serving(Arc::new(|_, to| site::html(to, "<title>A page</title><p>canary-7f3a")))
}

#[test]
fn against_attaching() {
    races(100, "attach", against_attach);
}

#[test]
fn against_keeping() {
    let site = pages();
    races(100, "keep", |number, tally| against_keep(number, tally, &site));
}

#[test]
fn against_what_leaves() {
    let fonts = Fonts::built_in();
    for (count, what) in [(60, Leaving::Seal), (24, Leaving::Form), (24, Leaving::HandOver)] {
        races(count, &format!("{what:?}"), |number, tally| against_leaving(number, tally, what, &fonts));
    }
}

#[test]
#[ignore = "a thousand: some minutes"]
fn attach_a_thousand_times() {
    races(1000, "attach", against_attach);
}

#[test]
#[ignore = "a thousand: some minutes"]
fn keep_a_thousand_times() {
    let site = pages();
    races(1000, "keep", |number, tally| against_keep(number, tally, &site));
}

#[test]
#[ignore = "a thousand: some minutes"]
fn what_leaves_a_thousand_times() {
    let fonts = Fonts::built_in();
    for (count, what) in [(1000, Leaving::Seal), (200, Leaving::Form), (200, Leaving::HandOver)] {
        races(count, &format!("{what:?}"), |number, tally| against_leaving(number, tally, what, &fonts));
    }
}

/// An entry that has passed its last look is kept before the halt returns, or
/// the halt has waited as long as it may.
#[test]
fn a_commit_that_is_under_way_is_waited_for_a_moment() {
    let world = World::seeded(1);
    let folder = world.open().folder().clone();
    let (draft, mark) = (folder.path().join("draft/entry.json"), folder.path().join("halt-raised"));
    fs::write(&draft, "an entry that both have signed").expect("writes");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !mark.exists() {
                std::hint::spin_loop();
            }
            std::thread::sleep(Duration::from_millis(20));
            fs::remove_file(&draft).expect("is removed");
        });
        let begun = Instant::now();
        raise(&folder, None, Some(Side::A), None, &world.clock).expect("is raised");
        assert!(!draft.exists() || begun.elapsed() >= Duration::from_millis(100));
    });
}

/// What a crash left lies there for good, and holds up nobody.
#[test]
fn a_draft_that_nobody_goes_on_with_does_not_hold_up_a_halt() {
    let world = World::seeded(2);
    let folder = world.open().folder().clone();
    fs::write(folder.path().join("draft/entry.json"), "torn").expect("writes");
    raise(&folder, None, Some(Side::A), None, &world.clock).expect("is raised");
    assert!(folder.path().join("halt-raised").exists());
}
