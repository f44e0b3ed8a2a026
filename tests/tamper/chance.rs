//! By chance: bits and lengths.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::bundle::Source;
use countersign::bundle::zip::Reader;
use countersign::verify::Verdict;

use crate::forge::{Bundle, verify_source};
use crate::sealed::{SMALL, Sealed};

/// Where the large members lie, whose content is sampled.
fn large_contents(zip: &[u8], bundle: &Bundle) -> Vec<Range<usize>> {
    let large = |name: &str, bytes: &[u8]| bytes.len() > 16 * 1024 || name == "READ-ME-FIRST.txt";
    let large = bundle.files.iter().filter(|(name, bytes)| large(name, bytes)).map(|(_, bytes)| bytes);
    large
        .map(|bytes| {
            let at = zip.windows(64).position(|window| *window == bytes[..64]).expect("is in the zip file");
            at..at + bytes.len()
        })
        .collect()
}

/// Runs `check` over the numbers on all cores.
fn everywhere(numbers: &[usize], check: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(2, |cores| cores.get());
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check(*number);
                }
            });
        }
    });
}

fn is_found(bytes: Vec<u8>, what: impl Fn() -> String) {
    // Refused by the zip profile: there is no bundle at all.
    let Ok(zip) = Reader::of_bytes(bytes, Path::new("bundle.zip")) else { return };
    let report = verify_source(&Source::Zip(zip), None);
    let found = matches!(report.verdict, Verdict::Changed | Verdict::Unreadable);
    assert!(found && !report.findings.is_empty(), "{}: {report:?}", what());
}

fn flip_bits(sealed: &Sealed, stride_in_large: usize) {
    let large = large_contents(&sealed.zip, &sealed.bundle);
    assert_eq!(large.len(), 3, "the procedure, the form and what to read first");
    let mut bits = Vec::new();
    for byte in 0..sealed.zip.len() {
        match large.iter().find(|range| range.contains(&byte)) {
            None => bits.extend(byte * 8..byte * 8 + 8),
            Some(range) if (byte - range.start).is_multiple_of(stride_in_large) => {
                bits.push(byte * 8 + byte % 8);
            }
            Some(_) => {}
        }
    }
    everywhere(&bits, |bit| {
        let mut bytes = sealed.zip.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        is_found(bytes, || format!("bit {} of byte {}", bit % 8, bit / 8));
    });
}

#[test]
fn every_bit_counts() {
    flip_bits(&SMALL, 997);
}

/// Unpacked there is no checksum of the zip file that would tell first.
#[test]
fn every_file_of_an_unpacked_bundle_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let top = SMALL.bundle.unpack(folder.path());
    for (name, bytes) in &SMALL.bundle.files {
        let path = top.join(name);
        let step = (bytes.len() / 12).max(1);
        for byte in (0..bytes.len()).step_by(step) {
            let mut changed = bytes.clone();
            changed[byte] ^= 1 << (byte % 8);
            std::fs::write(&path, changed).expect("writes");
            let report = verify_source(&Source::open(&top).expect("a closed set"), None);
            let found = matches!(report.verdict, Verdict::Changed | Verdict::Unreadable);
            assert!(found, "byte {byte} of {name}: {report:?}");
        }
        for length in [0, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..length]).expect("writes");
            let report = verify_source(&Source::open(&top).expect("a closed set"), None);
            assert_ne!(report.verdict, Verdict::UnchangedNotCompared, "{name} cut to {length}");
        }
        std::fs::write(&path, bytes).expect("writes");
    }
    let report = verify_source(&Source::open(&top).expect("a closed set"), None);
    assert_eq!(report.verdict, Verdict::UnchangedNotCompared);
}

#[test]
#[ignore = "an hour: every bit of the procedure and the form as well"]
fn every_bit_of_every_file_counts() {
    let sealed = &*SMALL;
    let bits: Vec<usize> = (0..sealed.zip.len() * 8).collect();
    everywhere(&bits, |bit| {
        let mut bytes = sealed.zip.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        is_found(bytes, || format!("bit {} of byte {}", bit % 8, bit / 8));
    });
}

#[test]
fn no_length_but_its_own_will_do() {
    let sealed = &*SMALL;
    let large = large_contents(&sealed.zip, &sealed.bundle);
    let sampled = |length: &usize| {
        large
            .iter()
            .find(|range| range.contains(length))
            .is_none_or(|range| (length - range.start).is_multiple_of(61))
    };
    let lengths: Vec<usize> = (0..sealed.zip.len()).filter(sampled).collect();
    everywhere(&lengths, |length| {
        is_found(sealed.zip[..length].to_vec(), || format!("cut to {length} bytes"));
        // Cut off in front, too.
        is_found(sealed.zip[sealed.zip.len() - length..].to_vec(), || format!("the last {length} bytes"));
    });
    for byte in 0..=255 {
        is_found([&sealed.zip[..], &[byte]].concat(), || format!("{byte} added"));
        is_found([&[byte], &sealed.zip[..]].concat(), || format!("{byte} in front"));
    }
    is_found([&sealed.zip[..], &sealed.zip].concat(), || "twice".to_owned());
}
