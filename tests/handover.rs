//! The end of the journey: copies that are handed over, and cases that are
//! filed. Needs `7z`.

#![allow(clippy::print_stderr, reason = "a test says what it could not try")]

#[path = "support/world.rs"]
mod world;

use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use countersign::bundle::{Source, unwatched};
use countersign::capture::{AttachRequest, attach};
use countersign::case::{self, CaseError, Unlocked};
use countersign::digest::Digest;
use countersign::form::Fonts;
use countersign::handover::{
    ArchiveError, ArchiveRequest, CopyError, HandOverRequest, HandedCopy, Receiver, Review, SealRequest,
    SealedCase, archive, hand_over, seal,
};
use countersign::journal::{Body, Encryption, Hold, Judged, Noted, Side};
use countersign::procedure::{Deed, Phase, Reminder};
use countersign::verify::{Paper, Verdict, verify};
use world::{World, line, text};

const TWO: NonZeroUsize = NonZeroUsize::new(2).expect("two");

/// A world with a sealed case in it. What is brought in is `bytes` long.
struct Sealed<'a> {
    world: &'a World,
    case: Unlocked<'a>,
    sealed: SealedCase,
    fonts: Fonts,
}

fn sealed(world: &World, bytes: usize) -> Sealed<'_> {
    let mut case = world.open();
    let file = world.folder.path().join("log.bin");
    let content: Vec<u8> = (0..bytes).map(|i| (i * 7 + i / 251) as u8).collect();
    fs::write(&file, content).expect("writes");
    let description = text("The filter's log of that morning");
    attach(&mut case, AttachRequest { paths: &[file], producer: Side::A, description: &description })
        .expect("is brought in");
    let permit = case.permit(Deed::Judge).expect("may");
    let judged = Judged { substance: false, because: text("Nothing was found.") };
    case.append(permit, Body::Judged(judged)).expect("is judged");
    let fonts = Fonts::built_in();
    let out = world.folder.path().join("sealed");
    let sealed = seal(&mut case, &SealRequest { out: &out, fonts: &fonts, threads: TWO, watch: &unwatched })
        .expect("seals");
    Sealed { world, case, sealed, fonts }
}

impl Sealed<'_> {
    fn folder(&self, name: &str) -> PathBuf {
        let folder = self.world.folder.path().join(name);
        fs::create_dir_all(&folder).expect("is made");
        folder
    }

    fn copy(&mut self, to: &Path, encryption: Encryption) -> Result<HandedCopy, CopyError> {
        let sources = [self.world.folder.path().join("nowhere"), self.world.folder.path().join("sealed")];
        self.copy_from(&sources, to, encryption)
    }

    fn copy_from(
        &mut self,
        sources: &[PathBuf],
        to: &Path,
        encryption: Encryption,
    ) -> Result<HandedCopy, CopyError> {
        let request = HandOverRequest {
            seal: None,
            sources,
            to,
            encryption,
            sheets: Some(&self.world.folder.path().join("sheets")),
            receiver: receiver(),
            fonts: &self.fonts,
            threads: TWO,
            watch: &unwatched,
        };
        hand_over(&mut self.case, &request)
    }

    fn assert_untouched(&self, head: u64, folder: &Path) {
        let after = &self.case.ledger().entries()[head as usize..];
        let speaks = after.iter().any(|entry| matches!(entry.body, Body::HandedOver(_)));
        assert!(!speaks, "no entry speaks of a copy");
        assert_eq!(names(folder), Vec::<String>::new(), "nothing is left of the copy");
        assert_eq!(names(&self.world.folder.path().join("sheets")), Vec::<String>::new());
    }
}

