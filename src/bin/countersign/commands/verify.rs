//! `verify`: whether a sealed bundle is what was sealed.
//!
//! It needs no case, no home and no passphrase.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use countersign::bundle::Source;
use countersign::bundle::source::ReadError;
use countersign::verify::{
    self, Completeness, Finding, Identity, Integrity, Paper, PaperError, Report, Timing, Verdict,
};
use countersign::words::SealWordsError;
use serde_json::Value;

use super::Desk;
use crate::explain::{Exit, Message, findings, verdict};
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
    pub fn run(self, desk: &Desk<'_>) -> Result<Exit, Message> {
        let paper = self.root.as_deref().map(read_paper).transpose()?;
        let report = match Source::open(&self.bundle) {
            Ok(source) => {
                let total = source.members().iter().map(|member| member.length).sum();
                let progress = Progress::of("Checking", total);
                verify::verify(&source, paper.as_ref(), threads(), &|bytes| progress.add(bytes))?
            }
            // The system refused: that says nothing of the bundle.
            Err(error @ (ReadError::Io { .. } | ReadError::Stopped)) => return Err(error.into()),
            Err(error) => unreadable(&error),
        };
        if let Some(says) = &report.says {
            desk.mouth.about(says.standing);
        }
        let (lines, exit) = verdict(&report);
        let mut words = lines.join("\n");
        let found = findings(&report);
        if found.len() > 1 || (found.len() == 1 && !words.contains(&found[0])) {
            words = format!("{words}\n\nWhat was found:\n{}", say::indent(&found.join("\n")));
        }
        desk.mouth.result(&words, || serde_json::to_value(&report).unwrap_or(Value::Null));
        Ok(exit)
    }
}

/// What is no bundle at all gets the report of one that nothing was checked of.
fn unreadable(error: &ReadError) -> Report {
    Report {
        verdict: Verdict::Unreadable,
        integrity: Integrity::default(),
        identity: Identity::default(),
        time: Timing::default(),
        completeness: Completeness::default(),
        findings: vec![Finding { entry: None, file: None, what: error.to_string() }],
        root: None,
        words: None,
        says: None,
    }
}

fn read_paper(typed: &str) -> Result<Paper, Message> {
    typed.parse().map_err(|error| {
        let what = match &error {
            PaperError::Digits(n) => {
                format!("The seal code that you typed has {n} digits; it has 64 on the paper.")
            }
            PaperError::Words(SealWordsError::Count(n)) => {
                format!("You typed {n} words; the seal has eight.")
            }
            PaperError::Words(SealWordsError::Unknown { place, word }) => {
                format!("Word {place}, \"{word}\", is not one that Countersign uses.")
            }
        };
        Message::wrong(what).hint("Look at the paper again. The words are in two rows of four.")
    })
}
