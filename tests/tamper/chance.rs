//! By chance: bits and lengths.
//!
//! Every bit and every length of the smallest bundle, by the verifier over the
//! whole changed bundle; of one as large as they are, a part.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign_record::bundle::Source;
use countersign_record::bundle::zip::Reader;
use countersign_record::verify::{Report, Verdict};

use crate::forge::verify_source;
use crate::sealed::{SMALL, SMALLEST, Sealed};

#[test]
fn every_bit_counts() {
    let sealed = &*SMALLEST;
    everywhere(0..sealed.zip.len() * 8, |bit| {
        is_found(flipped(&sealed.zip, bit), || format!("bit {} of byte {}", bit % 8, bit / 8));
    });
}

/// As far as the zip file goes all is well: the checksums are those of the
/// changed content. So it is with a bundle that was unpacked.
#[test]
fn every_bit_counts_behind_a_right_checksum() {
    let sealed = &*SMALLEST;
    let members = members(sealed);
    let bits: Vec<(usize, usize)> = (0..members.len())
        .flat_map(|member| (0..members[member].content.len() * 8).map(move |bit| (member, bit)))
        .collect();
    assert!(bits.len() > 80_000, "{} bits", bits.len());
    everywhere(0..bits.len(), |number| {
        let (member, bit) = (&members[bits[number].0], bits[number].1);
        let mut bytes = flipped(&sealed.zip, member.content.start * 8 + bit);
        let crc = crc32fast::hash(&bytes[member.content.clone()]).to_le_bytes();
        for at in member.checksums {
            bytes[at..at + 4].copy_from_slice(&crc);
        }
        let zip = Reader::of_bytes(bytes, Path::new("bundle.zip")).expect("every header is right");
        let report = verify_source(&Source::Zip(zip), None);
        let what = || format!("bit {} of byte {} of {}: {report:?}", bit % 8, bit / 8, member.name);
        assert!(is_bad(&report), "{}", what());
        let named = report.findings.iter().any(|finding| finding.file.as_deref() == Some(member.name));
        assert!(named || !member.name.starts_with("data/"), "{}", what());
    });
}

/// One bit of every byte; in the procedure and in the drawn form, which are
/// most of it, of every ninth.
#[test]
fn one_bit_of_the_bytes_of_a_whole_bundle() {
    let sealed = &*SMALL;
    let members = members(sealed);
    let large: Vec<_> = members.iter().filter(|member| member.content.len() > 16 * 1024).collect();
    assert_eq!(large.len(), 2, "the procedure and the form");
    let rare = |byte| large.iter().find(|member| member.content.contains(&byte));
    let bytes: Vec<usize> = (0..sealed.zip.len())
        .filter(|byte| rare(*byte).is_none_or(|member| (byte - member.content.start).is_multiple_of(9)))
        .collect();
    everywhere(0..bytes.len(), |number| {
        let (byte, bit) = (bytes[number], number % 8);
        is_found(flipped(&sealed.zip, byte * 8 + bit), || format!("bit {bit} of byte {byte}"));
    });
}

/// Unpacked there is no checksum of the zip file that would tell first.
#[test]
fn every_length_of_every_file_of_an_unpacked_bundle_counts() {
    let sealed = &*SMALLEST;
    let files: Vec<(&String, &Vec<u8>)> = sealed.bundle.files.iter().collect();
    everywhere(0..files.len(), |number| {
        let (name, bytes) = files[number];
        let folder = tempfile::tempdir().expect("a folder");
        let top = sealed.bundle.unpack(folder.path());
        let path = top.join(name);
        let verified = |bytes: &[u8]| {
            std::fs::write(&path, bytes).expect("writes");
            verify_source(&Source::open(&top).expect("a closed set"), None)
        };
        for byte in 0..bytes.len() {
            let report = verified(&bytes[..byte]);
            assert!(is_bad(&report), "{name} cut to {byte} bytes: {report:?}");
            // Its bits are those of the test before this one.
            if byte % 4 == 0 {
                let report = verified(&flipped(bytes, byte * 8 + byte / 4 % 8));
                assert!(is_bad(&report), "byte {byte} of {name}: {report:?}");
            }
        }
        let report = verified(&[&bytes[..], b"\n"].concat());
        assert!(is_bad(&report), "a line feed after {name}: {report:?}");
        assert_eq!(verified(bytes).verdict, Verdict::UnchangedNotCompared, "{name} as it was");
    });
}

