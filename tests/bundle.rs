//! The bag and the zip profile from outside: vectors, every bit of a small
//! bundle, stock tools.
//!
//! It needs python3 with bagit, unzip, 7z and sha256sum, and fails without them.

use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use countersign::bundle::bag::{Bag, Draft, DraftError, Info, SealedBag};
use countersign::bundle::zip::{Content, Member, Reader, WriteError, Writer};
use countersign::bundle::{Name, Source, unwatched};
use countersign::digest::Digest;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

#[test]
fn each_vector_is_refused_for_its_reason() {
    let mut wrong = Vec::new();
    let vectors = vectors();
    for path in &vectors {
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let (expected, _) = stem.split_once("--").expect("rule--how.zip");
        let from_file = judge(Source::open(path));
        let bytes = fs::read(path).expect("a vector");
        let from_memory = judge(Reader::of_bytes(bytes, path).map(Source::Zip));
        assert_eq!(from_file, from_memory, "{stem}");
        let found = from_file.map_or_else(|(code, _)| code, |_| "ok".to_owned());
        if found != expected {
            wrong.push(format!("{stem}: {found}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(vectors.len() > 100, "only {} vectors", vectors.len());
}

#[test]
fn errors_say_where_and_what() {
    let say = |vector: &str| judge(Source::open(&folder().join(vector))).expect_err(vector).1;
    let error = say("date--local.zip");
    assert!(error.contains("date--local.zip: byte 0, \"2026-0001-seal-1/READ-ME-FIRST.txt\""), "{error}");
    assert!(error.contains("local header: date is 0x5d76, not 0x21"), "{error}");
    let error = say("name-character--bidi-override.zip");
    assert!(error.contains(r"\xe2\x80\xaetxt.exe") && !error.contains('\u{202e}'), "{error}");
}

#[test]
fn the_vectors_are_what_their_program_writes() {
    let again = tempfile::tempdir().expect("a folder");
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/bundle_vectors.py");
    run(Command::new("python3").arg(program).arg(again.path()));
    let names = |folder: &Path| {
        let mut names: Vec<_> =
            zips(folder).iter().map(|path| path.file_name().map(ToOwned::to_owned)).collect();
        names.sort();
        names
    };
    assert_eq!(names(again.path()), names(&folder()));
    for path in vectors() {
        let other = again.path().join(path.file_name().expect("a name"));
        assert_eq!(fs::read(&path).expect("a vector"), fs::read(other).expect("a vector"), "{path:?}");
    }
}

#[test]
fn the_writer_agrees_with_the_second_description() {
    let bag = small_bag();
    let written = zip_bytes(bag.members, 1);
    assert_eq!(written, fs::read(folder().join("ok--small-bag.zip")).expect("a vector"));
    let read = judge(Reader::of_bytes(written, Path::new("memory")).map(Source::Zip)).expect("a bag");
    assert_eq!(read, bag.root);
}

#[test]
fn every_bit_every_length_every_byte_before_and_after() {
    let good = fs::read(folder().join("ok--small-bag.zip")).expect("a vector");
    let path = Path::new("memory");
    let found = |bytes: Vec<u8>| judge(Reader::of_bytes(bytes, path).map(Source::Zip)).is_err();
    assert!(!found(good.clone()));
    for bit in 0..good.len() * 8 {
        let mut flipped = good.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(found(flipped), "bit {} of byte {}", bit % 8, bit / 8);
    }
    for length in 0..good.len() {
        assert!(found(good[..length].to_vec()), "cut off at {length}");
        assert!(found(good[good.len() - length..].to_vec()), "only the last {length}");
    }
    for byte in 0..=255 {
        let mut longer = good.clone();
        longer.push(byte);
        assert!(found(longer), "{byte:#x} appended");
        let mut longer = good.clone();
        longer.insert(0, byte);
        assert!(found(longer), "{byte:#x} before it");
    }
    assert!(found([good.clone(), good.clone()].concat()), "twice");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// Several changes at once: offsets, sizes and counts of any value, pieces
    /// moved, doubled and dropped. Nothing panics, and nothing but the bundle
    /// itself is taken for it.
    #[test]
    fn what_is_changed_in_several_places_is_found(edits in vec(edit(), 1..6)) {
        let good = fs::read(folder().join("ok--small-bag.zip")).expect("a vector");
        let mut bytes = good.clone();
        for edit in &edits {
            edit.apply(&mut bytes);
        }
        let judged = judge(Reader::of_bytes(bytes.clone(), Path::new("memory")).map(Source::Zip));
        prop_assert_eq!(judged.is_ok(), bytes == good, "{:?}", judged);
    }
}

#[test]
fn the_format_page_names_vectors_that_are_there() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/FORMAT.md");
    let page = fs::read_to_string(page).expect("docs/FORMAT.md");
    let named: Vec<&str> =
        page.split('`').filter(|word| word.ends_with(".zip") && word.contains("--")).collect();
    for name in &named {
        assert!(folder().join(name).exists(), "docs/FORMAT.md names {name}");
    }
    for path in vectors() {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let rule = name.split("--").next().expect("a rule");
        let of_rule = |named: &&str| named.split("--").next() == Some(rule);
        assert!(named.iter().any(of_rule), "docs/FORMAT.md has no vector of the rule {rule}");
    }
}

#[test]
fn the_same_members_give_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let members = many_members(folder.path());
    let one = zip_bytes(members.clone(), 1);
    let mut backwards = members.clone();
    backwards.reverse();
    assert!(one == zip_bytes(backwards, 4), "another order and more threads give other bytes");
    let reader = Reader::of_bytes(one, Path::new("memory")).expect("our own");
    let digests = reader.digest_all(threads(3), &unwatched).expect("digests");
    assert_eq!(reader.members().len(), members.len());
    for ((member, listed), digest) in members.iter().zip(reader.members()).zip(digests) {
        assert_eq!((&member.name, member.length()), (&listed.name, listed.length));
        assert_eq!(digest, Ok(member.digest), "{}", member.name);
    }
}

#[test]
fn a_member_that_is_not_what_it_should_be_refuses_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large");
    let members = many_members(folder.path());
    let good = fs::read(&path).expect("a file");
    let write = |content: &[u8]| {
        fs::write(&path, content).expect("a file");
        try_zip(members.clone(), 2)
    };
    write(&good).expect("unchanged");
    let mut changed = good.clone();
    changed[good.len() / 2] ^= 1;
    match write(&changed) {
        Err(WriteError::Digest { name, path: from, expected, found }) => {
            assert_eq!((name.as_str(), from), ("m/large", Some(path.clone())));
            assert_eq!((expected, found), (Digest::of(&good), Digest::of(&changed)));
        }
        other => panic!("{other:?}"),
    }
    for content in [&good[..good.len() - 1], &[&good[..], b"x"].concat(), b""] {
        assert!(matches!(write(content), Err(WriteError::Length { .. })), "{} bytes", content.len());
    }
    fs::remove_file(&path).expect("gone");
    assert!(matches!(try_zip(members.clone(), 2), Err(WriteError::Io { path: from, .. }) if from == path));
    #[cfg(unix)]
    {
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, &good).expect("a file");
        std::os::unix::fs::symlink(&elsewhere, &path).expect("a link");
        assert!(matches!(try_zip(members, 2), Err(WriteError::Io { .. })), "a link is not followed");
    }
}

