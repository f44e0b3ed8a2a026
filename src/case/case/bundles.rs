//! The bundle of a seal that is on record: it gets its name in `sealed/`, or
//! the record says that the seal has none.
//!
//! It makes no bundle. What has its name is never replaced.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::CaseError;
use super::folder::Folder;
use super::listing::list_if_there;
use super::unfinished::Unfinished;
use super::unlocked::Unlocked;
use crate::durable::{Disk, DiskError};
use countersign_record::bundle::seal::top;
use countersign_record::bundle::{Source, unwatched};
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Reference, Sealed, Seen, Unbundled};
use countersign_record::verify::{Paper, Verdict, verify};

/// What one seal leaves in `sealed/`.
#[derive(Debug, Clone)]
pub struct SealFiles {
    /// The bundle.
    pub bundle: PathBuf,
    /// The form with the seal sheet.
    pub form: PathBuf,
}

impl Folder {
    /// Where the bundle and the paper of a seal lie once they have their names.
    pub fn seal_files(&self, seal: u32) -> Option<SealFiles> {
        Some(SealFiles::of(&self.sealed()?, self.reference(), seal))
    }

    /// The same while they are made: the seal code is part of the name, so that
    /// what a crash left of one seal is never taken for another.
    pub fn seal_drafts(&self, seal: u32, root: &Digest) -> Option<SealFiles> {
        let name = format!("{}.{}", top(self.reference(), seal), &root.to_string()[..ROOT_DIGITS]);
        Some(SealFiles::within(&self.sealed()?, &name))
    }

    /// Removes what a crash left of a seal of this number that is on no record.
    /// It is known by its whole name: this program's own, with a seal code.
    pub fn sweep_seal_drafts(&self, seal: u32) -> Result<(), DiskError> {
        let Some(folder) = self.sealed() else { return Ok(()) };
        let stem = format!("{}.", top(self.reference(), seal));
        for there in list_if_there(&folder)? {
            let (name, path) = (there.name.to_string_lossy(), there.path);
            let rest = name.strip_prefix(&stem).and_then(|rest| rest.split_at_checked(ROOT_DIGITS));
            let is_ours = rest.is_some_and(|(digits, ending)| {
                digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
                    && [".zip", "-form.pdf"].iter().any(|kind| is_part_ending(ending, kind))
            });
            if is_ours {
                Disk::new().remove(&path)?;
            }
        }
        Ok(())
    }

    /// What lies there of a seal that has not got its names.
    pub fn seal_parts(&self, sealed: &Sealed) -> Result<SealParts, DiskError> {
        let mut parts = SealParts::default();
        let (Some(drafts), Some(folder)) = (self.seal_drafts(sealed.seal, &sealed.root), self.sealed())
        else {
            return Ok(parts);
        };
        for path in list_if_there(&folder)?.into_iter().map(|there| there.path) {
            if is_part_of(&path, &drafts.bundle) {
                parts.bundle = Some(path);
            } else if is_part_of(&path, &drafts.form) {
                parts.form = Some(path);
            }
        }
        Ok(parts)
    }
}

impl SealFiles {
    /// In `folder`, under the names that they have for good.
    pub fn of(folder: &Path, case: Reference, seal: u32) -> SealFiles {
        SealFiles::within(folder, &top(case, seal))
    }

    /// In another folder, under the same names.
    pub fn within(folder: &Path, name: &str) -> SealFiles {
        SealFiles {
            bundle: folder.join(format!("{name}.zip")),
            form: folder.join(format!("{name}-form.pdf")),
        }
    }
}

/// Where the receipt of a copy lies in `folder`. The copies of a case are
/// counted from 1, whatever seal they are of.
pub fn receipt_of_copy(folder: &Path, case: Reference, seal: u32, copy: usize) -> PathBuf {
    folder.join(format!("{}-copy-{copy}-receipt.pdf", top(case, seal)))
}

/// What lies there of a seal that has not got its names.
#[derive(Debug, Default)]
pub struct SealParts {
    /// The bundle.
    pub bundle: Option<PathBuf>,
    /// The form with the seal sheet.
    pub form: Option<PathBuf>,
}

