//! A halt against what is recorded without a browser.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use countersign_browser::program::find::FindError;
use countersign_case::capture::{
    AttachRequest, CaptureError, KeepRequest, Network, Traffic, Without, attach, keep,
};
use countersign_case::case::{CaseError, Unlocked};
use countersign_case::procedure::{Deed, Why};
use countersign_record::journal::{Body, Side};

use crate::race::{Tally, stop, whens};
use crate::site::Site;
use crate::world::{World, text};

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

pub fn against_attach(number: u64, tally: &Tally) {
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

pub fn against_keep(number: u64, tally: &Tally, site: &Site) {
    against_recording(number, tally, Duration::from_millis(80), |_, case| {
        let url = site.url("/page");
        let with = Err(Without::NoBrowser(Arc::new(FindError::None)));
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

pub fn pages() -> Site {
    Site::serving(Arc::new(|_, to| crate::site::html(to, "<title>A page</title><p>canary-7f3a")))
}

pub const CANARY: &[u8] = b"canary-7f3a words of a captured file";
