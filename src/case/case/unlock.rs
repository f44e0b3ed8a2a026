//! Who may add to a case: whoever has its lock, both keys, and its computer.
//!
//! It only says yes or no; [`super::append`] does the adding.

use std::fs::File;
use std::thread;

use super::folder::Folder;
use super::read::Reading;
use super::{CaseError, Surroundings};
use crate::durable::{At, Disk, DiskError};
use crate::secret::{Passphrase, SecretKey};
use countersign_record::journal::Side;
use countersign_record::key::MAX_KEY;
use countersign_record::regular_file;

pub(super) fn lock(folder: &Folder) -> Result<File, CaseError> {
    let path = folder.lock();
    let file = Disk::new().open_private(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(CaseError::Busy(folder.reference())),
        Err(std::fs::TryLockError::Error(e)) => Err(DiskError::io(&path, e).into()),
    }
}

/// Opens both keys, side by side: each takes a quarter of a second on purpose.
/// Both are always tried, so that neither the answer nor the time it takes
/// tells which passphrase was wrong.
pub(super) fn unlock_keys(
    reading: &Reading,
    passphrases: [&Passphrase; 2],
) -> Result<[SecretKey; 2], CaseError> {
    let pinned = reading.ledger().opened().keys();
    let path = |side| reading.folder().locked_key(side);
    let text = |side| regular_file::read_text(&path(side), MAX_KEY).at(&path(side));
    let (first, second) = (text(Side::A)?, text(Side::B)?);
    let tried = thread::scope(|scope| {
        let other = scope.spawn(|| SecretKey::unlock(&second, passphrases[1]));
        let one = SecretKey::unlock(&first, passphrases[0]);
        [one, other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))]
    });
    let mut opened = Vec::new();
    for (side, tried) in Side::BOTH.into_iter().zip(tried) {
        let path = path(side);
        match tried {
            Ok(key) if key.public() == pinned[side as usize] => opened.push(key),
            Ok(_) => {
                return Err(CaseError::Part { path, what: "is not the key that entry 1 names".to_owned() });
            }
            Err(crate::secret::UnlockError::NotAKey) => {
                return Err(CaseError::Part { path, what: "is not a locked key".to_owned() });
            }
            Err(crate::secret::UnlockError::Passphrase) => {}
        }
    }
    opened.try_into().map_err(|_| CaseError::Passphrase)
}

pub(super) fn same_machine(reading: &Reading, around: Surroundings<'_>) -> Result<(), CaseError> {
    let designated = &reading.ledger().opened().machine;
    let here = around.machine;
    let same = match (&designated.identity, &here.identity) {
        (Some(then), Some(now)) => then == now,
        // A machine without an identifier is known by its name.
        _ => designated.name == here.name && designated.identity.is_none() == here.identity.is_none(),
    };
    if same {
        return Ok(());
    }
    Err(CaseError::OtherComputer {
        reference: reading.folder().reference(),
        designated: designated.name.to_string(),
        here: here.name.to_string(),
    })
}