impl Unlocked<'_> {
    /// Gives what a crash or a failure left of a seal its names, or says that
    /// the seal has no bundle.
    pub(super) fn settle_bundles(&mut self) -> Result<(), CaseError> {
        let seals: Vec<(u64, Sealed)> =
            self.ledger().seals().map(|(entry, sealed)| (entry.entry, sealed.clone())).collect();
        for (entry, sealed) in seals {
            // What cannot be listed is looked for next time.
            let parts = self.folder().seal_parts(&sealed).unwrap_or_default();
            if parts.bundle.is_none() && parts.form.is_none() {
                continue;
            }
            let is_stopped = self.ledger().halts().any(|(halt, _)| halt.entry > entry);
            if is_stopped {
                self.withdraw(&sealed, &parts)?;
            } else {
                self.name_bundle(&sealed, &parts)?;
            }
        }
        Ok(())
    }

    /// The case was stopped since: it may hold what must not leave.
    fn withdraw(&mut self, sealed: &Sealed, parts: &SealParts) -> Result<(), CaseError> {
        let files = self.folder().seal_files(sealed.seal);
        let has_its_name = files.is_some_and(|files| !matches!(files.bundle.try_exists(), Ok(false)));
        if !has_its_name {
            self.unbundle(sealed.seal, STOPPED)?;
        }
        for path in parts.bundle.iter().chain(&parts.form) {
            self.remove_what_must_go(path);
        }
        Ok(())
    }

    fn name_bundle(&mut self, sealed: &Sealed, parts: &SealParts) -> Result<(), CaseError> {
        let Some(files) = self.folder().seal_files(sealed.seal) else { return Ok(()) };
        let disk = Disk::new();
        if self.ledger().unbundled(sealed.seal).is_some() {
            return Ok(());
        }
        if let Some(part) = &parts.bundle {
            match is_whole(part, sealed).then(|| disk.rename_new(part, &files.bundle)) {
                Some(Ok(())) => {}
                Some(Err(error @ (DiskError::Sync { .. } | DiskError::ReadOnly(_)))) => {
                    return Err(error.into());
                }
                Some(Err(_)) => return self.unbundle(sealed.seal, "its file could not get its name"),
                None => return self.unbundle(sealed.seal, "its file is not whole"),
            }
        }
        if let Some(part) = &parts.form
            && let Err(error) = disk.rename_new(part, &files.form)
        {
            // It can be drawn again at any time.
            self.leave_unfinished(Unfinished::Copy {
                path: files.form,
                lies: Some(part.clone()),
                error: Arc::new(error),
            });
        }
        Ok(())
    }

    /// Says on record that a seal has no bundle, unless an entry says so.
    pub(crate) fn unbundle(&mut self, seal: u32, because: &str) -> Result<(), CaseError> {
        if self.ledger().unbundled(seal).is_some() {
            return Ok(());
        }
        self.write(Body::Unbundled(Unbundled { seal, because: Seen::of(because) })).map(drop)
    }

    /// The case was stopped when it had just been sealed: what was made goes,
    /// and the record says that the seal has no bundle.
    pub(crate) fn withdraw_seal(&mut self, seal: u32, made: &[PathBuf]) -> Result<(), CaseError> {
        let said = match self.permit(crate::procedure::Deed::Tell) {
            Ok(_) => self.unbundle(seal, STOPPED),
            Err(error) => Err(error),
        };
        for path in made {
            self.remove_what_must_go(path);
        }
        said
    }

    /// Removes what must not leave the case; that it stays is said in so many
    /// words.
    pub(crate) fn remove_what_must_go(&mut self, path: &Path) {
        if let Err(error) = Disk::new().remove(path) {
            self.leave_unfinished(Unfinished::MustGo { path: path.to_owned(), error: Arc::new(error) });
        }
    }
}

/// Whether this is the bundle that was sealed, to the bit.
fn is_whole(part: &Path, sealed: &Sealed) -> bool {
    if !std::fs::symlink_metadata(part).is_ok_and(|there| there.is_file() && there.len() == sealed.bytes) {
        return false;
    }
    let paper = Paper::Root(sealed.root);
    let report =
        Source::open(part).and_then(|source| verify(&source, Some(&paper), NonZeroUsize::MIN, &unwatched));
    report.is_ok_and(|report| report.verdict == Verdict::Unchanged)
}

/// Whether `path` is a part of `draft`, as [`Disk::part`] names them.
fn is_part_of(path: &Path, draft: &Path) -> bool {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let (Some(path), Some(draft)) = (name(path), name(draft)) else { return false };
    is_part_ending(&path, &draft)
}

fn is_part_ending(name: &str, whole: &str) -> bool {
    let number = name.strip_prefix(whole).and_then(|rest| rest.strip_suffix("part"));
    number.is_some_and(|number| {
        let digits = number.trim_matches('.');
        number.starts_with('.') && number.ends_with('.') && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

const STOPPED: &str = "the case was stopped when it had just been sealed, and what was made was dropped";

/// Of the seal code: enough that no two seals of a case share them.
const ROOT_DIGITS: usize = 16;
