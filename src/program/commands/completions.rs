//! `completions`: for the shell.

use clap::{Args, Command};
use clap_complete::Shell;
use serde_json::json;

use crate::context::Context;
use crate::message::{Exit, Message};

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign completions bash > /etc/bash_completion.d/countersign")]
pub struct Completions {
    /// Which shell
    shell: Shell,
}

impl Completions {
    /// `line` is the whole command line.
    pub fn run(self, context: &Context<'_>, mut line: Command) -> Result<Exit, Message> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut line, "countersign", &mut script);
        let script = String::from_utf8_lossy(&script);
        context.output.script(&script, || json!({ "shell": self.shell.to_string(), "script": script }));
        Ok(Exit::Done)
    }
}
