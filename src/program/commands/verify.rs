//! `verify`: whether a sealed bundle is what was sealed.
//!
//! It needs no case, no home and no passphrase.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use countersign_record::bundle::Source;
use countersign_record::verify::{self, Paper, Report};
use serde_json::Value;

use crate::context::Context;
use crate::explain::{findings, paper, verdict};
use crate::message::{Exit, Message};
use crate::progress::{Progress, threads};
use crate::say;

/// Check a sealed bundle: a zip file, or the folder that it was unpacked to
///
/// Exit codes: 0 unchanged, and it is the one on the paper; 1 changed, or not
/// signed by both; 3 unchanged in itself, but not compared with the paper.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign verify 2026-0001-seal-1.zip
  countersign verify 2026-0001-seal-1.zip --root \"abandon ability able about above absent absorb abstract\"")]
pub struct Verify {
    /// The bundle
    #[arg(value_name = "BUNDLE", value_hint = ValueHint::AnyPath)]
    bundle: PathBuf,
    /// The seal from the paper: its eight words, or its code
    #[arg(long, value_name = "WORDS|CODE")]
    root: Option<String>,
}

impl Verify {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let paper = self.root.as_deref().map(read_paper).transpose()?;
        let report = match Source::open(&self.bundle) {
            Ok(source) => {
                let total = source.members().iter().map(|member| member.length).sum();
                let progress = Progress::of("Checking", total);
                verify::verify(&source, paper.as_ref(), threads(), &|bytes| progress.add(bytes))?
            }
            Err(error) => Report::unreadable(error)?,
        };
        if let Some(says) = &report.says {
            context.output.about(says.standing);
        }
        let (lines, exit) = verdict(&report);
        let mut words = lines.join("\n");
        let found = findings(&report);
        if found.len() > 1 || (found.len() == 1 && !words.contains(&found[0])) {
            words = format!("{words}\n\nWhat was found:\n{}", say::indent(&found.join("\n")));
        }
        context.output.result(&words, || serde_json::to_value(&report).unwrap_or(Value::Null));
        Ok(exit)
    }
}

fn read_paper(typed: &str) -> Result<Paper, Message> {
    typed.parse().map_err(|error| paper(&error))
}
