//! A halt against what can leave a case.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use countersign_case::capture::{AttachRequest, attach};
use countersign_case::case::CaseError;
use countersign_case::form::Fonts;
use countersign_case::handover::{
    CopyError, FormRequest, HandOverRequest, HandoverError, Receiver, SealRequest, hand_over, make_form, seal,
};
use countersign_case::procedure::Deed;
use countersign_record::bundle::unwatched;
use countersign_record::bundle::zip::Reader;
use countersign_record::journal::{Body, Judged, Restraint, Side};

use crate::race::{Tally, When, stop, whens};
use crate::recording::CANARY;
use crate::world::{World, line, name, text};

/// What is being made that can leave the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    Form,
    Seal,
    HandOver,
}

pub fn against_leaving(number: u64, tally: &Tally, what: Leaving, fonts: &Fonts) {
    let world = World::seeded(number);
    let mut case = world.open();
    let path = world.folder.path().join("seen.txt");
    fs::write(&path, CANARY).expect("writes");
    attach(
        &mut case,
        AttachRequest { paths: &[path], producer: Side::A, description: &text("What was seen") },
    )
    .expect("is brought in");
    let permit = case.permit(Deed::Judge).expect("may");
    case.append(permit, Body::Judged(Judged { substance: true, because: text("Both saw it.") }))
        .expect("is judged");
    let out = world.home().sealed();
    let to = world.folder.path().join("to");
    fs::create_dir_all(&to).expect("is made");
    let request = SealRequest { out: &out, fonts, threads: NonZeroUsize::MIN, watch: &unwatched };
    if what != Leaving::Form {
        // So that the race is about the seal and not about its form.
        make_form(&mut case, &FormRequest { fonts, out: None }).expect("is made");
    }
    if what == Leaving::HandOver {
        seal(&mut case, &request).expect("seals");
    }
    let entry = case.ledger().head() + 1;
    let begun = Instant::now();
    let (longest, sights): (u64, &[&str]) = match what {
        Leaving::Form => (150, &["form.pdf.part", "entry.json", ".b.sig"]),
        Leaving::Seal => (150, &[".zip.part", "-form.pdf.part", "entry.json", "5.json"]),
        Leaving::HandOver => (40, &["-copy.zip.part", "entry.json", "copy.zip", "6.json"]),
    };
    // However busy the computer is, some halts come too late.
    let when = match number % 12 {
        11 => When::AtTheEnd,
        _ => whens(number, Duration::from_millis(longest), sights),
    };
    let folder = case.folder().clone();
    let done = AtomicBool::new(false);
    let pdf = to.join("form.pdf");
    let copy = to.join("a-copy.zip");
    let watched = if what == Leaving::Seal { &out } else { &to };
    let made: Result<(), String> = std::thread::scope(|scope| {
        let stopper = scope.spawn(|| stop(&world, &folder, watched, when, &done));
        let made = match what {
            Leaving::Form => make_form(&mut case, &FormRequest { fonts, out: Some(&pdf) })
                .map(drop)
                .map_err(|error| kind_of(&error, number)),
            Leaving::Seal => seal(&mut case, &request).map(drop).map_err(|error| kind_of(&error, number)),
            Leaving::HandOver => {
                hand_over(&mut case, &copying(&out, &copy, fonts)).map(drop).map_err(|error| match error {
                    CopyError::Halted | CopyError::HaltedAfter { .. } | CopyError::Case(_) => {
                        "stopped".to_owned()
                    }
                    other => panic!("{number}: {other}"),
                })
            }
        };
        done.store(true, Ordering::SeqCst);
        stopper.join().expect("stops");
        made
    });
    assert!(begun.elapsed() < Duration::from_secs(60));
    case.permit(Deed::Note).expect("may");
    let halted = case.ledger().halts().next().expect("is on record").0.entry;
    let made_entries: Vec<u64> = case.ledger().entries()[entry as usize - 1..]
        .iter()
        .filter(|entry| matches!(entry.body, Body::FormMade(_) | Body::Sealed(_) | Body::HandedOver(_)))
        .map(|entry| entry.entry)
        .collect();
    if made_entries.iter().any(|entry| *entry > halted) {
        // The halt came before it was asked for: a case that is stopped has a
        // form and a seal, too, made of what may leave.
        assert!(made_entries.iter().all(|entry| *entry > halted), "{number} {when:?}: {made_entries:?}");
        match what {
            Leaving::Form => assert!(!holds(&fs::read(&pdf).expect("reads"), CANARY), "{number} {when:?}"),
            Leaving::Seal => {
                assert!(!holds_the_canary(&out.join("2026-0001-seal-1.zip")), "{number} {when:?}");
            }
            Leaving::HandOver => panic!("{number} {when:?}: a seal from before the halt was handed over"),
        }
        tally.stopped.fetch_add(1, Ordering::SeqCst);
        return;
    }
    let place = if what == Leaving::Seal { &out } else { &to };
    let there = names(place);
    match &made {
        // It was whole before the stop, and the record says so.
        Ok(()) => {
            assert!(!made_entries.is_empty(), "{number} {when:?}");
            tally.before.fetch_add(1, Ordering::SeqCst);
        }
        Err(_) => {
            assert_eq!(there, Vec::<String>::new(), "{number} {when:?}: published after the halt");
            tally.stopped.fetch_add(1, Ordering::SeqCst);
        }
    }
    // A form from before the stop is withheld with the rest.
    let released = case.reading().released();
    assert_eq!(released.restraint(), Restraint::Withhold);
    for entry in case.ledger().entries() {
        if let Body::FormMade(form) = &entry.body {
            assert!(!released.allows(&form.file), "{number} {when:?}: the form of entry {}", entry.entry);
        }
    }
    // What is sealed from now on holds none of it, and no older seal leaves.
    if what == Leaving::Seal && number.is_multiple_of(10) {
        let later = world.folder.path().join("later");
        let sealed = seal(&mut case, &SealRequest { out: &later, ..request }).expect("seals");
        assert!(!holds_the_canary(&sealed.bundle), "{number} {when:?}");
        if made.is_ok() {
            let refused =
                hand_over(&mut case, &HandOverRequest { seal: Some(1), ..copying(&out, &copy, fonts) });
            assert!(matches!(refused, Err(CopyError::Case(CaseError::Refused(_)))), "{number} {when:?}");
        }
    }
}

