//! Files that change, and folders that are exchanged, while they are read.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use countersign_case::capture::{AttachRequest, Brought, CaptureError, attach_watched};
use countersign_case::case::Unlocked;
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Side};

use crate::world::{World, text};

/// What is in the case's files, by digest.
fn brought_in(case: &Unlocked<'_>) -> Vec<(String, Digest)> {
    let entries = case.ledger().entries().iter();
    let attached = entries.filter_map(|entry| match &entry.body {
        Body::Attached(attached) => Some(attached.files.iter()),
        _ => None,
    });
    let name = |name: &Option<countersign_record::journal::Seen>| name.as_ref().map(ToString::to_string);
    attached.flatten().map(|file| (name(&file.name).unwrap_or_default(), file.sha256)).collect()
}

fn bring(case: &mut Unlocked<'_>, path: &Path, copied: &dyn Fn(u64)) -> Result<Brought, CaptureError> {
    let request = AttachRequest { paths: &[path.to_owned()], producer: Side::A, description: &text("Files") };
    attach_watched(case, request, copied)
}

/// Long enough to be read in several pieces.
fn big(path: &Path, byte: u8) {
    fs::write(path, vec![byte; 3 << 20]).expect("writes");
}

fn folder(world: &World) -> PathBuf {
    let phone = world.folder.path().join("phone");
    fs::create_dir_all(phone.join("b-inner")).expect("makes");
    big(&phone.join("a-big.bin"), b'a');
    fs::write(phone.join("b-inner/passwd"), "the phone's").expect("writes");
    phone
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_exchanged_for_a_link_brings_in_nothing_from_elsewhere() {
    let world = World::new();
    let mut case = world.open();
    let phone = folder(&world);
    let exchanged = Cell::new(false);
    let exchange = |_| {
        if !exchanged.replace(true) {
            fs::rename(phone.join("b-inner"), world.folder.path().join("gone")).expect("moves");
            std::os::unix::fs::symlink("/etc", phone.join("b-inner")).expect("links");
        }
    };
    let brought = bring(&mut case, &phone, &exchange).expect("brings the rest in");
    assert!(exchanged.get());
    assert_eq!(brought.files, 1);
    let names: Vec<String> = brought_in(&case).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["phone/a-big.bin"]);
    let left: Vec<String> =
        brought.left_out.named.iter().map(|l| format!("{}: {}", l.name, l.because)).collect();
    assert_eq!(left, ["phone/b-inner/passwd: is a link, not a file"]);
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_exchanged_for_another_is_named() {
    let world = World::new();
    let mut case = world.open();
    let phone = folder(&world);
    let exchanged = Cell::new(false);
    let exchange = |_| {
        if !exchanged.replace(true) {
            fs::rename(phone.join("b-inner"), world.folder.path().join("gone")).expect("moves");
            fs::create_dir(phone.join("b-inner")).expect("makes");
            fs::write(phone.join("b-inner/passwd"), "another's").expect("writes");
        }
    };
    let brought = bring(&mut case, &phone, &exchange).expect("brings the rest in");
    assert_eq!(brought.files, 1);
    let because = brought.left_out.named.iter().map(|left| left.because.to_string()).collect::<Vec<_>>();
    assert_eq!(because, ["lies in a folder that was exchanged meanwhile"]);
}

/// The folder that was named is held: what was there is what is brought in.
#[cfg(unix)]
#[test]
fn the_named_folder_is_itself_whatever_takes_its_name() {
    let world = World::new();
    let mut case = world.open();
    let phone = folder(&world);
    let exchanged = Cell::new(false);
    let exchange = |_| {
        if !exchanged.replace(true) {
            fs::rename(&phone, world.folder.path().join("gone")).expect("moves");
            std::os::unix::fs::symlink("/etc", &phone).expect("links");
        }
    };
    assert_eq!(bring(&mut case, &phone, &exchange).expect("is there").files, 2);
    let passwd = brought_in(&case).into_iter().find(|(name, _)| name == "phone/b-inner/passwd");
    assert_eq!(passwd.map(|(_, digest)| digest), Some(Digest::of(b"the phone's")));
}

fn rewrite(path: &Path, byte: u8) {
    let modified = fs::metadata(path).expect("is there").modified().expect("has one");
    // No clock of a file system is finer than that.
    std::thread::sleep(std::time::Duration::from_millis(15));
    let mut file = File::options().write(true).open(path).expect("opens");
    file.write_all(&vec![byte; 3 << 20]).expect("writes");
    file.set_modified(modified).expect("sets");
}

#[test]
fn a_file_that_is_rewritten_while_it_is_read_is_read_anew() {
    let world = World::new();
    let mut case = world.open();
    let path = world.folder.path().join("log.txt");
    big(&path, b'a');
    let rewritten = Cell::new(false);
    let once = |_| {
        if !rewritten.replace(true) {
            rewrite(&path, b'b');
        }
    };
    bring(&mut case, &path, &once).expect("holds still the second time");
    assert_eq!(brought_in(&case), [("log.txt".to_owned(), Digest::of(&vec![b'b'; 3 << 20]))]);
}

#[test]
fn a_file_that_never_holds_still_is_refused_by_its_name() {
    let world = World::new();
    let mut case = world.open();
    let phone = folder(&world);
    let path = phone.join("a-big.bin");
    let byte = Cell::new(b'a');
    let always = |bytes: u64| {
        // The small file holds still.
        if bytes > 100 {
            byte.set(byte.get() + 1);
            rewrite(&path, byte.get());
        }
    };
    match bring(&mut case, &path, &always) {
        Err(CaptureError::File { path: named, because }) => {
            assert_eq!((named, because.as_str()), (path.clone(), "changed while it was being read"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(case.ledger().head(), 1);
    byte.set(b'a');
    let brought = bring(&mut case, &phone, &always).expect("brings the rest in");
    assert_eq!(brought.files, 1);
    assert_eq!(brought.left_out.named[0].name.as_str(), "phone/a-big.bin");
    assert_eq!(brought.left_out.named[0].because.as_str(), "changed while it was being read");
}

#[cfg(unix)]
#[test]
fn a_link_in_the_path_that_somebody_typed_is_followed_once_and_one_at_its_end_is_not() {
    let world = World::new();
    let mut case = world.open();
    let phone = folder(&world);
    let link = world.folder.path().join("desktop");
    std::os::unix::fs::symlink(&phone, &link).expect("links");
    assert_eq!(bring(&mut case, &link.join("b-inner"), &|_| {}).expect("is there").files, 1);
    let refused = bring(&mut case, &link, &|_| {}).expect_err("is a link");
    assert!(refused.to_string().contains("is a link"), "{refused}");
}
