//! Copies as they are, and locked ones; what was changed on its medium.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use countersign::digest::Digest;
use countersign::handover::{CopyError, HandOverRequest, hand_over};
use countersign::journal::{Body, Encryption};
use countersign::procedure::Reminder;

use crate::world::World;
use crate::{assert_verifies, names, request, sealed};

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

#[test]
fn a_copy_that_was_changed_on_its_medium_is_found_and_dropped() {
    corrupted(Encryption::None);
}

#[test]
fn a_locked_copy_that_was_changed_on_its_medium_is_found_and_dropped() {
    corrupted(Encryption::Aes256Zip);
}

/// A kill before the entry leaves the sheets and a part of a copy: they are in
/// nobody's way. Sheets in a folder that other homes can share are theirs, and
/// on a stick nobody can say whose a part is: it stays.
#[test]
fn what_a_crash_left_is_in_nobody_s_way() {
    let world = World::new();
    let mut sealed = sealed(&world, 100);
    let (usb, sheets) = (sealed.folder("usb"), world.home().sealed());
    let leave = |folder: &Path| {
        fs::create_dir_all(folder).expect("is made");
        for name in ["receipt", "passphrase"] {
            let path = folder.join(format!("2026-0001-seal-1-copy-1-{name}.pdf"));
            fs::write(path, "of no copy").expect("writes");
        }
    };
    leave(&sheets);
    leave(&sealed.folder("sheets"));
    fs::write(usb.join("2026-0001-seal-1-locked.zip.part"), "half a copy").expect("writes");
    let refused = sealed.copy(&usb, Encryption::Aes256Zip);
    assert!(
        matches!(refused.map(|_| ()), Err(CopyError::Taken(path)) if path.ends_with("sheets/2026-0001-seal-1-copy-1-receipt.pdf"))
    );
    let sources = [world.folder.path().join("sealed")];
    let request = HandOverRequest {
        encryption: Encryption::Aes256Zip,
        sheets: Some(&sheets),
        ..request(&sources, &usb, &sealed.fonts)
    };
    let copy = hand_over(&mut sealed.case, &request).expect("is handed over");
    assert_eq!(names(&usb), ["2026-0001-seal-1-locked.zip", "2026-0001-seal-1-locked.zip.part"]);
    for sheet in [copy.receipt, copy.passphrase_sheet] {
        assert!(fs::read(sheet.expect("is there")).expect("reads").starts_with(b"%PDF-"));
    }
    assert_eq!(names(&sheets).len(), 2);
}
