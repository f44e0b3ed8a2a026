//! A name is given only where nothing has it.
//!
//! It makes nothing durable, and replaces nothing.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::private::create_private;
use countersign_record::regular_file::Identity;

/// Gives the file or folder `from` the name `to` in its place.
///
/// What is done and yet reported as failed (by a network drive that was asked
/// twice, say) counts as done: `from` was there, and MUST be the caller's own.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`] where something has that name.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    let renamed = match exclusively(from, to) {
        Err(error) if has_no_such_rename(&error) => by_other_means(from, to),
        renamed => renamed,
    };
    renamed.or_else(|error| if was_renamed(from, to) { Ok(()) } else { Err(error) })
}

fn was_renamed(from: &Path, to: &Path) -> bool {
    fs::symlink_metadata(from).is_err_and(|error| error.kind() == ErrorKind::NotFound)
        && fs::symlink_metadata(to).is_ok()
}

/// Where the system or the disk knows no rename that replaces nothing.
fn by_other_means(from: &Path, to: &Path) -> io::Result<()> {
    if fs::symlink_metadata(from)?.is_dir() {
        return match fs::symlink_metadata(to) {
            Ok(_) => Err(ErrorKind::AlreadyExists.into()),
            Err(error) if error.kind() == ErrorKind::NotFound => fs::rename(from, to),
            Err(error) => Err(error),
        };
    }
    match fs::hard_link(from, to) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && !is_one(from, to) => Err(error),
        // A second name of the caller's own that stays is swept with drafts.
        Ok(()) => fs::remove_file(from).or(Ok(())),
        Err(_) if is_one(from, to) => fs::remove_file(from).or(Ok(())),
        // Systems say in many ways that a stick knows no links.
        Err(_) => by_a_claim(from, to),
    }
}

fn is_one(from: &Path, to: &Path) -> bool {
    matches!((Identity::of_path(from), Identity::of_path(to)), (Ok(one), Ok(other)) if one == other)
}

/// Takes the name with an empty file and replaces that. A crash between the
/// two leaves the name to an empty file.
fn by_a_claim(from: &Path, to: &Path) -> io::Result<()> {
    drop(create_private(to)?);
    fs::rename(from, to).inspect_err(|_| {
        // Only what is still the empty file of this function.
        if fs::symlink_metadata(to).is_ok_and(|there| there.is_file() && there.len() == 0) {
            let _ = fs::remove_file(to);
        }
    })
}

#[cfg(target_os = "linux")]
fn exclusively(from: &Path, to: &Path) -> io::Result<()> {
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt;
    let [from, to] = [CString::new(from.as_os_str().as_bytes())?, CString::new(to.as_os_str().as_bytes())?];
    // SAFETY: both names end with a NUL and live until the call returns. It is
    // asked of the kernel itself: not every C library has a function for it.
    let done = unsafe {
        libc::syscall(
            libc::SYS_renameat2,
            libc::AT_FDCWD,
            from.as_ptr(),
            libc::AT_FDCWD,
            to.as_ptr(),
            libc::RENAME_NOREPLACE,
        )
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(target_os = "macos")]
fn exclusively(from: &Path, to: &Path) -> io::Result<()> {
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt;
    let [from, to] = [CString::new(from.as_os_str().as_bytes())?, CString::new(to.as_os_str().as_bytes())?];
    // SAFETY: both names end with a NUL and live until the call returns.
    let done = unsafe { libc::renamex_np(from.as_ptr(), to.as_ptr(), libc::RENAME_EXCL) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(windows)]
fn exclusively(from: &Path, to: &Path) -> io::Result<()> {
    use std::os::windows::ffi::OsStrExt;
    use windows_sys::Win32::Storage::FileSystem::MoveFileExW;
    let [from, to] = [from, to].map(|path| path.as_os_str().encode_wide().chain([0]).collect::<Vec<u16>>());
    // SAFETY: both names end with a zero and live until the call returns.
    // Without a flag nothing is replaced and nothing is copied.
    match unsafe { MoveFileExW(from.as_ptr(), to.as_ptr(), 0) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn exclusively(_: &Path, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// An old kernel, or a disk that does not take the flag.
fn has_no_such_rename(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::InvalidInput)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the rename that replaces nothing, by a link, and by a claim.
    #[test]
    fn no_name_is_taken_twice_by_any_of_the_ways() {
        let ways: [fn(&Path, &Path) -> io::Result<()>; 3] = [rename_new, by_other_means, by_a_claim];
        for way in ways {
            let dir = tempfile::tempdir().expect("a folder");
            let [ours, taken, free] = ["ours", "taken", "free"].map(|name| dir.path().join(name));
            fs::write(&ours, "ours").expect("writes");
            fs::write(&taken, "another's").expect("writes");
            let refused = way(&ours, &taken).expect_err("is taken");
            assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
            assert_eq!(fs::read_to_string(&taken).expect("reads"), "another's");
            way(&ours, &free).expect("is free");
            assert_eq!(fs::read_to_string(&free).expect("reads"), "ours");
            assert!(!ours.exists());
        }
    }

    #[test]
    fn a_folder_replaces_no_folder_even_an_empty_one() {
        for way in [rename_new, by_other_means] {
            let dir = tempfile::tempdir().expect("a folder");
            let [ours, taken, free] = ["ours", "taken", "free"].map(|name| dir.path().join(name));
            fs::create_dir(&ours).expect("makes");
            fs::create_dir(&taken).expect("makes");
            assert_eq!(way(&ours, &taken).expect_err("is taken").kind(), ErrorKind::AlreadyExists);
            way(&ours, &free).expect("is free");
            assert!(free.is_dir() && !ours.exists());
        }
    }

    #[test]
    fn what_was_done_and_reported_as_failed_counts_as_done() {
        let dir = tempfile::tempdir().expect("a folder");
        let [ours, named] = ["ours", "named"].map(|name| dir.path().join(name));
        fs::write(&named, "ours").expect("writes");
        assert!(was_renamed(&ours, &named));
        fs::write(&ours, "there again").expect("writes");
        assert!(!was_renamed(&ours, &named));
    }
}
