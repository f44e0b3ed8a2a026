//! `hand-over`: a copy of a sealed bundle, to whom it went, and how.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use countersign_case::case::{CaseError, Reading};
use countersign_case::durable::Disk;
use countersign_case::handover::{
    CopyError, CopyPassphrase, HandOverRequest, Receiver, hand_over, locked_copy, passphrase_sheet,
};
use countersign_case::procedure::Deed;
use countersign_record::regular_file::Identity;
use serde_json::json;
use zeroize::Zeroizing;

use super::{line, name, optional_line};
use crate::ambient::fonts;
use crate::amounts::bytes;
use crate::args::{CaseArg, Passphrases};
use crate::context::Context;
use crate::explain::{disk, named};
use crate::message::{Exit, Message, shown};
use crate::progress::{Progress, threads};
use crate::{passphrase, say};

/// Hand over a copy of a sealed bundle, and write down who got it
///
/// The copy is read back and compared. With --encrypt it is a zip locked with
/// AES-256, which 7-Zip opens. Its passphrase is drawn, shown and saved before
/// anything is signed: send it separately, never with the copy.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign hand-over 2026-0001 --to \"PC 1234 Brown\" --organisation \"Anytown Police\" \\
      --role \"Officer in the case\" --how \"In person\" --medium \"USB stick, bag 7\" \\
      --out /media/usb-stick --encrypt --passphrase-to passphrase.pdf")]
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
    /// Save the copy's passphrase in this new file, away from the copy: a sheet to print if its name ends in .pdf, else the six words
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "encrypt")]
    passphrase_to: Option<PathBuf>,
    /// The number of the seal; the last one if left out
    #[arg(long, value_name = "NUMBER")]
    seal: Option<u32>,
    /// Where the sealed bundle is, if it is no longer where Countersign keeps it
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    bundle: Option<PathBuf>,
    /// The folder for the sheet that the receiver signs
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    sheets: Option<PathBuf>,
    #[command(flatten)]
    passphrases: Passphrases,
}

impl HandOver {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let reading = context.reading(&self.case)?;
        let receiver = Receiver {
            to: name("name of who gets it (--to)", &self.to)?,
            organisation: line("organisation", &self.organisation)?,
            role: name("role", &self.role)?,
            when: optional_line("time (--when)", self.when.as_deref())?,
            how: line("way (--how)", &self.how)?,
            medium: line("medium", &self.medium)?,
        };
        for out in [Some(&self.out), self.sheets.as_ref(), self.passphrase_to.as_ref()].into_iter().flatten()
        {
            context.check_way_out(out)?;
        }
        self.can_be_told(context)?;
        let last = reading.ledger().last_seal().map(|(_, sealed)| (sealed.seal, sealed.bytes));
        let seal = self.seal.or(last.map(|(seal, _)| seal)).unwrap_or(1);
        context.check(&reading, &self.passphrases, &Deed::HandOver(seal), None)?;
        let sealed = context.home()?.sealed();
        let sources = match &self.bundle {
            Some(bundle) => vec![bundle.clone()],
            None => vec![sealed.clone(), PathBuf::from(".")],
        };
        let sheets: &Path = self.sheets.as_deref().unwrap_or(&sealed);
        let is_file = self.out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
        if !is_file {
            std::fs::create_dir_all(&self.out).map_err(|error| named(&self.out, error))?;
        }
        let mut unlocked = context.unlock(&reading, &self.passphrases)?;
        let passphrase = match self.encrypt {
            true => Some(self.told(context, unlocked.reading(), seal, &receiver)?),
            false => None,
        };
        let handed = {
            let progress = Progress::of("Copying", last.map_or(0, |(_, bytes)| bytes));
            let watch = |bytes| progress.add(bytes);
            hand_over(
                &mut unlocked,
                &HandOverRequest {
                    seal: Some(seal),
                    sources: &sources,
                    to: &self.out,
                    lock: passphrase.as_ref(),
                    sheets: Some(sheets),
                    receiver,
                    fonts: &fonts(),
                    threads: threads(),
                    watch: &watch,
                },
            )
            .map_err(|error| self.without_copy(error))?
        };
        context.output.tell(&format!(
            "The copy is in {}: {}, read back and compared.",
            shown(&handed.path),
            bytes(handed.handed.copy.file.bytes)
        ));
        if let Some(receipt) = &handed.receipt {
            context.output.tell(&format!("Print this sheet; the receiver signs it: {}", shown(receipt)));
        }
        if let Some(file) = &self.passphrase_to {
            context.output.tell(&format!(
                "Its passphrase is in {}: send it separately, never with the copy.",
                shown(file)
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
            "passphrase_file": path(&self.passphrase_to),
        });
        context.kept_with(&mut unlocked, handed.entry, more)
    }

