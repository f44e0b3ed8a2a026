//! `act`: what follows from the decision.

use clap::Args;
use countersign_case::procedure::Deed;
use countersign_record::journal::{Acted, Action, Body, Id};

use super::{by_when, list, text};
use crate::args::{ByWhen, CaseArg, Passphrases, id};
use crate::context::Context;
use crate::message::{Exit, Message};

/// Say what follows: in the school, with the local authority, or with the police
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign act 2026-0001 --route internal --what \"Parents told; behaviour policy, stage 2.\" --taken \\
      --by \"Jane Smith\" --when \"23 November\"")]
pub struct Act {
    #[command(flatten)]
    case: CaseArg,
    /// internal, local-authority or police
    #[arg(long, value_name = "ROUTE", value_parser = id)]
    route: Id,
    /// What is done
    #[arg(long, value_name = "WORDS")]
    what: String,
    /// It has been done; without this it is a proposal
    #[arg(long)]
    taken: bool,
    #[command(flatten)]
    done: ByWhen,
    #[command(flatten)]
    passphrases: Passphrases,
}

impl Act {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let reading = context.reading(&self.case)?;
        let outcomes = reading.pack().outcomes();
        if !outcomes.iter().any(|outcome| outcome.id.id() == self.route.as_str()) {
            let choices = outcomes.iter().map(|outcome| (outcome.id.id(), outcome.label.as_str()));
            return Err(Message::wrong(format!("An action has no route \"{}\".", self.route))
                .hint(format!("It has one of these:\n{}", list(choices))));
        }
        let (by, when) = by_when(&self.done)?;
        let body = Body::Acted(Acted {
            route: self.route.clone(),
            what: text("action (--what)", &self.what)?,
            action: if self.taken { Action::Taken } else { Action::Proposed },
            by,
            when,
        });
        context.enter(&reading, &self.passphrases, Deed::Act(self.route), body)
    }
}