#[test]
fn what_the_profile_cannot_hold_is_refused_before_writing() {
    let member = |name: &str, length: u64| {
        let content = Content::File { path: PathBuf::from("/nowhere"), length };
        Member { name: name.parse().expect("a name"), digest: Digest::of(b""), content }
    };
    assert!(matches!(Writer::new(Vec::new()), Err(WriteError::Empty)));
    assert!(matches!(Writer::new(vec![member("a", 1), member("A", 1)]), Err(WriteError::Clash(_))));
    let most = 0xffff_fffe - 22 - (30 + 46 + 2);
    let writer = Writer::new(vec![member("a", most)]).expect("4 GiB less two bytes");
    assert_eq!(writer.length(), 0xffff_fffe);
    assert!(matches!(Writer::new(vec![member("a", most + 1)]), Err(WriteError::TooLarge(0xffff_ffff))));
    assert!(matches!(Writer::new(vec![member("a", u64::MAX), member("b", 9)]), Err(WriteError::TooLarge(_))));
    let many = |count: usize| (0..count).map(|index| member(&index.to_string(), 0)).collect();
    assert!(Writer::new(many(0xfffe)).is_ok());
    assert!(matches!(Writer::new(many(0xffff)), Err(WriteError::TooMany(0xffff))));
}

