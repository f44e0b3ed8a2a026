//! How a case of 10,000 entries bears up: opening it, adding to it, sealing it
//! and verifying its bundle: `cargo bench --bench journal [-- FOLDER]`.
//!
//! What appending costs beside the disk is shown against the bare writes,
//! fsyncs and names that its order needs, made in turn with it on the same
//! disk by plain calls of the standard library.

#![allow(clippy::print_stdout, reason = "printing figures is what a benchmark is for")]

#[path = "../support/long.rs"]
mod long;
mod support;
#[path = "../support/world.rs"]
mod world;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use countersign_case::case::{Reading, Unlocked};
use countersign_case::form::Fonts;
use countersign_case::handover::{SealRequest, SealedCase, seal};
use countersign_case::procedure::Deed;
use countersign_record::bundle::{Source, unwatched};
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Entry, Judged, Reference, entry_name};
use countersign_record::verify::{Verdict, verify};
use long::{long_case, moment, visited};
use support::{Times, timed};
use world::{World, text};

fn main() {
    if let Ok(bundle) = std::env::var(BUNDLE) {
        return verification(Path::new(&bundle));
    }
    let Some(folder) = support::place() else { return };
    let world = World::within(folder.path());
    let reference = long_case(&world, ENTRIES);
    let bare = Bare::beside(&world, reference);
    println!("a case of {ENTRIES} entries:");
    let mut times = Times::default();
    support::forget_peak();
    for _ in 0..ROUNDS {
        times.add(OPEN, timed(|| drop(Reading::of(&world.home(), reference).expect("reads"))));
    }
    times.within(OPEN, 0.5);
    support::print_peak("opened");

    support::forget_peak();
    let mut case = world.unlock(reference).expect("unlocks");
    for round in 0..APPENDS {
        let visits = Deed::Visit;
        times.add(
            APPEND,
            timed(|| {
                let permit = case.permit_recording(visits).expect("may");
                case.append(permit.into_permit(), visited(&world, round)).expect("is kept");
            }),
        );
        let entry = Entry::new(case.ledger().case(), round + 1, None, moment(&world), visited(&world, round));
        let bytes = entry.to_bytes().expect("small");
        times.add(FSYNCS, timed(|| bare.append(ENTRIES + round, &bytes)));
    }
    times.print(&[APPEND, FSYNCS]);
    times.compare(APPEND, FSYNCS, 1.5);
    support::print_peak("added to");

    let permit = case.permit(Deed::Judge).expect("may");
    let judged = Judged { substance: false, because: text("Nothing was found.") };
    case.append(permit, Body::Judged(judged)).expect("is judged");
    support::forget_peak();
    let mut bundle = None;
    times.add(SEAL, timed(|| bundle = Some(sealed(&world, &mut case))));
    times.within(SEAL, 2.0);
    support::print_peak("sealed");
    drop(case);
    // In a process of its own: what sealing left in memory is not its doing.
    let bundle = bundle.expect("was sealed").bundle;
    support::stock(Command::new(std::env::current_exe().expect("a path")).env(BUNDLE, bundle));
}

fn verification(bundle: &Path) {
    let mut times = Times::default();
    for _ in 0..ROUNDS {
        times.add(VERIFY, timed(|| verified(bundle)));
    }
    times.within(VERIFY, 1.0);
    support::print_peak("verified");
}

/// What the order of an append needs of the disk, and nothing else.
struct Bare {
    journal: PathBuf,
    draft: PathBuf,
    head: PathBuf,
}

impl Bare {
    /// In folders as full as the case's own.
    fn beside(world: &World, reference: Reference) -> Bare {
        let root = world.folder.path().join("bare");
        let (journal, draft, head) = (root.join("journal"), root.join("draft"), root.join("head"));
        for folder in [&journal, &draft] {
            fs::create_dir_all(folder).expect("a folder");
        }
        let case = world.home().case(reference);
        for entry in fs::read_dir(case.path().join("data/journal")).expect("lists") {
            let entry = entry.expect("lists");
            fs::copy(entry.path(), journal.join(entry.file_name())).expect("copies");
        }
        fs::write(&head, "head\n").expect("writes");
        support::clear(&[]);
        Bare { journal, draft, head }
    }

    fn append(&self, number: u64, entry: &[u8]) {
        let write = |path: &Path, bytes: &[u8]| {
            let mut file = File::create(path).expect("creates");
            file.write_all(bytes).expect("writes");
            file.sync_all().expect("durable");
        };
        let sync_folder = |path: &Path| File::open(path).and_then(|f| f.sync_all()).expect("durable");
        let draft = self.draft.join("entry.json");
        write(&draft, entry);
        sync_folder(&self.draft);
        let name = entry_name(number + 1);
        for side in ["a", "b"] {
            write(&self.journal.join(format!("{name}.{side}.sig")), &[b'x'; SIGNATURE]);
        }
        sync_folder(&self.journal);
        fs::hard_link(&draft, self.journal.join(name)).expect("links");
        sync_folder(&self.journal);
        let mut head = File::options().append(true).open(&self.head).expect("opens");
        writeln!(head, "entry {number} {}", Digest::of(b"")).expect("writes");
        head.sync_all().expect("durable");
        fs::remove_file(draft).expect("goes");
    }
}

fn sealed(world: &World, case: &mut Unlocked<'_>) -> SealedCase {
    let out = &world.folder.path().join("out");
    let fonts = &Fonts::built_in();
    seal(case, &SealRequest { out, fonts, threads: support::threads(), watch: &unwatched }).expect("seals")
}

fn verified(bundle: &Path) {
    let source = Source::open(bundle).expect("opens");
    let report = verify(&source, None, support::threads(), &unwatched).expect("reads");
    assert_eq!(report.verdict, Verdict::UnchangedNotCompared, "{:?}", report.findings);
}

const ENTRIES: u64 = 10_000;
const ROUNDS: usize = 5;
const APPENDS: u64 = 200;
/// Bytes of a signature file.
const SIGNATURE: usize = 327;
const OPEN: &str = "open (replay)";
const APPEND: &str = "append";
const FSYNCS: &str = "its bare fsyncs";
const SEAL: &str = "seal";
const VERIFY: &str = "verify";
/// Tells the process that verifies which bundle it is.
const BUNDLE: &str = "COUNTERSIGN_BENCH_BUNDLE";
