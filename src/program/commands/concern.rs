//! `concern`: where, of which kind, and what is wrong there.
//!
//! Choosing a category that stops the case is the stop itself.

use std::time::Duration;

use clap::Args;
use countersign_case::case::{Category, Halt, How, Reading};
use countersign_case::procedure::{self, Deed};
use countersign_record::journal::{At, Body, Concern as Described, Line, Reference, Response};

use super::stopping::{Look, case_to_stop, may_stop, stop};
use super::{category as category_of, line, no_category, text};
use crate::args::{CaseArg, Passphrases, Person, id};
use crate::context::Context;
use crate::message::{Exit, Message};
use crate::{ask, say};

/// Describe a concern: where it is, what kind, and what is wrong
///
/// Choosing a category that stops the case is itself the stop: nothing more
/// can be kept after it.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign concern 2026-0001 --at https://example.org/page --category bullying \\
      --describe \"Insults about a named pupil in the comments.\"
  countersign concern 2026-0001 --at JS/1 --category gambling --describe \"Betting account open in the picture.\"

The categories: countersign procedure show")]
pub struct Concern {
    #[command(flatten)]
    case: CaseArg,
    /// The address of the page, or the label of an exhibit such as JS/1
    #[arg(long, value_name = "URL|EXHIBIT")]
    at: Option<String>,
    /// The kind of concern, by its id
    #[arg(long, value_name = "ID")]
    category: String,
    /// What is wrong there, in your own words
    #[arg(long, value_name = "WORDS")]
    describe: Option<String>,
    /// Who stops the case by it, where it does
    #[arg(long, value_name = "PERSON")]
    by: Option<Person>,
    #[command(flatten)]
    passphrases: Passphrases,
}

impl Concern {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        // The category decides alone whether this is a stop.
        let reference =
            case_to_stop(context, &self.case).or_else(|message| match may_stop(&self.category) {
                true => Err(message),
                false => context.reference(&self.case),
            })?;
        let mut look = Look::begin(&context.home()?.case(reference), Some(&self.category));
        let decided = match look.category() {
            Category::Unknown if !may_stop(&self.category) => look.category_at_length(AT_LENGTH),
            decided => decided,
        };
        if decided.stops() {
            return self.stop(context, reference, &decided, look);
        }
        let reading = context.reading_of(reference)?;
        let concern = self.read(&reading)?;
        match concern.category.response {
            Response::Record => {
                let deed = Deed::Concern(concern.category.id.clone());
                context.enter(&reading, &self.passphrases, deed, Body::Concern(concern))
            }
            // The procedure was exchanged since it was looked at.
            _ => self.stop(context, reference, &Category::Known(concern.category), look),
        }
    }

    /// What was typed, as an entry can hold it.
    fn read(&self, reading: &Reading) -> Result<Described, Message> {
        let category = id(&self.category).ok();
        let category = category.ok_or_else(|| no_category(reading.pack(), &self.category));
        let category = category.and_then(|id| category_of(reading.pack(), &id));
        let category = category.map_err(|message| message.hint(GOES_ON))?;
        let at = self.at.as_deref().ok_or_else(|| missing("--at"))?;
        let description = self.describe.as_deref().ok_or_else(|| missing("--describe"))?;
        Ok(Described { at: place(at, reading)?, category, description: text("description", description)? })
    }

    /// The mark first. Where somebody sits at the terminal it is asked once.
    fn stop(
        &self,
        context: &Context<'_>,
        reference: Reference,
        category: &Category,
        look: Look,
    ) -> Result<Exit, Message> {
        let is_asked = self.passphrases.passphrases.is_none() && say::at_a_terminal();
        if is_asked && !ask::yes_or_no(&self.question(category))? {
            return Err(Message::no("Nothing was recorded, and the case goes on.")
                .hint("If you are not sure, stop. To see the other categories: countersign procedure show"));
        }
        let halt = Halt {
            category: Some(self.category.clone()),
            place: self.at.clone(),
            description: self.describe.clone(),
            by: self.by.map(Person::side),
            how: How::ByConcern,
        };
        stop(context, reference, halt, look)?;
        self.put_on_record(context, reference).map_err(|message| message.hint(STOPPED))
    }

    fn question(&self, category: &Category) -> String {
        let label = match category {
            Category::Known(category) => category.label.to_string(),
            Category::NoSuch | Category::Unknown => self.category.clone(),
        };
        format!(
            "\"{label}\" stops the case. Nothing more can be looked at or kept in it, and the police are told.\nStop the case now? (yes or no)"
        )
    }

    /// The case is stopped; the words are kept where both sign them, and as
    /// they were typed in the stop.
    fn put_on_record(&self, context: &Context<'_>, reference: Reference) -> Result<Exit, Message> {
        let reading = context.reading_of(reference)?;
        let concern = self.read(&reading);
        if self.passphrases.passphrases.is_none() {
            if let Err(message) = concern {
                return Err(message);
            }
            ask::or_missing("--passphrases")?;
            context.output.tell("To put your words on record, both of you sign.");
        }
        let mut unlocked = context.unlock(&reading, &self.passphrases)?;
        // The stop is on record now, with what was typed.
        let concern = concern?;
        let entry = unlocked.describe_stop(concern)?;
        context.kept(&mut unlocked, entry)
    }
}

/// An exhibit by its label, else an address.
pub fn place(at: &str, reading: &Reading) -> Result<At, Message> {
    let typed = line("place of the concern (--at)", at)?;
    procedure::place(reading.ledger(), &typed).ok_or_else(|| no_place(&typed))
}

fn no_place(typed: &Line) -> Message {
    Message::wrong(format!("\"{typed}\" is neither an exhibit of this case nor the address of a web page."))
        .hint("An address begins with http:// or https://. An exhibit is written like JS/1.")
        .hint("To see the exhibits: countersign show")
}

const STOPPED: &str = "The case is stopped all the same. What you typed stands in the stop as it was; it is put on record when both of you unlock the case next.";

fn missing(flag: &str) -> Message {
    Message::wrong(format!("{flag} is missing.")).hint("For an example: add --help")
}

/// A concern that is no stop waits until its case can be read.
const AT_LENGTH: Duration = Duration::from_secs(3600);

/// Said wherever a concern came to nothing: nobody may think that it stopped
/// the case.
pub const GOES_ON: &str = "Nothing was recorded, and the case goes on. To stop it now: countersign halt";
