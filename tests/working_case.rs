//! A working case that somebody or something changed: it is refused, and what
//! is bad first is named; a halt stands whatever becomes of its mark; nothing
//! half-written is taken for an entry.

#[path = "support/forge.rs"]
mod forge;
#[path = "support/world.rs"]
mod world;

use std::fs;
use std::path::{Path, PathBuf};

use countersign::capture::{AttachRequest, attach};
use countersign::case::{self, CaseError, HeadFault, Home, Reading, Unlocked};
use countersign::digest::Digest;
use countersign::form::Fonts;
use countersign::handover::{FormRequest, make_form};
use countersign::journal::{Body, Entry, Id, Line, Links, Moment, Noted, Raised, Reference, Restraint, Side};
use countersign::key::Passphrase;
use countersign::procedure::Deed;
use countersign::signature::{self, Namespace};
use forge::keys_of;
use world::{World, text};

/// Entries: 1 opened, 2 attached, 3 and 4 noted.
struct Case {
    world: World,
    reference: Reference,
}

impl Case {
    fn new() -> Case {
        let world = World::new();
        let mut case = world.open();
        let path = world.folder.path().join("log.csv");
        fs::write(&path, "what the filter saw\n").expect("writes");
        let description = text("A log");
        attach(&mut case, AttachRequest { paths: &[path], producer: Side::A, description: &description })
            .expect("is brought in");
        note(&mut case, "one");
        note(&mut case, "two");
        let reference = case.folder().reference();
        drop(case);
        Case { world, reference }
    }

    fn folder(&self) -> PathBuf {
        self.world.home().case(self.reference).path().to_owned()
    }

    fn head(&self) -> PathBuf {
        self.world.home().path().join("heads").join(self.reference.to_string())
    }

    fn read(&self) -> Result<Reading, CaseError> {
        Reading::of(&self.world.home(), self.reference)
    }

    fn unlock(&self) -> Result<Unlocked<'_>, CaseError> {
        self.world.unlock(self.reference)
    }

    fn journal(&self, name: &str) -> PathBuf {
        self.folder().join("data/journal").join(name)
    }

    fn raise(&self) {
        let folder = self.world.home().case(self.reference);
        let category = world::pack().category("grooming").expect("is there").recorded();
        case::raise(&folder, Some(category), Some(Side::B), None, &self.world.clock).expect("stops it");
    }
}

fn note(case: &mut Unlocked<'_>, words: &str) -> u64 {
    let permit = case.permit(Deed::Note).expect("may");
    case.append(permit, Body::Noted(Noted { text: text(words), corrects: None })).expect("is kept")
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("lists").into_path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}

/// The entry that a file in `data` belongs to, as the error must name it.
fn entry_of(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    path.parent()?.ends_with("journal").then(|| name[..6].parse().expect("a number"))
}

fn named(error: &CaseError, path: &Path) -> bool {
    let says = error.to_string();
    let file = path.file_name().expect("a name").to_string_lossy().into_owned();
    let entry = entry_of(path);
    says.contains(&file)
        || entry.is_some_and(|n| says.contains(&format!("entry {n}")))
        || matches!(error, CaseError::Fault { fault, .. } if Some(fault.entry()) == entry)
}

#[test]
fn each_file_changed_cut_or_removed() {
    let case = Case::new();
    let lock = case.folder().join("lock");
    let mut checked = 0;
    for path in files_in(&case.folder()).into_iter().filter(|path| *path != lock) {
        let bytes = fs::read(&path).expect("reads");
        let locked_key = path.parent().is_some_and(|parent| parent == case.folder().join("keys"));
        let exhibit = path.extension().is_some_and(|ending| ending == "csv");
        for byte in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[byte] ^= 1;
            fs::write(&path, &changed).expect("writes");
            if locked_key {
                // Only the passphrase can tell a changed key.
                assert!(case.unlock().is_err(), "{} byte {byte}", path.display());
            } else if exhibit {
                // Hashed wherever it is read: see the next test.
                assert!(case.read().is_ok());
            } else {
                let error = case.read().expect_err("is changed");
                assert!(named(&error, &path), "{} byte {byte}: {error}", path.display());
                assert!(case.unlock().is_err());
            }
            checked += 1;
        }
        // A locked key may lack its last line feed: nothing is read into it.
        let shorter = bytes.len() - if locked_key { 2 } else { 1 };
        for cut in [Some(&bytes[..shorter]), Some(&bytes[..0]), None] {
            match cut {
                Some(cut) => fs::write(&path, cut).expect("writes"),
                None => fs::remove_file(&path).expect("removes"),
            }
            let error = match locked_key {
                true => case.unlock().map(drop).expect_err("is cut"),
                false => case.read().map(drop).expect_err("is cut"),
            };
            let passphrase = matches!(error, CaseError::Passphrase);
            assert!(named(&error, &path) || passphrase, "{} cut: {error}", path.display());
            checked += 1;
        }
        fs::write(&path, &bytes).expect("writes");
        assert!(case.read().is_ok(), "{} as it was", path.display());
    }
    assert_eq!(checked, 6 * (4 * 3 + 2 + 2 + 2), "twelve of the journal, two files, four keys");
    assert!(case.unlock().is_ok());
}

