//! The halt: either person alone, at any moment, and nothing recorded after.

#[path = "support/world.rs"]
mod world;

use std::num::NonZeroUsize;

use countersign::bundle::{Source, unwatched};
use countersign::capture::{AttachRequest, CaptureError, attach};
use countersign::case::{CaseError, Reading, raise};
use countersign::form::Fonts;
use countersign::handover::{SealRequest, seal};
use countersign::journal::{Body, Judged, Raised, Restraint, Side};
use countersign::procedure::{Deed, Why};
use countersign::verify::{Completeness, Paper, Verdict, verify};
use world::{World, text};

fn attach_words(world: &World, case: &mut countersign::case::Unlocked<'_>) -> Result<u64, CaptureError> {
    let file = world.folder.path().join("seen.txt");
    std::fs::write(&file, "canary-7f3a words of a captured file").expect("writes");
    let description = text("What was seen");
    let request = AttachRequest { paths: &[file], producer: Side::B, description: &description };
    attach(case, request).map(|brought| brought.entries[0])
}

#[test]
fn raised_in_the_middle_it_is_journaled_and_nothing_is_recorded_after() {
    let world = World::new();
    let mut case = world.open();
    attach_words(&world, &mut case).expect("is brought in");
    let category = case.reading().pack().category("child-abuse-images").expect("is in the pack").recorded();
    let folder = case.folder().clone();
    // By the other person, from another program, with no passphrase.
    raise(&folder, Some(category), Some(Side::B), None, &world.clock).expect("is raised");
    let refused = attach_words(&world, &mut case);
    let Err(CaptureError::Case(CaseError::Refused(refusal))) = refused else { panic!("{refused:?}") };
    assert_eq!(refusal.why, Why::Halted { entry: 3 });
    let halted = case.ledger().halts().next().expect("is journaled").1.clone();
    assert_eq!((halted.raised, halted.by), (Raised::ByHand, Some(Side::B)));
    assert_eq!(case.reading().raised(), Restraint::None, "nothing is pending any more");
    assert!(!case.reading().released().pictures());
}

#[test]
fn what_was_captured_before_stays_behind_and_the_bundle_verifies() {
    let world = World::new();
    let mut case = world.open();
    attach_words(&world, &mut case).expect("is brought in");
    raise(case.folder(), None, None, None, &world.clock).expect("is raised");
    let permit = case.permit(Deed::Judge).expect("may");
    let judged = Judged { substance: true, because: text("The police have it.") };
    case.append(permit, Body::Judged(judged)).expect("is judged");
    let request = SealRequest {
        out: &world.folder.path().join("out"),
        fonts: &Fonts::built_in(),
        threads: NonZeroUsize::MIN,
        watch: &unwatched,
    };
    let sealed = seal(&mut case, &request).expect("seals");
    assert_eq!(sealed.withheld, 1);
    let source = Source::open(&sealed.bundle).expect("opens");
    let report =
        verify(&source, Some(&Paper::Root(sealed.root)), NonZeroUsize::MIN, &unwatched).expect("reads");
    assert_eq!(report.verdict, Verdict::Unchanged, "{:?}", report.findings);
    assert_eq!(report.completeness, Completeness::CompleteButWithheld);
    for file in [&sealed.bundle, &sealed.form] {
        let bytes = std::fs::read(file).expect("reads");
        assert!(!bytes.windows(11).any(|window| window == b"canary-7f3a"), "{}", file.display());
    }
    // It lies where it was, untouched.
    let withheld = case.reading().released().withheld()[0].file.clone();
    let bytes = std::fs::read(case.folder().file(&withheld)).expect("is still there");
    assert!(bytes.starts_with(b"canary-7f3a"));
}

#[test]
fn a_mark_that_is_removed_by_hand_still_stops_the_case() {
    let world = World::new();
    let case = world.open();
    let folder = case.folder().clone();
    drop(case);
    raise(&folder, None, Some(Side::A), None, &world.clock).expect("is raised");
    std::fs::remove_file(folder.path().join("halt-raised")).expect("is removed");
    let reading = Reading::of(&world.home(), folder.reference()).expect("reads");
    assert_eq!(reading.raised(), Restraint::Withhold);
    let mut case = world.unlock(folder.reference()).expect("unlocks");
    let halted = case.ledger().halts().next().expect("is journaled").1.clone();
    assert_eq!(halted.raised, Raised::Found);
    assert!(matches!(attach_words(&world, &mut case), Err(CaptureError::Case(CaseError::Refused(_)))));
}

