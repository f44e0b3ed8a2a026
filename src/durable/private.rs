//! Files and folders that other users of the computer cannot read, made as each
//! system makes them, and only where nothing has the name.
//!
//! It changes nothing of what is there already.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// A file of its own, to write and to read.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().read(true).write(true).create_new(true)).open(path)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

// On Windows the home lies in the user's own profile, which others cannot
// read; files take over its access list.
#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
pub(super) fn make_private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
pub(super) fn make_private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}
