//! `refer`: whom you told, whom you spoke to, and what they said.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};
use countersign_case::case::Reading;
use countersign_case::handover::make_referral_sheet;
use countersign_case::procedure::Deed;
use countersign_record::journal::{Answer, Body, Id, Referred};
use serde_json::json;

use super::{line, list, optional_line, optional_name, shared};
use crate::ambient::{SystemClock, fonts};
use crate::amounts::count;
use crate::args::{CaseArg, Passphrases, Person, id};
use crate::context::Context;
use crate::message::{Exit, Message, shown};

/// Write down whom you told: the police, the local authority, others
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign refer 2026-0001 --route police-101 --by \"Jane Smith\" --contact \"PC 1234 Brown\" \\
      --when \"22 November, 14:40\" --reference \"CAD 5678\" --advice \"Leave it on. An officer comes today.\"

  countersign refer 2026-0001 --route police-101 --reference \"CAD 5678\" --alone first

  countersign refer 2026-0001 --sheet referral.pdf

The routes: countersign procedure show")]
pub struct Refer {
    #[command(flatten)]
    case: CaseArg,
    /// Whom you told, by the route's id
    #[arg(long, value_name = "ID", value_parser = id, required_unless_present = "sheet")]
    route: Option<Id>,
    /// Instead, write the referral sheet for the police to FILE: words only,
    /// and no passphrase is asked for
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "route")]
    sheet: Option<PathBuf>,
    /// Whom exactly, if it is not the route's own name
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// Whom you spoke to
    #[arg(long, value_name = "NAME")]
    contact: Option<String>,
    /// When
    #[arg(long, value_name = "WHEN")]
    when: Option<String>,
    /// The reference number that you were given
    #[arg(long, value_name = "NUMBER")]
    reference: Option<String>,
    /// What they told you to do
    #[arg(long, value_name = "WORDS")]
    advice: Option<String>,
    /// What they told you to do with the computer
    #[arg(long, value_name = "WORDS")]
    computer: Option<String>,
    /// What they found, once they have answered
    #[arg(long, value_name = "ANSWER")]
    answer: Option<Found>,
    /// Who told them
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// After a stop, one of you alone, without a passphrase: it is kept
    /// unsigned, and shown to both before both sign it
    #[arg(long, value_name = "PERSON", conflicts_with_all = ["sheet", "passphrases"])]
    alone: Option<Person>,
    #[command(flatten)]
    passphrases: Passphrases,
}

/// What they found.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Found {
    Confirmed,
    NotConfirmed,
}

impl From<Found> for Answer {
    fn from(found: Found) -> Answer {
        match found {
            Found::Confirmed => Answer::Confirmed,
            Found::NotConfirmed => Answer::NotConfirmed,
        }
    }
}

impl Refer {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let reading = context.reading(&self.case)?;
        let wanted = match (&self.route, &self.sheet) {
            (Some(route), _) => route.clone(),
            (None, sheet) => {
                return print(context, &reading, sheet.as_deref().unwrap_or(Path::new("referral.pdf")));
            }
        };
        let routes = reading.pack().routes();
        let Some(route) = routes.iter().find(|route| route.id == wanted) else {
            let choices = routes.iter().map(|route| (route.id.as_str(), route.name.as_str()));
            return Err(Message::wrong(format!("This procedure has no route \"{wanted}\"."))
                .hint(format!("It has:\n{}", list(choices))));
        };
        let to =
            self.to.as_deref().map_or_else(|| Ok(route.name.clone()), |typed| line("name (--to)", typed))?;
        let body = Body::Referred(Referred {
            route: route.id.clone(),
            to,
            by: optional_name("name of who told them (--by)", self.by.as_deref())?,
            contact: optional_name("name of whom you spoke to (--contact)", self.contact.as_deref())?,
            when: optional_line("time (--when)", self.when.as_deref())?,
            reference: optional_name("reference number (--reference)", self.reference.as_deref())?,
            advice: self.advice.as_deref().map(|typed| shared("advice", typed)).transpose()?,
            computer: self
                .computer
                .as_deref()
                .map(|typed| shared("advice on the computer", typed))
                .transpose()?,
            answer: self.answer.map(Answer::from),
            alone: None,
        });
        match self.alone {
            Some(person) => context.write_alone(&reading, person.side(), &body),
            None => context.enter(&reading, &self.passphrases, Deed::Refer(wanted), body),
        }
    }
}

/// Writes the sheet for the police. Either person can, alone.
fn print(context: &Context<'_>, reading: &Reading, out: &Path) -> Result<Exit, Message> {
    context.check_way_out(out)?;
    if out.exists() {
        return Err(Message::wrong(format!("{} is there already.", shown(out)))
            .hint("Nothing was written over. Choose another name: --sheet FILE"));
    }
    let pages = make_referral_sheet(reading, &fonts(), &SystemClock::start(), out)?;
    context.output.tell(&format!(
        "The referral sheet is in {}: {}, words only. Print it and give it to the police.",
        shown(out),
        count(u64::from(pages), "page")
    ));
    context.output.result(
        "",
        || json!({ "case": reading.folder().reference(), "sheet": out.to_string_lossy(), "pages": pages }),
    );
    Ok(Exit::Done)
}
