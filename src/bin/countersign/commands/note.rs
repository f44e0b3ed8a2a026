//! `note`: words for the record, or a correction of an earlier entry.

use clap::Args;
use countersign::journal::{Body, Noted};
use countersign::procedure::Deed;

use super::{Desk, text};
use crate::ask;
use crate::cli::{CaseArg, Passphrases};
use crate::explain::{Exit, Message};

/// Write a note, or correct an earlier entry
///
/// Nothing is ever changed in the record: a wrong entry is corrected by a new
/// one.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign note 2026-0001 --text \"The pupil's form tutor joined us at 14:40 and left at 14:50.\"
  countersign note 2026-0001 --corrects 3 --text \"The time was 14:30, not 15:30.\"")]
pub struct Note {
    #[command(flatten)]
    case: CaseArg,
    /// What the note says
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,
    /// The number of the entry that this puts right
    #[arg(long, value_name = "ENTRY")]
    corrects: Option<u64>,
    #[command(flatten)]
    passphrases: Passphrases,
}

impl Note {
    pub fn run(self, desk: &Desk<'_>) -> Result<Exit, Message> {
        let reading = desk.reading(&self.case)?;
        let text = match &self.text {
            Some(typed) => text("note", typed)?,
            None => {
                ask::or_missing("--text")?;
                ask::text("What is to be noted?", "note")?
            }
        };
        let head = reading.ledger().head();
        if let Some(entry) = self.corrects.filter(|entry| !(1..=head).contains(entry)) {
            return Err(Message::wrong(format!(
                "There is no entry {entry} to correct: the record has entries 1 to {head}."
            ))
            .hint("To see them: countersign show"));
        }
        let body = Body::Noted(Noted { text, corrects: self.corrects });
        desk.enter(&reading, &self.passphrases, Deed::Note, body)
    }
}
