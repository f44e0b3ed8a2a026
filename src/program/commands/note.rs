//! `note`: words for the record, or a correction of an earlier entry.

use clap::Args;
use countersign_case::case::{Reading, stop_by};
use countersign_case::procedure::{self, Deed};
use countersign_record::journal::{Body, Category, Corrected, Noted, Reference, Text, ValueKind};

use super::stopping::{Look, stop};
use super::text;
use crate::args::{CaseArg, Passphrases};
use crate::context::Context;
use crate::message::{Exit, Message};
use crate::{ask, explain, say};

/// Write a note, or correct an earlier entry
///
/// Nothing is ever changed in the record: a wrong value is corrected by a new
/// entry, and stands with it wherever it is shown.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign note 2026-0001 --text \"The pupil's form tutor joined us at 14:40 and left at 14:50.\"
  countersign note 2026-0001 --corrects 1 --field subject --to 7B-41
  countersign note 2026-0001 --corrects 3 --text \"It was a colleague who told us, not a parent.\"

To see which values of an entry can be corrected: --field help")]
pub struct Note {
    #[command(flatten)]
    case: CaseArg,
    /// What the note says; of a correction, why
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,
    /// The number of the entry that this puts right
    #[arg(long, value_name = "ENTRY")]
    corrects: Option<u64>,
    /// Which value of that entry was wrong; without it the whole entry is marked as corrected
    #[arg(long, value_name = "FIELD", requires = "corrects")]
    field: Option<String>,
    /// What the value is; empty where it is to be left unsaid
    #[arg(long, value_name = "VALUE", requires = "field")]
    to: Option<String>,
    #[command(flatten)]
    passphrases: Passphrases,
}

impl Note {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let reading = context.reading(&self.case)?;
        let Some(entry) = self.corrects else {
            let body = Body::Noted(Noted { text: self.words("What is to be noted?")? });
            return context.enter(&reading, &self.passphrases, Deed::Note, body);
        };
        let head = reading.ledger().head();
        if !(1..=head).contains(&entry) {
            let error = procedure::CorrectionError::NoEntry { entry, head };
            return Err(explain::correction(&error, &reading));
        }
        let corrected = match &self.field {
            None => {
                let because = Some(self.words("What is wrong with it?")?);
                Corrected { entry, change: None, because, alone: None }
            }
            Some(name) => self.change(context, &reading, entry, name)?,
        };
        let deed = deed_of(&corrected);
        match corrected.stops().cloned() {
            None => context.enter(&reading, &self.passphrases, deed, Body::Corrected(corrected)),
            Some(category) => {
                reading.may(&deed)?;
                self.stop(context, &reading, &category, corrected)
            }
        }
    }

    /// The mark first. Where somebody sits at the terminal it is asked once.
    fn stop(
        &self,
        context: &Context<'_>,
        reading: &Reading,
        category: &Category,
        corrected: Corrected,
    ) -> Result<Exit, Message> {
        let question = format!(
            "\"{}\" stops the case. Nothing more can be looked at or kept in it, and the police are told.\nStop the case now? (yes or no)",
            category.label
        );
        let is_asked = self.passphrases.passphrases.is_none() && say::at_a_terminal();
        if is_asked && !ask::yes_or_no(&question)? {
            return Err(Message::no("Nothing was recorded, and the case goes on.")
                .hint("If you are not sure, stop. To see the other categories: countersign procedure show"));
        }
        let reference = reading.folder().reference();
        let look = Look::begin(reading.folder(), Some(category.id.as_str()));
        if let Some(halt) = stop_by(reading.ledger(), &corrected) {
            stop(context, reference, halt, look)?;
        }
        self.put_on_record(context, reference, corrected).map_err(|message| message.hint(STOPPED))
    }

    fn put_on_record(
        &self,
        context: &Context<'_>,
        reference: Reference,
        corrected: Corrected,
    ) -> Result<Exit, Message> {
        let reading = context.reading_of(reference)?;
        if self.passphrases.passphrases.is_none() {
            ask::or_missing("--passphrases")?;
            context.output.tell("To put your words on record, both of you sign.");
        }
        let mut unlocked = context.unlock(&reading, &self.passphrases)?;
        // The stop is on record now.
        let permit = unlocked.permit(deed_of(&corrected))?;
        let entry = unlocked.append(permit, Body::Corrected(corrected))?;
        context.kept(&mut unlocked, entry)
    }

    fn change(
        &self,
        context: &Context<'_>,
        reading: &Reading,
        entry: u64,
        name: &str,
    ) -> Result<Corrected, Message> {
        let (ledger, pack) = (reading.ledger(), reading.pack());
        let explained = |error| explain::correction(&error, reading);
        let (target, field) = procedure::target(ledger, entry, name).map_err(explained)?;
        let to = match &self.to {
            Some(typed) => typed.clone(),
            None => {
                ask::or_missing("--to")?;
                let is = field.in_words(target.body().value(field).as_ref());
                let question = format!("{}: \"{is}\" in the record. What is right?", field.label);
                ask::text(&question, "correction")?.to_string()
            }
        };
        let because = self.text.as_deref().map(|typed| text("reason (--text)", typed)).transpose()?;
        let corrected = procedure::correct(ledger, pack, entry, name, &to, because).map_err(explained)?;
        if field.kind == ValueKind::Case
            && let Ok(earlier) = to.parse()
            && !context.home()?.case(earlier).path().is_dir()
        {
            return Err(Message::wrong(format!("There is no case {earlier} for this one to follow.")));
        }
        Ok(corrected)
    }

    fn words(&self, question: &str) -> Result<Text, Message> {
        match &self.text {
            Some(typed) => text("note", typed),
            None => {
                ask::or_missing("--text")?;
                ask::text(question, "note")
            }
        }
    }
}

fn deed_of(corrected: &Corrected) -> Deed {
    Deed::Correct(corrected.entry, corrected.change.clone().map(Box::new))
}

const STOPPED: &str =
    "The case is stopped all the same. The stop is put on record when both of you unlock it next.";
