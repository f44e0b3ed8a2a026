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
mod waiting;
mod web;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::cli::{Cli, Verb};
use crate::commands::concern;
use crate::commands::misspelt::Misspelt;
use crate::context::Context;
use crate::message::{Exit, Message};
use crate::say::{Form, Output};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return stop_or_usage(&error),
    };
    let output = Output::new(if cli.everywhere.json { Form::Json } else { Form::Words });
    let verb = cli.verb.unwrap_or_else(|| Verb::Guide(web::Serve::default()));
    let ended = Context::at(cli.everywhere.home, &output).and_then(|context| run(verb, &context));
    match ended {
        Ok(exit) => exit.into(),
        Err(message) => {
            output.error(&message);
            message.exit.into()
        }
    }
}

fn run(verb: Verb, context: &Context<'_>) -> Result<Exit, Message> {
    match verb {
        Verb::Guide(serve) => serve.run(context),
        Verb::Open(open) => open.run(context),
        Verb::Record(record) => record.run(context),
        Verb::Keep(keep) => keep.run(context),
        Verb::Attach(attach) => attach.run(context),
        Verb::Note(note) => note.run(context),
        Verb::Concern(concern) => concern.run(context),
        Verb::Halt(halt) => halt.run(context),
        Verb::Isolate(isolate) => isolate.run(context),
        Verb::Refer(refer) => refer.run(context),
        Verb::Judge(judge) => judge.run(context),
        Verb::Act(act) => act.run(context),
        Verb::Form(form) => form.run(context),
        Verb::Seal(seal) => seal.run(context),
        Verb::Verify(verify) => verify.run(context),
        Verb::HandOver(hand_over) => hand_over.run(context),
        Verb::Register(register) => register.run(context),
        Verb::Archive(archive) => archive.run(context),
        Verb::Show(show) => show.run(context),
        Verb::Procedure(procedure) => procedure.run(context),
        Verb::Doctor(doctor) => doctor.run(context),
        Verb::Rehearse(rehearse) => rehearse.run(context),
        Verb::Completions(completions) => completions.run(context, Cli::command()),
    }
}

/// What cannot be understood is a stop where it means one: the mark first, and
/// then what was wrong with the rest.
fn stop_or_usage(error: &clap::Error) -> ExitCode {
    let meant = error.use_stderr().then(|| Misspelt::of(std::env::args_os().skip(1))).flatten();
    let Some(meant) = meant else {
        let ended = usage(error);
        if error.use_stderr() && std::env::args_os().any(|word| word == "concern") {
            Output::new(Form::Words).tell(concern::GOES_ON);
        }
        return ended;
    };
    let output = Output::new(if meant.json { Form::Json } else { Form::Words });
    let home = meant.home.clone();
    let stopped = Context::at(home, &output).and_then(|context| meant.halt().run(&context));
    let words = error.render().to_string();
    match stopped {
        Ok(_) => {
            output.tell(&format!("The rest of what was typed was not understood:\n{}", words.trim_end()));
            Exit::Wrong.into()
        }
        Err(message) => {
            output.tell(words.trim_end());
            output.error(&message);
            message.exit.into()
        }
    }
}

/// `--help` and `--version` are answers; everything else was called wrongly.
fn usage(error: &clap::Error) -> ExitCode {
    let words = error.render().to_string();
    let output = Output::new(Form::Words);
    if error.use_stderr() {
        output.tell(words.trim_end());
        return Exit::Wrong.into();
    }
    output.result(words.trim_end(), || serde_json::Value::Null);
    Exit::Done.into()
}
