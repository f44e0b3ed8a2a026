//! `seal`: the bundle that nobody can change unseen, and the paper that holds
//! it.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use countersign::durable::{At, Disk, DiskError};
use countersign::handover::{SealRequest, seal};
use countersign::procedure::Deed;
use countersign::regular_file;
use serde_json::json;

use super::Desk;
use super::form::fonts;
use crate::cli::{CaseArg, Passphrases};
use crate::describe::{count, too_large_for_portals};
use crate::explain::{Exit, Message, bytes, shown};
use crate::progress::{Progress, threads};

/// Seal the case: one bundle that a stranger can check, and the form with its seal sheet
///
/// It prints the seal code and its eight words, which stand on the paper too.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign seal 2026-0001 --out /media/usb-stick")]
pub struct Seal {
    #[command(flatten)]
    case: CaseArg,
    /// The folder that the bundle and the form go to
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    out: PathBuf,
    #[command(flatten)]
    passphrases: Passphrases,
}

impl Seal {
    pub fn run(self, desk: &Desk<'_>) -> Result<Exit, Message> {
        let reading = desk.reading(&self.case)?;
        desk.check_way_out(&self.out)?;
        desk.check(&reading, &self.passphrases, &Deed::Seal, None)?;
        let mut unlocked = desk.unlock(&reading, &self.passphrases)?;
        let total = unlocked.ledger().files().map(|(file, _)| file.bytes).sum();
        let sealed = {
            let progress = Progress::of("Sealing", total);
            let watch = |bytes| progress.add(bytes);
            seal(
                &mut unlocked,
                &SealRequest { out: &self.out, fonts: &fonts(), threads: threads(), watch: &watch },
            )?
        };
        desk.mouth.tell(&format!(
            "Case {} is sealed as seal {}: {}, {}.\nThe bundle: {}\nThe form with the seal sheet: {}",
            unlocked.folder().reference(),
            sealed.seal,
            count(sealed.entries, "entry"),
            bytes(sealed.bytes),
            shown(&sealed.bundle),
            shown(&sealed.form)
        ));
        self.keep_at_home(desk, &sealed.bundle);
        if sealed.withheld > 0 {
            desk.mouth.tell(&format!(
                "{} withheld by rule; left on this computer.",
                count(sealed.withheld, "file")
            ));
        }
        if let Some(words) = too_large_for_portals(sealed.bytes) {
            desk.mouth.tell(words);
        }
        desk.mouth.tell("Print the form, sign it in ink, and keep the seal sheet apart from the bundle.\nThe seal code and its eight words:");
        let words = format!("{}\n{}", sealed.root, sealed.words);
        let unfinished = desk.look_again(&mut unlocked);
        desk.tell_unfinished(&unfinished);
        let state = unlocked.reading().state();
        desk.mouth.result(&words, || {
            let mut result = super::desk::standing(unlocked.reading(), &state);
            for (name, value) in [
                ("bundle", json!(sealed.bundle.to_string_lossy())),
                ("form", json!(sealed.form.to_string_lossy())),
                ("root", json!(sealed.root)),
                ("words", json!(sealed.words.to_string())),
                ("entries", json!(sealed.entries)),
                ("entry", json!(sealed.entry)),
                ("seal", json!(sealed.seal)),
                ("withheld", json!(sealed.withheld)),
                ("bytes", json!(sealed.bytes)),
            ] {
                result[name] = value;
            }
            super::desk::add_unfinished(&mut result, &unfinished);
            result
        });
        desk.tell_next(&state);
        Ok(Exit::Done)
    }
}

impl Seal {
    /// The medium that it was sealed to may be taken away; `hand-over` finds
    /// the bundle among the home's sealed ones.
    fn keep_at_home(&self, desk: &Desk<'_>, bundle: &Path) {
        let copied = desk.home().and_then(|home| {
            let name = bundle.file_name().unwrap_or_default();
            let to = home.sealed().join(name);
            if same_folder(&self.out, &home.sealed()) {
                return Ok(());
            }
            let disk = Disk::new();
            disk.folder(&home.sealed())?;
            // Where it can be, the same file under two names.
            match std::fs::hard_link(bundle, &to) {
                Ok(()) => Ok(disk.names(&home.sealed())?.sync()?),
                Err(_) => Ok(copy(&disk, bundle, &to)?),
            }
        });
        if let Err(message) = copied {
            desk.mouth.tell(&format!("A copy could not be kept with the cases. {}", message.what));
        }
    }
}

fn same_folder(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn copy(disk: &Disk, from: &Path, to: &Path) -> Result<(), DiskError> {
    let mut file = regular_file::open(from).at(from)?;
    let mut part = disk.part(to)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).at(from)? {
            0 => return part.name(to),
            n => part.write(&buffer[..n])?,
        }
    }
}
