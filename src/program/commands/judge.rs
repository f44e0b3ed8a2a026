//! `judge`: whether the concern has substance, and why.

use clap::{Args, ValueEnum};
use countersign_case::procedure::Deed;
use countersign_record::journal::{Body, Judged};

use super::text;
use crate::args::{CaseArg, Passphrases};
use crate::ask;
use crate::context::Context;
use crate::message::{Exit, Message};

/// Decide together whether the concern has substance, and say why
///
/// The review ends with it: no more pages are kept. A decision can be put
/// right by a further one; the first stays on record.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign judge 2026-0001 --substance yes --because \"The pages show insults about a named pupil.\"")]
pub struct Judge {
    #[command(flatten)]
    case: CaseArg,
    /// Whether the concern has substance
    #[arg(long, value_name = "YES|NO")]
    substance: Option<Answer>,
    /// Why
    #[arg(long, value_name = "WORDS")]
    because: Option<String>,
    #[command(flatten)]
    passphrases: Passphrases,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Answer {
    Yes,
    No,
}

impl Judge {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let reading = context.reading(&self.case)?;
        let substance = match self.substance {
            Some(answer) => answer == Answer::Yes,
            None => {
                ask::or_missing("--substance")?;
                ask::yes_or_no("Has the concern substance? (yes or no)")?
            }
        };
        let because = match &self.because {
            Some(typed) => text("reason for your decision", typed)?,
            None => {
                ask::or_missing("--because")?;
                ask::text("Why?", "reason for your decision")?
            }
        };
        let body = Body::Judged(Judged { substance, because });
        context.enter(&reading, &self.passphrases, Deed::Judge, body)
    }
}
