//! What the recordings of this guide tell, as fixed text for the pages.
//!
//! It holds nothing that is not on record, but for what is going on right
//! now; a restart loses it and loses nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use countersign::capture::{Ended, Ending, Event};
use countersign::clock::Time;
use countersign::journal::Reference;

use crate::describe::time_of_day;
use crate::explain::{Message, unmet};

/// What each case's recording told last.
#[derive(Default)]
pub struct Recordings {
    all: Mutex<BTreeMap<Reference, Arc<Told>>>,
}

/// What one recording has told.
#[derive(Default)]
pub struct Told {
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    stage: Stage,
    pages: u64,
    saved: Option<Time>,
    kept: Option<(String, Time)>,
    is_keeping: bool,
    refused: Option<Message>,
}

/// How far a recording is.
#[derive(Default)]
enum Stage {
    #[default]
    Opening,
    Going,
    Ended(String),
    Failed(Message),
}

impl Recordings {
    /// The recording that has begun.
    pub fn begun(&self, case: Reference, told: Arc<Told>) {
        self.all().insert(case, told);
    }

    /// What the last recording of the case told, if there was one.
    pub fn of(&self, case: Reference) -> Option<Arc<Told>> {
        self.all().get(&case).cloned()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Reference, Arc<Told>>> {
        self.all.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Told {
    /// Takes what the recording tells; all of it is durable.
    pub fn hear(&self, event: &Event, now: Time) {
        let mut inside = self.inside();
        match event {
            Event::Began { .. } => inside.stage = Stage::Going,
            Event::Visit { .. } => {
                inside.pages += 1;
                inside.saved = Some(now);
                inside.refused = None;
            }
            Event::Denied { entry, visit } => {
                let why = visit.failure.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
                let what = format!("Not opened{why}. That it was asked for is on record as entry {entry}.");
                inside.refused = Some(Message::no(what));
            }
            Event::Kept { kept, .. } => {
                inside.kept = Some((kept.exhibit.label.to_string(), now));
                inside.is_keeping = false;
                inside.refused = None;
            }
            Event::Refused { what, why } => {
                inside.is_keeping &= *what != "keep";
                inside.refused = Some(unmet(in_words(what), why));
            }
            Event::Said { .. } | Event::Gap { .. } | Event::Halted { .. } | Event::Ended { .. } => {}
        }
    }

    /// The recording has ended.
    pub fn end(&self, ended: Result<Ended, Message>) {
        let mut inside = self.inside();
        inside.is_keeping = false;
        inside.stage = match ended {
            Ok(ended) => Stage::Ended(
                match ended.why {
                    Ending::Asked => "it was ended",
                    Ending::Closed => "the last window was closed",
                    Ending::Halted => "the case was stopped",
                    Ending::Failed => "the browser failed again and again",
                }
                .to_owned(),
            ),
            Err(message) => Stage::Failed(message),
        };
    }

    /// Somebody asked for the page on the screen to be kept.
    pub fn is_keeping(&self) {
        let mut inside = self.inside();
        inside.is_keeping = true;
        inside.refused = None;
    }

    /// Whether it goes on.
    pub fn goes_on(&self) -> bool {
        matches!(self.inside().stage, Stage::Opening | Stage::Going)
    }

    /// The state as fixed text: `RECORDING – page 14 saved 10:42:07 UTC`.
    pub fn words(&self) -> String {
        let inside = self.inside();
        let keeping = if inside.is_keeping { " – the page on the screen is being kept" } else { "" };
        match (&inside.stage, inside.saved) {
            (Stage::Opening, _) => "The browser is opening".to_owned(),
            (Stage::Going, None) => format!("RECORDING – no page yet{keeping}"),
            (Stage::Going, Some(at)) => {
                format!("RECORDING – page {} saved {}{keeping}", inside.pages, time_of_day(at))
            }
            (Stage::Ended(why), _) => format!("NOT RECORDING – {why}"),
            (Stage::Failed(_), _) => "NOT RECORDING – the recording broke off".to_owned(),
        }
    }

    /// The exhibit that was kept last, and when.
    pub fn kept(&self) -> Option<(String, Time)> {
        self.inside().kept.clone()
    }

    /// What was not done, or why the recording broke off.
    pub fn trouble(&self) -> Option<Message> {
        let inside = self.inside();
        match &inside.stage {
            Stage::Failed(message) => Some(copy(message)),
            _ => inside.refused.as_ref().map(copy),
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(|e| e.into_inner())
    }
}

fn copy(message: &Message) -> Message {
    message
        .hints
        .iter()
        .fold(Message::new(message.exit, message.what.as_str()), |message, hint| message.hint(hint.as_str()))
}

/// A command's word as people read it.
fn in_words(what: &str) -> &str {
    match what {
        "keep" => "Not kept",
        "go" => "Not opened",
        _ => "Not done",
    }
}