#[test]
fn work_can_be_watched_and_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let writer = Writer::new(many_members(folder.path())).expect("a layout");
    let path = folder.path().join("out.zip");
    let file = File::create_new(&path).expect("a new file");
    let done = AtomicU64::new(0);
    let count = |bytes| {
        done.fetch_add(bytes, Ordering::Relaxed);
        ControlFlow::Continue(())
    };
    writer.write(&file, &path, threads(2), &count).expect("a zip file");
    let contents: u64 = many_members_length();
    assert!(done.into_inner() >= contents);
    let stop = |_| ControlFlow::Break(());
    let reader = Reader::open(&path).expect("a zip file");
    assert!(reader.digest_all(threads(2), &stop).is_err());
    let other = folder.path().join("stopped.zip");
    let file = File::create_new(&other).expect("a new file");
    assert!(matches!(writer.write(&file, &other, threads(2), &stop), Err(WriteError::Stopped)));
    assert!(Reader::open(&other).is_err(), "a file that was not finished is no zip file");
}

#[test]
fn drafts_keep_everything_in_its_place() {
    let info = || Info::new(vec![("Bagging-Date".into(), "2026-11-22".into())]).expect("fields");
    let member = |name: &str| Member::of_bytes(name.parse().expect("a name"), b"x".to_vec());
    let top = || "case".parse::<Name>().expect("a name");
    assert!(matches!(Draft::new(top(), Vec::new(), info()), Err(DraftError::NoPayload)));
    assert!(matches!(Draft::new(top(), vec![member("a")], info()), Err(DraftError::Place(_))));
    let two = "a/b".parse().expect("a name");
    assert!(matches!(Draft::new(two, vec![member("data/a")], info()), Err(DraftError::Top(_))));
    for place in [
        "data/b",
        "data",
        "fetch.txt",
        "Fetch.txt",
        "stamps/x",
        "bagit.txt",
        "manifest-md5.txt",
        "tagmanifest-sha256.txt",
    ] {
        let draft = Draft::new(top(), vec![member("data/a")], info()).expect("a draft");
        let result = draft.finish(vec![(place.parse().expect("a name"), Vec::new())]);
        assert!(matches!(result, Err(DraftError::Place(_))), "{place}");
    }
}

#[test]
fn stock_tools_open_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bundle.zip");
    let bag = small_bag();
    let contents: Vec<(String, Vec<u8>)> = bag.members.iter().map(content_of).collect();
    fs::write(&path, zip_bytes(bag.members, 2)).expect("a file");

    run(Command::new("unzip").arg("-tqq").arg(&path));
    run(Command::new("7z").args(["t", "-bso0"]).arg(&path));
    let python = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None";
    run(Command::new("python3").args(["-c", python]).arg(&path));
    let mut archive = zip::ZipArchive::new(File::open(&path).expect("a file")).expect("a zip file");
    assert_eq!(archive.len(), contents.len());
    for (name, content) in &contents {
        let mut read = Vec::new();
        let mut member = archive.by_name(name).expect("a member");
        std::io::copy(&mut member, &mut read).expect("its content");
        assert!(read == *content && member.compression() == zip::CompressionMethod::Stored, "{name}");
    }

    run(Command::new("unzip").arg("-q").arg(&path).arg("-d").arg(folder.path()));
    let unpacked = folder.path().join("2026-0001-seal-1");
    run(Command::new("python3").args(["-m", "bagit", "--validate", "--quiet"]).arg(&unpacked));
    for manifest in ["tagmanifest-sha256.txt", "manifest-sha256.txt"] {
        run(Command::new("sha256sum").args(["--strict", "--quiet", "-c", manifest]).current_dir(&unpacked));
    }
}

