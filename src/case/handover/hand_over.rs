//! Hands over a copy of a sealed bundle.
//!
//! The order: leave is asked; the bundle is found and verified with the root
//! that the record holds; the copy is written under a name that is not its
//! own, made durable, read back and compared; its sheets are written; the
//! entry says who got it; then the copy gets its name, where nothing has that
//! yet. A halt in between drops the copy. It sends nothing anywhere: it writes where it is told to.

use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::copy::CopyPassphrase;
use super::copy_error::CopyError;
use super::making::{Making, bundle};
use super::provisional::Sheets;
use crate::case::{CaseError, Reading, Unfinished, Unlocked};
use crate::durable::{Disk, DiskError};
use crate::form::{Fonts, PassphraseSheet, Pdf, SheetHead, draw_passphrase};
use crate::procedure::Deed;
use countersign_record::bundle::Watch;
use countersign_record::clock::Time;
use countersign_record::journal::{
    Body, Copy, Encryption, HandedOver, Happened, Ledger, Line, Name, Sealed, Seen,
};

/// A copy that is wanted.
pub struct HandOverRequest<'a> {
    /// Which seal; the last one if none is named.
    pub seal: Option<u32>,
    /// Where its bundle may be: files, or folders that hold it under its name.
    /// The first that is there is taken.
    pub sources: &'a [PathBuf],
    /// The folder that the copy goes to, or the file that it becomes.
    pub to: &'a Path,
    /// What locks it; without, it is copied as it is. Whoever asks MUST have
    /// shown and saved it: the copy gets no other, and nobody keeps it.
    pub lock: Option<&'a CopyPassphrase>,
    /// The folder for the sheet that the receiver signs; none is made without
    /// it.
    pub sheets: Option<&'a Path>,
    /// Who gets it, and how.
    pub receiver: Receiver,
    /// What the sheets may be set in.
    pub fonts: &'a Fonts,
    /// How many threads may hash.
    pub threads: NonZeroUsize,
    /// What is told of the progress.
    pub watch: &'a Watch<'a>,
}

/// Who gets a copy, and how.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// To whom.
    pub to: Name,
    /// Of which organisation.
    pub organisation: Line,
    /// In which role.
    pub role: Name,
    /// When, as people say it; now if they say nothing.
    pub when: Option<Happened>,
    /// How.
    pub how: Line,
    /// On what medium.
    pub medium: Line,
}

/// A copy that was handed over.
pub struct HandedCopy {
    /// The entry that says so.
    pub entry: u64,
    /// What the entry says.
    pub handed: HandedOver,
    /// The copy; where it could not get its name, where it lies
    /// ([`Unlocked::unfinished`] says why).
    pub path: PathBuf,
    /// The bundle that it was made from.
    pub source: PathBuf,
    /// The sheet that the receiver signs.
    pub receipt: Option<PathBuf>,
}

