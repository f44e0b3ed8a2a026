//! `halt`: stop the case. Either person alone, at any moment, no passphrase.
//!
//! Nothing here waits: not for the other person, not for the case's lock, not
//! for a record that can be read.

use clap::Args;
use countersign::case::{Reading, raise};
use countersign::journal::{Category, Id, Response, Restraint, Text};
use countersign::procedure::Pack;
use serde_json::json;

use super::{Desk, list, text};
use crate::ambient::SystemClock;
use crate::cli::{CaseArg, Passphrases, Person, id};
use crate::explain::{Exit, Message, disk};
use crate::stop_page;

/// Stop the case: either of you, at any moment, without a passphrase
///
/// Nothing can be looked at, kept or brought in after it. The stop is put on
/// record when both of you unlock the case next, or at once with --passphrases.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign halt 2026-0001 --category child-abuse-images
  countersign halt
  countersign halt 2026-0001 --record        later, when both of you sign

Without a category the strictest rule holds. If you are not sure, stop.")]
pub struct Halt {
    #[command(flatten)]
    case: CaseArg,
    /// What it is about, by its id; if you are not sure, leave it out
    #[arg(long, value_name = "ID")]
    category: Option<String>,
    /// Who stops it
    #[arg(long, value_name = "PERSON")]
    by: Option<Person>,
    /// What you saw, in words that show nothing
    #[arg(long, value_name = "WORDS")]
    describe: Option<String>,
    /// Put a stop that was made before on record: both of you sign
    #[arg(long, conflicts_with_all = ["category", "by", "describe"])]
    record: bool,
    #[command(flatten)]
    passphrases: Passphrases,
}

impl Halt {
    pub fn run(self, desk: &Desk<'_>) -> Result<Exit, Message> {
        if self.record {
            return self.put_on_record(desk);
        }
        let reference = desk.reference(&self.case)?;
        let folder = desk.home()?.case(reference);
        // A record that cannot be read must not stand in the way.
        let reading = Reading::of(desk.home()?, reference);
        if let Ok(reading) = &reading {
            desk.mouth.about(reading.ledger().opened().standing);
        }
        if !folder.path().is_dir() {
            return reading.map(|_| Exit::Wrong).map_err(Message::from);
        }
        let category = self.chosen(desk, reading.as_ref().ok().map(Reading::pack))?;
        let response = category.as_ref().map_or(Response::StopAndWithhold, |category| category.response);
        let words = self.words(desk);
        let by = self.by.map(Person::side);
        let raised = raise(&folder, category.clone(), by, words, &SystemClock::start());
        let known = reading.as_ref().ok();
        let page = stop_page::page(reference, strictest(response, known), known.map(Reading::pack));
        desk.mouth.tell(&page);
        let raised = raised.map_err(|error| {
            let message = disk(&error);
            let what = format!("The stop could not be written down. {}", message.what);
            Message { what, ..message }
                .hint("Stop all the same, and do what is written above. Write the time on paper.")
        })?;
        desk.mouth.tell(&format!("\nCase {reference} is stopped. Nothing can be kept in it from now on."));
        if let Some(error) = &raised.unnoted {
            let what = disk(error).what;
            desk.mouth.tell(&format!("It could not be noted a second time, outside the case: {what}"));
        }
        let on_record = match self.passphrases.passphrases {
            Some(_) => reading
                .map_err(Message::from)
                .and_then(|reading| desk.unlock(&reading, &self.passphrases).map(|_| true)),
            None => Ok(false),
        };
        let is_on_record = matches!(on_record, Ok(true));
        if !is_on_record {
            desk.mouth
                .tell("It is put on record when both of you unlock the case next: countersign halt --record");
        }
        desk.mouth.result("", || {
            json!({
                "case": reference,
                "halted": true,
                "on_record": is_on_record,
                "category": category.as_ref().map(|category| &category.id),
                "response": response,
            })
        });
        match on_record {
            Ok(_) => Ok(Exit::Done),
            Err(message) => {
                desk.mouth.tell_error(&message);
                Ok(message.exit)
            }
        }
    }

    /// Both unlock the case; that alone puts on record what was raised.
    fn put_on_record(&self, desk: &Desk<'_>) -> Result<Exit, Message> {
        let reading = desk.reading(&self.case)?;
        if reading.pending_halts().is_empty() {
            return Err(Message::no("No stop is waiting to be put on record.")
                .hint("To stop the case: countersign halt"));
        }
        let mut unlocked = desk.unlock(&reading, &self.passphrases)?;
        let unfinished = desk.look_again(&mut unlocked);
        desk.tell_unfinished(&unfinished);
        let state = unlocked.reading().state();
        desk.tell_next(&state);
        desk.mouth.result("", || {
            let mut result = super::desk::standing(unlocked.reading(), &state);
            result["on_record"] = true.into();
            super::desk::add_unfinished(&mut result, &unfinished);
            result
        });
        Ok(Exit::Done)
    }

    /// The category: none, and so the strictest, where there is none such.
    /// Only one that does not stop a case at all is refused.
    fn chosen(&self, desk: &Desk<'_>, pack: Option<&Pack>) -> Result<Option<Category>, Message> {
        let Some(typed) = &self.category else { return Ok(None) };
        let default = Pack::built_in_ids().next().and_then(Pack::built_in);
        let found = id(typed).ok().and_then(|id: Id| {
            let pack = pack.or(default.as_ref())?;
            pack.category(id.as_str()).map(|category| (category, pack))
        });
        match found {
            Some((category, _)) if category.halts() => Ok(Some(category.recorded())),
            // The case's own procedure cannot be read: nobody can tell what
            // the category does in it.
            Some(_) if pack.is_none() => Ok(None),
            Some((category, pack)) => Err(Message::no(format!(
                "Nothing was stopped: \"{}\" is a concern that does not stop a case.",
                category.label
            ))
            .hint(format!(
                "To stop it, leave the category out, or choose one of these:\n{}",
                list(
                    pack.categories().iter().filter(|c| c.halts()).map(|c| (c.id.as_str(), c.label.as_str()))
                )
            ))
            .hint("To record it as a concern and go on: countersign concern")),
            None => {
                desk.mouth.tell(&format!(
                    "This procedure has no category \"{typed}\". The case is stopped under the strictest rule.\n"
                ));
                Ok(None)
            }
        }
    }

    /// Words that cannot be kept must not hold up the stop.
    fn words(&self, desk: &Desk<'_>) -> Option<Text> {
        let typed = self.describe.as_ref()?;
        match text("description", typed) {
            Ok(words) => Some(words),
            Err(message) => {
                desk.mouth.tell(&format!("{} The case is stopped without it.\n", message.what));
                None
            }
        }
    }
}

/// A page must not be milder than a stop that was made before.
fn strictest(response: Response, reading: Option<&Reading>) -> Response {
    match reading.map(|reading| reading.released().restraint()) {
        Some(Restraint::Withhold) => Response::StopAndWithhold,
        _ => response,
    }
}
