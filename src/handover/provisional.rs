//! What is there before the copy is: its sheets. Dropped, they are gone again.
//!
//! It does not know when the copy counts.

use std::fs;
use std::path::{Path, PathBuf};

use super::copy::CopyPassphrase;
use super::copy_error::CopyError;
use super::hand_over::HandOverRequest;
use crate::case::Reading;
use crate::clock::Time;
use crate::durable::{At, Disk, DiskError};
use crate::form::{HandOverSheet, draw_passphrase, draw_receipt};
use crate::journal::{Body, HandedOver};

/// The sheets of one copy. Dropped, they are gone: they would speak of a copy
/// that nobody got.
#[derive(Default)]
pub(super) struct Sheets {
    receipt: Option<PathBuf>,
    passphrase: Option<PathBuf>,
}

impl Sheets {
    /// Written before the entry: a passphrase that was lost with the power
    /// would leave a copy that nobody can open.
    ///
    /// A crash can leave sheets of this number, which no entry has. In the
    /// home's own folder they speak of a copy that nobody got, and are
    /// replaced; elsewhere they can be another home's.
    pub(super) fn write(
        disk: &Disk,
        reading: &Reading,
        handed: &HandedOver,
        passphrase: Option<&CopyPassphrase>,
        request: &HandOverRequest<'_>,
        made: Time,
    ) -> Result<Sheets, CopyError> {
        let mut sheets = Sheets::default();
        let Some(folder) = request.sheets else { return Ok(sheets) };
        fs::create_dir_all(folder).at(folder)?;
        let ledger = reading.ledger();
        let create = |path: &Path, bytes: &[u8]| match reading.folder().sealed().as_deref() == Some(folder) {
            true => disk.replace(path, bytes),
            false => disk.create_whole(path, bytes),
        };
        let before =
            ledger.entries().iter().filter(|entry| matches!(entry.body, Body::HandedOver(_))).count();
        let reference = ledger.opened().reference;
        let stem = format!("{reference}-seal-{}-copy-{}", handed.seal, before + 1);
        let sheet = HandOverSheet::of(ledger, handed, made);
        let receipt = folder.join(format!("{stem}-receipt.pdf"));
        create(&receipt, &draw_receipt(&sheet, request.fonts)?.bytes).map_err(taken)?;
        sheets.receipt = Some(receipt);
        if let Some(passphrase) = passphrase {
            let path = folder.join(format!("{stem}-passphrase.pdf"));
            create(&path, &draw_passphrase(&sheet, passphrase.as_str(), request.fonts)?.bytes)
                .map_err(taken)?;
            sheets.passphrase = Some(path);
        }
        Ok(sheets)
    }

    pub(super) fn keep(mut self) -> (Option<PathBuf>, Option<PathBuf>) {
        (self.receipt.take(), self.passphrase.take())
    }
}

impl Drop for Sheets {
    fn drop(&mut self) {
        for path in self.receipt.iter().chain(&self.passphrase) {
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
