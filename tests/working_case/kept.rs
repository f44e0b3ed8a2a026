//! What was kept stays as it is, whatever fails beside it and whatever the same
//! process does afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use countersign_case::case::{self, CaseError, Unfinished, Unlocked};
use countersign_case::durable::DiskError;
use countersign_case::procedure::Deed;
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Noted};

use crate::world::{self, World, text};
use crate::{Case, note};

/// A file that nobody can write to, not even root, as long as this is there.
struct Unwritable(PathBuf);

impl Unwritable {
    fn make(path: &Path) -> Unwritable {
        change(path, "+i", 0o400);
        Unwritable(path.to_owned())
    }
}

impl Drop for Unwritable {
    fn drop(&mut self) {
        change(&self.0, "-i", if self.0.is_dir() { 0o700 } else { 0o600 });
    }
}

fn change(path: &Path, attribute: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    // SAFETY: it takes nothing and cannot fail.
    if unsafe { libc::geteuid() } != 0 {
        let mode = if path.is_dir() { mode | 0o100 } else { mode };
        return fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("changes");
    }
    let done = Command::new("chattr").arg(attribute).arg(path).status().expect("chattr runs (e2fsprogs)");
    assert!(done.success(), "chattr {attribute} {}", path.display());
}

/// Every entry with its signatures, as it lies there.
fn journal(case: &Case) -> BTreeMap<PathBuf, Digest> {
    let paths = fs::read_dir(case.folder().join("data/journal")).expect("lists");
    let paths = paths.map(|entry| entry.expect("lists").path());
    paths.map(|path| (path.clone(), Digest::of(&fs::read(&path).expect("reads")))).collect()
}

fn try_note(case: &mut Unlocked<'_>, words: &str) -> Result<u64, CaseError> {
    let permit = case.permit(Deed::Note)?;
    case.append(permit, Body::Noted(Noted { text: text(words) }))
}

/// Says of each entry that lies there afterwards whether it lay there before.
fn are_unchanged(before: &BTreeMap<PathBuf, Digest>, case: &Case) {
    let after = journal(case);
    for (path, digest) in before {
        assert_eq!(after.get(path), Some(digest), "{} is not as it was", path.display());
    }
}

/// Seen: guide unlocked, the head file immutable, a note, mended, a note; then
/// entry 2 held entry 3's bytes.
#[test]
fn a_note_after_one_that_could_not_be_noted_outside_overwrites_nothing() {
    let case = Case::new();
    let mut open = case.unlock().expect("opens");
    let before = journal(&case);
    let sealed = Unwritable::make(&case.head());
    assert_eq!(try_note(&mut open, "three").expect("is kept"), 5, "and is not told as a failure");
    assert!(matches!(open.unfinished(), [Unfinished::Note { entry: 5, .. }]), "{:?}", open.unfinished());
    are_unchanged(&before, &case);
    let before = journal(&case);
    assert!(before.contains_key(&case.journal("000005.json")));
    // The note outside is never two behind: nothing is written meanwhile.
    let refused = try_note(&mut open, "not kept");
    assert!(matches!(refused, Err(CaseError::NotKept { entry: 6, .. })), "{refused:?}");
    assert_eq!(journal(&case), before);
    drop(sealed);
    assert_eq!(try_note(&mut open, "four").expect("goes on"), 6);
    assert!(open.unfinished().is_empty(), "it was made good");
    are_unchanged(&before, &case);
    drop(open);
    let open = case.unlock().expect("opens");
    let words: Vec<&str> = open.ledger().entries().iter().filter_map(words).collect();
    assert_eq!(words, ["one", "two", "three", "four"]);
}

fn words(entry: &countersign_record::journal::Entry) -> Option<&str> {
    match &entry.body {
        Body::Noted(noted) => Some(noted.text.as_str()),
        _ => None,
    }
}

/// A draft whose entry is kept is a second name of the entry.
#[test]
fn a_draft_that_stays_is_never_written_to_again() {
    let case = Case::new();
    let mut open = case.unlock().expect("opens");
    let folder = case.folder().join("draft");
    // The names that drafts get are taken, by entries that are kept.
    let kept = case.journal("000004.json");
    for draft in ["000005-1.entry.json", "000006-1.entry.json", "000004-1.entry.json"] {
        fs::hard_link(&kept, folder.join(draft)).expect("links");
    }
    let before = journal(&case);
    assert_eq!(note(&mut open, "three"), 5);
    assert_eq!(note(&mut open, "four"), 6);
    are_unchanged(&before, &case);
    drop(open);
    let before = journal(&case);
    assert_eq!(note(&mut case.unlock().expect("opens"), "five"), 7);
    are_unchanged(&before, &case);
    assert_eq!(fs::read_dir(folder).expect("lists").count(), 0, "drafts are swept by unlocking");
}

