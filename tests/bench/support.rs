//! What the benchmarks share: a place to work in, stock tools, rounds that are
//! interleaved, and goals.
#![allow(dead_code, reason = "not every benchmark uses every part")]
#![allow(clippy::print_stdout, reason = "printing figures is what a benchmark is for")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use countersign_record::digest::{Digest, Hasher};
use tempfile::TempDir;

/// Where to work: in the folder that the command line names, else beside the
/// build. None where this is no `cargo bench`: `cargo test --all-targets`
/// wants no figures.
pub fn place() -> Option<TempDir> {
    if !std::env::args().any(|argument| argument == "--bench") {
        return None;
    }
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let folder = match given {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")),
    };
    Some(folder.expect("a folder to work in"))
}

/// The threads that the program would use, two at most.
pub fn threads() -> NonZeroUsize {
    let two = NonZeroUsize::new(2).expect("not zero");
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN).min(two)
}

/// Seconds by contestant, round by round.
#[derive(Default)]
pub struct Times(BTreeMap<&'static str, Vec<f64>>);

impl Times {
    pub fn add(&mut self, name: &'static str, seconds: f64) {
        let times = self.0.entry(name).or_default();
        times.insert(times.partition_point(|other| *other < seconds), seconds);
    }

    pub fn best(&self, name: &str) -> f64 {
        self.0[name][0]
    }

    pub fn median(&self, name: &str) -> f64 {
        self.0[name][self.0[name].len() / 2]
    }

    pub fn print(&self, names: &[&str]) {
        println!("  median     best");
        for name in names {
            println!("{:8.4} {:8.4} s  {name}", self.median(name), self.best(name));
        }
    }

    /// Prints how long `ours` takes beside `theirs`, and whether that is the goal.
    pub fn compare(&self, ours: &str, theirs: &str, goal: f64) {
        let ratio = self.median(ours) / self.median(theirs);
        let at_best = self.best(ours) / self.best(theirs);
        let verdict = verdict(ratio <= goal);
        println!("{ratio:8.2} {at_best:8.2}    {ours} / {theirs} (goal: at most {goal}): {verdict}");
    }

    /// Prints whether `ours` takes no longer than `goal` seconds.
    pub fn within(&self, ours: &str, goal: f64) {
        let verdict = verdict(self.median(ours) <= goal);
        println!(
            "{:8.4} {:8.4} s  {ours} (goal: at most {goal} s): {verdict}",
            self.median(ours),
            self.best(ours)
        );
    }
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

pub fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// Runs a stock tool, which must be there and succeed.
pub fn stock(command: &mut Command) {
    let status = command.stdin(Stdio::null()).status();
    let status = status.unwrap_or_else(|e| panic!("{:?} is needed: {e}", command.get_program()));
    assert!(status.success(), "{command:?}: {status}");
}

/// Nobody pays for what another left to be written or to be deleted.
pub fn clear(paths: &[&Path]) {
    for path in paths {
        let _ = fs::remove_file(path);
    }
    stock(&mut Command::new("sync"));
}

/// Begins to watch the peak of this process's memory anew, where the system
/// can.
pub fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// Prints the peak of this process's memory since [`forget_peak`].
pub fn print_peak(of: &str) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    match kib {
        Some(kib) => {
            let (mib, met) = (kib / 1024.0, verdict(kib <= 64.0 * 1024.0));
            println!("{mib:8.1}          MiB peak memory: {of} (goal: at most 64): {met}");
        }
        None => println!("peak memory is not known on this system: {of}"),
    }
}

/// 64 unequal lengths that make up `total`: one of a quarter of it, and small
/// ones.
pub fn lengths(total: u64) -> Vec<u64> {
    let files = FILES as u64;
    let mut lengths: Vec<u64> =
        (1..files).map(|index| total * 3 / 4 * index / (files * (files - 1) / 2)).collect();
    lengths.push(total - lengths.iter().sum::<u64>());
    lengths
}

/// Writes bytes that no file system can make smaller.
pub fn fill(path: &Path, length: u64, seed: u64) -> Digest {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut file = File::create_new(path).expect("a new file");
    let mut hasher = Hasher::new();
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

/// How many files the bytes are in.
pub const FILES: usize = 64;
