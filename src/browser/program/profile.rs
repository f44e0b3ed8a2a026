//! The private folder of one browser: its profile, home and temporary files.
//!
//! It goes away with its owner; what a killed program left is found by its
//! name and swept. It never touches another browser's folder. Where the browser
//! runs as another account, what it writes in is that account's; the folder
//! around it and its lock stay ours.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::account::Account;
use super::error::LaunchError;
use countersign_record::regular_file;

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

/// Where a browser looks for the sockets of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runtime {
    /// Where the session has them.
    OfSession,
    /// In its own private folder, where there are none.
    Private,
}

/// A folder that nobody else uses, held by a lock.
pub(crate) struct Profile {
    pub(crate) folder: PathBuf,
    lock: Option<File>,
}

impl Profile {
    pub(crate) fn create(parent: &Path, account: Option<&Account>) -> Result<Profile, LaunchError> {
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
        if let Some(account) = account.filter(|account| !account.can_reach(&parent)) {
            return Err(LaunchError::OutOfReach { path: parent, account: account.name().to_owned() });
        }
        let builder = private_folders();
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
        if account.is_some() {
            let_others_pass(&profile.folder).map_err(failed(&profile.folder))?;
        }
        for name in ["p", "h", "t", "r"] {
            let path = profile.folder.join(name);
            builder.create(&path).map_err(failed(&path))?;
            // While nobody else can be in it.
            if name == "p" {
                settle(&path, account)?;
            }
            give(&path, account).map_err(failed(&path))?;
        }
        Ok(profile)
    }

    /// What `USER` and the screen's own variables are for another account.
    ///
    /// A copy of the secret with which programs may draw on the screen: the
    /// file itself is closed to it.
    pub(crate) fn environment_as(
        &self,
        account: &Account,
        environment: &[(OsString, OsString)],
    ) -> Result<Vec<(&'static str, OsString)>, LaunchError> {
        let mut variables: Vec<(&'static str, OsString)> =
            vec![("USER", account.name().into()), ("LOGNAME", account.name().into())];
        let named =
            |wanted: &str| environment.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
        let secret = match (named("XAUTHORITY"), named("HOME")) {
            (Some(named), _) => Some(PathBuf::from(named)),
            (None, Some(home)) => Some(Path::new(home).join(".Xauthority")),
            (None, None) => None,
        };
        if let Some(Ok(secret)) = secret.map(|path| regular_file::read_typed(&path, LONGEST_SECRET)) {
            let copy = self.folder.join("h").join("screen");
            let kept = write_private(&copy, &secret).and_then(|()| account.give(&copy));
            kept.map_err(|source| LaunchError::Folder { path: copy.clone(), source })?;
            variables.push(("XAUTHORITY", copy.into()));
        }
        Ok(variables)
    }

    pub(crate) fn environment(&self, runtime: Runtime) -> Vec<(&'static str, PathBuf)> {
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
        if runtime == Runtime::Private {
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

fn give(path: &Path, account: Option<&Account>) -> io::Result<()> {
    account.map_or(Ok(()), |account| account.give(path))
}

/// Writes into a browser's new folder what it shall not do.
fn settle(browser: &Path, account: Option<&Account>) -> Result<(), LaunchError> {
    let failed = |path: PathBuf| move |source| LaunchError::Folder { path, source };
    let own = browser.join("Default");
    private_folders().create(&own).and_then(|()| give(&own, account)).map_err(failed(own))?;
    for (name, settings) in [("Default/Preferences", PREFERENCES), ("Local State", LOCAL_STATE)] {
        let path = browser.join(name);
        let written = write_private(&path, settings.as_bytes()).and_then(|()| give(&path, account));
        written.map_err(failed(path))?;
    }
    Ok(())
}

#[cfg_attr(not(unix), allow(unused_mut))]
fn private_folders() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// To what is theirs in it: they see nothing else, whatever the umask.
#[cfg(unix)]
fn let_others_pass(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o711))
}

#[cfg(windows)]
fn let_others_pass(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg_attr(not(unix), allow(unused_mut))]
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

const LONGEST_SECRET: u64 = 64 * 1024;

/// What a browser of this program does not do, in its own words.
///
/// Nothing is printed from it, and no window of the browser's or the system's
/// comes up in which a page asks for a file, a device or the screen: while one
/// is open, no page hears the keys that stop. They are what the policies
/// `PrintingEnabled`, `ScreenCaptureAllowed`, `DefaultWebUsbGuardSetting` and
/// their like, and `AllowFileSelectionDialogs` set; 2 is "no".
const PREFERENCES: &str = r#"{
    "printing": { "enabled": false },
    "hardware": { "screen_capture_enabled": false },
    "profile": { "default_content_setting_values": {
        "bluetooth_guard": 2, "bluetooth_scanning": 2, "usb_guard": 2, "serial_guard": 2, "hid_guard": 2,
        "file_system_read_guard": 2, "file_system_write_guard": 2
    } }
}"#;
const LOCAL_STATE: &str = r#"{ "select_file_dialogs": { "allowed": false } }"#;

const PROFILE_PREFIX: &str = "csb-";
/// What the browser puts behind its folder for temporary files.
const SOCKET: &str = "/org.chromium.Chromium.1a2B3c/SingletonSocket";
const LONGEST_SOCKET: usize = 107;
const LOCK: &str = "lock";
const LONGEST_LOCK: u64 = 200;
