//! A folder of the home for files that are on their way into a case, under
//! names of the program's own: whoever hands them on keeps their real names
//! beside them.
//!
//! What a stopped program left is removed by the next one, which knows it by
//! its whole name and by a note inside that names it again. Everything else,
//! whatever it is called, is somebody's.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::folder::Home;
use crate::durable::{At, Disk, DiskError};
use countersign_record::clock::Random;
use countersign_record::journal::Reference;
use countersign_record::regular_file;

/// The folder of one form's files. Dropped, it is gone with what was put into
/// it.
#[derive(Debug)]
pub struct Staging {
    folder: PathBuf,
    /// Held: whoever sweeps leaves what another program still uses.
    note: Option<File>,
    files: u32,
}

impl Staging {
    /// A new one, for files of `case`.
    ///
    /// # Errors
    /// What the disk says, or that the computer gives no random numbers.
    pub fn begin(home: &Home, case: Option<Reference>, random: &dyn Random) -> Result<Staging, DiskError> {
        let root = home.path();
        let mut drawn = [0; DRAWN / 2];
        random.fill(&mut drawn).at(root)?;
        let drawn: String = drawn.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = format!("{BEGIN}{drawn}");
        let folder = root.join(&name);
        Disk::new().folder(root)?;
        Disk::new().new_folder(&folder)?;
        let path = folder.join(NOTE);
        let mut staging = Staging { folder, note: None, files: 0 };
        let mut note = private(&path).at(&path)?;
        note.try_lock().map_err(|error| DiskError::io(&path, error.into()))?;
        note.write_all(note_of(&name, case).as_bytes()).at(&path)?;
        staging.note = Some(note);
        Ok(staging)
    }

    /// A new file in it, empty.
    ///
    /// # Errors
    /// What the disk says.
    pub fn file(&mut self) -> Result<(File, PathBuf), DiskError> {
        self.files += 1;
        let path = self.folder.join(file_name(self.files));
        Ok((private(&path).at(&path)?, path))
    }

    /// Removes what programs that were stopped left in `home`. What a running
    /// one holds stays, and so does everything that is not of this program's
    /// making.
    pub fn sweep(home: &Home) {
        for left in Left::of(home) {
            let Ok(note) = regular_file::open(&left.folder.join(NOTE)) else { continue };
            if let Err(TryLockError::WouldBlock) = note.try_lock() {
                continue;
            }
            for path in &left.files {
                let _ = fs::remove_file(path);
            }
            remove(&left.folder, note);
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        for number in 1..=self.files {
            let _ = fs::remove_file(self.folder.join(file_name(number)));
        }
        if let Some(note) = self.note.take() {
            remove(&self.folder, note);
        } else {
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

/// The note last, so that what is half removed is still known. What somebody
/// else put beside it keeps the folder.
fn remove(folder: &Path, note: File) {
    // Windows removes no file that is open.
    drop(note);
    let _ = fs::remove_file(folder.join(NOTE)).and_then(|()| fs::remove_dir(folder));
}

/// A folder of this kind that lies in a home, whosever it is.
#[derive(Debug)]
pub(super) struct Left {
    folder: PathBuf,
    /// The case that its files were meant for.
    pub(super) case: Option<Reference>,
    /// Its files.
    pub(super) files: Vec<PathBuf>,
}

impl Left {
    /// All that there are.
    pub(super) fn of(home: &Home) -> Vec<Left> {
        let entries = fs::read_dir(home.path()).into_iter().flatten().flatten();
        entries.filter_map(|entry| Left::at(entry.path(), entry.file_name().to_str()?)).collect()
    }

    fn at(folder: PathBuf, name: &str) -> Option<Left> {
        let drawn = name.strip_prefix(BEGIN)?;
        let is_ours =
            drawn.len() == DRAWN && drawn.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !is_ours || !fs::symlink_metadata(&folder).ok()?.is_dir() {
            return None;
        }
        let note = regular_file::read_text(&folder.join(NOTE), LONGEST_NOTE).ok()?;
        let said = note.strip_prefix(FORMAT)?.strip_prefix(' ')?.strip_suffix('\n')?;
        let (named, case) = said.split_once(' ')?;
        let case = match case {
            "-" => None,
            case => Some(case.parse().ok()?),
        };
        if named != name {
            return None;
        }
        let own = |path: &PathBuf| {
            let number = path.file_name().and_then(|name| name.to_str()?.strip_prefix("file-")?.parse().ok());
            number.is_some_and(|number| path.file_name() == Some(file_name(number).as_ref()))
                && path.symlink_metadata().is_ok_and(|there| there.is_file())
        };
        let entries = fs::read_dir(&folder).ok()?.flatten();
        let files = entries.map(|entry| entry.path()).filter(own).collect();
        Some(Left { folder, case, files })
    }
}

fn note_of(name: &str, case: Option<Reference>) -> String {
    match case {
        Some(case) => format!("{FORMAT} {name} {case}\n"),
        None => format!("{FORMAT} {name} -\n"),
    }
}

fn file_name(number: u32) -> String {
    format!("file-{number:03}")
}

#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

// On Windows the home lies in the user's own profile.
#[cfg(not(unix))]
fn private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// How its name begins; so many random hex digits follow.
const BEGIN: &str = "incoming-";
const DRAWN: usize = 32;
const NOTE: &str = "countersign-incoming";
const FORMAT: &str = "countersign/incoming/v1";
const LONGEST_NOTE: u64 = 200;

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
            bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
            Ok(())
        }
    }

    #[test]
    fn only_what_is_known_by_its_whole_name_is_swept() {
        let dir = tempfile::tempdir().expect("a folder");
        let home = Home::at(dir.path());
        let random = Counting(Default::default());
        let case = Some("2026-0001".parse().expect("a reference"));
        let mut held = Staging::begin(&home, case, &random).expect("begins");
        held.file().expect("a file");
        // As a killed program leaves it.
        let mut left = Staging::begin(&home, case, &random).expect("begins");
        left.file().expect("a file");
        let lost = left.folder.clone();
        drop(left.note.take());
        std::mem::forget(left);
        // A person's own, however much it looks like ours.
        let mut mixed = Staging::begin(&home, None, &random).expect("begins");
        mixed.file().expect("a file");
        let shared = mixed.folder.clone();
        fs::write(shared.join("mine.txt"), "mine").expect("writes");
        drop(mixed.note.take());
        std::mem::forget(mixed);
        let theirs = ["incoming-mine", "sending-mine", "incoming-00112233445566778899aabbccddeeff"];
        for name in theirs {
            fs::create_dir(dir.path().join(name)).expect("makes");
            fs::write(dir.path().join(name).join("file-001"), "mine").expect("writes");
        }
        Staging::sweep(&home);
        assert!(!lost.exists() && held.folder.join("file-001").exists());
        assert_eq!(fs::read_dir(&shared).expect("lists").count(), 1, "and what was ours in it is gone");
        for name in theirs {
            assert!(dir.path().join(name).join("file-001").exists(), "{name}");
        }
        let folder = held.folder.clone();
        drop(held);
        assert!(!folder.exists());
    }
}