#[test]
fn an_exhibit_of_the_same_length_goes_neither_on_paper_nor_out() {
    let case = Case::new();
    let mut open = case.unlock().expect("opens");
    let permit = open.permit(Deed::Judge).expect("may");
    let judged = countersign::journal::Judged { substance: true, because: text("Seen.") };
    open.append(permit, Body::Judged(judged)).expect("is judged");
    let path = files_in(&case.folder()).into_iter().find(|path| path.extension().is_some_and(|e| e == "csv"));
    let path = path.expect("the exhibit");
    fs::write(&path, "what the filter SAW\n").expect("writes");
    let out = case.world.folder.path().join("out");
    let request = countersign::handover::SealRequest {
        out: &out,
        fonts: &Fonts::built_in(),
        threads: std::num::NonZeroUsize::MIN,
        watch: &countersign::bundle::unwatched,
    };
    let error = countersign::handover::seal(&mut open, &request).expect_err("is another file").to_string();
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(error.contains(&name), "{error}");
    assert_eq!(fs::read_dir(&out).expect("lists").count(), 0, "nothing came out");
    assert!(open.ledger().last_seal().is_none());
    let _ = make_form(&mut open, &FormRequest { fonts: &Fonts::built_in(), out: None });
}

#[test]
fn files_that_changed_places() {
    let case = Case::new();
    let journal = |name: &str| case.journal(name);
    let keys = |name: &str| case.folder().join("data/keys").join(name);
    for (one, other, entry) in [
        (journal("000003.json"), journal("000004.json"), Some(3)),
        (journal("000002.json.a.sig"), journal("000003.json.a.sig"), Some(2)),
        (journal("000003.json.a.sig"), journal("000003.json.b.sig"), Some(3)),
        (journal("000004.json.a.sig"), journal("000004.json.b.sig"), Some(4)),
        (keys("a.pub"), keys("b.pub"), None),
    ] {
        let swap = || {
            let (a, b) = (fs::read(&one).expect("reads"), fs::read(&other).expect("reads"));
            fs::write(&one, b).and_then(|()| fs::write(&other, a)).expect("writes");
        };
        swap();
        let error = case.read().expect_err("is swapped");
        match (&error, entry) {
            (CaseError::Fault { fault, .. }, Some(entry)) => assert_eq!(fault.entry(), entry, "{error}"),
            (CaseError::Part { path, .. }, None) => assert_eq!(*path, one),
            _ => panic!("{error}"),
        }
        swap();
    }
    assert!(case.read().is_ok());
}

#[test]
fn a_restored_backup_and_a_cloned_folder() {
    let case = Case::new();
    let backup = case.world.folder.path().join("backup");
    copy(&case.folder(), &backup);
    let old_head = fs::read(case.head()).expect("reads");
    note(&mut case.unlock().expect("opens"), "three");

    let newer = case.world.folder.path().join("newer");
    fs::rename(case.folder(), &newer).expect("moves");
    copy(&backup, &case.folder());
    let error = case.read().expect_err("is a backup");
    assert!(
        matches!(error, CaseError::Head { fault: HeadFault::Behind { record: 4, head: 5 }, .. }),
        "{error}"
    );
    fs::remove_dir_all(case.folder()).expect("removes");
    copy(&newer, &case.folder());
    assert!(case.read().is_ok());

    // The note alone put back: one entry ahead is what a crash leaves, two are not.
    note(&mut case.unlock().expect("opens"), "four");
    let head = fs::read(case.head()).expect("reads");
    fs::write(case.head(), &old_head).expect("writes");
    let error = case.read().expect_err("is older");
    assert!(
        matches!(error, CaseError::Head { fault: HeadFault::Ahead { record: 6, head: 4 }, .. }),
        "{error}"
    );

    fs::remove_file(case.head()).expect("removes");
    let error = case.read().expect_err("has no note");
    assert!(matches!(error, CaseError::Head { fault: HeadFault::Missing(_), .. }), "{error}");
    fs::write(case.head(), head).expect("writes");

    // The folder in another home, without the note or with another case's.
    let elsewhere = Home::at(case.world.folder.path().join("elsewhere"));
    copy(&case.folder(), &elsewhere.path().join("cases/2026-0001"));
    assert!(Reading::of(&elsewhere, case.reference).is_err());
    let second = case.world.open().folder().reference();
    copy(&case.folder(), &case.world.home().path().join("cases/2026-0009"));
    let theirs = case.world.home().path().join("heads/2026-0009");
    fs::copy(case.head(), &theirs).expect("copies");
    let error =
        Reading::of(&case.world.home(), "2026-0009".parse().expect("a reference")).expect_err("a clone");
    assert!(matches!(error, CaseError::Fault { .. }), "{error}");
    // One case's folder in another's place.
    let place = case.world.home().case(second).path().to_owned();
    fs::remove_dir_all(&place).expect("removes");
    copy(&case.folder(), &place);
    assert!(Reading::of(&case.world.home(), second).is_err());
    assert!(case.read().is_ok());
}

