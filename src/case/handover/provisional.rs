//! What is there before the copy is: the sheet that the receiver signs.
//! Dropped, it is gone again.
//!
//! It does not know when the copy counts.

use std::fs;
use std::path::{Path, PathBuf};

use super::copy_error::CopyError;
use super::hand_over::HandOverRequest;
use crate::case::{Reading, receipt_of_copy};
use crate::durable::{At, Disk, DiskError};
use crate::form::{HandOverSheet, draw_receipt};
use countersign_record::clock::Time;
use countersign_record::journal::{Body, HandedOver};

/// The sheet of one copy. Dropped, it is gone: it would speak of a copy that
/// nobody got.
#[derive(Default)]
pub(super) struct Sheets {
    receipt: Option<PathBuf>,
    stays: bool,
}

impl Sheets {
    /// Written before the entry: a copy that is on record has its sheet.
    ///
    /// A crash can leave a sheet of this number, which no entry has. In the
    /// home's own folder it speaks of a copy that nobody got, and is removed
    /// first; elsewhere it can be another home's.
    pub(super) fn write(
        disk: &Disk,
        reading: &Reading,
        handed: &HandedOver,
        request: &HandOverRequest<'_>,
        made: Time,
    ) -> Result<Sheets, CopyError> {
        let mut sheets = Sheets::default();
        let Some(folder) = request.sheets else { return Ok(sheets) };
        let is_ours = reading.folder().sealed().as_deref() == Some(folder);
        match is_ours {
            true => disk.folder(folder)?,
            false => fs::create_dir_all(folder).at(folder)?,
        }
        let ledger = reading.ledger();
        let create = |path: &Path, bytes: &[u8]| {
            if is_ours {
                disk.remove(path)?;
            }
            disk.create_whole(path, bytes)
        };
        let before =
            ledger.entries().iter().filter(|entry| matches!(entry.body, Body::HandedOver(_))).count();
        let reference = ledger.opened().reference;
        let sheet = HandOverSheet::of(ledger, handed, made);
        let receipt = receipt_of_copy(folder, reference, handed.seal, before + 1);
        create(&receipt, &draw_receipt(&sheet, request.fonts)?.bytes).map_err(taken)?;
        sheets.receipt = Some(receipt);
        Ok(sheets)
    }

    /// It stays when it is dropped: the copy counts, or may.
    pub(super) fn stay(&mut self) {
        self.stays = true;
    }

    /// It goes when it is dropped, after all.
    pub(super) fn go(&mut self) {
        self.stays = false;
    }

    pub(super) fn receipt(&self) -> Option<PathBuf> {
        self.receipt.clone()
    }
}

impl Drop for Sheets {
    fn drop(&mut self) {
        if let Some(path) = self.receipt.as_ref().filter(|_| !self.stays) {
            let _ = fs::remove_file(path);
        }
    }
}

fn taken(error: DiskError) -> CopyError {
    match error {
        DiskError::Taken(path) => CopyError::Taken(path),
        error => error.into(),
    }
}
