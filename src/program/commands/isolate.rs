//! `isolate`: how the computer or device was left for the police.

use clap::Args;
use countersign_case::procedure::Deed;
use countersign_record::journal::{Body, Id, Isolated};

use super::{by_when, list, shared};
use crate::args::{ByWhen, CaseArg, Passphrases, Person, id};
use crate::context::Context;
use crate::message::{Exit, Message};
use crate::{ask, say};

/// Write down how the computer or a device was isolated
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign isolate 2026-0001 --what \"Network cable pulled out, screen off, room locked.\" \\
      --by \"Jane Smith\" --when \"22 November, 14:35\"

Without --what it shows what to do, by kind of device, and asks what you did.")]
pub struct Isolate {
    #[command(flatten)]
    case: CaseArg,
    /// What was isolated, and how
    #[arg(long, visible_alias = "describe", value_name = "WORDS")]
    what: Option<String>,
    /// Which kind of device it is, by its id
    #[arg(long, value_name = "ID", value_parser = id)]
    device: Option<Id>,
    /// What has changed on it since the stop, as far as you know
    #[arg(long, value_name = "WORDS")]
    changes: Option<String>,
    #[command(flatten)]
    done: ByWhen,
    /// After a stop, one of you alone, without a passphrase: it is kept
    /// unsigned, and shown to both before both sign it
    #[arg(long, value_name = "PERSON", conflicts_with = "passphrases")]
    alone: Option<Person>,
    #[command(flatten)]
    passphrases: Passphrases,
}

impl Isolate {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let reading = context.reading(&self.case)?;
        let kinds = reading.pack().isolation();
        if let Some(device) =
            self.device.as_ref().filter(|device| kinds.iter().all(|kind| kind.id != **device))
        {
            let choices = kinds.iter().map(|kind| (kind.id.as_str(), kind.label.as_str()));
            return Err(Message::wrong(format!("This procedure has no kind of device \"{device}\"."))
                .hint(format!("It has:\n{}", list(choices))));
        }
        let what = match &self.what {
            Some(typed) => shared("description of what was isolated", typed)?,
            None => {
                for kind in
                    kinds.iter().filter(|kind| self.device.as_ref().is_none_or(|device| kind.id == *device))
                {
                    let steps: Vec<String> =
                        kind.instructions.iter().map(|step| format!("- {step}")).collect();
                    context.output.tell(&format!("\n{}\n{}", kind.label, say::indent(&steps.join("\n"))));
                }
                // Shown and not asked: nothing may look as if it were written
                // down.
                ask::or_missing("--what").map_err(|_| {
                    Message::wrong("Nothing was written down: --what is missing.").hint(format!(
                        "Do what stands above, then say what you did: countersign isolate {} --what \"Network cable pulled out, room locked.\"",
                        reading.folder().reference()
                    ))
                })?;
                ask::shared("\nWhat did you do?", "description of what was isolated")?
            }
        };
        let (by, when) = by_when(&self.done)?;
        let changes =
            self.changes.as_deref().map(|typed| shared("description of what changed", typed)).transpose()?;
        let body =
            Body::Isolated(Isolated { device: self.device.clone(), what, changes, by, when, alone: None });
        match self.alone {
            Some(person) => context.write_alone(&reading, person.side(), &body),
            None => context.enter(&reading, &self.passphrases, Deed::Isolate, body),
        }
    }
}
