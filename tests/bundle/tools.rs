//! What stock tools and a person unpack is the same bag.

use std::fs::{self, File};
use std::process::Command;

use countersign_record::bundle::Source;

use crate::changes::small_bag;
use crate::members::{content_of, zip_bytes};
use crate::vectors::{judge, run};

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
