//! `halt`: stop the case. Either person alone, at any moment, no passphrase.
//!
//! Nothing here waits: not for the other person, not for the case's lock, not
//! for a record that can be read.

use std::time::Duration;

use clap::Args;
use countersign_case::case::{
    Afterwards, Category, Halt as Stop, How, NothingSaid, StopDetails, Written, pack,
};
use countersign_case::procedure::Pack;
use countersign_record::digest::Digest;
use countersign_record::journal::{self, Reference, Response};
use serde_json::json;

use super::stopping::{Look, case_to_stop, may_stop, stop};
use super::{line, list, no_category, text};
use crate::args::{CaseArg, Passphrases, Person};
use crate::context::{self, Context};
use crate::message::{Exit, Message};

/// Stop the case: either of you, at any moment, without a passphrase
///
/// Nothing can be looked at, kept or brought in after it. The stop is put on
/// record when both of you unlock the case next, or at once with --passphrases.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign halt 2026-0001 --category child-abuse-images
  countersign halt
  countersign halt 2026-0001 --record        later, when both of you sign
  countersign halt 2026-0001 --about --alone first --at \"A phone\" --by second

Without a category the strictest rule holds. If you are not sure, stop.")]
pub struct Halt {
    #[command(flatten)]
    case: CaseArg,
    /// What it is about, by its id; if you are not sure, leave it out
    #[arg(long, value_name = "ID")]
    category: Option<String>,
    /// Where: an address, a device, an app or account, or a place, in your own
    /// words
    #[arg(long, value_name = "PLACE")]
    at: Option<String>,
    /// Who stops it
    #[arg(long, value_name = "PERSON")]
    by: Option<Person>,
    /// What you saw, in words that show nothing
    #[arg(long, value_name = "WORDS")]
    describe: Option<String>,
    /// Put a stop that was made before on record: both of you sign
    #[arg(long, conflicts_with_all = ["category", "at", "by", "describe"])]
    record: bool,
    /// Say what a stop that was made before is about, where, who made it, and
    /// what was seen: it is no second stop
    #[arg(long, requires = "alone", conflicts_with = "record")]
    about: bool,
    /// Who says so: one of you alone, without a passphrase. It is kept
    /// unsigned, and shown to both before both sign it
    #[arg(long, value_name = "PERSON", requires = "about", conflicts_with = "passphrases")]
    alone: Option<Person>,
    #[command(flatten)]
    passphrases: Passphrases,
    /// How it came to be made.
    #[arg(skip)]
    how: How,
}

impl Halt {
    /// A stop as it was typed, where no more of it could be understood: the
    /// case, and its category, place and words.
    pub fn as_typed(
        case: Option<Reference>,
        (category, at, describe): (Option<String>, Option<String>, Option<String>),
        how: How,
    ) -> Halt {
        Halt {
            case: CaseArg { case },
            category,
            at,
            by: None,
            describe,
            record: false,
            about: false,
            alone: None,
            passphrases: Passphrases { passphrases: None },
            how,
        }
    }

    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        if self.record {
            return self.put_on_record(context);
        }
        if let Some(writer) = self.alone {
            return self.say_of_stop(context, writer);
        }
        let reference = case_to_stop(context, &self.case)?;
        let folder = context.home()?.case(reference);
        let mut look = Look::begin(&folder, self.category.as_deref());
        let mut category = None;
        if let Some(typed) = &self.category {
            let decided = match look.category() {
                Category::Unknown if !may_stop(typed) => look.category_at_length(AT_LENGTH),
                decided => decided,
            };
            category = match decided {
                Category::Known(known) if known.response == Response::Record => {
                    return Err(stops_nothing(&known, pack(&folder).as_ref()));
                }
                Category::Known(known) => Some(known.id),
                Category::NoSuch | Category::Unknown => None,
            };
        }
        let halt = Stop {
            category: self.category.clone(),
            place: self.at.clone(),
            description: self.describe.clone(),
            by: self.by.map(Person::side),
            how: self.how,
        };
        let response = stop(context, reference, halt, look)?;
        let on_record = match self.passphrases.passphrases {
            Some(_) => context
                .reading_of(reference)
                .and_then(|reading| context.unlock(&reading, &self.passphrases).map(|_| true)),
            None => Ok(false),
        };
        let is_on_record = matches!(on_record, Ok(true));
        if !is_on_record {
            context
                .output
                .tell("It is put on record when both of you unlock the case next: countersign halt --record");
        }
        context.output.result("", || {
            json!({
                "case": reference,
                "halted": true,
                "on_record": is_on_record,
                "category": category,
                "response": response,
            })
        });
        match on_record {
            Ok(_) => Ok(Exit::Done),
            Err(message) => {
                context.output.tell_error(&message);
                Ok(message.exit)
            }
        }
    }

    /// Both unlock the case; that alone puts on record what was raised.
    fn put_on_record(&self, context: &Context<'_>) -> Result<Exit, Message> {
        let reading = context.reading(&self.case)?;
        if reading.pending_halts().is_empty() {
            return Err(Message::no("No stop is waiting to be put on record.")
                .hint("To stop the case: countersign halt"));
        }
        let mut unlocked = context.unlock(&reading, &self.passphrases)?;
        let unfinished = context.look_again(&mut unlocked);
        context.tell_unfinished(&unfinished);
        let state = unlocked.reading().state();
        context.tell_next(&state);
        context.output.result("", || {
            let mut result = context::standing(unlocked.reading(), &state);
            result["on_record"] = true.into();
            context::add_unfinished(&mut result, &unfinished);
            result
        });
        Ok(Exit::Done)
    }
}