fn kind_of(error: &HandoverError, number: u64) -> String {
    match error {
        HandoverError::Halted
        | HandoverError::HaltedAfter { .. }
        | HandoverError::FormDropped
        | HandoverError::FormHalted { .. }
        | HandoverError::Case(CaseError::HaltedMeanwhile(_) | CaseError::Refused(_)) => "stopped".to_owned(),
        // Only words were left to be drawn when it came.
        HandoverError::Form(error) => format!("stopped while it was drawn: {error}"),
        other => panic!("{number}: {other}"),
    }
}

fn copying<'a>(out: &'a PathBuf, to: &'a Path, fonts: &'a Fonts) -> HandOverRequest<'a> {
    HandOverRequest {
        seal: None,
        sources: std::slice::from_ref(out),
        to,
        lock: None,
        sheets: None,
        receiver: Receiver {
            to: name("PC 1234 Brown"),
            organisation: line("Example Police"),
            role: name("Digital forensics"),
            when: None,
            how: line("In person"),
            medium: line("USB stick"),
        },
        fonts,
        threads: NonZeroUsize::MIN,
        watch: &unwatched,
    }
}

fn holds_the_canary(bundle: &Path) -> bool {
    let zip = Reader::of_bytes(fs::read(bundle).expect("reads"), bundle).expect("a bundle");
    zip.members().iter().any(|member| {
        let bytes = zip.read_small(&member.name, u64::MAX).expect("reads");
        holds(&bytes, CANARY)
    })
}

pub fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