#[test]
fn no_length_but_its_own_will_do() {
    let zip = &SMALLEST.zip;
    everywhere(0..zip.len(), |length| {
        is_found(zip[..length].to_vec(), || format!("cut to {length} bytes"));
        is_found(zip[zip.len() - length..].to_vec(), || format!("the last {length} bytes"));
        let (before, after) = zip.split_at(length);
        is_found([before, &after[1..]].concat(), || format!("byte {length} taken out"));
        is_found([before, &after[..1], after].concat(), || format!("byte {length} twice"));
    });
    // The same of a larger one, at some of its lengths.
    let zip = &SMALL.zip;
    everywhere(0..zip.len() / 61, |number| {
        let length = number * 61;
        is_found(zip[..length].to_vec(), || format!("cut to {length} bytes"));
        is_found(zip[zip.len() - length..].to_vec(), || format!("the last {length} bytes"));
    });
}

#[test]
fn nothing_may_stand_before_or_after_it() {
    for sealed in [&*SMALLEST, &*SMALL] {
        let zip = &sealed.zip;
        for byte in 0..=255 {
            is_found([&zip[..], &[byte]].concat(), || format!("{byte} added"));
            is_found([&[byte], &zip[..]].concat(), || format!("{byte} in front"));
        }
        is_found([&zip[..], zip].concat(), || "twice".to_owned());
    }
}

/// A member of a zip file.
struct Member<'a> {
    name: &'a str,
    /// Where its content lies.
    content: Range<usize>,
    /// Where its two checksums lie, of four bytes each.
    checksums: [usize; 2],
}

/// The members as the profile lays them out: header, name, content of each,
/// then a header and name of each.
fn members(sealed: &Sealed) -> Vec<Member<'_>> {
    let top = sealed.bundle.top.len() + 1;
    let files = || sealed.bundle.files.iter();
    let mut local = 0;
    let mut central: usize = files().map(|(name, bytes)| 30 + top + name.len() + bytes.len()).sum();
    let member = |(name, bytes): (&'_ String, &Vec<u8>)| {
        let start = local + 30 + top + name.len();
        let checksums = [local + 14, central + 16];
        let content = start..start + bytes.len();
        assert_eq!(sealed.zip[content.clone()], bytes[..], "{name} does not lie there");
        let crc = crc32fast::hash(bytes).to_le_bytes();
        assert!(checksums.iter().all(|at| sealed.zip[*at..*at + 4] == crc), "{name}: no checksum there");
        local = content.end;
        central += 46 + top + name.len();
        (content, checksums)
    };
    let places: Vec<_> = files().map(member).collect();
    let named = |(name, (content, checksums))| Member { name, content, checksums };
    files().map(|(name, _)| name.as_str()).zip(places).map(named).collect()
}

/// Runs `check` over the numbers on all cores.
fn everywhere(numbers: Range<usize>, check: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(numbers.start);
    let cores = std::thread::available_parallelism().map_or(2, |cores| cores.get());
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|n| numbers.contains(n));
                while let Some(number) = take() {
                    check(number);
                }
            });
        }
    });
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[bit / 8] ^= 1 << (bit % 8);
    changed
}

fn is_found(bytes: Vec<u8>, what: impl Fn() -> String) {
    // Refused by the zip profile: there is no bundle at all.
    let Ok(zip) = Reader::of_bytes(bytes, Path::new("bundle.zip")) else { return };
    let report = verify_source(&Source::Zip(zip), None);
    assert!(is_bad(&report), "{}: {report:?}", what());
}

fn is_bad(report: &Report) -> bool {
    matches!(report.verdict, Verdict::Changed | Verdict::Unreadable) && !report.findings.is_empty()
}
