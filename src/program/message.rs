//! What a person is told when something did not happen, and how the program
//! ends then.

use std::path::Path;
use std::process::ExitCode;

use countersign_record::journal::Seen;

/// What a person is told when something did not happen.
#[derive(Debug, Clone)]
pub struct Message {
    /// What happened, and to what.
    pub what: String,
    /// What to do next.
    pub hints: Vec<String>,
    /// How the program ends.
    pub exit: Exit,
}

impl Message {
    pub fn new(exit: Exit, what: impl Into<String>) -> Message {
        Message { what: what.into(), hints: Vec::new(), exit }
    }

    /// The program was called with something that it cannot take.
    pub fn wrong(what: impl Into<String>) -> Message {
        Message::new(Exit::Wrong, what)
    }

    /// The answer is no.
    pub fn no(what: impl Into<String>) -> Message {
        Message::new(Exit::No, what)
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Message {
        self.hints.push(hint.into());
        self
    }
}

/// The program's own file, whose digest stands in entry 1, cannot be read.
pub fn own_file(error: &std::io::Error) -> Message {
    Message::new(Exit::Surroundings, format!("Countersign cannot read its own program file: {error}."))
        .hint("Install it again, or show this to your IT person.")
}

/// How the program ends: the exit codes that scripts can count on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; for `verify`, unchanged and compared.
    Done,
    /// The answer is no: refused by the procedure, changed, not signed by
    /// both.
    No,
    /// Called wrongly.
    Wrong,
    /// Unchanged in itself, but not compared with the paper.
    NotCompared,
    /// The surroundings failed: disk, browser, network.
    Surroundings,
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::No => 1,
            Exit::Wrong => 2,
            Exit::NotCompared => 3,
            Exit::Surroundings => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// A path as people read it.
pub fn shown(path: &Path) -> String {
    Seen::of(&path.display().to_string()).to_string()
}
