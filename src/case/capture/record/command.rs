//! What people tell a recording while it goes on.

use std::fmt;

use crate::case::Unlocked;
use countersign_browser::session::Area;
use countersign_record::journal::{Id, Text};

/// One thing to do.
pub enum Command {
    /// Open this address in the page that is on the screen.
    Go(String),
    /// Keep the page that is on the screen.
    Keep,
    /// Keep a part of what is on the screen as a picture, in the page's own
    /// pixels from the window's top left corner.
    Area(Area),
    /// Write a note.
    Note(Text),
    /// Describe a concern about the page that is on the screen. A category
    /// that halts is the halt.
    Concern {
        /// Of what kind, by the pack's id.
        category: Id,
        /// In words, as they were typed: they are looked at once the category
        /// has stopped the case, if it does.
        words: String,
    },
    /// Stop the case. Without a category, or with one that the pack does not
    /// know, the strictest response holds.
    Halt {
        /// The category's id, as it was typed.
        category: Option<String>,
    },
    /// Do something else with the case that this recording holds unlocked.
    Do(Box<dyn FnOnce(&mut Unlocked<'_>) + Send>),
    /// End the recording.
    End,
    /// End the recording, because nobody did anything for too long.
    Leave,
}

impl Command {
    /// The word for it on the command line.
    pub fn word(&self) -> &'static str {
        match self {
            Command::Go(_) => "go",
            Command::Keep => "keep",
            Command::Area(_) => "area",
            Command::Note(_) => "note",
            Command::Concern { .. } => "concern",
            Command::Halt { .. } => "halt",
            Command::Do(_) => "do",
            Command::End | Command::Leave => "end",
        }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
