//! `form`: the form to print and sign in ink.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use countersign_case::handover::{FormRequest, make_form};
use countersign_case::procedure::Deed;
use serde_json::json;

use crate::ambient::fonts;
use crate::amounts::count;
use crate::args::{CaseArg, Passphrases};
use crate::context::Context;
use crate::message::{Exit, Message, shown};

/// Make the form, to print and sign in ink
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign form 2026-0001 --out form.pdf")]
pub struct Form {
    #[command(flatten)]
    case: CaseArg,
    /// Where the PDF goes
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: PathBuf,
    #[command(flatten)]
    passphrases: Passphrases,
}

impl Form {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let reading = context.reading(&self.case)?;
        context.check_way_out(&self.out)?;
        if self.out.exists() {
            return Err(Message::wrong(format!("{} is there already.", shown(&self.out)))
                .hint("Nothing was written over. Choose another name: --out FILE"));
        }
        context.check(&reading, &self.passphrases, &Deed::Form, None)?;
        let mut unlocked = context.unlock(&reading, &self.passphrases)?;
        let request = FormRequest { fonts: &fonts(), out: Some(&self.out) };
        let made = make_form(&mut unlocked, &request)?;
        if let Some(out) = &made.out {
            context.output.tell(&format!(
                "The form is in {}: {}. Print it and sign it in ink.",
                shown(out),
                count(u64::from(made.pages), "page")
            ));
        }
        let form = made.out.as_ref().map(|out| out.to_string_lossy());
        context.kept_with(
            &mut unlocked,
            made.entry,
            json!({ "form": form, "pages": made.pages, "sha256": made.sha256 }),
        )
    }
}
