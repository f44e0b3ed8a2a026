//! How fast a bundle is written and read, against stock tools on the same
//! bytes in the same run: `cargo bench --bench bundle [-- FOLDER]`.
//!
//! 1 GiB in 64 files of unequal sizes. Repeats are interleaved, so that what
//! else the computer does falls on all alike. Medians and best times are
//! printed; the goals are for medians with two processors free. It fails when
//! a stock tool is missing.

#![allow(clippy::print_stdout, reason = "printing figures is what a benchmark is for")]

mod support;

use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use countersign_case::durable::Positioned;
use countersign_record::bundle::bag::{Draft, Info, SealedBag};
use countersign_record::bundle::zip::{Content, Member, Writer};
use countersign_record::bundle::{Name, Source, unwatched};
use support::{FILES, Times, fill, lengths, stock, timed};

fn main() {
    let Some(folder) = support::place() else { return };
    let bench = Bench::new(folder.path());
    let mut times = Times::default();
    for round in 0..=ROUNDS {
        for (name, run) in Bench::CONTESTANTS {
            let seconds = run(&bench);
            // The first round only warms the cache.
            if round > 0 {
                times.add(name, seconds);
            }
        }
    }
    println!("1 GiB in {FILES} files, {ROUNDS} interleaved rounds:");
    times.print(&Bench::CONTESTANTS.map(|(name, _)| name));
    times.compare("bundle: read", "openssl dgst -sha256", 0.65);
    times.compare("bundle: read", "bagit.py --validate --processes 2", 1.0);
    times.compare("bundle: write + fsync", "zip -0 + sync", 0.6);
    times.compare("bundle: write + fsync", "cat + sync", 1.3);
    support::print_peak("writing and reading");
}

/// One bag on the disk, as a folder and as the zip file made of it.
struct Bench {
    folder: PathBuf,
    bag: PathBuf,
    payload: Vec<PathBuf>,
    members: Vec<Member>,
    threads: NonZeroUsize,
}

type Run = fn(&Bench) -> f64;

impl Bench {
    const CONTESTANTS: [(&'static str, Run); 6] = [
        ("bundle: write + fsync", Bench::write),
        ("zip -0 + sync", Bench::zip),
        ("cat + sync", Bench::cat),
        ("bundle: read", Bench::read),
        ("openssl dgst -sha256", Bench::openssl),
        ("bagit.py --validate --processes 2", Bench::bagit),
    ];

    fn new(folder: &Path) -> Bench {
        let top: Name = "2026-0001-seal-1".parse().expect("a name");
        let bag = folder.join(top.as_str());
        fs::create_dir_all(bag.join("data/files")).expect("a folder");
        let mut members = Vec::new();
        let mut payload = Vec::new();
        for (index, length) in lengths(TOTAL).into_iter().enumerate() {
            let name: Name = format!("data/files/{index:02}.bin").parse().expect("a name");
            let path = bag.join(name.as_str());
            let digest = fill(&path, length, index as u64);
            payload.push(path.clone());
            members.push(Member { name, digest, content: Content::File { path, length } });
        }
        let info =
            Info::new(vec![("External-Identifier".into(), "2026-0001-seal-1".into())]).expect("fields");
        let sealed = Draft::new(top.clone(), members, info).and_then(|draft| draft.finish(Vec::new()));
        let members = sealed.expect("a bag").members;
        for member in &members {
            if let Content::Bytes(bytes) = &member.content {
                fs::write(folder.join(member.name.as_str()), bytes).expect("a tag file");
            }
        }
        Bench { folder: folder.to_owned(), bag, payload, members, threads: support::threads() }
    }

    fn write(&self) -> f64 {
        let path = self.folder.join("ours.zip");
        self.clear();
        timed(|| {
            let file = File::create_new(&path).expect("a new file");
            let writer = Writer::new(self.members.clone()).expect("a layout");
            let sink = Positioned::new(&file);
            let written = sink.writing_back(|| writer.write(&sink, &path, self.threads, &unwatched));
            written.expect("a zip file");
            file.sync_all().expect("durable");
        })
    }

    fn read(&self) -> f64 {
        let path = self.folder.join("ours.zip");
        if !path.exists() {
            self.write();
        }
        timed(|| {
            let source = Source::open(&path).expect("a zip file");
            let bag = SealedBag::read(&source).expect("a bag");
            let digests = source.digest_all(self.threads, &unwatched).expect("digests");
            assert!(bag.check(&digests).is_empty());
        })
    }

    fn zip(&self) -> f64 {
        self.clear();
        timed(|| {
            let mut zip = Command::new("zip");
            zip.args(["-0", "-q", "-r", "theirs.zip", "2026-0001-seal-1"]).current_dir(&self.folder);
            stock(&mut zip);
            stock(Command::new("sync").arg(self.folder.join("theirs.zip")));
        })
    }

    fn cat(&self) -> f64 {
        self.clear();
        timed(|| {
            let one = self.folder.join("one");
            stock(
                Command::new("cat").args(&self.payload).stdout(File::create_new(&one).expect("a new file")),
            );
            stock(Command::new("sync").arg(one));
        })
    }

    fn openssl(&self) -> f64 {
        timed(|| {
            let mut openssl = Command::new("openssl");
            stock(openssl.args(["dgst", "-sha256"]).args(&self.payload).stdout(Stdio::null()));
        })
    }

    fn bagit(&self) -> f64 {
        timed(|| {
            let mut bagit = Command::new("bagit.py");
            stock(bagit.args(["--validate", "--quiet", "--processes", "2"]).arg(&self.bag));
        })
    }

    fn clear(&self) {
        let made = ["ours.zip", "theirs.zip", "one"].map(|name| self.folder.join(name));
        support::clear(&made.each_ref().map(PathBuf::as_path));
    }
}

const TOTAL: u64 = 1 << 30;
const ROUNDS: usize = 5;