#[test]
fn an_unpacked_bag_is_the_same_bag() {
    let folder = tempfile::tempdir().expect("a folder");
    let bag = small_bag();
    for member in &bag.members {
        let (name, content) = content_of(member);
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, content).expect("a file");
    }
    let renamed = folder.path().join("what the examiner calls it");
    fs::rename(folder.path().join("2026-0001-seal-1"), &renamed).expect("renamed");
    let code = || judge(Source::open(&renamed)).map_err(|(code, _)| code);
    assert_eq!(code(), Ok(bag.root));
    let changes: [(&str, Option<&str>, &str); 5] = [
        (".DS_Store", Some("x"), "bag-not-listed"),
        ("data/z", Some("x"), "bag-not-listed"),
        ("READ-ME-FIRST.txt", Some("Read me last. \n"), "digest"),
        ("data/files/a.txt", Some("What was kepT.\n"), "digest"),
        ("data/files/a.txt", Some("What was kept."), "digest"),
    ];
    for (name, content, expected) in changes {
        let path = renamed.join(name);
        let before = fs::read(&path).ok();
        fs::write(&path, content.unwrap_or_default()).expect("a file");
        assert_eq!(code(), Err(expected.to_owned()), "{name}");
        match before {
            Some(before) => fs::write(&path, before).expect("a file"),
            None => fs::remove_file(&path).expect("gone"),
        }
    }
    fs::create_dir(renamed.join("empty")).expect("a folder");
    assert_eq!(code(), Err("empty-folder".to_owned()));
}

/// ROOT of what is whole, else the broken rule and the error in words.
fn judge(source: Result<Source, countersign::bundle::ReadError>) -> Result<Digest, (String, String)> {
    let broken = |code: Option<&str>, error: String| (code.unwrap_or("io").to_owned(), error);
    let source = source.map_err(|e| broken(e.code(), e.to_string()))?;
    let bag = SealedBag::read(&source).map_err(|e| broken(e.code(), e.to_string()))?;
    let digests = source.digest_all(threads(1), &unwatched).map_err(|e| broken(e.code(), e.to_string()))?;
    match bag.check(&digests).first() {
        None => Ok(bag.root()),
        Some(unlike) => Err(broken(Some(unlike.code()), unlike.to_string())),
    }
}

/// The bag of `ok--small-bag.zip`.
fn small_bag() -> Bag {
    let name = |name: &str| name.parse::<Name>().expect("a name");
    let payload = vec![
        Member::of_bytes(name("data/journal/000001.json"), b"{}\n".to_vec()),
        Member::of_bytes(name("data/files/a.txt"), b"What was kept.\n".to_vec()),
    ];
    let fields = [
        ("Bag-Software-Agent", "vectors"),
        ("Bagging-Date", "2026-11-22"),
        ("External-Identifier", "2026-0001-seal-1"),
    ];
    let info = Info::new(fields.map(|(label, value)| (label.into(), value.into())).into()).expect("fields");
    let draft = Draft::new(name("2026-0001-seal-1"), payload, info).expect("a draft");
    draft.finish(vec![(name("READ-ME-FIRST.txt"), b"Read me first.\n".to_vec())]).expect("a bag")
}

