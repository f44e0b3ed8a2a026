//! What goes into a bundle, and what may not.

use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use countersign_case::durable::Positioned;
use countersign_record::bundle::bag::{Draft, DraftError, Info};
use countersign_record::bundle::zip::{Content, Member, Reader, WriteError, Writer};
use countersign_record::bundle::{Name, unwatched};
use countersign_record::digest::Digest;

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
    writer.write(&Positioned::new(&file), &path, threads(2), &count).expect("a zip file");
    let contents: u64 = many_members_length();
    assert!(done.into_inner() >= contents);
    let stop = |_| ControlFlow::Break(());
    let reader = Reader::open(&path).expect("a zip file");
    assert!(reader.digest_all(threads(2), &stop).is_err());
    let other = folder.path().join("stopped.zip");
    let file = File::create_new(&other).expect("a new file");
    assert!(matches!(
        writer.write(&Positioned::new(&file), &other, threads(2), &stop),
        Err(WriteError::Stopped)
    ));
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

pub fn content_of(member: &Member) -> (String, Vec<u8>) {
    match &member.content {
        Content::Bytes(bytes) => (member.name.to_string(), bytes.clone()),
        Content::File { path, .. } => (member.name.to_string(), fs::read(path).expect("a file")),
    }
}

pub fn zip_bytes(members: Vec<Member>, threads: usize) -> Vec<u8> {
    try_zip(members, threads).expect("a zip file")
}

fn try_zip(members: Vec<Member>, count: usize) -> Result<Vec<u8>, WriteError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.zip");
    let file = File::create_new(&path).expect("a new file");
    let writer = Writer::new(members)?;
    writer.write(&Positioned::new(&file), &path, threads(count), &unwatched)?;
    let bytes = fs::read(&path).expect("a file");
    assert_eq!(bytes.len() as u64, writer.length());
    Ok(bytes)
}

pub fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("not zero")
}

const SMALL: u64 = 1200;
const BUFFER: u64 = 256 * 1024;
const LARGE: u64 = 5 * BUFFER + 4097;
const UNEQUAL: [u64; 8] = [0, BUFFER - 40, BUFFER - 37, BUFFER - 36, BUFFER, BUFFER + 1, 3 * BUFFER, LARGE];
