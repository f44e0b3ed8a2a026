//! Where a bundle and its paper go: the home's own folder for them, and the one
//! that people name.
//!
//! What is given to people is a copy: it is no second name of what is kept.

use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::HandoverError;
use super::copy::{Broken, write_plain};
use crate::case::{SealFiles, Unfinished, Unlocked, Watch};
use crate::durable::{At, Disk, DiskError, Part};
use countersign_record::bundle::seal::top;
use countersign_record::regular_file::{self, Identity};

/// The places of one seal, all of them free when they were looked at.
pub(super) struct Places {
    /// The number of the seal.
    pub(super) seal: u32,
    kept: SealFiles,
    out: Option<SealFiles>,
}

impl Places {
    pub(super) fn of(case: &Unlocked<'_>, disk: &Disk, out: &Path) -> Result<Places, HandoverError> {
        let seal = case.ledger().last_seal().map_or(1, |(_, sealed)| sealed.seal + 1);
        let name = top(case.ledger().opened().reference, seal);
        let folder = case.folder().sealed().ok_or(HandoverError::NoHome)?;
        disk.folder(&folder)?;
        fs::create_dir_all(out).at(out)?;
        case.folder().sweep_seal_drafts(seal)?;
        let is_one = Identity::of_path(out).at(out)? == Identity::of_path(&folder).at(&folder)?;
        let out = (!is_one).then(|| SealFiles::within(out, &name));
        let kept = SealFiles::within(&folder, &name);
        for files in [Some(&kept), out.as_ref()].into_iter().flatten() {
            for path in [&files.bundle, &files.form] {
                if fs::symlink_metadata(path).is_ok() {
                    return Err(HandoverError::Taken(path.clone()));
                }
            }
        }
        Ok(Places { seal, kept, out })
    }

    /// Gives both their names: where they lie then. What could not be named
    /// stays, whole, for the next unlocking.
    pub(super) fn name(
        &self,
        case: &mut Unlocked<'_>,
        bundle: &mut Part<'_>,
        form: &mut Part<'_>,
    ) -> SealFiles {
        let seal = self.seal;
        let (path, named) = named(bundle, &self.kept.bundle);
        if let Some(error) = named {
            case.leave_unfinished(Unfinished::Bundle { seal, path: path.clone(), error: Arc::new(error) });
        }
        let bundle = path;
        let (path, named) = self::named(form, &self.kept.form);
        if let Some(error) = named {
            let (to, lies) = (self.kept.form.clone(), Some(path.clone()));
            case.leave_unfinished(Unfinished::Copy { path: to, lies, error: Arc::new(error) });
        }
        SealFiles { bundle, form: path }
    }

    /// Copies both to where people want them: where they lie then. A halt stops
    /// it, and a copy that it finds goes again.
    pub(super) fn copy_out(
        &self,
        case: &mut Unlocked<'_>,
        disk: &Disk,
        kept: SealFiles,
        halted: &Watch,
    ) -> SealFiles {
        let Some(out) = &self.out else { return kept };
        let mut one = |from: PathBuf, to: &Path| {
            let copied = match halted.is_halted() {
                true => Err(stopped(to)),
                false => copy(disk, &from, to, halted),
            };
            // Asked once: where it cannot be told, the answer may be another
            // the next time.
            if halted.is_halted() {
                // What somebody else has there is not ours to remove.
                if matches!(copied, Ok(()) | Err(DiskError::Sync { .. })) {
                    case.remove_what_must_go(to);
                }
                case.leave_unfinished(Unfinished::CopyDropped { path: to.to_owned() });
                return from;
            }
            match copied {
                Ok(()) => to.to_owned(),
                Err(error) => {
                    let (path, lies) = (to.to_owned(), Some(from.clone()));
                    case.leave_unfinished(Unfinished::Copy { path, lies, error: Arc::new(error) });
                    from
                }
            }
        };
        SealFiles { bundle: one(kept.bundle, &out.bundle), form: one(kept.form, &out.form) }
    }
}

/// Where a part lies once it was to get its name, and why not there, or not for
/// sure.
fn named(part: &mut Part<'_>, to: &Path) -> (PathBuf, Option<DiskError>) {
    match part.name(to) {
        Ok(()) => (to.to_owned(), None),
        // It has its name; whether that lasts cannot be told.
        Err(error @ DiskError::Sync { .. }) => (to.to_owned(), Some(error)),
        Err(error) => (part.path().to_owned(), Some(error)),
    }
}

/// A file of its own with the same bytes, named only when it is whole.
pub(super) fn copy(disk: &Disk, from: &Path, to: &Path, halted: &Watch) -> Result<(), DiskError> {
    let mut source = regular_file::open(from).at(from)?;
    let length = source.metadata().at(from)?.len();
    let mut part = disk.part(to)?;
    let at = part.path().to_owned();
    let file = part.file().ok_or_else(|| DiskError::ReadOnly(at.clone()))?;
    let watch = |_| if halted.is_halted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let copied = match write_plain(file, &mut source, &watch) {
        Ok((_, copied)) => copied,
        Err(Broken::Stopped) => return Err(stopped(to)),
        Err(Broken::Reading(error)) => return Err(DiskError::io(from, error)),
        Err(Broken::Writing(error)) => return Err(DiskError::io(&at, error)),
    };
    if copied != length {
        let other = io::Error::new(io::ErrorKind::InvalidData, "is not as long as what it was copied from");
        return Err(DiskError::io(&at, other));
    }
    if !part.settle_unless(&|| halted.is_halted())? || halted.is_halted() {
        return Err(stopped(to));
    }
    part.name(to)
}

fn stopped(to: &Path) -> DiskError {
    DiskError::io(to, io::Error::other("the case was stopped"))
}
