//! Copies as they are, and locked ones; what was changed on its medium.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use countersign_case::handover::{CopyError, CopyPassphrase, HandOverRequest, hand_over, passphrase_sheet};
use countersign_case::procedure::Reminder;
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Encryption};

use crate::world::World;
use crate::{assert_verifies, names, request, sealed, words};

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
    let words = words();

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

    // The words are in nothing that was written.
    for entry in walkdir::WalkDir::new(world.home().path()).into_iter().flatten() {
        if entry.file_type().is_file() {
            let bytes = fs::read(entry.path()).expect("reads");
            let found = bytes.windows(words.as_str().len()).any(|part| part == words.as_str().as_bytes());
            assert!(!found, "{} holds the passphrase", entry.path().display());
        }
    }
    let second = sealed.copy(&sealed.folder("usb 2"), Encryption::Aes256Zip).expect("is handed over");
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

/// A kill before the entry leaves the sheet and a part of a copy: they are in
/// nobody's way. Sheets in a folder that other homes can share are theirs, and
/// on a stick nobody can say whose a part is: it stays.
#[test]
fn what_a_crash_left_is_in_nobody_s_way() {
    let world = World::new();
    let mut sealed = sealed(&world, 100);
    let (usb, sheets) = (sealed.folder("usb"), world.home().sealed());
    let leave = |folder: &Path| {
        fs::create_dir_all(folder).expect("is made");
        fs::write(folder.join("2026-0001-seal-1-copy-1-receipt.pdf"), "of no copy").expect("writes");
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
        lock: Some(&words()),
        sheets: Some(&sheets),
        ..request(&sources, &usb, &sealed.fonts)
    };
    let copy = hand_over(&mut sealed.case, &request).expect("is handed over");
    assert_eq!(names(&usb), ["2026-0001-seal-1-locked.zip", "2026-0001-seal-1-locked.zip.part"]);
    assert!(fs::read(copy.receipt.expect("is there")).expect("reads").starts_with(b"%PDF-"));
    let of_the_copy: Vec<String> =
        names(&sheets).into_iter().filter(|name| name.contains("-copy-")).collect();
    assert_eq!(of_the_copy, ["2026-0001-seal-1-copy-1-receipt.pdf"]);
}

/// What goes with the copy names it, and does not prove it: the eight words and
/// ROOT come another way.
#[test]
fn the_receipt_names_the_file_and_has_neither_the_words_nor_the_code() {
    let world = World::new();
    let mut sealed = sealed(&world, 4000);
    for encryption in [Encryption::None, Encryption::Aes256Zip] {
        let copy =
            sealed.copy(&sealed.folder(&format!("usb {encryption:?}")), encryption).expect("is handed over");
        let text = pdf_text(copy.receipt.as_deref().expect("has one"));
        let file = &copy.handed.copy.file;
        for said in ["Case", "2026-0001", "Seal", "1", file.name.as_str(), &format!("{} bytes", file.bytes)] {
            assert!(text.contains(said), "{said}: {text}");
        }
        let letters: String = text.split_whitespace().collect();
        assert!(letters.contains(&file.sha256.to_string()), "{text}");
        assert!(!letters.contains(&sealed.sealed.root.to_string()), "{text}");
        // A drawn word may be one that every receipt has, such as "test" or "case".
        let words_of =
            |text: &str| text.split(|c: char| !c.is_alphabetic()).map(str::to_owned).collect::<BTreeSet<_>>();
        let drawn = sealed.sealed.words.to_string();
        let there = words_of(&text);
        let both: Vec<_> = drawn.split(' ').filter(|word| there.contains(*word)).collect();
        assert!(both.len() < 3, "{both:?} of the eight words stand on the receipt: {text}");
        assert!(!text.contains(words().as_str()), "{text}");
    }
}

#[test]
fn the_passphrase_s_sheet_is_drawn_before_the_copy_is_made() {
    let world = World::new();
    let sealed = sealed(&world, 400);
    let usb = sealed.folder("usb");
    let receiver = request(&[], &usb, &sealed.fonts).receiver;
    let now = sealed.case.surroundings().clock.now();
    let sheet =
        |to: &Path| passphrase_sheet(sealed.case.reading(), &words(), (1, to, &receiver), &sealed.fonts, now);
    let path = world.folder.path().join("passphrase.pdf");
    fs::write(&path, sheet(&usb).expect("is drawn").bytes).expect("writes");
    let text = pdf_text(&path);
    for said in
        ["river", "velvet", "2026-0001-seal-1-locked.zip", "DC 1234 Nowak", "Send this sheet separately"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(names(&usb), Vec::<String>::new());
    fs::write(usb.join("2026-0001-seal-1-locked.zip"), "another copy").expect("writes");
    assert!(
        matches!(sheet(&usb).map(drop), Err(CopyError::Taken(_))),
        "no words for a copy that cannot be made"
    );
}

#[test]
fn the_passphrase_of_a_copy_is_six_drawn_words() {
    let world = World::new();
    let draw = || CopyPassphrase::draw(world.around().random).expect("draws");
    let (one, other) = (draw(), draw());
    assert_eq!(one.as_str().split(' ').count(), 6);
    assert_ne!(one.as_str(), other.as_str());
    assert!(CopyPassphrase::drawn(one.as_str()).is_some_and(|again| again.is_typed_as(one.as_str())));
    for wrong in ["", "river stone candy lamp oyster", "river stone candy lamp oyster velvex", "a b c d e f"]
    {
        assert!(CopyPassphrase::drawn(wrong).is_none(), "{wrong:?}");
    }
    assert!(words().is_typed_as(" River  stone\ncandy lamp oyster VELVET "));
    assert!(!words().is_typed_as("river stone candy lamp oyster"));
}

fn pdf_text(path: &Path) -> String {
    let done = Command::new("pdftotext").args(["-layout"]).arg(path).arg("-").output();
    String::from_utf8(done.expect("pdftotext must be installed for this test").stdout).expect("UTF-8")
}
