//! The browser that tests record with, and as whom it runs: as root it is
//! started as `nobody`, as the program does, so that its sandbox stays on.
#![allow(dead_code)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use countersign_browser::program::account::Account;
use countersign_browser::program::find::{self, Places};

pub fn chromium() -> PathBuf {
    find::find(&places(&std::env::temp_dir())).expect("chromium must be installed for this test").path
}

pub fn places(temporary: &Path) -> Places {
    let search = std::env::split_paths(&std::env::var_os("PATH").expect("PATH")).collect();
    Places { search, temporary: temporary.to_owned(), account: account(), ..Places::default() }
}

pub fn account() -> Option<Account> {
    // SAFETY: it takes nothing and cannot fail.
    let is_root = unsafe { libc::geteuid() } == 0;
    is_root.then(|| Account::named("nobody").expect("accounts are listed").expect("nobody is one"))
}

/// A folder that the browser's account can go through.
pub fn temporary() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let_pass(folder.path());
    folder
}

pub fn let_pass(folder: &Path) {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o711)).expect("set");
}
