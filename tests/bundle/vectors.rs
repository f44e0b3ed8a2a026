//! The vectors: each is refused for its own reason, and is what its program
//! writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use countersign_record::bundle::bag::SealedBag;
use countersign_record::bundle::zip::Reader;
use countersign_record::bundle::{Source, unwatched};
use countersign_record::digest::Digest;

use crate::changes::small_bag;
use crate::members::{threads, zip_bytes};

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

/// ROOT of what is whole, else the broken rule and the error in words.
pub fn judge(
    source: Result<Source, countersign_record::bundle::ReadError>,
) -> Result<Digest, (String, String)> {
    let broken = |code: Option<&str>, error: String| (code.unwrap_or("io").to_owned(), error);
    let source = source.map_err(|e| broken(e.code(), e.to_string()))?;
    let bag = SealedBag::read(&source).map_err(|e| broken(e.code(), e.to_string()))?;
    let digests = source.digest_all(threads(1), &unwatched).map_err(|e| broken(e.code(), e.to_string()))?;
    match bag.check(&digests).first() {
        None => Ok(bag.root()),
        Some(unlike) => Err(broken(Some(unlike.code()), unlike.to_string())),
    }
}

pub fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|e| panic!("{:?} is needed: {e}", command.get_program()));
    assert!(output.status.success(), "{command:?}: {output:?}");
}

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bundle")
}

fn vectors() -> Vec<PathBuf> {
    zips(&folder())
}

fn zips(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "zip")).collect()
}