#[test]
fn each_byte_of_the_note_outside() {
    let case = Case::new();
    case.raise();
    let bytes = fs::read(case.head()).expect("reads");
    let mut refused = 0;
    for byte in 0..bytes.len() {
        for other in [bytes[byte] ^ 1, b' ', b'\n', b'0'] {
            let mut changed = bytes.clone();
            changed[byte] = other;
            fs::write(case.head(), changed).expect("writes");
            match case.read() {
                // What it says of older entries is not needed any more.
                Ok(reading) => {
                    assert_eq!(reading.ledger().head(), 4, "byte {byte}");
                    assert!(reading.raised() >= Restraint::Police, "byte {byte}");
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > bytes.len(), "only {refused} changes were refused");
}

#[test]
fn a_halt_stands_whatever_becomes_of_its_mark() {
    let case = Case::new();
    case.raise();
    let mark = case.folder().join("halt-raised");
    let bytes = fs::read(&mark).expect("reads");
    assert_eq!(case.read().expect("reads").raised(), Restraint::Police);
    // Emptied, cut anywhere, or filled with something else: the strictest.
    for cut in (0..bytes.len() - 1).step_by(7).chain([bytes.len() - 2]) {
        fs::write(&mark, &bytes[..cut]).expect("writes");
        assert_eq!(case.read().expect("reads").raised(), Restraint::Withhold, "cut at {cut}");
    }
    for other in [&b"{}\n"[..], b"\0\0\0\0", b"null\n", b"\xff"] {
        fs::write(&mark, other).expect("writes");
        assert_eq!(case.read().expect("reads").raised(), Restraint::Withhold);
    }
    // Made milder by hand: the note outside knows another mark.
    fs::write(&mark, String::from_utf8(bytes).expect("text").replace("police", "record")).expect("writes");
    assert_eq!(case.read().expect("reads").raised(), Restraint::Withhold);
    fs::remove_file(&mark).expect("removes");
    assert_eq!(case.read().expect("reads").raised(), Restraint::Withhold);

    let mut open = case.unlock().expect("opens");
    let found: Vec<Raised> = open.ledger().halts().map(|(_, halted)| halted.raised).collect();
    assert_eq!(found, [Raised::Found], "the unlocking journals it");
    assert!(open.permit_recording(Deed::Attach).is_err());
    assert_eq!(open.reading().released().restraint(), Restraint::Withhold);
}

#[test]
fn one_mark_that_is_gone_hides_no_other() {
    let case = Case::new();
    case.raise();
    case.raise();
    fs::remove_file(case.folder().join("halt-raised")).expect("removes");
    let reading = case.read().expect("reads");
    assert_eq!(reading.pending_halts().len(), 2);
    assert!(case.unlock().expect("opens").permit_recording(Deed::Keep).is_err());
}

#[test]
fn a_draft_that_somebody_put_there_is_never_signed() {
    let case = Case::new();
    let keys = keys_of(&case.world.home(), case.reference, case.world.pass());
    let reading = case.read().expect("reads");
    let draft = case.folder().join("draft/entry.json");
    let forged = |words: &str| {
        let last = reading.ledger().last();
        let links: Links = reading.links();
        let moment = Moment { time: last.time, session: last.session, since_start_ms: last.since_start_ms };
        let body = Body::Noted(Noted { text: text(words), corrects: None });
        let entry = Entry::new(last.case, 5, Some(links), moment, body);
        entry.to_bytes().expect("small")
    };
    let says = |case: &Unlocked<'_>, words: &str| {
        case.ledger()
            .entries()
            .iter()
            .any(|entry| matches!(&entry.body, Body::Noted(noted) if noted.text.as_str() == words))
    };
    // Without a signature: away with it.
    fs::write(&draft, forged("forged")).expect("writes");
    assert!(!says(&case.unlock().expect("opens"), "forged"));
    assert!(!draft.exists());

    // With one: put aside, and named.
    let case = Case::new();
    let reading = case.read().expect("reads");
    let again = keys_of(&case.world.home(), case.reference, case.world.pass());
    let last = reading.ledger().last();
    let moment = Moment { time: last.time, session: last.session, since_start_ms: last.since_start_ms };
    let body = Body::Noted(Noted { text: text("by one"), corrects: None });
    let bytes = Entry::new(last.case, 5, Some(reading.links()), moment, body).to_bytes().expect("small");
    let draft = case.folder().join("draft/entry.json");
    fs::write(&draft, &bytes).expect("writes");
    let signed = signature::sign(&again[0], Namespace::Journal, &bytes);
    fs::write(case.journal("000005.json.a.sig"), &signed).expect("writes");
    let open = case.unlock().expect("opens");
    assert!(!says(&open, "by one"));
    let Body::Recovered(recovered) = &open.ledger().last().body else { panic!("{:?}", open.ledger().last()) };
    assert_eq!((recovered.completed.len(), recovered.void.len()), (0, 2));
    assert!(recovered.void.iter().any(|void| void.sha256 == Digest::of(&bytes)));
    drop(open);

    // With both: it is theirs, and is completed.
    let reading = case.read().expect("reads");
    let last = reading.ledger().last();
    let moment = Moment { time: last.time, session: last.session, since_start_ms: last.since_start_ms };
    let number = last.entry + 1;
    let body = Body::Noted(Noted { text: text("by both"), corrects: None });
    let bytes = Entry::new(last.case, number, Some(reading.links()), moment, body).to_bytes().expect("small");
    fs::write(&draft, &bytes).expect("writes");
    for (key, letter) in again.iter().zip(["a", "b"]) {
        let signed = signature::sign(key, Namespace::Journal, &bytes);
        fs::write(case.journal(&format!("{number:06}.json.{letter}.sig")), &signed).expect("writes");
    }
    let open = case.unlock().expect("opens");
    assert!(says(&open, "by both"));
    drop(keys);
}

#[test]
fn a_draft_torn_at_each_byte() {
    let case = Case::new();
    let whole = fs::read(case.journal("000004.json")).expect("reads");
    // Take entry 4 back to where it was a draft that both had signed.
    let mut head = fs::read_to_string(case.head()).expect("reads");
    head.truncate(head.trim_end().rfind('\n').expect("lines") + 1);
    fs::write(case.head(), &head).expect("writes");
    fs::remove_file(case.journal("000004.json")).expect("removes");
    let before = case.world.folder.path().join("before");
    copy(case.world.home().path(), &before);
    let draft = case.folder().join("draft/entry.json");
    // Unlocking costs a quarter of a second of key derivation: a few lengths,
    // the ends among them, and the reading alone at every byte.
    for length in 0..=whole.len() {
        fs::write(&draft, &whole[..length]).expect("writes");
        assert_eq!(case.read().expect("a draft is no entry").ledger().head(), 3);
    }
    for length in [0, 1, whole.len() / 2, whole.len() - 1, whole.len()] {
        fs::remove_dir_all(case.world.home().path()).expect("removes");
        copy(&before, case.world.home().path());
        fs::write(&draft, &whole[..length]).expect("writes");
        let open = case.unlock().expect("opens");
        let third_and_on: Vec<&str> =
            open.ledger().entries()[3..].iter().map(|entry| entry.body.kind()).collect();
        if length == whole.len() {
            assert_eq!(third_and_on, ["noted", "recovered"]);
        } else {
            assert_eq!(third_and_on, ["recovered"], "cut at {length}");
        }
        drop(open);
        note(&mut case.unlock().expect("opens again"), "goes on");
    }
}

/// Where links are unknown an entry is copied into its place, and a crash can
/// tear it.
#[test]
fn an_entry_torn_at_each_byte_while_its_draft_is_there() {
    let case = Case::new();
    let whole = fs::read(case.journal("000004.json")).expect("reads");
    let mut head = fs::read_to_string(case.head()).expect("reads");
    head.truncate(head.trim_end().rfind('\n').expect("lines") + 1);
    fs::write(case.head(), &head).expect("writes");
    let draft = case.folder().join("draft/entry.json");
    fs::write(&draft, &whole).expect("writes");
    for length in 0..whole.len() {
        fs::write(case.journal("000004.json"), &whole[..length]).expect("writes");
        assert_eq!(case.read().expect("is taken for absent").ledger().head(), 3, "cut at {length}");
    }
    let open = case.unlock().expect("opens");
    assert_eq!(open.ledger().head(), 5);
    drop(open);
    assert_eq!(fs::read(case.journal("000004.json")).expect("reads"), whole);
    // Without a draft that is longer, a short entry is a changed one.
    fs::write(case.journal("000005.json"), &fs::read(case.journal("000005.json")).expect("reads")[..50])
        .expect("writes");
    assert!(case.read().is_err());
}

#[test]
fn one_holder_at_a_time() {
    let case = Case::new();
    let open = case.unlock().expect("opens");
    assert!(matches!(case.unlock(), Err(CaseError::Busy(_))));
    assert!(case.read().is_ok(), "reading needs no lock");
    drop(open);
    let held = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| match case.unlock() {
                Ok(open) => {
                    held.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    std::thread::sleep(std::time::Duration::from_secs(2));
                    drop(open);
                }
                Err(CaseError::Busy(_)) => {}
                Err(other) => panic!("{other}"),
            });
        }
    });
    assert_eq!(held.into_inner(), 1);
}

