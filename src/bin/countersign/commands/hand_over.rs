//! `hand-over`: a copy of a sealed bundle, to whom it went, and how.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use countersign::handover::{HandOverRequest, Receiver, hand_over};
use countersign::journal::Encryption;
use countersign::procedure::Deed;
use serde_json::json;

use super::form::fonts;
use super::{Desk, line, name, optional_line};
use crate::cli::{CaseArg, Passphrases};
use crate::explain::{Exit, Message, bytes, named, shown};
use crate::progress::{Progress, threads};

/// Hand over a copy of a sealed bundle, and write down who got it
///
/// The copy is read back and compared. With --encrypt it is a zip locked with
/// AES-256, which 7-Zip opens, and its passphrase is on a sheet of its own:
/// send that separately.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign hand-over 2026-0001 --to \"PC 1234 Brown\" --organisation \"Anytown Police\" \\
      --role \"Officer in the case\" --how \"In person\" --medium \"USB stick, bag 7\" \\
      --out /media/usb-stick --encrypt")]
pub struct HandOver {
    #[command(flatten)]
    case: CaseArg,
    /// Who gets it
    #[arg(long, value_name = "NAME")]
    to: String,
    /// Of which organisation
    #[arg(long, value_name = "NAME")]
    organisation: String,
    /// In which role
    #[arg(long, value_name = "WORDS")]
    role: String,
    /// How: in person, by post
    #[arg(long, value_name = "WORDS")]
    how: String,
    /// On what medium
    #[arg(long, value_name = "WORDS")]
    medium: String,
    /// When, if it is not now
    #[arg(long, value_name = "WHEN")]
    when: Option<String>,
    /// The folder that the copy goes to, or the file that it becomes, ending in .zip
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    out: PathBuf,
    /// Lock the copy with a passphrase
    #[arg(long)]
    encrypt: bool,
    /// The number of the seal; the last one if left out
    #[arg(long, value_name = "NUMBER")]
    seal: Option<u32>,
    /// Where the sealed bundle is, if it is no longer where Countersign keeps it
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    bundle: Option<PathBuf>,
    /// The folder for the sheet that the receiver signs, and the one with the passphrase
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    sheets: Option<PathBuf>,
    #[command(flatten)]
    passphrases: Passphrases,
}

impl HandOver {
    pub fn run(self, desk: &Desk<'_>) -> Result<Exit, Message> {
        let reading = desk.reading(&self.case)?;
        let receiver = Receiver {
            to: name("name of who gets it (--to)", &self.to)?,
            organisation: line("organisation", &self.organisation)?,
            role: name("role", &self.role)?,
            when: optional_line("time (--when)", self.when.as_deref())?,
            how: line("way (--how)", &self.how)?,
            medium: line("medium", &self.medium)?,
        };
        for out in [Some(&self.out), self.sheets.as_ref()].into_iter().flatten() {
            desk.check_way_out(out)?;
        }
        let last = reading.ledger().last_seal().map(|(_, sealed)| (sealed.seal, sealed.bytes));
        let seal = self.seal.or(last.map(|(seal, _)| seal)).unwrap_or(1);
        desk.check(&reading, &self.passphrases, &Deed::HandOver(seal), None)?;
        let sealed = desk.home()?.sealed();
        let sources = match &self.bundle {
            Some(bundle) => vec![bundle.clone()],
            None => vec![sealed.clone(), PathBuf::from(".")],
        };
        let sheets: &Path = self.sheets.as_deref().unwrap_or(&sealed);
        let is_file = self.out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
        if !is_file {
            std::fs::create_dir_all(&self.out).map_err(|error| named(&self.out, error))?;
        }
        let mut unlocked = desk.unlock(&reading, &self.passphrases)?;
        let handed = {
            let progress = Progress::of("Copying", last.map_or(0, |(_, bytes)| bytes));
            let watch = |bytes| progress.add(bytes);
            hand_over(
                &mut unlocked,
                &HandOverRequest {
                    seal: Some(seal),
                    sources: &sources,
                    to: &self.out,
                    encryption: if self.encrypt { Encryption::Aes256Zip } else { Encryption::None },
                    sheets: Some(sheets),
                    receiver,
                    fonts: &fonts(),
                    threads: threads(),
                    watch: &watch,
                },
            )?
        };
        desk.mouth.tell(&format!(
            "The copy is in {}: {}, read back and compared.",
            shown(&handed.path),
            bytes(handed.handed.copy.file.bytes)
        ));
        if let Some(receipt) = &handed.receipt {
            desk.mouth.tell(&format!("Print this sheet; the receiver signs it: {}", shown(receipt)));
        }
        if let Some(passphrase) = &handed.passphrase {
            desk.mouth.tell(&format!("Its passphrase, told once: {}", passphrase.as_str()));
        }
        if let Some(sheet) = &handed.passphrase_sheet {
            desk.mouth.tell(&format!(
                "Print this sheet and send it separately, never with the copy: {}",
                shown(sheet)
            ));
        }
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into_owned());
        let more = json!({
            "copy": handed.path.to_string_lossy(),
            "sha256": handed.handed.copy.file.sha256,
            "bytes": handed.handed.copy.file.bytes,
            "encryption": handed.handed.copy.encryption,
            "seal": handed.handed.seal,
            "root": handed.handed.root,
            "receipt": path(&handed.receipt),
            "passphrase": handed.passphrase.as_ref().map(|passphrase| passphrase.as_str()),
            "passphrase_sheet": path(&handed.passphrase_sheet),
        });
        desk.kept_with(&mut unlocked, handed.entry, more)
    }
}
