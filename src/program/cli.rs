//! The command line: its verbs.
//!
//! Each verb's own arguments stand beside what it does, in `commands`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

use crate::commands::{
    act, archive, attach, completions, concern, doctor, form, halt, hand_over, isolate, judge, keep, note,
    open, procedure, record, refer, register, rehearse, seal, show, verify,
};
use crate::web;

/// Takes two senior members of staff through the documented procedure for
/// suspected misuse of the internet, and seals the record so that a stranger
/// can check it.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, max_term_width = 100)]
#[command(disable_help_subcommand = true, after_help = JOURNEY)]
pub struct Cli {
    #[command(flatten)]
    pub everywhere: Everywhere,
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// What goes with every verb.
#[derive(Debug, Args)]
pub struct Everywhere {
    /// Where the cases are kept, instead of your own data folder
    #[arg(long, global = true, display_order = 900, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub home: Option<PathBuf>,
    /// Give the result as one JSON object, for programs
    #[arg(long, global = true, display_order = 901)]
    pub json: bool,
}

/// The verbs, in the order of the procedure.
#[derive(Debug, Subcommand)]
pub enum Verb {
    Guide(web::Serve),
    Open(Box<open::Open>),
    Record(record::Record),
    Keep(keep::Keep),
    Attach(attach::Attach),
    Note(note::Note),
    Concern(concern::Concern),
    #[command(alias = "stop")]
    Halt(halt::Halt),
    Isolate(isolate::Isolate),
    Refer(refer::Refer),
    Judge(judge::Judge),
    Act(act::Act),
    Form(form::Form),
    Seal(seal::Seal),
    Verify(verify::Verify),
    HandOver(Box<hand_over::HandOver>),
    Archive(archive::Archive),
    Register(register::Register),
    Show(show::Show),
    Procedure(procedure::Procedure),
    Doctor(doctor::Doctor),
    Rehearse(rehearse::Rehearse),
    Completions(completions::Completions),
}

const JOURNEY: &str = "\
How a case goes:
  countersign                         all of it as pages in your browser: the guide
  countersign open                    who, why, on which computer; both confirm
  countersign record                  browse together; every page visited is on record
  countersign keep, attach            keep a page; bring files in
  countersign note, concern           say what you see and what is wrong with it
  countersign halt                    stop: either of you, at any moment, no passphrase
  countersign isolate, refer          after a stop: the computer, and whom you told
  countersign judge, act              decide together, and say what follows
  countersign form, seal              the form to sign in ink; the sealed bundle
  countersign hand-over, archive      who gets a copy; how long the case is kept
  countersign show, register          where the case stands; all cases, and what is due
  countersign verify BUNDLE           whether a sealed bundle is unchanged
  countersign rehearse                all of it with a sample case, to see it work

For one verb, with an example: countersign open --help";

#[cfg(test)]
mod tests {
    use clap::{Arg, Command, CommandFactory, ValueHint};

    use super::*;
    use crate::paths::PATHS;

    /// Whoever adds a path adds it to the list, and with it to the tests that
    /// walk the list.
    #[test]
    fn every_path_of_the_command_line_is_on_the_list() {
        let is_path = |argument: &Arg| {
            let hint = matches!(
                argument.get_value_hint(),
                ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath | ValueHint::ExecutablePath
            );
            let named = argument.get_value_names().unwrap_or_default();
            hint || named.iter().any(|name| ["FILE", "FOLDER", "PATH"].iter().any(|word| name.contains(word)))
        };
        let mut found = Vec::new();
        let mut waiting: Vec<Command> = Cli::command().get_subcommands().cloned().collect();
        while let Some(command) = waiting.pop() {
            waiting.extend(command.get_subcommands().cloned());
            let paths = command.get_arguments().filter(|argument| is_path(argument));
            found.extend(paths.map(|path| (command.get_name().to_owned(), path.get_id().to_string())));
        }
        let listed = |verb: &str, option: &str| PATHS.iter().any(|(v, o, _)| *v == verb && *o == option);
        for (verb, option) in &found {
            assert!(listed(verb, option) || listed("*", option), "{verb} {option} is on no list");
        }
        for (verb, option, _) in PATHS.iter().filter(|(verb, ..)| *verb != "*") {
            assert!(found.iter().any(|(v, o)| v == verb && o == option), "{verb} has no {option}");
        }
    }
}
