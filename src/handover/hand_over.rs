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

use super::copy::CopyPassphrase;
use super::copy_error::CopyError;
use super::making::{Making, bundle};
use super::provisional::Sheets;
use crate::bundle::Watch;
use crate::case::Unlocked;
use crate::clock::Time;
use crate::durable::{Disk, DiskError};
use crate::form::Fonts;
use crate::journal::{Body, Copy, Encryption, HandedOver, Happened, Ledger, Line, Name, Sealed};
use crate::procedure::Deed;
use crate::words;

/// A copy that is wanted.
pub struct HandOverRequest<'a> {
    /// Which seal; the last one if none is named.
    pub seal: Option<u32>,
    /// Where its bundle may be: files, or folders that hold it under its name.
    /// The first that is there is taken.
    pub sources: &'a [PathBuf],
    /// The folder that the copy goes to, or the file that it becomes.
    pub to: &'a Path,
    /// As it is, or locked.
    pub encryption: Encryption,
    /// The folder for the sheet that the receiver signs and the one with the
    /// passphrase; none are made without it.
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
    /// The copy.
    pub path: PathBuf,
    /// The bundle that it was made from.
    pub source: PathBuf,
    /// What opens a locked copy. It is told once and kept nowhere but on its
    /// sheet.
    pub passphrase: Option<CopyPassphrase>,
    /// The sheet that the receiver signs.
    pub receipt: Option<PathBuf>,
    /// The sheet with the passphrase, to be sent separately.
    pub passphrase_sheet: Option<PathBuf>,
}

/// Copies the bundle of a seal, compares the copy, and records who got it.
pub fn hand_over(case: &mut Unlocked<'_>, request: &HandOverRequest<'_>) -> Result<HandedCopy, CopyError> {
    let number = request.seal.or(case.ledger().last_seal().map(|(_, sealed)| sealed.seal)).unwrap_or(1);
    let permit = case.permit(Deed::HandOver(number))?;
    let sealed = sealed(case.ledger(), number).ok_or(CopyError::NoSeal(number))?;
    for out in std::iter::once(request.to).chain(request.sheets) {
        case.folder().check_way_out(out)?;
    }
    let around = case.surroundings();
    let name = sealed.bundle.as_str().to_owned();
    let to = destination(request, &name)?;
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
    let passphrase = match request.encryption {
        Encryption::None => None,
        Encryption::Aes256Zip => {
            let words = words::passphrase(around.random).map_err(CopyError::Random)?;
            let mut salt = [0; 16];
            around.random.fill(&mut salt).map_err(CopyError::Random)?;
            Some((CopyPassphrase::new(words), salt))
        }
    };
    let disk = Disk::new();
    let making = Making { disk: &disk, source: &source, content, name: &name, to: &to, watch: &watch };
    let (mut part, file) = making.copy(passphrase.as_ref()).map_err(|failed| failed.or(stopped))?;
    let passphrase = passphrase.map(|(words, _)| words);
    let handed = HandedOver {
        seal: number,
        root: sealed.root,
        to: request.receiver.to.clone(),
        organisation: request.receiver.organisation.clone(),
        role: request.receiver.role.clone(),
        when: when(&request.receiver, around.clock.now())?,
        how: request.receiver.how.clone(),
        medium: request.receiver.medium.clone(),
        copy: Copy { encryption: request.encryption, file },
    };
    let made = around.clock.now();
    let sheets = Sheets::write(&disk, case.reading(), &handed, passphrase.as_ref(), request, made)?;
    // Looked at again: copying takes its time. Nothing holds the name until the
    // copy has it, so that a crash leaves no empty file that looks like one.
    is_free(&to)?;
    if halts.is_halted() {
        return Err(CopyError::Halted);
    }
    let entry = case.append(permit, Body::HandedOver(handed.clone()))?;
    if halts.is_halted() {
        return Err(CopyError::HaltedAfter { entry });
    }
    // Where the name cannot be given the sheets stay: the record has the copy.
    if let Err(error) = part.name(&to) {
        sheets.keep();
        return Err(CopyError::Unnamed { entry, path: to.clone(), error });
    }
    if halts.is_halted() {
        // Raised before the name was made, perhaps: it goes again.
        disk.remove(&to)?;
        return Err(CopyError::HaltedAfter { entry });
    }
    let (receipt, passphrase_sheet) = sheets.keep();
    Ok(HandedCopy { entry, handed, path: to, source, passphrase, receipt, passphrase_sheet })
}

fn sealed(ledger: &Ledger, number: u32) -> Option<Sealed> {
    ledger.entries().iter().find_map(|entry| match &entry.body {
        Body::Sealed(sealed) if sealed.seal == number => Some(sealed.clone()),
        _ => None,
    })
}

/// Where the copy goes. What lies there already stays as it is.
fn destination(request: &HandOverRequest<'_>, bundle: &str) -> Result<PathBuf, CopyError> {
    let name = match request.encryption {
        Encryption::None => bundle.to_owned(),
        Encryption::Aes256Zip => format!("{}-locked.zip", bundle.strip_suffix(".zip").unwrap_or(bundle)),
    };
    let to = if request.to.is_dir() { request.to.join(name) } else { request.to.to_owned() };
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
