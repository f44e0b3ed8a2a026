//! Why a page cannot be shown as it was asked for, and what is shown instead.
//!
//! The words are those of `explain`; advice that names a command is left out.

use std::io;

use countersign_case::case::CaseError;
use countersign_case::durable::DiskError;
use countersign_record::journal::Reference;

use crate::explain::disk;
use crate::message::{Exit, Message};
use crate::web::html::layout::Page;

/// Why not.
pub enum Problem {
    /// There is no such page.
    NotFound,
    /// Both passphrases are needed first.
    Locked(Reference),
    /// Answers that were lost, or that somebody else gave.
    NoDraft,
    /// Too many wrong passphrases: so many seconds to wait.
    Wait(u64),
    /// A case could not be read or added to.
    Case(CaseError),
    /// Anything else that is said in words.
    Told(Message),
    /// Another page is shown, such as the form with its mistakes.
    Shown(Box<Page>),
}

impl Problem {
    /// A thread ended that should not have.
    pub fn ended() -> Problem {
        Problem::surroundings("The guide's work on this case ended before it was done.")
    }

    /// The surroundings failed.
    pub fn surroundings(what: &str) -> Problem {
        Problem::Told(Message::new(Exit::Surroundings, what).hint("Try again. What was kept is safe."))
    }

    pub fn random(error: io::Error) -> Problem {
        Problem::Case(CaseError::Random(error))
    }

    /// The answer is no, in words.
    pub fn no(what: impl Into<String>) -> Problem {
        Problem::Told(Message::no(what))
    }

    /// What is said of it.
    pub fn message(self) -> Message {
        match self {
            Problem::NotFound => Message::wrong("There is no such page in the guide.")
                .hint("Go to the start page and choose a case."),
            Problem::Locked(reference) => {
                Message::no(format!("Case {reference} is locked.")).hint("Both of you unlock it first.")
            }
            Problem::NoDraft => Message::no("These answers are not there any more.")
                .hint("They were not signed yet, and the guide was started again or answered elsewhere since. Begin this step again.")
                .hint("What both of you have signed is safe."),
            Problem::Wait(seconds) => {
                Message::no(format!("Too many wrong passphrases. Wait {}, then try again.", wait(seconds)))
                    .hint("To stop the case you need not wait.")
            }
            Problem::Case(error) => Message::from(error),
            Problem::Told(message) => message,
            Problem::Shown(page) => Message::no(page.title()),
        }
    }
}

fn wait(seconds: u64) -> String {
    match seconds {
        0..=90 => format!("{seconds} seconds"),
        more => format!("{} minutes", more.div_ceil(60)),
    }
}

impl From<CaseError> for Problem {
    fn from(error: CaseError) -> Problem {
        Problem::Case(error)
    }
}

impl From<DiskError> for Problem {
    fn from(error: DiskError) -> Problem {
        Problem::Told(disk(&error))
    }
}

impl From<Message> for Problem {
    fn from(message: Message) -> Problem {
        Problem::Told(message)
    }
}

impl From<Page> for Problem {
    fn from(page: Page) -> Problem {
        Problem::Shown(Box::new(page))
    }
}
