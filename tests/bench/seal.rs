//! How fast a whole case is sealed and its bundle verified, against stock
//! tools on the same bytes in the same run: `cargo bench --bench seal [-- FOLDER]`.
//!
//! 1 GiB in 64 attached files of unequal sizes, and the same with 256 MiB for
//! its memory. Everything that `seal` does is in its time: two drawings of the
//! form, the entries, the fsyncs. Repeats are interleaved, so that what else
//! the computer does falls on all alike; the goals are for medians with two
//! processors free. It fails when a stock tool is missing.

#![allow(clippy::print_stdout, reason = "printing figures is what a benchmark is for")]

mod support;
#[path = "../support/world.rs"]
mod world;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use countersign_case::capture::{AttachRequest, attach};
use countersign_case::case::Unlocked;
use countersign_case::form::Fonts;
use countersign_case::handover::{SealRequest, SealedCase, seal};
use countersign_case::procedure::Deed;
use countersign_record::bundle::{Source, unwatched};
use countersign_record::journal::{Body, Judged, Side};
use countersign_record::verify::{Paper, Verdict, verify};
use support::{FILES, Times, clear, fill, lengths, stock, timed};
use world::{World, text};

fn main() {
    let Some(folder) = support::place() else { return };
    for mib in [256, 1024] {
        let world = World::within(folder.path());
        support::forget_peak();
        let mut case = attached(&world, mib << 20);
        support::print_peak(&format!("{mib} MiB brought in"));
        support::forget_peak();
        let sealed = sealed(&world, &mut case);
        support::print_peak(&format!("{mib} MiB sealed"));
        support::forget_peak();
        verified(&sealed);
        support::print_peak(&format!("{mib} MiB verified"));
        if mib == 1024 {
            race(&world, &mut case, sealed);
        }
    }
}

fn race(world: &World, case: &mut Unlocked<'_>, first: SealedCase) {
    let folder = world.folder.path();
    let bag = unpacked(&first.bundle, folder);
    let payload = files_in(&bag);
    let [zip, one] = ["theirs.zip", "one"].map(|name| folder.join(name));
    let mut bundle = first;
    let mut times = Times::default();
    for _ in 0..ROUNDS {
        clear(&[&zip, &one, &bundle.bundle]);
        times.add(SEAL, timed(|| bundle = sealed(world, case)));
        clear(&[&zip, &one]);
        times.add(
            ZIP,
            timed(|| {
                let mut command = Command::new("zip");
                stock(command.args(["-0", "-q", "-r"]).arg(&zip).arg(".").current_dir(&bag));
                stock(Command::new("sync").arg(&zip));
            }),
        );
        clear(&[&zip, &one]);
        times.add(
            CAT,
            timed(|| {
                let out = File::create_new(&one).expect("a new file");
                stock(Command::new("cat").args(&payload).stdout(out));
                stock(Command::new("sync").arg(&one));
            }),
        );
        clear(&[&zip, &one]);
        times.add(VERIFY, timed(|| verified(&bundle)));
        times.add(
            OPENSSL,
            timed(|| {
                let mut command = Command::new("openssl");
                stock(command.args(["dgst", "-sha256"]).args(&payload).stdout(Stdio::null()));
            }),
        );
        times.add(
            BAGIT,
            timed(|| {
                let mut command = Command::new("bagit.py");
                stock(command.args(["--validate", "--quiet", "--processes", "2"]).arg(&bag));
            }),
        );
    }
    println!("1 GiB in {FILES} files, {ROUNDS} interleaved rounds:");
    times.print(&[SEAL, ZIP, CAT, VERIFY, OPENSSL, BAGIT]);
    times.compare(VERIFY, OPENSSL, 0.65);
    times.compare(VERIFY, BAGIT, 1.0);
    times.compare(SEAL, ZIP, 0.6);
    times.compare(SEAL, CAT, 1.3);
    support::print_peak("all of it");
}

/// A case that holds so many bytes, ready to be sealed.
fn attached(world: &World, total: u64) -> Unlocked<'_> {
    let mut case = world.open();
    let folder = world.folder.path().join("device");
    fs::create_dir(&folder).expect("a folder");
    for (index, length) in lengths(total).into_iter().enumerate() {
        fill(&folder.join(format!("{index:02}.bin")), length, index as u64);
    }
    let description = text("The filter's logs of that week");
    let paths = std::slice::from_ref(&folder);
    attach(&mut case, AttachRequest { paths, producer: Side::A, description: &description })
        .expect("is brought in");
    fs::remove_dir_all(folder).expect("goes");
    let permit = case.permit(Deed::Judge).expect("may");
    let judged = Judged { substance: true, because: text("Both of us saw it.") };
    case.append(permit, Body::Judged(judged)).expect("is judged");
    case
}

fn sealed(world: &World, case: &mut Unlocked<'_>) -> SealedCase {
    let out = &world.folder.path().join("out");
    let fonts = &Fonts::built_in();
    seal(case, &SealRequest { out, fonts, threads: support::threads(), watch: &unwatched }).expect("seals")
}

fn verified(sealed: &SealedCase) {
    let source = Source::open(&sealed.bundle).expect("opens");
    let paper = Paper::Words(sealed.words.clone());
    let report = verify(&source, Some(&paper), support::threads(), &unwatched).expect("reads");
    assert_eq!(report.verdict, Verdict::Unchanged, "{:?}", report.findings);
}

fn unpacked(bundle: &Path, folder: &Path) -> PathBuf {
    stock(Command::new("unzip").arg("-q").arg(bundle).current_dir(folder));
    folder.join(bundle.file_stem().expect("a name"))
}

fn files_in(bag: &Path) -> Vec<PathBuf> {
    let all = walkdir::WalkDir::new(bag).into_iter().map(|entry| entry.expect("lists"));
    all.filter(|entry| entry.file_type().is_file()).map(|entry| entry.into_path()).collect()
}

const ROUNDS: usize = 5;
const SEAL: &str = "seal";
const ZIP: &str = "zip -0 + sync";
const CAT: &str = "cat + sync";
const VERIFY: &str = "verify";
const OPENSSL: &str = "openssl dgst -sha256";
const BAGIT: &str = "bagit.py --validate --processes 2";
