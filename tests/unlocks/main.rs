//! No case that cannot be unlocked: whatever is typed, brought in, left by a
//! stop or a kill, or put into a case's folder by another program.
//!
//! Each test ends with [`ends_well`]: the case is unlocked twice, and the
//! second time says nothing new; then it is judged, sealed, verified and
//! stopped.

#[path = "../support/world.rs"]
mod world;

mod attached;
mod by_chance;
#[cfg(unix)]
mod strays;
mod typed;

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use countersign_case::capture::{AttachRequest, Brought, CaptureError, attach_watched};
use countersign_case::case::{Halt, Unlocked, raise};
use countersign_case::form::Fonts;
use countersign_case::handover::{SealRequest, seal};
use countersign_case::procedure::Deed;
use countersign_record::bundle::{Source, unwatched};
use countersign_record::journal::{
    Body, Entry, Judged, Ledger, MAX_ENTRY, Raised, Recovered, Reference, Side, Text,
};
use countersign_record::verify::{Paper, Verdict, verify};

use crate::world::{World, text};

const TWO: NonZeroUsize = NonZeroUsize::new(2).expect("two");

/// A folder with so many small files and links.
fn folder(world: &World, name: &str, files: usize, links: usize) -> PathBuf {
    let folder = world.folder.path().join(name);
    fs::create_dir_all(&folder).expect("is made");
    for n in 0..files {
        fs::write(folder.join(format!("{n:05}.txt")), format!("file {n}")).expect("writes");
    }
    for n in 0..links {
        #[cfg(unix)]
        std::os::unix::fs::symlink("nowhere", folder.join(format!("link-{n:05}"))).expect("links");
    }
    folder
}

fn bring_in(
    case: &mut Unlocked<'_>,
    path: &Path,
    description: &Text,
    copied: &dyn Fn(u64),
) -> Result<Brought, CaptureError> {
    let request = AttachRequest { paths: &[path.to_owned()], producer: Side::A, description };
    attach_watched(case, request, copied)
}

fn stop(world: &World, reference: Reference) {
    raise(&world.home().case(reference), Halt::default(), &world.clock).expect("is stopped");
}

/// What a kill leaves after entry `last`: the files of later entries, and no
/// entry that names them.
fn killed_after(world: &World, reference: Reference, last: u64) {
    let home = world.home();
    let journal = home.case(reference).data().join("journal");
    for entry in fs::read_dir(&journal).expect("lists") {
        let path = entry.expect("lists").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if name[..6].parse::<u64>().expect("a number") > last {
            fs::remove_file(path).expect("removes");
        }
    }
    let head = home.path().join("heads").join(reference.to_string());
    let lines = fs::read_to_string(&head).expect("reads");
    let is_later = |line: &&str| {
        let number = line.strip_prefix("entry ").and_then(|rest| rest.split(' ').next());
        number.is_some_and(|number| number.parse::<u64>().expect("a number") > last)
    };
    let kept: String = lines.split_inclusive('\n').filter(|line| !is_later(line)).collect();
    fs::write(head, kept).expect("writes");
}

fn recovered(ledger: &Ledger) -> Vec<&Recovered> {
    let told = |entry: &&Entry| matches!(entry.body, Body::Recovered(_));
    let bodies = ledger.entries().iter().filter(told).map(|entry| &entry.body);
    bodies.filter_map(|body| if let Body::Recovered(it) = body { Some(it) } else { None }).collect()
}

/// What must be possible with every case, and how many `recovered` entries it
/// has in the end.
fn ends_well(world: &World, reference: Reference, why: &str) -> usize {
    let case = world.unlock(reference).unwrap_or_else(|error| panic!("{why}: {error}"));
    let head = case.ledger().head();
    drop(case);
    let mut case = world.unlock(reference).unwrap_or_else(|error| panic!("{why}, again: {error}"));
    assert_eq!(case.ledger().head(), head, "{why}: nothing is named twice");
    for entry in case.ledger().entries() {
        assert!(entry.to_bytes().expect("spells").len() <= MAX_ENTRY, "{why}");
    }
    let is_stopped = case.ledger().halted_at().is_some();
    if is_stopped || case.state().expect("reads").permit(Deed::Judge).is_ok() {
        let permit = case.permit(Deed::Judge).expect("may be judged");
        let judged = Judged { substance: false, because: text("Nothing was found.") };
        case.append(permit, Body::Judged(judged)).unwrap_or_else(|error| panic!("{why}: {error}"));
        let fonts = Fonts::built_in();
        let out = world.folder.path().join(format!("sealed-{why}").replace(['/', ' '], "-"));
        let request = SealRequest { out: &out, fonts: &fonts, threads: TWO, watch: &unwatched };
        let sealed = seal(&mut case, &request).unwrap_or_else(|error| panic!("{why}: {error}"));
        let source = Source::open(&sealed.bundle).expect("opens");
        let report = verify(&source, Some(&Paper::Root(sealed.root)), TWO, &unwatched).expect("reads");
        assert_eq!(report.verdict, Verdict::Unchanged, "{why}: {:?}", report.findings);
    }
    stop(world, reference);
    drop(case);
    let case = world.unlock(reference).unwrap_or_else(|error| panic!("{why}, stopped: {error}"));
    let raised = |raised: Raised| case.ledger().halts().filter(|(_, halt)| halt.raised == raised).count();
    assert_eq!(raised(Raised::Found), 0, "{why}");
    assert!(raised(Raised::ByHand) >= 1, "{why}");
    recovered(case.ledger()).len()
}