impl Halt {
    /// What one person says of a stop that was made before.
    fn say_of_stop(self, context: &Context<'_>, writer: Person) -> Result<Exit, Message> {
        let reading = context.reading(&self.case)?;
        let reference = reading.folder().reference();
        let known = self.category.as_deref().map(|typed| match reading.pack().category(typed) {
            Some(category) if category.halts() => Ok(category.recorded()),
            Some(category) => Err(stops_nothing(&category.recorded(), Some(reading.pack()))),
            None => Err(no_category(reading.pack(), typed)),
        });
        let details = StopDetails {
            category: known.transpose()?,
            place: self.at.as_deref().map(|typed| line("place (--at)", typed)).transpose()?,
            by: self.by.map(Person::side),
            description: self.describe.as_deref().map(|typed| text("description", typed)).transpose()?,
        };
        let afterwards = details.afterwards(&reading, writer.side()).map_err(|error| match error {
            NothingSaid::NotStopped => Message::no("Nothing was written down: the case is not stopped.")
                .hint(format!("To stop it now: countersign halt {reference}")),
            NothingSaid::CategoryFirst => Message::wrong("Say first what the stop is about: --category ID")
                .hint("The categories: countersign procedure show"),
            NothingSaid::Known => Message::wrong("Nothing was said that is not known already.")
                .hint("Say what it is about (--category), where (--at), who stopped it (--by) or what was seen (--describe)."),
        })?;
        match afterwards {
            Afterwards::Stop(halt) => {
                let look = Look::begin(&context.home()?.case(reference), halt.category.as_deref());
                let response = stop(context, reference, halt, look)?;
                context
                    .output
                    .result("", || json!({ "case": reference, "halted": true, "response": response }));
            }
            Afterwards::Reports(reports) => {
                let written: Result<Vec<Written>, Message> = reports
                    .into_iter()
                    .map(|report| context.write_report(&reading, writer.side(), report))
                    .collect();
                let files: Vec<Digest> = written?.iter().map(|written| written.alone.file).collect();
                context.output.result("", || {
                    json!({ "case": reference, "written_alone": files, "by": writer.side(), "signed": false })
                });
            }
        }
        Ok(Exit::Done)
    }
}

/// A kind that stops nothing as far as anybody knows waits so long for the
/// case's procedure to say so; then the strictest rule holds.
const AT_LENGTH: Duration = Duration::from_secs(2);

/// A category that stops no case stops none here either.
fn stops_nothing(category: &journal::Category, pack: Option<&Pack>) -> Message {
    let stopping = pack.map(|pack| {
        let stopping = pack.categories().iter().filter(|category| category.halts());
        list(stopping.map(|category| (category.id.as_str(), category.label.as_str())))
    });
    Message::no(format!(
        "Nothing was stopped: \"{}\" is a concern that does not stop a case.",
        category.label
    ))
    .hint(format!(
        "To stop it, leave the category out, or choose one of these:\n{}",
        stopping.unwrap_or_default()
    ))
    .hint("To record it as a concern and go on: countersign concern")
}
