//! `archive`: how long the case is kept, and when somebody looks at it again.
//!
//! Nothing is ever destroyed by it.

use chrono::NaiveDate;
use clap::Args;
use countersign_case::handover::{ArchiveRequest, Review, archive, review_day};
use countersign_case::procedure::Deed;
use countersign_case::procedure::pack::RetentionFrom;
use countersign_record::journal::{Hold, Id};
use serde_json::json;

use super::{list, text};
use crate::args::{CaseArg, Passphrases, id};
use crate::context::Context;
use crate::message::{Exit, Message};

/// File the case: how long it is kept, and when it is looked at again
///
/// Nothing is ever destroyed by itself. Where the rule counts from a child's
/// date of birth, give that date: only the review date goes on record.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign archive 2026-0001 --retention pupil-discipline
  countersign archive 2026-0001 --retention child-protection --date-of-birth 2014-03-09 --hold \\
      --because \"The police keep the computer.\"

The retention classes: countersign procedure show")]
pub struct Archive {
    #[command(flatten)]
    case: CaseArg,
    /// How long it is kept, by the class's id
    #[arg(long, value_name = "ID", value_parser = id)]
    retention: Id,
    /// The child's date of birth, from which the rule counts; it is not put on record
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, conflicts_with = "review")]
    date_of_birth: Option<NaiveDate>,
    /// The day of review, where you know it better than the rule; without it
    /// a case that is filed already keeps its day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    review: Option<NaiveDate>,
    /// Keep it for the law, whatever the date
    #[arg(long)]
    hold: bool,
    /// Why
    #[arg(long, value_name = "WORDS")]
    because: Option<String>,
    #[command(flatten)]
    passphrases: Passphrases,
}

impl Archive {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let reading = context.reading(&self.case)?;
        let classes = reading.pack().retention();
        let Some(class) = classes.iter().find(|class| class.id == self.retention) else {
            let choices = classes.iter().map(|class| (class.id.as_str(), class.rule.as_str()));
            return Err(Message::wrong(format!(
                "This procedure has no retention class \"{}\".",
                self.retention
            ))
            .hint(format!("It has:\n{}", list(choices))));
        };
        let deed = Deed::Archive(class.id.clone());
        let state = reading.state();
        let filed = state.filed();
        let from_birth = class.from == RetentionFrom::DateOfBirth;
        let stands = filed.is_some_and(|filed| filed.retention == class.id);
        if from_birth && !stands && self.review.is_none() && self.date_of_birth.is_none() {
            return Err(Message::wrong("The rule counts from the child's date of birth, which is missing.")
                .hint(class.rule.as_str())
                .hint("Give it: --date-of-birth YYYY-MM-DD. Only the day of review goes on record."));
        }
        if !from_birth && self.date_of_birth.is_some() {
            context.output.tell("The rule counts from the day of filing: the date of birth is left out.");
        }
        let review = Review::said(class, filed, self.date_of_birth, self.review);
        let because = self.because.as_deref().map(|typed| text("reason (--because)", typed)).transpose()?;
        let hold = if self.hold { Hold::Legal } else { Hold::None };
        let request = ArchiveRequest { retention: class.id.clone(), review, hold, because };
        // Before anybody types a passphrase.
        let day = review_day(class, review, filed, context.now().day())?;
        context.check(&reading, &self.passphrases, &deed, None)?;
        context.output.tell(&match review {
            Review::AsFiled => format!("To be looked at again on {day}, as it is filed now."),
            _ => format!("To be looked at again on {day}."),
        });
        let mut unlocked = context.unlock(&reading, &self.passphrases)?;
        let filed = archive(&mut unlocked, request)?;
        let more = json!({ "review": filed.review.to_string(), "retention": filed.archived.retention.id, "hold": filed.archived.hold });
        context.kept_with(&mut unlocked, filed.entry, more)
    }
}

fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "write the day like 2014-03-09".to_owned())
}