#[test]
fn a_wrong_passphrase_does_not_say_whose() {
    let case = Case::new();
    let wrong = Passphrase::typed("not the right words at all").expect("words");
    let [a, b] = case.world.pass();
    let mut said = Vec::new();
    for pair in [[&wrong, b], [a, &wrong], [&wrong, &wrong], [b, a]] {
        let refused = Unlocked::unlock(&case.world.home(), case.reference, pair, case.world.around());
        said.push(refused.map(drop).expect_err("is wrong").to_string());
    }
    said.dedup();
    assert_eq!(said, ["one of the passphrases is not right"]);
}

#[test]
fn another_computer_may_read_and_not_write() {
    let mut case = Case::new();
    case.world.machine.identity = Some(Digest::of(b"another machine"));
    assert!(matches!(case.unlock(), Err(CaseError::OtherComputer { .. })));
    case.world.machine.identity = None;
    assert!(matches!(case.unlock(), Err(CaseError::OtherComputer { .. })));
    assert!(case.read().is_ok());
}

#[test]
fn a_clock_that_jumps_is_journaled() {
    let case = Case::new();
    let day = 24 * 60 * 60 * 1000;
    let jumps = |open: &Unlocked<'_>| {
        open.ledger().entries().iter().filter(|entry| matches!(entry.body, Body::ClockJumped(_))).count()
    };
    let mut open = case.unlock().expect("opens");
    assert_eq!(jumps(&open), 0);
    for (ms, expected) in [(day, 1), (-2 * day, 2), (1_000, 2), (3_650 * day, 3), (-3_650 * day, 4)] {
        case.world.clock.jump(ms);
        note(&mut open, "after a jump");
        note(&mut open, "and on");
        assert_eq!(jumps(&open), expected, "{ms} ms");
    }
    drop(open);
    // Between two sessions a clock that went back is told.
    case.world.clock.jump(-day);
    let mut open = case.unlock().expect("opens");
    note(&mut open, "a day before");
    assert_eq!(jumps(&open), 5);
    let numbers: Vec<u64> = open.ledger().entries().iter().map(|entry| entry.entry).collect();
    assert!(numbers.iter().zip(1..).all(|(number, place)| *number == place), "order is by number");
}

fn copy(from: &Path, to: &Path) {
    for path in walkdir::WalkDir::new(from) {
        let path = path.expect("lists").into_path();
        let target = to.join(path.strip_prefix(from).expect("within"));
        match path.is_dir() {
            true => fs::create_dir_all(&target).expect("a folder"),
            false => drop(fs::copy(&path, &target).expect("copies")),
        }
    }
}

#[test]
fn words_that_nobody_can_type() {
    for bad in ["", " \n", "a\u{202e}b", "a\0b", "a\u{2066}b", "\u{feff}a"] {
        assert!(countersign::journal::Text::typed(bad).is_err(), "{bad:?}");
        assert!(Line::typed(bad).is_err(), "{bad:?}");
        assert!(bad.parse::<Id>().is_err());
    }
    assert!(countersign::journal::Text::typed(&"x".repeat(64 * 1024)).is_err());
}
