//! The program: it parses, runs one verb, and ends with its exit code.
//!
//! What is asked of a case is answered by the library; this is only the face.

mod ambient;
mod amounts;
mod args;
mod ask;
mod at_once;
mod browser_args;
mod cli;
mod commands;
mod context;
mod describe;
mod explain;
mod message;
mod passphrase;
// For the tests that hold the command line to it.
#[cfg(test)]
mod paths;
mod procedure_source;
mod progress;
mod say;
mod stop_page;
mod web;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::cli::{Cli, Verb};
use crate::context::Desk;
use crate::message::{Exit, Message};
use crate::say::{Form, Mouth};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let mouth = Mouth::new(if cli.everywhere.json { Form::Json } else { Form::Words });
    let verb = cli.verb.unwrap_or_else(|| Verb::Guide(web::Serve::default()));
    let ended = Desk::at(cli.everywhere.home, &mouth).and_then(|desk| run(verb, &desk));
    match ended {
        Ok(exit) => exit.into(),
        Err(message) => {
            mouth.error(&message);
            message.exit.into()
        }
    }
}

fn run(verb: Verb, desk: &Desk<'_>) -> Result<Exit, Message> {
    match verb {
        Verb::Guide(serve) => serve.run(desk),
        Verb::Open(open) => open.run(desk),
        Verb::Record(record) => record.run(desk),
        Verb::Keep(keep) => keep.run(desk),
        Verb::Attach(attach) => attach.run(desk),
        Verb::Note(note) => note.run(desk),
        Verb::Concern(concern) => concern.run(desk),
        Verb::Halt(halt) => halt.run(desk),
        Verb::Isolate(isolate) => isolate.run(desk),
        Verb::Refer(refer) => refer.run(desk),
        Verb::Judge(judge) => judge.run(desk),
        Verb::Act(act) => act.run(desk),
        Verb::Form(form) => form.run(desk),
        Verb::Seal(seal) => seal.run(desk),
        Verb::Verify(verify) => verify.run(desk),
        Verb::HandOver(hand_over) => hand_over.run(desk),
        Verb::Register(register) => register.run(desk),
        Verb::Archive(archive) => archive.run(desk),
        Verb::Show(show) => show.run(desk),
        Verb::Procedure(procedure) => procedure.run(desk),
        Verb::Doctor(doctor) => doctor.run(desk),
        Verb::Rehearse(rehearse) => rehearse.run(desk),
        Verb::Completions(completions) => completions.run(desk, Cli::command()),
    }
}

/// `--help` and `--version` are answers; everything else was called wrongly.
fn usage(error: &clap::Error) -> ExitCode {
    let words = error.render().to_string();
    let mouth = Mouth::new(Form::Words);
    if error.use_stderr() {
        mouth.tell(words.trim_end());
        return Exit::Wrong.into();
    }
    mouth.result(words.trim_end(), || serde_json::Value::Null);
    Exit::Done.into()
}
