//! One file for each verb: its arguments, and what it does with the library.

pub mod act;
pub mod archive;
pub mod attach;
pub mod completions;
pub mod concern;
pub mod doctor;
pub mod form;
pub mod halt;
pub mod hand_over;
pub mod isolate;
pub mod judge;
pub mod keep;
pub mod misspelt;
pub mod note;
pub mod open;
pub mod procedure;
pub mod record;
pub mod refer;
pub mod register;
pub mod rehearse;
pub mod seal;
pub mod show;
pub mod verify;

mod pair;
mod stopping;

use countersign_case::procedure::Pack;
use countersign_record::journal::{Category, Happened, Id, Line, Name, Text};

use crate::args::ByWhen;
use crate::explain::field;
use crate::message::Message;

/// Words of several lines for `name`.
fn text(name: &str, typed: &str) -> Result<Text, Message> {
    Text::typed(typed).map_err(|error| field(name, &error))
}

/// Words of several lines for `name`, which share their entry with others.
fn shared(name: &str, typed: &str) -> Result<Text, Message> {
    Text::shared(typed).map_err(|error| field(name, &error))
}

/// One line for `name`.
fn line(name: &str, typed: &str) -> Result<Line, Message> {
    Line::typed(typed).map_err(|error| field(name, &error))
}

/// One line for `name`, where one was given.
fn optional_line(name: &str, typed: Option<&str>) -> Result<Option<Line>, Message> {
    typed.map(|typed| line(name, typed)).transpose()
}

/// A name, a position or a reference for `what`.
fn name(what: &str, typed: &str) -> Result<Name, Message> {
    Name::typed(typed).map_err(|error| field(what, &error))
}

/// A name or a reference for `what`, where one was given.
fn optional_name(what: &str, typed: Option<&str>) -> Result<Option<Name>, Message> {
    typed.map(|typed| name(what, typed)).transpose()
}

/// The category of that id in the case's procedure.
fn category(pack: &Pack, id: &Id) -> Result<Category, Message> {
    let found = pack.category(id.as_str()).map(|category| category.recorded());
    found.ok_or_else(|| no_category(pack, id.as_str()))
}

fn no_category(pack: &Pack, typed: &str) -> Message {
    Message::wrong(format!("This procedure has no category \"{typed}\".")).hint(format!(
        "It has:\n{}",
        list(pack.categories().iter().map(|c| (c.id.as_str(), c.label.as_str())))
    ))
}

/// Who did something, and when, where it was said.
fn by_when(given: &ByWhen) -> Result<(Option<Name>, Option<Happened>), Message> {
    let by = optional_name("name of who did it (--by)", given.by.as_deref())?;
    Ok((by, optional_line("time (--when)", given.when.as_deref())?))
}

/// Ids and labels, one a line.
fn list<'a>(choices: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    choices.map(|(id, label)| format!("  {id:<28} {label}")).collect::<Vec<_>>().join("\n")
}