/// Which draft fits the signatures is found out: more than one may lie there.
#[test]
fn the_draft_that_both_signed_is_found_among_others() {
    let case = Case::new();
    let entry = fs::read(case.journal("000004.json")).expect("reads");
    let signatures: Vec<Digest> = ["a", "b"]
        .map(|side| Digest::of(&fs::read(case.journal(&format!("000004.json.{side}.sig"))).expect("reads")))
        .into();
    case.forget_last();
    fs::remove_file(case.journal("000004.json")).expect("removes");
    let draft = |name: &str| case.folder().join("draft").join(name);
    fs::write(draft("000004-1.entry.json"), &entry[..entry.len() / 2]).expect("writes");
    fs::write(draft("000004-2.entry.json"), &entry).expect("writes");
    fs::hard_link(case.journal("000003.json"), draft("000003-1.entry.json")).expect("links");
    fs::create_dir(draft("folder.entry.json")).expect("makes");
    let third = fs::read(case.journal("000003.json")).expect("reads");
    let open = case.unlock().expect("opens");
    let kinds: Vec<&str> = open.ledger().entries()[3..].iter().map(|entry| entry.body.kind()).collect();
    assert_eq!(kinds, ["noted", "recovered"]);
    assert_eq!(fs::read(case.journal("000004.json")).expect("reads"), entry);
    assert_eq!(fs::read(case.journal("000003.json")).expect("reads"), third);
    for (side, digest) in ["a", "b"].iter().zip(signatures) {
        let now = fs::read(case.journal(&format!("000004.json.{side}.sig"))).expect("reads");
        assert_eq!(Digest::of(&now), digest, "compared, not written again");
    }
}

/// Seen: an error at `heads/` once the folder had its name; exit 4, the
/// passphrases' file deleted, and a case that nobody could unlock.
#[test]
fn a_case_whose_head_cannot_be_noted_is_opened_all_the_same() {
    let world = World::new();
    let pack = world::pack();
    // The first case makes the folders; the second one's head is what fails.
    drop(world.open());
    let heads = world.home().path().join("heads");
    let opened = std::thread::scope(|scope| {
        let watched = scope.spawn(|| {
            let head = heads.join("2026-0002");
            while !head.exists() || fs::metadata(&head).map_or(0, |there| there.len()) == 0 {
                std::hint::spin_loop();
            }
            // Reserved; keys are locked meanwhile, which takes its time.
            Unwritable::make(&head)
        });
        let opened =
            case::open(&world.home(), world::new_case(&pack, None), &pack, world.pass(), world.around());
        let told = opened.map(drop);
        drop(watched.join().expect("was made unwritable"));
        told
    });
    let reference = match opened {
        Err(CaseError::OpenedOnly { reference, error }) => {
            assert!(matches!(*error, CaseError::Disk(DiskError::Io { .. })), "{error}");
            reference
        }
        other => panic!("{other:?}"),
    };
    let mut open = world.unlock(reference).expect("the passphrases open it");
    assert_eq!(note(&mut open, "goes on"), 2);
}

/// The name of what is stored is its digest: what has that name is compared.
#[test]
fn a_file_that_is_stored_twice_is_never_replaced() {
    use std::os::unix::fs::MetadataExt;
    let case = Case::new();
    let file = |case: &Case| {
        let reading = case.read().expect("reads");
        let (file, _) = reading.ledger().files().find(|(_, entry)| *entry == 2).expect("a file");
        reading.folder().file(file)
    };
    let path = file(&case);
    let before = fs::metadata(&path).expect("is there").ino();
    let source = case.world.folder.path().join("log.csv");
    let description = text("The same log");
    let bring = |open: &mut Unlocked<'_>| {
        let paths = [source.clone()];
        let request = countersign_case::capture::AttachRequest {
            paths: &paths,
            producer: countersign_record::journal::Side::B,
            description: &description,
        };
        countersign_case::capture::attach(open, request).map(drop)
    };
    let mut open = case.unlock().expect("opens");
    bring(&mut open).expect("is brought in");
    assert_eq!(fs::metadata(&path).expect("is there").ino(), before, "the very file");
    // Where it is another one, that is said, and nothing is written over.
    fs::write(&path, "changed").expect("writes");
    assert!(bring(&mut open).is_err());
    assert_eq!(fs::read_to_string(&path).expect("reads"), "changed");
}
