//! As whom a browser runs where the program itself has all rights: a Chromium
//! keeps its sandbox only where it is not root.
//!
//! It reads the computer's list of accounts, and decides nothing: who it is to
//! be is handed in.

use std::io;
use std::path::Path;
use std::process::Command;

/// An account of this computer other than root's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    name: String,
    user: u32,
    group: u32,
}

impl Account {
    /// The account of this name; none where there is none, where it is root's,
    /// or where its group is root's.
    ///
    /// # Errors
    /// What the system says where it cannot read its list.
    pub fn named(name: &str) -> io::Result<Option<Account>> {
        Ok(system::by_name(name)?.and_then(Account::harmless))
    }

    /// The account with this number, as [`Account::named`].
    ///
    /// # Errors
    /// As [`Account::named`].
    pub fn of_user(user: u32) -> io::Result<Option<Account>> {
        Ok(system::by_number(user)?.and_then(Account::harmless))
    }

    /// The same account in another group; none where that is root's.
    pub fn in_group(self, group: u32) -> Option<Account> {
        Account { group, ..self }.harmless()
    }

    fn harmless(self) -> Option<Account> {
        (self.user != 0 && self.group != 0).then_some(self)
    }

    /// Its name, for the record.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it can go through every folder on the way to `folder`, by their
    /// owners and modes. An access list beside them is not read.
    pub fn can_reach(&self, folder: &Path) -> bool {
        system::can_pass(self.user, self.group, folder)
    }

    /// Makes the program of `command` run as this account: its user and its
    /// group, and no further group.
    ///
    /// Where any of it is refused, nothing is started.
    pub fn take_on(&self, command: &mut Command) {
        system::take_on(self.user, self.group, command);
    }

    /// Gives it a file or folder.
    ///
    /// # Errors
    /// What the system says.
    pub fn give(&self, path: &Path) -> io::Result<()> {
        system::give(self.user, self.group, path)
    }
}

#[cfg(unix)]
mod system {
    use std::ffi::{CStr, CString};
    use std::io;
    use std::mem::MaybeUninit;
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::process::CommandExt;
    use std::path::Path;
    use std::process::Command;

    use super::Account;

    pub(crate) fn by_name(name: &str) -> io::Result<Option<Account>> {
        let Ok(name) = CString::new(name) else { return Ok(None) };
        // SAFETY: the name ends in NUL and lives through the call; the rest is
        // `look_up`'s.
        look_up(|entry, buffer, length, found| unsafe {
            libc::getpwnam_r(name.as_ptr(), entry, buffer, length, found)
        })
    }

    pub(crate) fn by_number(user: u32) -> io::Result<Option<Account>> {
        // SAFETY: the pointers are `look_up`'s.
        look_up(|entry, buffer, length, found| unsafe {
            libc::getpwuid_r(user, entry, buffer, length, found)
        })
    }

    type Asked<'a> = &'a mut *mut libc::passwd;

    /// Calls `ask` with room for its answer: more, where it wants more.
    fn look_up(
        ask: impl Fn(*mut libc::passwd, *mut libc::c_char, libc::size_t, Asked<'_>) -> libc::c_int,
    ) -> io::Result<Option<Account>> {
        let mut room = vec![0; 4096];
        loop {
            let mut entry = MaybeUninit::<libc::passwd>::zeroed();
            let mut found = std::ptr::null_mut();
            match ask(entry.as_mut_ptr(), room.as_mut_ptr(), room.len(), &mut found) {
                0 if found.is_null() => return Ok(None),
                0 => {}
                libc::ERANGE if room.len() < 1 << 20 => {
                    room.resize(room.len() * 4, 0);
                    continue;
                }
                // getpwnam(3): how some systems say that there is none.
                libc::ENOENT | libc::ESRCH => return Ok(None),
                error => return Err(io::Error::from_raw_os_error(error)),
            }
            // SAFETY: the call said that it filled the entry, whose name ends in
            // NUL and lies in `room`, which lives.
            let (entry, name) = unsafe {
                let entry = entry.assume_init();
                (entry, CStr::from_ptr(entry.pw_name))
            };
            let name = name.to_string_lossy().into_owned();
            return Ok(Some(Account { name, user: entry.pw_uid, group: entry.pw_gid }));
        }
    }

    pub(crate) fn can_pass(user: u32, group: u32, folder: &Path) -> bool {
        let Ok(folder) = std::fs::canonicalize(folder) else { return false };
        folder.ancestors().all(|folder| {
            std::fs::metadata(folder).is_ok_and(|folder| {
                let passes = match () {
                    () if folder.uid() == user => 0o100,
                    () if folder.gid() == group => 0o010,
                    () => 0o001,
                };
                folder.mode() & passes != 0
            })
        })
    }

    pub(crate) fn take_on(user: u32, group: u32, command: &mut Command) {
        // SAFETY: between fork and exec only system calls that are safe there.
        // The groups go first: without its rights it could no longer leave them.
        unsafe {
            command.pre_exec(move || {
                checked(libc::setgroups(0, std::ptr::null()))?;
                checked(libc::setgid(group))?;
                checked(libc::setuid(user))?;
                // All three of its identities are gone for good.
                match libc::setuid(0) {
                    0 => Err(io::Error::from_raw_os_error(libc::EPERM)),
                    _ => Ok(()),
                }
            });
        }
    }

    pub(crate) fn give(user: u32, group: u32, path: &Path) -> io::Result<()> {
        std::os::unix::fs::lchown(path, Some(user), Some(group))
    }

    fn checked(outcome: libc::c_int) -> io::Result<()> {
        if outcome < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

/// On Windows a browser runs as whoever started the program.
#[cfg(windows)]
mod system {
    use std::io;
    use std::path::Path;
    use std::process::Command;

    use super::Account;

    pub(crate) fn by_name(_: &str) -> io::Result<Option<Account>> {
        Ok(None)
    }

    pub(crate) fn by_number(_: u32) -> io::Result<Option<Account>> {
        Ok(None)
    }

    pub(crate) fn can_pass(_: u32, _: u32, _: &Path) -> bool {
        true
    }

    pub(crate) fn take_on(_: u32, _: u32, _: &mut Command) {}

    pub(crate) fn give(_: u32, _: u32, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn root_is_nobody_that_a_browser_could_run_as() {
        assert_eq!(Account::named("root").expect("is asked"), None);
        assert_eq!(Account::of_user(0).expect("is asked"), None);
        assert_eq!(Account::named("no-such-person-here").expect("is asked"), None);
        let daemon = Account::named("daemon").expect("is asked").expect("every system has it");
        assert_eq!(Account::of_user(daemon.user).expect("is asked"), Some(daemon.clone()));
        assert_eq!(daemon.clone().in_group(0), None);
        assert_eq!(daemon.in_group(7).map(|account| account.group), Some(7));
    }

    #[test]
    fn a_folder_is_reached_only_through_folders_that_let_it_pass() {
        let top = tempfile::tempdir().expect("a folder");
        let inner = top.path().join("inner");
        fs::create_dir(&inner).expect("made");
        let mode = |path: &Path, mode| fs::set_permissions(path, PermissionsExt::from_mode(mode));
        let stranger = Account { name: "stranger".to_owned(), user: 54_321, group: 54_321 };
        mode(top.path(), 0o711).expect("set");
        mode(&inner, 0o711).expect("set");
        assert!(stranger.can_reach(&inner));
        mode(top.path(), 0o700).expect("set");
        assert!(!stranger.can_reach(&inner));
        assert!(!stranger.can_reach(&top.path().join("missing")));
    }
}
