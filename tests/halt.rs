//! The halt: either person alone, at any moment, and nothing recorded after.

#[path = "support/world.rs"]
mod world;

use std::num::NonZeroUsize;

use countersign_case::capture::{AttachRequest, CaptureError, attach};
use countersign_case::case::{CaseError, Halt, How, RaiseError, Reading, is_held, raise};
use countersign_case::form::Fonts;
use countersign_case::handover::{SealRequest, seal};
use countersign_case::procedure::{Deed, Why};
use countersign_record::bundle::{Source, unwatched};
use countersign_record::journal::{Body, Judged, Raised, Restraint, Side};
use countersign_record::verify::{Completeness, Paper, Verdict, verify};
use world::{World, text};

fn attach_words(world: &World, case: &mut countersign_case::case::Unlocked<'_>) -> Result<u64, CaptureError> {
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
    raise(
        &folder,
        Halt { category: Some(category.id.to_string()), by: Some(Side::B), ..Halt::default() },
        &world.clock,
    )
    .expect("is raised");
    // What was on its way ends with it, and the stop is on record.
    let stopped = attach_words(&world, &mut case);
    assert!(matches!(stopped, Err(CaptureError::Halted)), "{stopped:?}");
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
    raise(case.folder(), Halt::default(), &world.clock).expect("is raised");
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
    raise(&folder, Halt { by: Some(Side::A), ..Halt::default() }, &world.clock).expect("is raised");
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
    raise(
        &folder,
        Halt { category: Some(category.id.to_string()), by: Some(Side::A), ..Halt::default() },
        &world.clock,
    )
    .expect("is raised");
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

#[test]
fn the_mark_keeps_what_was_typed_and_the_pack_says_what_it_does() {
    for (category, response, typed) in [
        ("grooming", Restraint::Police, None),
        ("child-abuse-images", Restraint::Withhold, None),
        ("no-such\u{7}thing", Restraint::Withhold, Some("no-such[U+0007]thing")),
        // A stop that somebody made stands, whatever it was said to be about.
        ("bullying", Restraint::Withhold, Some("bullying")),
    ] {
        let world = World::new();
        let case = world.open();
        let folder = case.folder().clone();
        drop(case);
        let told = Halt {
            category: Some(category.to_owned()),
            place: Some("the phone\u{202e}".to_owned()),
            description: Some("\"".repeat(100_000)),
            how: How::ByConcern,
            ..Halt::default()
        };
        raise(&folder, told, &world.clock).expect("is raised");
        let reading = Reading::of(&world.home(), folder.reference()).expect("reads");
        assert_eq!(reading.raised(), response);
        let mut case = world.unlock(folder.reference()).expect("unlocks, however long the words are");
        let halted = case.ledger().halts().next().expect("is journaled").1.clone();
        assert_eq!(halted.raised, Raised::ByConcern);
        assert_eq!(halted.typed.as_ref().map(|typed| typed.as_str()), typed);
        assert_eq!(halted.place.expect("a place").as_str(), "the phone[U+202E]");
        assert!(halted.description.expect("words").as_str().ends_with("\" […]"));
        assert!(case.state().expect("reads").restraint() == response);
        assert_eq!(case.ledger().halts().count(), 1, "one stop is one entry");
    }
}

#[cfg(unix)]
#[test]
fn a_mark_that_cannot_be_read_stops_the_case_under_the_strictest_rule() {
    type Make = fn(&std::path::Path);
    let odd: [(&str, Make); 3] = [
        ("a folder", |mark| std::fs::create_dir(mark).expect("a folder")),
        ("a link", |mark| std::os::unix::fs::symlink("/dev/zero", mark).expect("links")),
        ("a pipe", |mark| {
            assert!(std::process::Command::new("mkfifo").arg(mark).status().expect("mkfifo").success());
        }),
    ];
    for (what, make) in odd {
        let world = World::new();
        let case = world.open();
        let folder = case.folder().clone();
        drop(case);
        make(&folder.path().join("halt-raised"));
        let reading = Reading::of(&world.home(), folder.reference()).expect("reads");
        assert_eq!(reading.raised(), Restraint::Withhold, "{what}");
        // A stop by hand finds another name, and both are on record, once.
        raise(&folder, Halt::default(), &world.clock).expect("is raised");
        drop(world.unlock(folder.reference()).expect("unlocks"));
        let case = world.unlock(folder.reference()).expect("unlocks again");
        let halts: Vec<_> = case.ledger().halts().map(|(_, halted)| halted.raised).collect();
        assert_eq!(halts, [Raised::ByHand, Raised::Found], "{what}");
    }
}

/// As a restored backup or another system spells it.
#[test]
fn a_mark_whose_name_is_no_text_stops_the_case() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new();
    let folder = world.open().folder().clone();
    let name = std::ffi::OsStr::from_bytes(b"halt-raised\xff");
    std::fs::write(folder.path().join(name), "").expect("writes");
    let mut case = world.unlock(folder.reference()).expect("unlocks");
    assert_eq!(case.ledger().halts().count(), 1);
    assert!(attach_words(&world, &mut case).is_err());
    let head = case.ledger().head();
    drop(case);
    assert_eq!(world.unlock(folder.reference()).expect("unlocks again").ledger().head(), head);
}