/// Copies the bundle of a seal, compares the copy, and records who got it.
pub fn hand_over(case: &mut Unlocked<'_>, request: &HandOverRequest<'_>) -> Result<HandedCopy, CopyError> {
    let number = request.seal.or(case.ledger().last_seal().map(|(_, sealed)| sealed.seal)).unwrap_or(1);
    let permit = case.permit(Deed::HandOver(number))?;
    case.reading().check_held_elsewhere()?;
    let sealed = sealed(case.ledger(), number).ok_or(CopyError::NoSeal(number))?;
    for out in std::iter::once(request.to).chain(request.sheets) {
        case.folder().check_way_out(out)?;
    }
    let around = case.surroundings();
    let name = sealed.bundle.as_str().to_owned();
    let to = destination(request.to, request.lock.is_some(), &name)?;
    let halts = case.watch();
    let watch = |done| match halts.is_halted() {
        true => ControlFlow::Break(()),
        false => (request.watch)(done),
    };
    let stopped = || match halts.is_halted() {
        true => CopyError::Halted,
        false => CopyError::Stopped,
    };

    let (source, content) = bundle(request, &sealed, &watch).map_err(|failed| failed.or(stopped))?;
    let (key, encryption) = match request.lock {
        None => (None, Encryption::None),
        Some(passphrase) => {
            let mut salt = [0; 16];
            around.random.fill(&mut salt).map_err(CopyError::Random)?;
            (Some((passphrase, salt)), Encryption::Aes256Zip)
        }
    };
    let disk = Disk::new();
    let clock = around.clock;
    let making = Making { disk: &disk, source: &source, content, name: &name, to: &to, clock, watch: &watch };
    let (mut part, file) = making.copy(key).map_err(|failed| failed.or(stopped))?;
    let handed = HandedOver {
        seal: number,
        root: sealed.root,
        to: request.receiver.to.clone(),
        organisation: request.receiver.organisation.clone(),
        role: request.receiver.role.clone(),
        when: when(&request.receiver, around.clock.now())?,
        how: request.receiver.how.clone(),
        medium: request.receiver.medium.clone(),
        copy: Copy { encryption, file },
    };
    let made = around.clock.now();
    let mut sheets = Sheets::write(&disk, case.reading(), &handed, request, made)?;
    // Looked at again: copying takes its time. Nothing holds the name until the
    // copy has it, so that a crash leaves no empty file that looks like one.
    is_free(&to)?;
    if halts.is_halted() {
        return Err(CopyError::Halted);
    }
    // From before the entry: whatever ends this program once it is on record,
    // what it speaks of stays where it lies.
    part.stay();
    sheets.stay();
    let entry = match case.append(permit, Body::HandedOver(handed.clone())) {
        Ok(entry) => entry,
        // It may be on record.
        Err(error @ CaseError::Uncertain { .. }) => return Err(error.into()),
        Err(error) => {
            part.go();
            sheets.go();
            return Err(error.into());
        }
    };
    // The record has the copy: from here on nothing but a halt undoes it.
    if halts.is_halted() {
        sheets.go();
        let left = dropped(case, part.path());
        return Err(CopyError::HaltedAfter { entry, left });
    }
    let path = match part.name(&to) {
        Ok(()) => to,
        Err(error) => {
            let named = matches!(error, DiskError::Sync { .. });
            let path = if named { to.clone() } else { part.path().to_owned() };
            let lies = Some(path.clone());
            case.leave_unfinished(Unfinished::Copy { path: to, lies, error: Arc::new(error) });
            path
        }
    };
    if halts.is_halted() {
        // Raised before the name was made, perhaps: it goes again.
        sheets.go();
        let left = dropped(case, &path);
        return Err(CopyError::HaltedAfter { entry, left });
    }
    Ok(HandedCopy { entry, handed, path, source, receipt: sheets.receipt() })
}

/// Removes a copy that must not leave; where it lies, if it cannot be removed.
fn dropped(case: &mut Unlocked<'_>, path: &Path) -> Option<PathBuf> {
    case.remove_what_must_go(path);
    (!matches!(path.try_exists(), Ok(false))).then(|| path.to_owned())
}

/// The sheet with the passphrase of a locked copy that is going to be made at
/// `to`, to be saved before it is, and sent another way.
///
/// # Errors
/// Where there is no such seal, something lies at `to` already, or the sheet
/// cannot be drawn.
pub fn passphrase_sheet(
    case: &Reading,
    passphrase: &CopyPassphrase,
    (seal, to, receiver): (u32, &Path, &Receiver),
    fonts: &Fonts,
    made: Time,
) -> Result<Pdf, CopyError> {
    let path = locked_copy(case, seal, to)?;
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let when = when(receiver, made)?;
    let sheet = PassphraseSheet {
        head: SheetHead::of(case.ledger(), seal, made),
        file: Seen::of(&file).to_string(),
        to: receiver.to.to_string(),
        role: receiver.role.to_string(),
        organisation: receiver.organisation.to_string(),
        when: when.to_string(),
    };
    Ok(draw_passphrase(&sheet, passphrase.as_str(), fonts)?)
}

/// Where the locked copy of a seal would come to lie.
///
/// # Errors
/// Where there is no such seal, or something lies there already.
pub fn locked_copy(case: &Reading, seal: u32, to: &Path) -> Result<PathBuf, CopyError> {
    let sealed = sealed(case.ledger(), seal).ok_or(CopyError::NoSeal(seal))?;
    destination(to, true, sealed.bundle.as_str())
}

fn sealed(ledger: &Ledger, number: u32) -> Option<Sealed> {
    ledger.seals().find(|(_, sealed)| sealed.seal == number).map(|(_, sealed)| sealed.clone())
}

/// Where the copy goes. What lies there already stays as it is.
fn destination(to: &Path, is_locked: bool, bundle: &str) -> Result<PathBuf, CopyError> {
    let name = match is_locked {
        false => bundle.to_owned(),
        true => format!("{}-locked.zip", bundle.strip_suffix(".zip").unwrap_or(bundle)),
    };
    let to = if to.is_dir() { to.join(name) } else { to.to_owned() };
    is_free(&to)?;
    Ok(to)
}

fn is_free(to: &Path) -> Result<(), CopyError> {
    match fs::symlink_metadata(to) {
        Ok(_) => Err(CopyError::Taken(to.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(DiskError::io(to, error).into()),
    }
}

fn when(receiver: &Receiver, now: Time) -> Result<Happened, CopyError> {
    match &receiver.when {
        Some(when) => Ok(when.clone()),
        None => Line::typed(&now.in_words()).map_err(CopyError::Text),
    }
}
