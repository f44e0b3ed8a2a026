//! `open`: the first question, then who, why, and on which computer.

use clap::{Args, ValueEnum};
use countersign_case::case::{self, CaseError, NewCase, NewReviewer};
use countersign_case::procedure::{Pack, may_open};
use countersign_record::clock::Time;
use countersign_record::journal::names::is_one_name;
use countersign_record::journal::{
    Category, Computer, Concerns, Halted, Id, Reference, Response, Standing, Text, called,
};
use serde_json::json;

use super::judge::Answer;
use super::pair::{COMPUTER, FIRST, SECOND, pair};
use super::{category, list, name, optional_line, shared, text};
use crate::args::{Passphrases, id};
use crate::context::{self, Context};
use crate::message::{Exit, Message, shown};
use crate::procedure_source::{Source, read};
use crate::{ask, passphrase, say, stop_page};

/// Open a case
///
/// The first question is whether something illegal is suspected. If so, nobody
/// looks: the case opens stopped. At a terminal it asks for whatever you leave
/// out. It prints the case's reference.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign open --suspected-illegal no --reason \"Complaint about messages in year 9\" \\
      --reported-by \"Form tutor 9B\" --concerns pupil --subject P-1234 \\
      --first \"Jane Smith, Headteacher\" --second \"Ali Khan, Safeguarding lead\" \\
      --computer \"ADMIN-07, Deputy head's office\" --confirm-all --passphrases case.txt

Where case.txt is not there yet, two passphrases are drawn and written to it.")]
pub struct Open {
    /// Whether something illegal is suspected; with yes the case opens stopped
    #[arg(long, value_name = "YES|NO")]
    suspected_illegal: Option<Answer>,
    /// With yes: what is suspected, by its id
    #[arg(long, value_name = "ID", value_parser = id)]
    category: Option<Id>,
    /// With yes: what was reported, in words that show nothing
    #[arg(long, value_name = "WORDS")]
    describe: Option<String>,
    /// Why you are looking
    #[arg(long, value_name = "WORDS")]
    reason: Option<String>,
    /// Who reported it
    #[arg(long, value_name = "WORDS")]
    reported_by: Option<String>,
    /// Who is concerned
    #[arg(long, value_name = "WHO")]
    concerns: Option<Who>,
    /// The school's own reference for that person
    #[arg(long, value_name = "REFERENCE")]
    subject: Option<String>,
    /// Where the key to that reference is kept
    #[arg(long, value_name = "WORDS")]
    subject_key: Option<String>,
    /// The first reviewing person
    #[arg(long, value_name = "NAME, POSITION")]
    first: Option<String>,
    /// The second reviewing person
    #[arg(long, value_name = "NAME, POSITION")]
    second: Option<String>,
    /// The two reviewing people are different people, though they have the same name
    #[arg(long)]
    namesakes: bool,
    /// The designated computer
    #[arg(long, value_name = "NAME, LOCATION")]
    computer: Option<String>,
    /// Confirm everything that the procedure asks for
    #[arg(long)]
    confirm_all: bool,
    /// Confirm one statement, by its id
    #[arg(long, value_name = "ID", value_parser = id, num_args = 1.., conflicts_with = "confirm_all")]
    confirm: Vec<Id>,
    /// The school or group
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Filtering that was lifted for this review, and until when
    #[arg(long, value_name = "WORDS")]
    filter_exemptions: Option<String>,
    /// The earlier case that this one follows
    #[arg(long, value_name = "CASE")]
    follows: Option<Reference>,
    /// The procedure: the id of one that comes with Countersign, or a file
    #[arg(long, value_name = "ID|FILE")]
    procedure: Option<String>,
    /// A case to practise on; everything that it makes says REHEARSAL
    #[arg(long)]
    rehearsal: bool,
    /// Read both passphrases from this private file; if it is not there, draw two and write them to it
    #[command(flatten)]
    passphrases: Passphrases,
}

/// Who is concerned.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Who {
    Pupil,
    Staff,
    Other,
}

impl From<Who> for Concerns {
    fn from(who: Who) -> Concerns {
        match who {
            Who::Pupil => Concerns::Pupil,
            Who::Staff => Concerns::Staff,
            Who::Other => Concerns::Other,
        }
    }
}

