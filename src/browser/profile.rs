//! The private folder of one browser: its profile, home and temporary files.
//!
//! It goes away with its owner; what a killed program left is found by its
//! name and swept. It never touches another browser's folder.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::launch::{LaunchError, Window};
use crate::regular_file;

/// Removes what browsers of ended processes left in `folder`.
///
/// A browser that runs holds a lock in its own folder, which is then left. A
/// folder is one of these by its whole name and by what its lock says:
/// everything else is somebody's, whatever it is called.
pub fn sweep(folder: &Path) -> io::Result<usize> {
    let mut swept = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        let is_dir = path.symlink_metadata().is_ok_and(|there| there.is_dir());
        if !is_profile_name(name) || !is_dir || !says(&path.join(LOCK), name) {
            continue;
        }
        let held = match regular_file::open(&path.join(LOCK)).map(|lock| (lock.try_lock(), lock)) {
            Ok((Err(TryLockError::WouldBlock), _)) => true,
            Ok(_) | Err(_) => false,
        };
        if !held {
            fs::remove_dir_all(&path)?;
            swept += 1;
        }
    }
    Ok(swept)
}

/// `csb-<process>-<number>`.
fn is_profile_name(name: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let parts = name.strip_prefix(PROFILE_PREFIX).and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(process, nth)| number(process) && number(nth))
}

fn says(lock: &Path, name: &str) -> bool {
    regular_file::read_text(lock, LONGEST_LOCK).is_ok_and(|text| text == lock_of(name))
}

fn lock_of(name: &str) -> String {
    format!("countersign/browser/v1 {name}\n")
}

/// A folder that nobody else uses, held by a lock.
pub(super) struct Profile {
    pub(super) folder: PathBuf,
    lock: Option<File>,
}

impl Profile {
    pub(super) fn create(parent: &Path) -> Result<Profile, LaunchError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| LaunchError::Folder { path, source }
        };
        let parent = std::path::absolute(parent).map_err(failed(parent))?;
        let process = std::process::id();
        let longest = format!("{PROFILE_PREFIX}{process}-99999/t{SOCKET}").len() + 1;
        if cfg!(unix) && parent.as_os_str().len() + longest > LONGEST_SOCKET {
            return Err(LaunchError::FolderTooLong { path: parent });
        }
        #[cfg_attr(not(unix), allow(unused_mut))]
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let mut number = 0;
        let folder = loop {
            let folder = parent.join(format!("{PROFILE_PREFIX}{process}-{number}"));
            match builder.create(&folder) {
                Ok(()) => break folder,
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists && number < 100_000 => number += 1,
                Err(e) => return Err(failed(&folder)(e)),
            }
        };
        let mut profile = Profile { folder, lock: None };
        let path = profile.folder.join(LOCK);
        let mut lock = File::create_new(&path).map_err(failed(&path))?;
        lock.try_lock().map_err(|e| failed(&path)(e.into()))?;
        let name = profile.folder.file_name().and_then(OsStr::to_str).unwrap_or_default();
        lock.write_all(lock_of(name).as_bytes()).map_err(failed(&path))?;
        profile.lock = Some(lock);
        for name in ["p", "h", "t", "r"] {
            let path = profile.folder.join(name);
            builder.create(&path).map_err(failed(&path))?;
        }
        let browser = profile.folder.join("p");
        builder.create(browser.join("Default")).map_err(failed(&browser))?;
        for (name, settings) in [("Default/Preferences", PREFERENCES), ("Local State", LOCAL_STATE)] {
            let path = browser.join(name);
            fs::write(&path, settings).map_err(failed(&path))?;
        }
        Ok(profile)
    }

    pub(super) fn environment(&self, window: Window) -> Vec<(&'static str, PathBuf)> {
        let home = self.folder.join("h");
        let temporary = self.folder.join("t");
        let mut variables = vec![
            ("XDG_CONFIG_HOME", home.join("config")),
            ("XDG_CACHE_HOME", home.join("cache")),
            ("XDG_DATA_HOME", home.join("data")),
            ("XDG_STATE_HOME", home.join("state")),
            ("HOME", home),
            ("TMPDIR", temporary.clone()),
            ("TMP", temporary.clone()),
            ("TEMP", temporary),
        ];
        // A shown window may need the session's own sockets.
        if window == Window::Headless {
            variables.push(("XDG_RUNTIME_DIR", self.folder.join("r")));
        }
        variables
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        // The lock goes first: Windows removes no file that is open.
        self.lock = None;
        for _ in 0..40 {
            match fs::remove_dir_all(&self.folder) {
                Ok(()) => return,
                Err(e) if e.kind() == io::ErrorKind::NotFound => return,
                // A process that is just dying can still have written.
                Err(_) => thread::sleep(Duration::from_millis(25)),
            }
        }
    }
}

/// Nothing is printed from a recording, and no window of the system to choose
/// a file or to save one comes up: while it is open, no page hears the keys
/// that stop. They are what the policies `PrintingEnabled` and
/// `AllowFileSelectionDialogs` set.
const PREFERENCES: &str = r#"{"printing":{"enabled":false}}"#;
const LOCAL_STATE: &str = r#"{"select_file_dialogs":{"allowed":false}}"#;

const PROFILE_PREFIX: &str = "csb-";
/// What the browser puts behind its folder for temporary files.
const SOCKET: &str = "/org.chromium.Chromium.1a2B3c/SingletonSocket";
const LONGEST_SOCKET: usize = 107;
const LOCK: &str = "lock";
const LONGEST_LOCK: u64 = 200;
