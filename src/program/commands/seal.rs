//! `seal`: the bundle that nobody can change unseen, and the paper that holds
//! it.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use countersign_case::case::{Reading, SealFiles};
use countersign_case::durable::{At, Disk};
use countersign_case::handover::{SealRequest, print_seal_again, seal};
use countersign_case::procedure::Deed;
use countersign_record::journal::Restraint;
use serde_json::json;

use crate::ambient::fonts;
use crate::amounts::{bytes, count};
use crate::args::{CaseArg, Passphrases};
use crate::context::{self, Context};
use crate::describe::too_large_for_portals;
use crate::message::{Exit, Message, shown};
use crate::progress::{Progress, threads};

/// Seal the case: one bundle that a stranger can check, and the form with its seal sheet
///
/// It prints the seal code and its eight words, which stand on the paper too.
/// The bundle stays with the cases; what is put into FOLDER are copies.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign seal 2026-0001 --out /media/usb-stick

To print the form and seal sheet of seal 1 again; nothing is sealed, and no passphrase is asked for:
  countersign seal 2026-0001 --paper 1 --out /home/jane/print")]
pub struct Seal {
    #[command(flatten)]
    case: CaseArg,
    /// The folder that the bundle and the form go to
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    out: PathBuf,
    /// Seal nothing: print the form and seal sheet of this seal again
    #[arg(long, value_name = "SEAL")]
    paper: Option<u32>,
    #[command(flatten)]
    passphrases: Passphrases,
}

impl Seal {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let reading = context.reading(&self.case)?;
        context.check_way_out(&self.out)?;
        if let Some(number) = self.paper {
            return self.print_again(context, &reading, number);
        }
        context.check(&reading, &self.passphrases, &Deed::Seal, None)?;
        let mut unlocked = context.unlock(&reading, &self.passphrases)?;
        let total = unlocked.ledger().files().map(|(file, _)| file.bytes).sum();
        let sealed = {
            let progress = Progress::of("Sealing", total);
            let watch = |bytes| progress.add(bytes);
            seal(
                &mut unlocked,
                &SealRequest { out: &self.out, fonts: &fonts(), threads: threads(), watch: &watch },
            )?
        };
        let unfinished = context.look_again(&mut unlocked);
        context.output.tell(&format!(
            "Case {} is sealed as seal {}: {}, {}.\nThe bundle: {}\nThe form with the seal sheet: {}",
            unlocked.folder().reference(),
            sealed.seal,
            count(sealed.entries, "entry"),
            bytes(sealed.bytes),
            shown(&sealed.bundle),
            shown(&sealed.form)
        ));
        context.tell_unfinished(&unfinished);
        if sealed.withheld > 0 {
            context.output.tell(&format!(
                "{} withheld by rule; left on this computer.",
                count(sealed.withheld, "file")
            ));
        }
        if let Some(words) = too_large_for_portals(sealed.bytes) {
            context.output.tell(words);
        }
        let words = format!("{}\n{}", sealed.root, sealed.words);
        let state = unlocked.reading().state();
        let is_stopped_since = !unlocked.reading().pending_halts().is_empty();
        context.output.tell(match is_stopped_since && state.restraint() == Restraint::Withhold {
            true => STOPPED,
            false => PRINT,
        });
        context.output.result(&words, || {
            let mut result = context::standing(unlocked.reading(), &state);
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
            context::add_unfinished(&mut result, &unfinished);
            result
        });
        context.tell_next(&state);
        Ok(Exit::Done)
    }

    /// The paper of a seal that is on record, drawn from what was sealed.
    fn print_again(&self, context: &Context<'_>, reading: &Reading, number: u32) -> Result<Exit, Message> {
        let printed = print_seal_again(reading, number, &fonts())?;
        let out: &Path = &self.out;
        std::fs::create_dir_all(out).at(out)?;
        let to = SealFiles::of(out, reading.folder().reference(), number).form;
        Disk::new().create_new(&to, &printed.pdf.bytes)?;
        context.output.tell(&format!(
            "The form with the seal sheet of seal {number}, drawn again from what was sealed: {}",
            shown(&to)
        ));
        context.output.result("", || {
            json!({
                "case": reading.folder().reference(),
                "seal": number,
                "form": to.to_string_lossy(),
                "root": printed.sealed.root,
            })
        });
        Ok(Exit::Done)
    }
}

const PRINT: &str = "Print the form, sign it in ink, and keep the seal sheet apart from the bundle.\nThe seal code and its eight words:";

/// The stop came after the seal, which holds what is withheld since.
const STOPPED: &str = "The case was stopped just after that. Its bundle and its form are not printed, copied or handed over: they stay where they are.\nThe seal code and its eight words:";