/// A stop that the disk does not take stops the case for whoever runs.
#[test]
fn where_no_mark_can_be_made_a_line_outside_stops_the_case() {
    let world = World::new();
    let mut case = world.open();
    let folder = case.folder().clone();
    let watch = case.watch();
    // Nothing can be made where a file is in the way of the folder.
    let aside = folder.path().with_extension("aside");
    std::fs::rename(folder.path(), &aside).expect("moves");
    std::fs::write(folder.path(), "").expect("writes");
    let raised = raise(&folder, Halt::default(), &world.clock).expect("is stopped");
    assert!(raised.unmarked.is_some() && raised.unnoted.is_none());
    assert!(watch.is_halted());
    let head = world.home().path().join("heads").join(folder.reference().to_string());
    let elsewhere = head.with_extension("aside");
    std::fs::rename(&head, &elsewhere).expect("moves");
    // Another one, though it may come within the same millisecond.
    let second = Halt { by: Some(Side::B), ..Halt::default() };
    let refused = raise(&folder, second, &world.clock);
    assert!(matches!(refused, Err(RaiseError::Held { .. })), "{refused:?}");
    assert!(is_held(&folder));
    std::fs::remove_file(folder.path()).expect("removes");
    std::fs::rename(&aside, folder.path()).expect("moves back");
    std::fs::rename(&elsewhere, &head).expect("moves back");
    // Both stop it: the line outside, and what this program holds.
    assert_eq!(case.state().expect("reads").restraint(), Restraint::Withhold);
    assert_eq!(case.reading().pending_halts().len(), 2);
    assert!(attach_words(&world, &mut case).is_err());
    assert_eq!(countersign_case::case::retry_held(), 0, "the disk takes it now");
    assert!(!is_held(&folder) && folder.path().join("halt-raised").exists());
    assert!(case.permit_recording(Deed::Attach).is_err());
    assert_eq!(case.ledger().halts().count(), 2, "one stop is one entry");
}

/// A disk that is full takes the name of the mark and none of its words, and
/// the line outside still fits: that is one stop, and one entry.
#[cfg(target_os = "linux")]
#[test]
fn a_stop_on_a_full_disk_is_one_stop() {
    use std::process::Command;
    let small = tempfile::tempdir().expect("a folder");
    let mount =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(small.path()).output();
    if !mount.is_ok_and(|output| output.status.success()) {
        // Only root may mount a small disk; the torn marks below hold without it.
        return;
    }
    let world = World::within(small.path());
    let folder = {
        let case = world.open();
        case.folder().clone()
    };
    let filler = small.path().join("filler");
    let full = std::fs::write(&filler, vec![0; 8 << 20]);
    assert!(full.is_err(), "the disk is full");
    let raised =
        raise(&folder, Halt { by: Some(Side::B), ..Halt::default() }, &world.clock).expect("is stopped");
    assert_eq!(std::fs::metadata(folder.path().join("halt-raised")).expect("is there").len(), 0);
    assert!(raised.unmarked.is_none() && raised.unnoted.is_none(), "{raised:?}");
    let reading = Reading::of(&world.home(), folder.reference()).expect("reads");
    assert_eq!((reading.raised(), reading.pending_halts().len()), (Restraint::Withhold, 1));
    std::fs::remove_file(&filler).expect("removes");
    let halts = |world: &World| world.unlock(folder.reference()).expect("unlocks").ledger().halts().count();
    assert_eq!([halts(&world), halts(&world)], [1, 1]);
    // Another one has a name and an entry of its own.
    raise(&folder, Halt::default(), &world.clock).expect("is stopped");
    assert_eq!([halts(&world), halts(&world)], [2, 2]);
    drop(world);
    assert!(Command::new("umount").arg(small.path()).status().expect("runs").success());
}

/// A crash takes the words of the mark, before or after it is on record.
#[test]
fn a_mark_that_lost_its_words_is_the_stop_that_was_noted_outside() {
    for category in [Some("grooming"), None] {
        for left in [0, 30] {
            let world = World::new();
            let folder = world.open().folder().clone();
            let typed = Halt { category: category.map(str::to_owned), ..Halt::default() };
            raise(&folder, typed, &world.clock).expect("is stopped");
            let mark = folder.path().join("halt-raised");
            let words = std::fs::read(&mark).expect("reads");
            let halts = || {
                let case = world.unlock(folder.reference()).expect("unlocks");
                (case.ledger().halts().count(), case.reading().released().restraint())
            };
            std::fs::write(&mark, &words[..left]).expect("writes");
            assert_eq!(halts(), (1, Restraint::Withhold));
            assert_eq!(halts(), (1, Restraint::Withhold));
            // Whole again, it says what was typed: the same stop.
            std::fs::write(&mark, &words).expect("writes");
            assert_eq!(halts(), (1, Restraint::Withhold));
            // Emptied where what is on record is milder, it is the strictest.
            let second = Halt { category: category.map(str::to_owned), by: Some(Side::A), ..Halt::default() };
            raise(&folder, second, &world.clock).expect("is stopped");
            assert_eq!(halts().0, 2);
            std::fs::write(folder.path().join("halt-raised-2"), "").expect("writes");
            let expected = if category.is_some() { 3 } else { 2 };
            assert_eq!(halts(), (expected, Restraint::Withhold));
        }
    }
}

/// Whatever the pack, the category and who is concerned: the sheet for the
/// police has words and no picture, and nothing of what is withheld.
#[test]
fn the_referral_sheet_is_words_only_and_needs_no_passphrase() {
    use countersign_case::handover::make_referral_sheet;
    let world = World::new();
    let mut case = world.open();
    attach_words(&world, &mut case).expect("is brought in");
    let folder = case.folder().clone();
    drop(case);
    let told = Halt {
        by: Some(Side::A),
        description: Some("What a pupil said it shows".to_owned()),
        ..Halt::default()
    };
    raise(&folder, told, &world.clock).expect("is raised");
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
