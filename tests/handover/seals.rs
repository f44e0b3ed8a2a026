//! A seal whose bundle cannot get its name, one that has no bundle, what is
//! given to people, and the paper that is printed again.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use countersign_case::case::{CaseError, Unfinished, Unlocked};
use countersign_case::form::Fonts;
use countersign_case::handover::{
    CopyError, HandoverError, SealRequest, SealedCase, hand_over, print_seal_again, seal,
};
use countersign_case::procedure::{Deed, Verb, Why};
use countersign_case::register::{Known, Register};
use countersign_record::bundle::unwatched;
use countersign_record::journal::{Body, Judged, Reference};

use crate::world::{World, text};
use crate::{TWO, assert_verifies, names, request, sealed};

fn reference() -> Reference {
    "2026-0001".parse().expect("a reference")
}

fn judged(world: &World) -> Unlocked<'_> {
    let mut case = world.open();
    for body in [
        Body::Noted(countersign_record::journal::Noted { text: text("seen") }),
        Body::Judged(Judged { substance: false, because: text("Nothing was found.") }),
    ] {
        let permit = case.permit(Deed::of(&body).expect("a deed")).expect("may");
        case.append(permit, body).expect("is kept");
    }
    case
}

/// Seals into the home's own folder, while something takes the bundle's name as
/// soon as the bundle is being written.
fn seal_without_a_name(world: &World, case: &mut Unlocked<'_>) -> (SealedCase, std::path::PathBuf) {
    let out = world.home().sealed();
    let taken = out.join("2026-0001-seal-1.zip");
    let fonts = Fonts::built_in();
    let sealed = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !names(&out).iter().any(|name| name.ends_with(".zip.part")) {
                std::hint::spin_loop();
            }
            fs::create_dir(&taken).expect("is free");
        });
        seal(case, &SealRequest { out: &out, fonts: &fonts, threads: TWO, watch: &unwatched })
    });
    (sealed.expect("is sealed: the entry is kept"), taken)
}

/// Seen: the bundle's rename refused: the record said "Sealed as seal 1", the
/// bundle was deleted, and nothing was there.
#[test]
fn a_bundle_that_cannot_get_its_name_stays_and_the_next_unlocking_names_it() {
    let world = World::new();
    let mut case = judged(&world);
    let (sealed, taken) = seal_without_a_name(&world, &mut case);
    let [Unfinished::Bundle { seal: 1, path, .. }] = case.unfinished() else {
        panic!("{:?}", case.unfinished())
    };
    assert_eq!(*path, sealed.bundle);
    assert_verifies(path, sealed.root);
    drop(case);
    fs::remove_dir(&taken).expect("is there");
    let case = world.unlock(reference()).expect("unlocks");
    assert!(case.ledger().unbundled(1).is_none() && case.unfinished().is_empty());
    assert_verifies(&taken, sealed.root);
    assert_eq!(names(&world.home().sealed()), ["2026-0001-seal-1-form.pdf", "2026-0001-seal-1.zip"]);
}

#[test]
fn a_seal_whose_bundle_can_never_be_named_has_none_and_everything_says_so() {
    let world = World::new();
    let mut case = judged(&world);
    let (sealed, _) = seal_without_a_name(&world, &mut case);
    drop(case);
    let mut case = world.unlock(reference()).expect("unlocks");
    let gone = case.ledger().unbundled(1).expect("the record says so").clone();
    assert_eq!(gone.because.as_str(), "its file could not get its name");
    // Said once, and no further unlocking says it again.
    drop(case);
    case = world.unlock(reference()).expect("unlocks");
    assert_eq!(case.ledger().entries().iter().filter(|e| matches!(e.body, Body::Unbundled(_))).count(), 1);
    assert_verifies(&sealed.bundle, sealed.root);
    // It is not handed over and not printed, and what comes next is a seal.
    let state = case.state().expect("reads");
    assert_eq!(state.permit(Deed::HandOver(1)).map(drop).expect_err("no").why, Why::NoBundle { seal: 1 });
    assert!(state.next().iter().any(|step| step.verb == Verb::Seal));
    let fonts = Fonts::built_in();
    let refused = print_seal_again(case.reading(), 1, &fonts);
    assert!(matches!(refused.map(drop), Err(HandoverError::Case(CaseError::Refused(_)))));
    let sources = [world.home().sealed()];
    let usb = world.folder.path().join("usb");
    fs::create_dir(&usb).expect("is made");
    let refused = hand_over(&mut case, &request(&sources, &usb, &fonts)).map(drop);
    assert!(matches!(refused, Err(CopyError::Case(CaseError::Refused(_)))), "{refused:?}");
    let register = Register::read(&world.home(), world.around().clock.now(), TWO, Duration::from_secs(60))
        .expect("reads");
    let Known::Read(row) = &register.cases[0].known else { panic!("is read") };
    assert!(row.seal.as_ref().is_some_and(|seal| seal.number == 1 && !seal.has_bundle));
    // The next one has a bundle of its own.
    let out = world.folder.path().join("out");
    let again = seal(&mut case, &SealRequest { out: &out, fonts: &fonts, threads: TWO, watch: &unwatched });
    let again = again.expect("seals");
    assert_eq!(again.seal, 2);
    assert_verifies(&again.bundle, again.root);
}

/// Seen: `seal --out` and the home's own folder held one file under two names.
#[test]
fn what_is_given_to_people_shares_no_file_with_what_is_kept() {
    let world = World::new();
    let mut sealed = sealed(&world, 1000);
    let kept = world.home().sealed();
    let usb = sealed.folder("usb");
    let copied = sealed.copy(&usb, countersign_record::journal::Encryption::None).expect("is handed over");
    let file = |path: &Path| fs::metadata(path).expect("is there");
    let bundle = kept.join("2026-0001-seal-1.zip");
    let form = kept.join("2026-0001-seal-1-form.pdf");
    for (ours, theirs) in
        [(&bundle, &sealed.sealed.bundle), (&form, &sealed.sealed.form), (&bundle, &copied.path)]
    {
        assert_ne!(file(ours).ino(), file(theirs).ino(), "{}", theirs.display());
        assert_eq!(fs::read(ours).expect("reads"), fs::read(theirs).expect("reads"));
    }
    let whole = world.folder.path().to_owned();
    let mut looked = 0;
    for entry in walkdir::WalkDir::new(&whole).into_iter().map(|entry| entry.expect("lists")) {
        if entry.file_type().is_file() {
            looked += 1;
            assert_eq!(file(entry.path()).nlink(), 1, "{}", entry.path().display());
        }
    }
    assert!(looked > 20, "{looked}");
}

#[test]
fn the_paper_of_a_seal_is_printed_again_to_the_byte() {
    let world = World::new();
    let sealed = sealed(&world, 1000);
    let fonts = Fonts::built_in();
    let mut case = sealed.case;
    let permit = case.permit(Deed::Note).expect("may");
    let noted = countersign_record::journal::Noted { text: text("Later.") };
    case.append(permit, Body::Noted(noted)).expect("is kept");
    let again = print_seal_again(case.reading(), 1, &fonts).expect("is drawn");
    assert_eq!(again.sealed.root, sealed.sealed.root);
    assert!(again.pdf.bytes == fs::read(&sealed.sealed.form).expect("reads"), "the very paper");
    let none = print_seal_again(case.reading(), 2, &fonts).map(drop);
    assert!(none.is_err());
}
