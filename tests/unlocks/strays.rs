//! What other programs put into a case's folder.

use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use countersign_record::journal::Seen;

use super::*;

pub fn fifo(path: &Path) {
    let name = CString::new(path.as_os_str().as_bytes()).expect("no NUL");
    // SAFETY: the name ends with a NUL and lives until the call returns.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0, "{}", path.display());
}

#[test]
fn what_lies_in_a_case_s_folder_is_named_once_and_never_opened() {
    let world = World::new();
    let case = world.open();
    let reference = case.folder().reference();
    let root = case.folder().path().to_owned();
    drop(case);
    let hex = "0123456789abcdef".repeat(4);
    let odd = [&b"a\xff"[..], b"a\xfe", b"a[0xFF]", &[1; 200]];
    let mut expected = Vec::new();
    let mut put = |place: &str, name: &[u8], kind: &str| {
        let path = root.join(place).join(OsStr::from_bytes(name));
        let because = match kind {
            "folder" => fs::create_dir_all(&path).map(|()| "is a folder"),
            "link" => symlink("/dev/zero", &path).map(|()| "is a link"),
            "pipe" => {
                fifo(&path);
                Ok("is a pipe or a device")
            }
            "stored" => fs::write(&path, "bytes").map(|()| "stored, but never part of the record"),
            _ => fs::write(&path, "bytes").map(|()| "is nothing that Countersign put there"),
        };
        let name = Seen::of_path(&Path::new(place).join(OsStr::from_bytes(name)));
        expected.push((name.to_string(), because.expect("is made").to_owned()));
    };
    fs::create_dir_all(root.join("data/stamps")).expect("is made");
    for place in
        ["", "keys", "draft", "data", "data/journal", "data/files", "data/keys", "data/stamps", "data/void"]
    {
        put(place, b"@eaDir", "folder");
        put(place, b"pipe", "pipe");
        put(place, b"link.json", "link");
        for name in odd {
            put(place, name, "file");
        }
    }
    put("data/files", format!("{hex}.png").as_bytes(), "pipe");
    put("data/files", format!("{hex}.jpg").as_bytes(), "stored");
    put("data/files", hex.as_bytes(), "file");
    put("data/void", "000007-0a1b2c3d.json".as_bytes(), "folder");
    put("data/void", "ü.json".as_bytes(), "file");
    put("data/journal", b"000099.json.a.sig", "file");
    put("", b".DS_Store", "file");
    fs::create_dir_all(root.join("data/files/@eaDir/deep")).expect("is made");

    let case = world.unlock(reference).expect("unlocks");
    let [told] = recovered(case.ledger())[..] else { panic!("one entry") };
    let mut named: Vec<(String, String)> = match &told.left.list {
        Some(file) => {
            countersign_record::journal::List::parse(&fs::read(case.folder().file(file)).expect("reads"))
                .expect("a list")
                .left_out
        }
        None => told.left.named.clone(),
    }
    .iter()
    .map(|left| (left.name.to_string(), left.because.to_string()))
    .collect();
    named.sort();
    expected.sort();
    assert_eq!(named, expected);
    assert_eq!(told.left.count as usize, expected.len());
    assert!(root.join("draft/@eaDir").is_dir() && root.join("data/files/link.json").is_symlink());
    drop(case);
    assert_eq!(ends_well(&world, reference, "strays"), 1);
}

/// More than one entry could name, and each time others.
#[test]
fn thousands_of_strays_are_named_in_one_list() {
    let world = World::new();
    let case = world.open();
    let reference = case.folder().reference();
    let files = case.folder().files();
    drop(case);
    for round in 1..=2 {
        for n in 0..3000 {
            fs::create_dir(files.join(format!("{round}-{n}-{}", "\"".repeat(200)))).expect("is made");
        }
        let case = world.unlock(reference).expect("unlocks");
        let told = recovered(case.ledger());
        assert_eq!(told.len(), round);
        assert_eq!(told[round - 1].left.count, 3000);
    }
    assert_eq!(ends_well(&world, reference, "thousands"), 2);
}

/// A folder with the name of the next entry: nothing is kept before somebody
/// puts it elsewhere, what is in the way is named, and the case can be stopped
/// all the same.
#[test]
fn a_name_of_the_next_entry_that_is_taken_costs_nothing() {
    let world = World::new();
    let case = world.open();
    let reference = case.folder().reference();
    let next = case.folder().data().join("journal/000002.json");
    drop(case);
    fs::create_dir(&next).expect("is made");
    let refused = world.unlock(reference).map(drop).expect_err("is in the way");
    assert!(refused.to_string().contains("journal/000002.json"), "{refused}");
    stop(&world, reference);
    fs::remove_dir(&next).expect("goes");
    assert_eq!(ends_well(&world, reference, "taken"), 0);
}