    /// Whether there is somebody, or some place, for a passphrase to be told:
    /// asked before anything else.
    fn can_be_told(&self, context: &Context<'_>) -> Result<(), Message> {
        let Some(file) = &self.passphrase_to else {
            // What a program is told may be kept anywhere: a file is private.
            let is_asked = say::at_a_terminal() && !(context.output.form() != say::Form::Words);
            if self.encrypt && !is_asked {
                return Err(Message::wrong(
                    "--passphrase-to is missing: nobody would have the passphrase of the copy.",
                )
                .hint("Name a new file for it, in another place than the copy: --passphrase-to FILE"));
            }
            return Ok(());
        };
        if std::fs::symlink_metadata(file).is_ok() {
            return Err(Message::wrong(format!("{} is there already, and stays as it is.", shown(file)))
                .hint("Name a new file for the passphrase. Nothing was recorded."));
        }
        let folder = |path: &Path| {
            Identity::of_path(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))
                .ok()
        };
        let is_a_file = self.out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
        let copy = if is_a_file { folder(&self.out) } else { Identity::of_path(&self.out).ok() };
        match copy.is_some() && folder(file) == copy {
            true => Err(Message::wrong(
                "The passphrase would lie beside the copy: whoever finds both can read the case.",
            )
            .hint("Name a file in another place: --passphrase-to FILE")),
            false => Ok(()),
        }
    }

    /// Draws the copy's passphrase, and gives it only once it is saved or was
    /// typed back. Where that fails nothing was signed.
    fn told(
        &self,
        context: &Context<'_>,
        reading: &Reading,
        seal: u32,
        receiver: &Receiver,
    ) -> Result<CopyPassphrase, Message> {
        let drawn =
            CopyPassphrase::draw(context.ambient()?.surroundings().random).map_err(CopyError::Random)?;
        // Where the copy cannot go, nobody is told a passphrase that opens nothing.
        locked_copy(reading, seal, &self.out)?;
        let Some(file) = &self.passphrase_to else {
            passphrase::copied_out(drawn.as_str(), |typed| drawn.is_typed_as(typed), context.output)?;
            return Ok(drawn);
        };
        let is_sheet = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"));
        let bytes = match is_sheet {
            true => {
                let copy = (seal, self.out.as_path(), receiver);
                Zeroizing::new(passphrase_sheet(reading, &drawn, copy, &fonts(), context.now())?.bytes)
            }
            false => Zeroizing::new(format!("{}\n", drawn.as_str()).into_bytes()),
        };
        Disk::new().create_whole(file, &bytes).map_err(|error| {
            disk(&error)
                .hint("The copy was not made and nothing was signed: its passphrase could not be saved.")
        })?;
        if !(context.output.form() != say::Form::Words) {
            context.output.tell(&format!("The passphrase of the copy: {}", drawn.as_str()));
        }
        Ok(drawn)
    }

    /// What becomes of the saved passphrase where no copy was made.
    fn without_copy(&self, error: CopyError) -> Message {
        // Where that cannot be told, the copy lies there and the words open it.
        let is_made = matches!(error, CopyError::Case(CaseError::Uncertain { .. }));
        let message = Message::from(error);
        match &self.passphrase_to {
            Some(file) if !is_made => {
                message.hint(format!("The passphrase in {} opens nothing. Remove that file.", shown(file)))
            }
            _ => message,
        }
    }
}
