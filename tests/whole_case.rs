//! A whole case through the library, from opening to a verified bundle.

#[path = "support/world.rs"]
mod world;

use std::num::NonZeroUsize;

use countersign_case::capture::{AttachRequest, attach};
use countersign_case::case::Unlocked;
use countersign_case::form::Fonts;
use countersign_case::handover::{SealRequest, SealedCase, seal};
use countersign_case::procedure::Deed;
use countersign_record::bundle::{Source, unwatched};
use countersign_record::journal::{At, Body, Concern, Judged, Seen, Side};
use countersign_record::verify::{Completeness, Identity, Integrity, Paper, Timing, Verdict, verify};
use world::{World, text};

fn sealed(world: &World, case: &mut Unlocked<'_>) -> SealedCase {
    let request = SealRequest {
        out: &world.folder.path().join("out"),
        fonts: &Fonts::built_in(),
        threads: NonZeroUsize::new(2).expect("two"),
        watch: &unwatched,
    };
    seal(case, &request).expect("seals")
}

fn reviewed<'a>(world: &'a World) -> Unlocked<'a> {
    let mut case = world.open();
    let log = world.folder.path().join("filter log.csv");
    std::fs::write(&log, "time,address\n09:14,http://example.com/\n").expect("writes");
    let description = text("The filter's log of that morning");
    attach(&mut case, AttachRequest { paths: &[log], producer: Side::A, description: &description })
        .expect("is brought in");
    let category = case.reading().pack().category("bullying").expect("is in the pack").recorded();
    let concern = Concern {
        at: At::Url(Seen::of("http://example.com/")),
        category: category.clone(),
        description: text("Names and insults."),
    };
    let permit = case.permit(Deed::Concern(category.id)).expect("may");
    case.concern(permit, concern).expect("is described");
    let permit = case.permit(Deed::Judge).expect("may");
    let judged = Judged { substance: true, because: text("Both of us saw it.") };
    case.append(permit, Body::Judged(judged)).expect("is judged");
    case
}

#[test]
fn from_opening_to_a_verified_bundle() {
    let world = World::new();
    let mut case = reviewed(&world);
    let sealed = sealed(&world, &mut case);
    let source = Source::open(&sealed.bundle).expect("opens");
    let two = NonZeroUsize::new(2).expect("two");
    let paper = Paper::Words(sealed.words.clone());
    let report = verify(&source, Some(&paper), two, &unwatched).expect("reads");
    assert_eq!(report.findings, []);
    assert_eq!(report.verdict, Verdict::Unchanged);
    assert_eq!(
        (report.integrity, report.identity, report.time, report.completeness),
        (Integrity::Unchanged, Identity::SignedByBoth, Timing::Claimed, Completeness::Complete)
    );
    let report = verify(&source, None, two, &unwatched).expect("reads");
    assert_eq!(report.verdict, Verdict::UnchangedNotCompared);
    let other = Paper::Root(countersign_record::digest::Digest::of(b"another"));
    let report = verify(&source, Some(&other), two, &unwatched).expect("reads");
    assert_eq!(report.verdict, Verdict::Changed);
}

#[test]
fn a_second_seal_follows_the_first() {
    let world = World::new();
    let mut case = reviewed(&world);
    let first = sealed(&world, &mut case);
    let second = sealed(&world, &mut case);
    assert_eq!(second.seal, 2);
    assert_ne!(first.root, second.root);
    for sealed in [&first, &second] {
        let source = Source::open(&sealed.bundle).expect("opens");
        let paper = Paper::Root(sealed.root);
        let report = verify(&source, Some(&paper), NonZeroUsize::MIN, &unwatched).expect("reads");
        assert_eq!(report.verdict, Verdict::Unchanged, "{:?}", report.findings);
    }
}

#[test]
fn a_clock_that_jumps_while_a_case_is_sealed_is_said() {
    let world = World::new();
    let mut case = reviewed(&world);
    let jumped = std::sync::atomic::AtomicBool::new(false);
    let watch = |_| {
        if !jumped.swap(true, std::sync::atomic::Ordering::SeqCst) {
            world.clock.jump(-3_600_000);
        }
        std::ops::ControlFlow::Continue(())
    };
    let request = SealRequest {
        out: &world.folder.path().join("out"),
        fonts: &Fonts::built_in(),
        threads: NonZeroUsize::MIN,
        watch: &watch,
    };
    let first = seal(&mut case, &request).expect("seals");
    let kinds: Vec<&str> = case.ledger().entries().iter().rev().take(2).map(|e| e.body.kind()).collect();
    assert_eq!(kinds, ["sealed", "clock-jumped"]);
    for sealed in [first, sealed(&world, &mut case)] {
        let source = Source::open(&sealed.bundle).expect("opens");
        let paper = Paper::Root(sealed.root);
        let report = verify(&source, Some(&paper), NonZeroUsize::MIN, &unwatched).expect("reads");
        assert_eq!(report.verdict, Verdict::Unchanged, "{:?}", report.findings);
    }
}
