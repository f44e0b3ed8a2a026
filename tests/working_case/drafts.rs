//! Drafts and entries that a crash tore, or that somebody put there.

use std::fs;

use countersign_case::case::Unlocked;
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Entry, Links, Moment, Noted};
use countersign_record::signature::{self, Namespace};

use crate::copied::copy;
use crate::forge::keys_of;
use crate::world::text;
use crate::{Case, note};

#[test]
fn a_draft_that_somebody_put_there_is_never_signed() {
    let case = Case::new();
    let keys = keys_of(&case.world.home(), case.reference, case.world.pass());
    let reading = case.read().expect("reads");
    let draft = case.folder().join("draft/000005-9.entry.json");
    let forged = |words: &str| {
        let last = reading.ledger().last();
        let links: Links = reading.links();
        let moment = Moment { time: last.time, session: last.session, since_start_ms: last.since_start_ms };
        let body = Body::Noted(Noted { text: text(words) });
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
    let body = Body::Noted(Noted { text: text("by one") });
    let bytes = Entry::new(last.case, 5, Some(reading.links()), moment, body).to_bytes().expect("small");
    let draft = case.folder().join("draft/000005-9.entry.json");
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
    let body = Body::Noted(Noted { text: text("by both") });
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
    case.forget_last();
    fs::remove_file(case.journal("000004.json")).expect("removes");
    let before = case.world.folder.path().join("before");
    copy(case.world.home().path(), &before);
    let draft = case.folder().join("draft/000005-9.entry.json");
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
    case.forget_last();
    let draft = case.folder().join("draft/000005-9.entry.json");
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