fn receiver() -> Receiver {
    Receiver {
        to: line("DC 1234 Nowak"),
        organisation: line("Example Police"),
        role: line("Digital forensics officer"),
        when: None,
        how: line("By hand, in the head's office"),
        medium: line("USB stick, school's no. 7"),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(listing) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        listing.map(|entry| entry.expect("is there").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn assert_verifies(bundle: &Path, root: Digest) {
    let source = Source::open(bundle).expect("opens");
    let report = verify(&source, Some(&Paper::Root(root)), TWO, &unwatched).expect("reads");
    assert_eq!(report.verdict, Verdict::Unchanged, "{:?}", report.findings);
}

fn seven_zip(copy: &Path, passphrase: &str, out: &Path) -> std::process::Output {
    Command::new("7z")
        .arg("x")
        .arg(format!("-p{passphrase}"))
        .arg(format!("-o{}", out.display()))
        .arg("-y")
        .arg(copy)
        .output()
        .expect("7z must be installed for this test")
}

#[test]
fn a_copy_as_it_is() {
    let world = World::new();
    let mut sealed = sealed(&world, 4000);
    let usb = sealed.folder("usb");
    let copy = sealed.copy(&usb, Encryption::None).expect("is handed over");
    assert!(copy.passphrase.is_none() && copy.passphrase_sheet.is_none());
    assert_eq!(copy.path, usb.join("2026-0001-seal-1.zip"));
    assert_eq!(names(&usb), ["2026-0001-seal-1.zip"]);
    let bytes = fs::read(&copy.path).expect("reads");
    assert_eq!(bytes, fs::read(&sealed.sealed.bundle).expect("reads"));
    assert_verifies(&copy.path, sealed.sealed.root);

    let Body::HandedOver(said) = &sealed.case.ledger().last().body else { panic!("the copy is recorded") };
    assert_eq!((said.seal, said.root), (1, sealed.sealed.root));
    assert_eq!(said.copy.file.sha256, Digest::of(&bytes));
    assert_eq!(said.copy.file.bytes, bytes.len() as u64);
    assert!(said.when.as_str().starts_with("22 November 2026 at 14:30:"), "{}", said.when);
    assert!(copy.receipt.is_some_and(|sheet| fs::read(sheet).expect("reads").starts_with(b"%PDF-")));
    assert_eq!(names(&world.folder.path().join("sheets")), ["2026-0001-seal-1-copy-1-receipt.pdf"]);
    // The record goes on, and holds.
    drop(sealed);
    let mut case = world.unlock("2026-0001".parse().expect("a reference")).expect("unlocks");
    let due: Vec<Reminder> = {
        let now = case.surroundings().clock.now();
        case.state().expect("reads").due(now).into_iter().map(|due| due.reminder).collect()
    };
    assert_eq!(due, [Reminder::Archive]);
}

#[test]
fn seven_zip_opens_a_locked_copy_with_its_passphrase_only() {
    let world = World::new();
    let mut sealed = sealed(&world, 300_000);
    let usb = sealed.folder("usb");
    let copy = sealed.copy(&usb, Encryption::Aes256Zip).expect("is handed over");
    assert_eq!(names(&usb), ["2026-0001-seal-1-locked.zip"]);
    let words = copy.passphrase.expect("is locked");
    assert_eq!(words.as_str().split(' ').count(), 6);

    let out = sealed.folder("opened");
    let opened = seven_zip(&copy.path, words.as_str(), &out);
    assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
    assert_eq!(names(&out), ["2026-0001-seal-1.zip"]);
    assert_verifies(&out.join("2026-0001-seal-1.zip"), sealed.sealed.root);

    let listed = Command::new("7z").args(["l", "-slt"]).arg(&copy.path).output().expect("7z runs");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("Method = AES-256 Store"), "{listed}");
    assert!(listed.contains("Encrypted = +"), "{listed}");

    let other = sealed.folder("not opened");
    assert!(!seven_zip(&copy.path, "abandon abandon abandon abandon abandon zoo", &other).status.success());
    assert!(!other.join("2026-0001-seal-1.zip").metadata().is_ok_and(|m| m.len() == sealed.sealed.bytes));

    // The words are on their sheet and in nothing else that was written.
    let sheet = copy.passphrase_sheet.expect("has a sheet");
    assert!(sheet.is_file());
    for entry in walkdir::WalkDir::new(world.home().path()).into_iter().flatten() {
        if entry.file_type().is_file() {
            let bytes = fs::read(entry.path()).expect("reads");
            let found = bytes.windows(words.as_str().len()).any(|part| part == words.as_str().as_bytes());
            assert!(!found, "{} holds the passphrase", entry.path().display());
        }
    }
    // Another copy has another one.
    let second = sealed.copy(&sealed.folder("usb 2"), Encryption::Aes256Zip).expect("is handed over");
    assert_ne!(second.passphrase.expect("is locked").as_str(), words.as_str());
    assert!(second.receipt.is_some_and(|path| path.ends_with("2026-0001-seal-1-copy-2-receipt.pdf")));
}

/// Somebody, or the medium, changes a byte of the copy while it is made.
fn corrupted(encryption: Encryption) {
    let world = World::new();
    let mut sealed = sealed(&world, 24 << 20);
    let usb = sealed.folder("usb");
    let name = match encryption {
        Encryption::None => "2026-0001-seal-1.zip.part",
        Encryption::Aes256Zip => "2026-0001-seal-1-locked.zip.part",
    };
    let part = usb.join(name);
    let done = AtomicBool::new(false);
    let head = sealed.case.ledger().head();
    let result = std::thread::scope(|scope| {
        scope.spawn(|| {
            use std::io::{Read, Seek, SeekFrom, Write};
            const AT: u64 = 300_000;
            while !done.load(Ordering::SeqCst) {
                let long = |m: fs::Metadata| m.len() > 2 << 20;
                if fs::metadata(&part).is_ok_and(long) {
                    let mut file = fs::File::options().read(true).write(true).open(&part).expect("opens");
                    let mut byte = [0];
                    file.seek(SeekFrom::Start(AT)).expect("seeks");
                    file.read_exact(&mut byte).expect("reads");
                    file.seek(SeekFrom::Start(AT)).expect("seeks");
                    file.write_all(&[byte[0] ^ 1]).expect("writes");
                    return;
                }
            }
        });
        let result = sealed.copy(&usb, encryption);
        done.store(true, Ordering::SeqCst);
        result
    });
    assert!(matches!(result.map(|_| ()), Err(CopyError::Unlike(_))));
    sealed.assert_untouched(head, &usb);
}

#[test]
fn a_copy_that_was_changed_on_its_medium_is_found_and_dropped() {
    corrupted(Encryption::None);
}

#[test]
fn a_locked_copy_that_was_changed_on_its_medium_is_found_and_dropped() {
    corrupted(Encryption::Aes256Zip);
}

#[test]
fn what_lies_there_is_never_overwritten() {
    let world = World::new();
    let mut sealed = sealed(&world, 100);
    let head = sealed.case.ledger().head();
    let usb = sealed.folder("usb");
    let theirs = usb.join("2026-0001-seal-1.zip");
    fs::write(&theirs, "theirs").expect("writes");
    assert!(
        matches!(sealed.copy(&usb, Encryption::None).map(|_| ()), Err(CopyError::Taken(path)) if path == theirs)
    );
    assert!(matches!(sealed.copy(&theirs, Encryption::None).map(|_| ()), Err(CopyError::Taken(_))));
    assert_eq!(fs::read(&theirs).expect("reads"), b"theirs");
    #[cfg(unix)]
    {
        // Neither through a link that leads nowhere, nor into a pipe.
        let link = usb.join("link.zip");
        std::os::unix::fs::symlink(usb.join("elsewhere"), &link).expect("is made");
        assert!(matches!(sealed.copy(&link, Encryption::None).map(|_| ()), Err(CopyError::Taken(_))));
        let pipe = usb.join("pipe.zip");
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("runs").success());
        assert!(matches!(sealed.copy(&pipe, Encryption::None).map(|_| ()), Err(CopyError::Taken(_))));
        let nothing = sealed.folder("nothing");
        let from = sealed.copy_from(&[pipe], &nothing, Encryption::None);
        assert!(matches!(from.map(|_| ()), Err(CopyError::NotTheBundle { .. })));
    }
    assert_eq!(sealed.case.ledger().head(), head);
}

#[test]
fn another_bundle_than_the_sealed_one_is_refused() {
    let world = World::new();
    let mut sealed = sealed(&world, 100);
    let head = sealed.case.ledger().head();
    let usb = sealed.folder("usb");
    let none = sealed.copy_from(&[world.folder.path().join("nowhere")], &usb, Encryption::None);
    assert!(matches!(none.map(|_| ()), Err(CopyError::NoBundle { seal: 1, .. })));
    let mut bytes = fs::read(&sealed.sealed.bundle).expect("reads");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let changed = world.folder.path().join("changed.zip");
    fs::write(&changed, &bytes).expect("writes");
    let one = sealed.copy_from(std::slice::from_ref(&changed), &usb, Encryption::None);
    assert!(matches!(one.map(|_| ()), Err(CopyError::NotTheBundle { .. })));
    bytes.pop();
    fs::write(&changed, &bytes).expect("writes");
    let short = sealed.copy_from(&[changed], &usb, Encryption::Aes256Zip);
    assert!(matches!(short.map(|_| ()), Err(CopyError::NotTheBundle { .. })));
    sealed.assert_untouched(head, &usb);
}

#[test]
fn a_seal_from_before_a_stop_and_withhold_does_not_leave() {
    let world = World::new();
    let mut sealed = sealed(&world, 100);
    let usb = sealed.folder("usb");
    // Raised by one person, not on record yet.
    case::raise(sealed.case.folder(), None, None, None, &world.clock).expect("is raised");
    let head = sealed.case.ledger().head();
    let raised = sealed.copy(&usb, Encryption::None);
    assert!(matches!(raised.map(|_| ()), Err(CopyError::Case(CaseError::Refused(_)))));
    sealed.assert_untouched(head, &usb);
    // On record.
    drop(sealed);
    let mut case = world.unlock("2026-0001".parse().expect("a reference")).expect("unlocks");
    assert_eq!(case.state().expect("reads").phase(), Phase::Halted);
    let fonts = Fonts::built_in();
    let request = HandOverRequest {
        seal: Some(1),
        sources: &[world.folder.path().join("sealed")],
        to: &usb,
        encryption: Encryption::None,
        sheets: None,
        receiver: receiver(),
        fonts: &fonts,
        threads: TWO,
        watch: &unwatched,
    };
    let journaled = hand_over(&mut case, &request);
    assert!(matches!(journaled.map(|_| ()), Err(CopyError::Case(CaseError::Refused(_)))));
    assert_eq!(names(&usb), Vec::<String>::new());
    // A seal that was made after it does: what is withheld is not in it.
    let out = world.folder.path().join("sealed");
    let second = seal(&mut case, &SealRequest { out: &out, fonts: &fonts, threads: TWO, watch: &unwatched })
        .expect("seals");
    assert!(second.withheld > 0);
    let copy = hand_over(&mut case, &HandOverRequest { seal: None, ..request }).expect("is handed over");
    assert_eq!(copy.handed.seal, 2);
    assert_verifies(&copy.path, second.root);
}

#[test]
fn a_halt_in_between_drops_the_copy() {
    let world = World::new();
    let mut sealed = sealed(&world, 4 << 20);
    let usb = sealed.folder("usb");
    let folder = sealed.case.folder().clone();
    let head = sealed.case.ledger().head();
    let raised = AtomicBool::new(false);
    let watch = |_: u64| {
        // Once the copy is on its way.
        let begun = usb.join("2026-0001-seal-1.zip.part").exists();
        if begun && !raised.swap(true, Ordering::SeqCst) {
            case::raise(&folder, None, None, None, &world.clock).expect("is raised");
        }
        ControlFlow::Continue(())
    };
    let request = HandOverRequest {
        seal: None,
        sources: &[world.folder.path().join("sealed")],
        to: &usb,
        encryption: Encryption::None,
        sheets: None,
        receiver: receiver(),
        fonts: &sealed.fonts,
        threads: TWO,
        watch: &watch,
    };
    let result = hand_over(&mut sealed.case, &request);
    assert!(matches!(result.map(|_| ()), Err(CopyError::Halted)));
    sealed.assert_untouched(head, &usb);
}

#[test]
fn a_case_that_was_not_sealed_has_nothing_to_hand_over() {
    let world = World::new();
    let mut case = world.open();
    let fonts = Fonts::built_in();
    let request = HandOverRequest {
        seal: None,
        sources: &[],
        to: world.folder.path(),
        encryption: Encryption::None,
        sheets: None,
        receiver: receiver(),
        fonts: &fonts,
        threads: TWO,
        watch: &unwatched,
    };
    let result = hand_over(&mut case, &request);
    assert!(matches!(result.map(|_| ()), Err(CopyError::Case(CaseError::Refused(_)))));
}

#[cfg(target_os = "linux")]
#[test]
fn a_medium_that_is_full_keeps_nothing() {
    let world = World::new();
    let mut sealed = sealed(&world, 2 << 20);
    let head = sealed.case.ledger().head();
    let usb = sealed.folder("usb");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&usb).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        // Only root may mount a small disk. Where nobody may, a full one is
        // not tried; the rest of the tests hold without it.
        return;
    }
    let results = [Encryption::None, Encryption::Aes256Zip].map(|how| sealed.copy(&usb, how).map(|_| ()));
    let left = names(&usb);
    assert!(Command::new("umount").arg(&usb).status().expect("runs").success());
    for result in results {
        assert!(
            matches!(&result, Err(CopyError::Disk(error)) if error.to_string().contains("usb")),
            "{result:?}"
        );
    }
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(sealed.case.ledger().head(), head);
}

