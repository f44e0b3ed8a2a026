//! `concern`: where, of which kind, and what is wrong there.
//!
//! Choosing a category that stops the case is the stop itself.

use clap::Args;
use countersign::case::{CaseError, Reading, raise};
use countersign::journal::{At, Body, Concern as Described, Id, Line, Response, Seen};
use countersign::procedure::Deed;

use super::{Desk, category, line, text};
use crate::ambient::SystemClock;
use crate::cli::{CaseArg, Passphrases, id};
use crate::explain::{Exit, Message};
use crate::{ask, stop_page};

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
    at: String,
    /// The kind of concern, by its id
    #[arg(long, value_name = "ID", value_parser = id)]
    category: Id,
    /// What is wrong there, in your own words
    #[arg(long, value_name = "WORDS")]
    describe: String,
    #[command(flatten)]
    passphrases: Passphrases,
}

impl Concern {
    pub fn run(self, desk: &Desk<'_>) -> Result<Exit, Message> {
        let reading = desk.reading(&self.case)?;
        let at = place(&self.at, &reading)?;
        let category = category(reading.pack(), &self.category)?;
        let description = text("description", &self.describe)?;
        let concern = Described { at, category, description };
        let deed = Deed::Concern(concern.category.id.clone());
        match concern.category.response {
            Response::Record => desk.enter(&reading, &self.passphrases, deed, Body::Concern(concern)),
            _ if self.passphrases.passphrases.is_some() => self.stop_with_both(desk, &reading, concern),
            _ => self.stop_at_once(desk, &reading, deed, concern),
        }
    }

    /// Both passphrases are at hand.
    fn stop_with_both(
        &self,
        desk: &Desk<'_>,
        reading: &Reading,
        concern: Described,
    ) -> Result<Exit, Message> {
        let page =
            stop_page::page(reading.folder().reference(), concern.category.response, Some(reading.pack()));
        let unlocked = desk.unlock(reading, &self.passphrases);
        let mut unlocked = match unlocked {
            Ok(unlocked) => unlocked,
            Err(message) => {
                // What was said cannot be unsaid: the case stops all the same.
                raise_for(reading, &concern)?;
                desk.mouth.tell(&page);
                return Err(message.hint(STOPPED));
            }
        };
        let entry = match unlocked.record_concern(concern) {
            Ok(entry) => entry,
            Err(error) => {
                if matches!(error, CaseError::StoppedOnly { .. }) {
                    desk.mouth.tell(&page);
                }
                return Err(error.into());
            }
        };
        desk.mouth.tell(&page);
        desk.kept(&mut unlocked, entry)
    }

    /// Somebody sits at the terminal: asked once, stopped, and then recorded.
    fn stop_at_once(
        &self,
        desk: &Desk<'_>,
        reading: &Reading,
        deed: Deed,
        concern: Described,
    ) -> Result<Exit, Message> {
        ask::or_missing("--passphrases")?;
        let question = format!(
            "\"{}\" stops the case. Nothing more can be looked at or kept in it, and the police are told.\nStop the case now? (yes or no)",
            concern.category.label
        );
        if !ask::yes_or_no(&question)? {
            return Err(Message::no("Nothing was recorded, and the case goes on.")
                .hint("If you are not sure, stop. To see the other categories: countersign procedure show"));
        }
        raise_for(reading, &concern)?;
        desk.mouth.tell(&stop_page::page(
            reading.folder().reference(),
            concern.category.response,
            Some(reading.pack()),
        ));
        desk.mouth.tell("\nThe case is stopped. To put your words on record, both of you sign.");
        let mut unlocked =
            desk.unlock(reading, &self.passphrases).map_err(|message| message.hint(STOPPED))?;
        let permit = unlocked.permit(deed)?;
        let entry = unlocked.append(permit, Body::Concern(concern))?;
        desk.kept(&mut unlocked, entry)
    }
}

fn raise_for(reading: &Reading, concern: &Described) -> Result<(), Message> {
    let (category, words) = (concern.category.clone(), concern.description.clone());
    raise(reading.folder(), Some(category), None, Some(words), &SystemClock::start())?;
    Ok(())
}

/// An exhibit by its label, else an address.
pub fn place(at: &str, reading: &Reading) -> Result<At, Message> {
    let typed = line("place of the concern (--at)", at)?;
    if reading.ledger().exhibit_entry(typed.as_str()).is_some() {
        return Ok(At::Exhibit(typed));
    }
    if url::Url::parse(typed.as_str()).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
        return Ok(At::Url(Seen::of(typed.as_str())));
    }
    Err(no_place(&typed))
}

fn no_place(typed: &Line) -> Message {
    Message::wrong(format!("\"{typed}\" is neither an exhibit of this case nor the address of a web page."))
        .hint("An address begins with http:// or https://. An exhibit is written like JS/1.")
        .hint("To see the exhibits: countersign show")
}

const STOPPED: &str =
    "The case is stopped all the same. The stop is put on record when both of you unlock it next.";