/// Members of all sizes around those of the buffers, from files and from memory.
fn many_members(folder: &Path) -> Vec<Member> {
    let mut members: Vec<Member> = (0..SMALL)
        .map(|index| {
            let name = format!("m/{index:04}").parse().expect("a name");
            Member::of_bytes(name, vec![index as u8; index as usize])
        })
        .collect();
    for (index, length) in UNEQUAL.into_iter().enumerate() {
        let name = if length == LARGE { "large".to_owned() } else { format!("{index}.bin") };
        let content: Vec<u8> = (0..length).map(|at| (at % 251) as u8 ^ index as u8).collect();
        let path = folder.join(&name);
        fs::write(&path, &content).expect("a file");
        let name = format!("m/{name}").parse().expect("a name");
        members.push(Member { name, digest: Digest::of(&content), content: Content::File { path, length } });
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    members
}

fn many_members_length() -> u64 {
    (0..SMALL).sum::<u64>() + UNEQUAL.iter().sum::<u64>()
}

fn content_of(member: &Member) -> (String, Vec<u8>) {
    match &member.content {
        Content::Bytes(bytes) => (member.name.to_string(), bytes.clone()),
        Content::File { path, .. } => (member.name.to_string(), fs::read(path).expect("a file")),
    }
}

fn zip_bytes(members: Vec<Member>, threads: usize) -> Vec<u8> {
    try_zip(members, threads).expect("a zip file")
}

fn try_zip(members: Vec<Member>, count: usize) -> Result<Vec<u8>, WriteError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.zip");
    let file = File::create_new(&path).expect("a new file");
    let writer = Writer::new(members)?;
    writer.write(&file, &path, threads(count), &unwatched)?;
    let bytes = fs::read(&path).expect("a file");
    assert_eq!(bytes.len() as u64, writer.length());
    Ok(bytes)
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|e| panic!("{:?} is needed: {e}", command.get_program()));
    assert!(output.status.success(), "{command:?}: {output:?}");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bundle")
}

fn vectors() -> Vec<PathBuf> {
    zips(&folder())
}

fn zips(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "zip")).collect()
}

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("not zero")
}

/// A change of a file.
#[derive(Debug, Clone)]
enum Edit {
    Set { at: Index, value: u32, length: usize },
    Drop { at: Index, length: usize },
    Double { at: Index, length: usize },
    Swap { first: Index, second: Index, length: usize },
}

fn edit() -> impl Strategy<Value = Edit> {
    let value = prop_oneof![any::<u32>(), 0_u32..300, Just(0xffff), Just(0xffff_ffff), Just(0x0403_4b50)];
    prop_oneof![
        (any::<Index>(), value, 1_usize..5).prop_map(|(at, value, length)| Edit::Set { at, value, length }),
        (any::<Index>(), 1_usize..200).prop_map(|(at, length)| Edit::Drop { at, length }),
        (any::<Index>(), 1_usize..200).prop_map(|(at, length)| Edit::Double { at, length }),
        (any::<Index>(), any::<Index>(), 1_usize..80).prop_map(|(first, second, length)| Edit::Swap {
            first,
            second,
            length
        }),
    ]
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let part = |at: &Index, length: usize| {
            let from = at.index(bytes.len());
            from..(from + length).min(bytes.len())
        };
        match self {
            Edit::Set { at, value, length } => {
                let part = part(at, *length);
                let value = &value.to_le_bytes()[..part.len()];
                bytes[part].copy_from_slice(value);
            }
            Edit::Drop { at, length } => drop(bytes.drain(part(at, *length))),
            Edit::Double { at, length } => {
                let part = part(at, *length);
                let copy = bytes[part.clone()].to_vec();
                bytes.splice(part.start..part.start, copy);
            }
            Edit::Swap { first, second, length } => {
                let (first, second) = (part(first, *length), part(second, *length));
                for (a, b) in first.zip(second) {
                    bytes.swap(a, b);
                }
            }
        }
    }
}

const SMALL: u64 = 1200;
const BUFFER: u64 = 256 * 1024;
const LARGE: u64 = 5 * BUFFER + 4097;
const UNEQUAL: [u64; 8] = [0, BUFFER - 40, BUFFER - 37, BUFFER - 36, BUFFER, BUFFER + 1, 3 * BUFFER, LARGE];