/// Somebody makes the mark milder: what is not as the program spells it is not
/// what a reviewer said.
#[test]
fn a_mark_in_another_spelling_is_the_strictest() {
    let world = World::new();
    let case = world.open();
    let folder = case.folder().clone();
    drop(case);
    let category = world::pack().category("grooming").expect("is there").recorded();
    raise(&folder, Some(category), Some(Side::A), None, &world.clock).expect("is raised");
    let raised = || Reading::of(&world.home(), folder.reference()).expect("reads").raised();
    assert_eq!(raised(), Restraint::Police);
    let path = folder.path().join("halt-raised");
    let written = std::fs::read_to_string(&path).expect("reads");
    // Who changes the one can change the other: that no note outside tells of
    // it leaves the mark alone to be judged.
    let outside = world.home().path().join("heads").join(folder.reference().to_string());
    let head = std::fs::read_to_string(&outside).expect("reads");
    let without: String = head.split_inclusive('\n').filter(|line| !line.starts_with("halt ")).collect();
    assert_ne!(head, without);
    std::fs::write(&outside, without).expect("writes");
    assert_eq!(raised(), Restraint::Police);
    for other in [
        written.trim_end().to_owned(),
        written.replace("  \"by\"", "  \"more\": 1,\n  \"by\""),
        written.replace("  \"by\"", " \"by\""),
    ] {
        assert_ne!(other, written);
        std::fs::write(&path, other).expect("writes");
        assert_eq!(raised(), Restraint::Withhold);
    }
}

/// Whatever the pack, the category and who is concerned: the sheet for the
/// police has words and no picture, and nothing of what is withheld.
#[test]
fn the_referral_sheet_is_words_only_and_needs_no_passphrase() {
    use countersign::handover::make_referral_sheet;
    let world = World::new();
    let mut case = world.open();
    attach_words(&world, &mut case).expect("is brought in");
    let folder = case.folder().clone();
    drop(case);
    raise(&folder, None, Some(Side::A), Some(text("What a pupil said it shows")), &world.clock)
        .expect("is raised");
    let before = std::fs::read_dir(folder.data().join("journal")).expect("lists").count();
    let reading = Reading::of(&world.home(), folder.reference()).expect("reads");
    let out = world.folder.path().join("referral.pdf");
    let pages = make_referral_sheet(&reading, &Fonts::built_in(), &world.clock, &out).expect("is drawn");
    assert!(pages >= 2);
    let after = std::fs::read_dir(folder.data().join("journal")).expect("lists").count();
    assert_eq!(before, after, "the sheet writes nothing to the case");
    let plain = world.folder.path().join("plain.pdf");
    let run = |program: &str, arguments: &[&std::ffi::OsStr]| {
        let output = std::process::Command::new(program).args(arguments).output().expect(program);
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    run("qpdf", &["--qdf".as_ref(), "--object-streams=disable".as_ref(), out.as_ref(), plain.as_ref()]);
    let unpacked = std::fs::read(&plain).expect("reads");
    let holds = |words: &[u8]| unpacked.windows(words.len()).any(|window| window == words);
    assert!(!holds(b"/Subtype /Image"), "no picture");
    assert!(!holds(b"canary-7f3a"), "nothing withheld");
    let words = run("pdftotext", &["-layout".as_ref(), out.as_ref(), "-".as_ref()]);
    let words = String::from_utf8(words).expect("UTF-8");
    let digest = reading.released().withheld()[0].file.sha256.to_string();
    for said in [
        "Jane Smith",
        "Continuity of the computer",
        digest.as_str(),
        "To be told, and not told yet",
        "Police: now",
        // Where the built-in procedure knows no number: room to write it.
        "Number: ____________________",
        "Police, emergency: first, if this is so",
        "Nobody looks again.",
        // No entry knows of it yet, and the police ask for it first.
        "What a pupil said it shows",
        "By one person, at once",
        "Not yet: both are still to sign it",
    ] {
        assert!(words.contains(said), "{said}");
    }
}
