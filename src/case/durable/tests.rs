//! Names that are taken, parts that are dropped, a disk that failed.

use super::*;

#[test]
fn a_part_takes_no_name_that_is_taken() {
    let dir = tempfile::tempdir().expect("a folder");
    let (disk, taken, free) = (Disk::new(), dir.path().join("taken"), dir.path().join("free"));
    fs::write(&taken, "another's").expect("writes");
    let mut part = disk.part(&taken).expect("begins");
    part.write(b"ours").expect("writes");
    assert!(matches!(part.name(&taken), Err(DiskError::Taken(_))));
    assert_eq!(fs::read_to_string(&taken).expect("reads"), "another's");
    part.name(&free).expect("is free");
    drop(part);
    assert_eq!(fs::read_to_string(&free).expect("reads"), "ours");
    assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 2, "and no parts");
}

#[test]
fn a_part_touches_nothing_of_anybody_s() {
    let dir = tempfile::tempdir().expect("a folder");
    let (disk, at) = (Disk::new(), |name: &str| dir.path().join(name));
    fs::write(at("x.part"), "a person's").expect("writes");
    fs::create_dir(at("x.2.part")).expect("makes");
    let one = disk.part(&at("x")).expect("begins");
    let other = disk.part(&at("x")).expect("begins");
    assert_eq!((one.path(), other.path()), (at("x.3.part").as_path(), at("x.4.part").as_path()));
    drop(other);
    disk.create_whole(&at("x"), b"ours").expect("is free");
    assert!(matches!(disk.create_whole(&at("x"), b"another"), Err(DiskError::Taken(_))));
    drop(one);
    assert_eq!(fs::read_to_string(at("x.part")).expect("reads"), "a person's");
    assert_eq!(fs::read_to_string(at("x")).expect("reads"), "ours");
    assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 3);
}

#[test]
fn a_part_that_is_dropped_leaves_nothing_and_one_that_stays_stays() {
    let dir = tempfile::tempdir().expect("a folder");
    let disk = Disk::new();
    for stays in [false, true] {
        let mut part = disk.part(&dir.path().join("x")).expect("opens");
        part.write(b"words").expect("writes");
        if stays {
            part.stay();
        }
        drop(part);
        assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), usize::from(stays));
    }
}

#[test]
fn a_commit_takes_no_name_twice_and_counts_what_was_done_as_done() {
    let dir = tempfile::tempdir().expect("a folder");
    let [draft, other, entry] = ["draft", "other", "entry"].map(|name| dir.path().join(name));
    let disk = Disk::new();
    let names = disk.names(dir.path()).expect("opens");
    names.create_new(&draft, b"one").expect("writes");
    names.commit(&draft, &entry).expect("is free");
    names.create_new(&other, b"two").expect("writes");
    assert!(matches!(names.commit(&other, &entry), Err(DiskError::Taken(_))));
    names.commit(&draft, &entry).expect("has the name already");
    assert_eq!(fs::read(&entry).expect("reads"), b"one");
}

#[test]
fn what_has_its_name_is_never_opened_for_writing() {
    let dir = tempfile::tempdir().expect("a folder");
    let (path, disk) = (dir.path().join("x"), Disk::new());
    disk.create_new(&path, b"one").expect("is free");
    assert!(matches!(disk.create_new(&path, b""), Err(DiskError::Taken(_))));
    let other = dir.path().join("other");
    disk.create_new(&other, b"two").expect("is free");
    assert!(matches!(disk.rename_new(&other, &path), Err(DiskError::Taken(_))));
    assert_eq!(fs::read(&path).expect("reads"), b"one");
    let sources = ["../durable.rs", "names.rs", "part.rs", "positioned.rs", "private.rs", "rename.rs"];
    for source in sources {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("durable").join(source));
        let text = text.expect("reads");
        for cuts in ["truncate(true)", "set_len", "File::create("] {
            assert!(!text.contains(cuts), "{source}: {cuts}");
        }
    }
}

#[test]
fn a_torn_line_is_closed_off() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("head");
    fs::write(&file, "one\ntw").expect("writes");
    Disk::new().append_line(&file, "three").expect("appends");
    assert_eq!(fs::read_to_string(&file).expect("reads"), "one\ntw\nthree\n");
}

#[test]
fn after_a_failed_sync_nothing_is_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let disk = Disk::new();
    disk.failed.store(true, Ordering::SeqCst);
    let path = dir.path().join("x");
    assert!(matches!(disk.replace(&path, b""), Err(DiskError::ReadOnly(_))));
    assert!(matches!(disk.create_new(&path, b""), Err(DiskError::ReadOnly(_))));
    assert!(matches!(disk.folder(&path), Err(DiskError::ReadOnly(_))));
    assert!(disk.names(dir.path()).is_err());
    assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 0);
}
