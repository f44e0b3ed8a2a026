//! How fast a bundle is written and read, against stock tools on the same
//! bytes in the same run: `cargo bench --bench bundle [-- FOLDER]`.
//!
//! 1 GiB in 64 files of unequal sizes. Repeats are interleaved, so that what
//! else the computer does falls on all alike. Medians and best times are
//! printed; the goals are for medians with two processors free. It fails when
//! a stock tool is missing.

#![allow(clippy::print_stdout, reason = "printing figures is what a benchmark is for")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use countersign::bundle::bag::{Draft, Info, SealedBag};
use countersign::bundle::zip::{Content, Member, Writer};
use countersign::bundle::{Name, Source, unwatched};
use countersign::digest::Digest;

fn main() {
    // `cargo bench` says so; `cargo test --all-targets` wants no figures.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let folder = match given {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")),
    };
    let folder = folder.expect("a folder to work in");
    let bench = Bench::new(folder.path());
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for round in 0..=ROUNDS {
        for (name, run) in Bench::CONTESTANTS {
            let seconds = run(&bench);
            // The first round only warms the cache.
            if round > 0 {
                times.entry(name).or_default().push(seconds);
            }
        }
    }
    times.values_mut().for_each(|times| times.sort_by(f64::total_cmp));
    let best = |name: &str| times[name][0];
    let median = |name: &str| times[name][ROUNDS / 2];
    println!("1 GiB in {FILES} files, {ROUNDS} interleaved rounds:\n  median     best");
    for (name, _) in Bench::CONTESTANTS {
        println!("{:8.3} {:8.3} s  {name}", median(name), best(name));
    }
    for (ours, theirs, goal) in [
        ("bundle: read", "openssl dgst -sha256", 0.65),
        ("bundle: read", "bagit.py --validate --processes 2", 1.0),
        ("bundle: write + fsync", "zip -0 + sync", 0.6),
        ("bundle: write + fsync", "cat + sync", 1.3),
    ] {
        let ratio = median(ours) / median(theirs);
        let at_best = best(ours) / best(theirs);
        let verdict = if ratio <= goal { "met" } else { "MISSED" };
        println!("{ratio:8.2} {at_best:8.2}    {ours} / {theirs} (goal: at most {goal}): {verdict}");
    }
    match peak_memory_kib() {
        Some(kib) => {
            println!(
                "{:8.1}             MiB peak memory of this process (goal: at most 64)",
                kib as f64 / 1024.0
            )
        }
        None => println!("peak memory is not known on this system"),
    }
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
        for (index, length) in lengths().into_iter().enumerate() {
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
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Bench { folder: folder.to_owned(), bag, payload, members, threads: threads.min(TWO) }
    }

    fn write(&self) -> f64 {
        let path = self.folder.join("ours.zip");
        self.clear();
        timed(|| {
            let file = File::create_new(&path).expect("a new file");
            let writer = Writer::new(self.members.clone()).expect("a layout");
            writer.write(&file, &path, self.threads, &unwatched).expect("a zip file");
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

    /// Nobody pays for what another left to be written or to be deleted.
    fn clear(&self) {
        for name in ["ours.zip", "theirs.zip", "one"] {
            let _ = fs::remove_file(self.folder.join(name));
        }
        stock(&mut Command::new("sync"));
    }
}

/// 64 unequal lengths that make up 1 GiB: one of a quarter of it, and small ones.
fn lengths() -> Vec<u64> {
    let mut lengths: Vec<u64> = (1..FILES as u64)
        .map(|index| TOTAL * 3 / 4 * index / (FILES as u64 * (FILES as u64 - 1) / 2))
        .collect();
    lengths.push(TOTAL - lengths.iter().sum::<u64>());
    lengths
}

/// Writes bytes that no file system can make smaller.
fn fill(path: &Path, length: u64, seed: u64) -> Digest {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut file = File::create_new(path).expect("a new file");
    let mut hasher = countersign::digest::Hasher::new();
    let mut block = vec![0_u8; 1 << 20];
    let mut left = length;
    while left > 0 {
        for word in block.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_le_bytes());
        }
        let piece = &block[..left.min(block.len() as u64) as usize];
        file.write_all(piece).expect("room for 4 GiB");
        hasher.update(piece);
        left -= piece.len() as u64;
    }
    hasher.finish().0
}

fn stock(command: &mut Command) {
    let status = command.stdin(Stdio::null()).status();
    let status = status.unwrap_or_else(|e| panic!("{:?} is needed: {e}", command.get_program()));
    assert!(status.success(), "{command:?}: {status}");
}

fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

fn peak_memory_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

const TOTAL: u64 = 1 << 30;
const FILES: usize = 64;
const ROUNDS: usize = 5;
const TWO: NonZeroUsize = NonZeroUsize::new(2).expect("not zero");