impl Open {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let standing = if self.rehearsal { Standing::Rehearsal } else { Standing::Case };
        context.output.about(standing);
        let source = read(self.procedure.as_deref(), context.home().ok())?;
        let halted = self.gate(&source.pack, context.now())?;
        if let Some(follows) = self.follows
            && !context.home()?.case(follows).path().is_dir()
        {
            return Err(Message::wrong(format!("There is no case {follows} for this one to follow.")));
        }
        let new = self.new_case(context, &source, standing, halted)?;
        let [first, second] = &new.reviewers;
        let names = called(
            (first.name.as_str(), first.position.as_str()),
            (second.name.as_str(), second.position.as_str()),
        );
        let names = names.each_ref().map(String::as_str);
        let passphrases = match &self.passphrases.passphrases {
            Some(file) => passphrase::New::from_file(file, names, context.home()?)?,
            None => passphrase::New::at_terminal(names, context.output)?,
        };
        let response = new.suspected_illegal.as_ref().map(Halted::response);
        let ambient = match context.ambient() {
            Ok(ambient) => ambient,
            Err(message) => {
                passphrases.discard();
                return Err(message);
            }
        };
        let opened =
            case::open(context.home()?, new, &source.pack, passphrases.both(), ambient.surroundings());
        let unlocked = match opened {
            Ok(unlocked) => Ok(unlocked),
            Err(error @ CaseError::OpenedOnly { reference, .. }) => Err((reference, Message::from(error))),
            // What may open a case stays.
            Err(error @ CaseError::MayBeOpen { .. }) => {
                let message = Message::from(error);
                return Err(match passphrases.written() {
                    Some(file) => message.hint(format!("Your passphrases are in {}.", shown(file))),
                    None => message,
                });
            }
            Err(error) => {
                passphrases.discard();
                return Err(error.into());
            }
        };
        let reference = match &unlocked {
            Ok(unlocked) => unlocked.folder().reference(),
            Err((reference, _)) => *reference,
        };
        context.output.tell(&format!("Case {reference} is open."));
        if let Some(file) = passphrases.written() {
            context.output.tell(&format!(
                "Your passphrases are in {}: the first person's on the first line, the second person's on the second. Give each of you your own, then put the file away.",
                shown(file)
            ));
        }
        let mut unlocked = match unlocked {
            Ok(unlocked) => unlocked,
            Err((_, message)) => return Ok(opened_only(context, reference, response, &source.pack, message)),
        };
        let unfinished = context.look_again(&mut unlocked);
        let reading = unlocked.reading();
        let state = reading.state();
        match response {
            Some(response) => context
                .output
                .tell(&format!("\n{}\n", stop_page::page(reference, response, Some(reading.pack())))),
            None => context.tell_next(&state),
        }
        context.tell_unfinished(&unfinished);
        context.output.result(&reference.to_string(), || {
            let mut result = context::standing(reading, &state);
            result["entries"] = json!(reading.ledger().head());
            context::add_unfinished(&mut result, &unfinished);
            result
        });
        Ok(Exit::Done)
    }

    /// The first question of all.
    fn gate(&self, pack: &Pack, now: Time) -> Result<Option<Halted>, Message> {
        let suspected = match self.suspected_illegal {
            Some(answer) => answer == Answer::Yes,
            None => {
                ask::or_missing("--suspected-illegal")?;
                ask::yes_or_no(
                    "From what has been reported, could it be illegal? If you are not sure, type yes: then nobody looks. (yes or no)",
                )?
            }
        };
        if !suspected {
            if self.category.is_some() || self.describe.is_some() {
                return Err(Message::wrong(
                    "--category and --describe go with --suspected-illegal yes only.",
                )
                .hint("A concern that you find later is recorded by `countersign concern`."));
            }
            return Ok(None);
        }
        let category = match &self.category {
            Some(id) => Some(category(pack, id)?),
            None if say::at_a_terminal() => ask_category(pack)?,
            None => None,
        };
        if let Some(mild) = category.as_ref().filter(|category| category.response == Response::Record) {
            return Err(Message::wrong(format!("\"{}\" is not something illegal.", mild.label))
                .hint(
                    "Choose a category that stops the case, or leave it out: then the strictest rule holds.",
                )
                .hint("To see them: countersign procedure show"));
        }
        let description = self.describe.as_deref().map(|typed| text("description", typed)).transpose()?;
        Ok(Some(Halted::at_the_gate(category, description, Some(now))))
    }

    fn new_case(
        &self,
        context: &Context<'_>,
        source: &Source,
        standing: Standing,
        suspected_illegal: Option<Halted>,
    ) -> Result<NewCase, Message> {
        let words =
            |given: &Option<String>, flag: &str, name: &str, question: &str| -> Result<Text, Message> {
                match given {
                    Some(typed) => shared(name, typed),
                    None => ask::or_missing(flag).and_then(|()| ask::shared(question, name)),
                }
            };
        let reason = words(&self.reason, "--reason", "reason", "Why are you looking?")?;
        let reported_by =
            words(&self.reported_by, "--reported-by", "name of who reported it", "Who reported it?")?;
        let concerns = match self.concerns {
            Some(who) => who.into(),
            None => {
                ask::or_missing("--concerns")?;
                let answers =
                    [("pupil", Concerns::Pupil), ("staff", Concerns::Staff), ("other", Concerns::Other)];
                ask::one_of("Who is concerned?", &answers)?
            }
        };
        let subject = match &self.subject {
            Some(typed) => name("reference of the person concerned", typed)?,
            None => {
                ask::or_missing("--subject")?;
                ask::name("What is the school's own reference for that person?", "reference")?
            }
        };
        let person = |given, which| pair(given, which).map(|(name, position)| NewReviewer { name, position });
        let reviewers = [person(&self.first, &FIRST)?, person(&self.second, &SECOND)?];
        let namesakes = self.are_namesakes(&reviewers)?;
        let (name, location) = pair(&self.computer, &COMPUTER)?;
        let computer = Computer { name, location };
        let confirmed = self.confirmed(context, &source.pack)?;
        let new = NewCase {
            standing,
            follows: self.follows,
            suspected_illegal,
            group: optional_line("school or group", self.group.as_deref())?,
            reason,
            reported_by,
            concerns,
            subject,
            subject_key: optional_line("place of the key (--subject-key)", self.subject_key.as_deref())?,
            reviewers,
            namesakes,
            computer,
            confirmed,
            filter_exemptions: self
                .filter_exemptions
                .as_deref()
                .map(|typed| shared("filter exemptions", typed))
                .transpose()?,
        };
        // Asked before either of them chooses a passphrase.
        may_open(&source.pack, new.people(), &new.confirmed).map_err(CaseError::Refused)?;
        Ok(new)
    }

    /// Whether they say that they are two people of one name. Who types is
    /// asked where that is in question.
    fn are_namesakes(&self, [first, second]: &[NewReviewer; 2]) -> Result<bool, Message> {
        if self.namesakes || !is_one_name(first.name.as_str(), second.name.as_str()) {
            return Ok(self.namesakes);
        }
        if !say::at_a_terminal() {
            // The procedure refuses it, and the way on is named there.
            return Ok(false);
        }
        ask::yes_or_no(&format!(
            "{} and {} read as one name. Are you two different people? (yes or no)",
            first.name, second.name
        ))
    }

    /// What both confirm, each statement by its name.
    fn confirmed(&self, context: &Context<'_>, pack: &Pack) -> Result<Vec<Id>, Message> {
        if self.confirm_all {
            return Ok(pack.confirmations().map(|asked| asked.id.clone()).collect());
        }
        let mut confirmed = self.confirm.clone();
        if !say::at_a_terminal() {
            // What is missing is named by the procedure's refusal.
            return Ok(confirmed);
        }
        context.output.tell("\nConfirm together, one by one:");
        for asked in pack.confirmations().filter(|asked| !self.confirm.contains(&asked.id)) {
            if !ask::yes_or_no(&format!("{} (yes or no)", asked.statement))? {
                return Err(Message::no(format!(
                    "The case was not opened: you have not confirmed \"{}\".",
                    asked.statement
                ))
                .hint("Put that right first, then open the case again. Nothing was kept."));
            }
            confirmed.push(asked.id.clone());
        }
        Ok(confirmed)
    }
}

/// The case is open, and what came after that failed.
fn opened_only(
    context: &Context<'_>,
    reference: Reference,
    response: Option<Response>,
    pack: &Pack,
    message: Message,
) -> Exit {
    if let Some(response) = response {
        context.output.tell(&format!("\n{}\n", stop_page::page(reference, response, Some(pack))));
    }
    let unfinished = [message];
    context.tell_unfinished(&unfinished);
    context.output.result(&reference.to_string(), || {
        let mut result = json!({ "case": reference, "halted": response.is_some() });
        context::add_unfinished(&mut result, &unfinished);
        result
    });
    Exit::Done
}

/// What is suspected, as far as they know. Whoever is not sure says nothing,
/// and the strictest rule holds.
fn ask_category(pack: &Pack) -> Result<Option<Category>, Message> {
    let stopping = || pack.categories().iter().filter(|category| category.halts());
    let shown = list(stopping().map(|category| (category.id.as_str(), category.label.as_str())));
    let answers: Vec<_> = stopping().map(|category| (category.id.as_str(), category)).collect();
    let question = "What is suspected? Type the first word of its line. If you are not sure, press Enter: then the strictest rule holds.";
    Ok(ask::one_or_none(question, &shown, &answers)?.map(|category| category.recorded()))
}