#[test]
fn a_case_is_filed_held_and_let_go() {
    let world = World::new();
    let mut sealed = sealed(&world, 100);
    let case = &mut sealed.case;
    let request = |hold, because: Option<&str>| ArchiveRequest {
        retention: "no-substance".parse().expect("an id"),
        review: Review::FromToday,
        hold,
        because: because.map(text),
    };
    let unknown =
        ArchiveRequest { retention: "for-ever".parse().expect("an id"), ..request(Hold::None, None) };
    assert!(matches!(archive(case, unknown), Err(ArchiveError::Case(CaseError::Refused(_)))));
    assert!(matches!(archive(case, request(Hold::Legal, None)), Err(ArchiveError::HoldWithoutReason)));
    let filed = archive(case, request(Hold::None, None)).expect("is filed");
    assert_eq!(filed.review, "2027-11-22".parse().expect("a day"));
    assert_eq!(case.state().expect("reads").phase(), Phase::Archived);

    let reviewed_on = countersign::clock::Time::parse("2027-11-22T00:00:00.000Z").expect("a time");
    let due = |case: &mut Unlocked<'_>| -> Vec<Reminder> {
        case.state().expect("reads").due(reviewed_on).into_iter().map(|due| due.reminder).collect()
    };
    assert_eq!(due(case), [Reminder::Review(filed.review)]);
    let passed = ArchiveRequest {
        retention: "child-protection".parse().expect("an id"),
        review: Review::On("2026-11-21".parse().expect("a day")),
        ..request(Hold::None, None)
    };
    assert!(matches!(archive(case, passed), Err(ArchiveError::Passed(_))));
    archive(case, request(Hold::Legal, Some("The police asked for it."))).expect("is held");
    assert_eq!(due(case), []);
    archive(case, request(Hold::None, Some("The police have let it go."))).expect("is let go");
    assert_eq!(due(case), [Reminder::Review(filed.review)]);

    // A filed case can still be copied, and noted upon.
    let permit = case.permit(Deed::Note).expect("may");
    let noted = Noted { text: text("Asked for by the local authority."), corrects: None };
    case.append(permit, Body::Noted(noted)).expect("is noted");
    let usb = sealed.folder("usb");
    sealed.copy(&usb, Encryption::None).expect("is handed over");
}
