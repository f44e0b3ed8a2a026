//! What the recordings of this guide tell, as fixed text for the pages.
//!
//! It holds nothing that is not on record, but for what is going on right
//! now; a restart loses it and loses nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use countersign_case::capture::{Ended, Ending, Event, Unmet};
use countersign_record::clock::Time;
use countersign_record::journal::Reference;

use crate::amounts::time_of_day;
use crate::explain::{unfinished, unmet};
use crate::message::Message;

/// What each case's recording told last.
#[derive(Default)]
pub struct Recordings {
    all: Mutex<BTreeMap<Reference, Arc<RecordingStatus>>>,
}

/// What one recording has told.
#[derive(Default)]
pub struct RecordingStatus {
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    stage: Stage,
    pages: u64,
    visited: Option<Time>,
    kept: Option<(String, Time)>,
    /// Pages that somebody wants kept and that are not yet.
    wanted: u32,
    refused: Option<Message>,
    unfinished: Vec<Message>,
    broke_off: Option<Gap>,
}

/// What the recording missed.
struct Gap {
    since: Time,
    because: String,
    went_on: Option<Time>,
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
    pub fn begun(&self, case: Reference, told: Arc<RecordingStatus>) {
        self.all().insert(case, told);
    }

    /// What the last recording of the case told, if there was one.
    pub fn of(&self, case: Reference) -> Option<Arc<RecordingStatus>> {
        self.all().get(&case).cloned()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Reference, Arc<RecordingStatus>>> {
        self.all.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl RecordingStatus {
    /// Takes what the recording tells; all of it is durable.
    pub fn hear(&self, event: &Event, now: Time) {
        let mut inside = self.inside();
        if !matches!(event, Event::Unfinished(_) | Event::Active) {
            // Another entry: what was left is done.
            inside.unfinished.clear();
        }
        match event {
            Event::Unfinished(what) => inside.unfinished.push(unfinished(what)),
            Event::Began { .. } => {
                inside.stage = Stage::Going;
                inside.broke_off.iter_mut().for_each(|gap| gap.went_on = Some(now));
            }
            Event::Visit { .. } => {
                inside.pages += 1;
                inside.visited = Some(now);
                inside.refused = None;
                inside.broke_off = None;
            }
            Event::Denied { entry, visit } => {
                let why = visit.failure.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
                let what = format!("Not opened{why}. That it was asked for is on record as entry {entry}.");
                inside.refused = Some(Message::no(what));
            }
            Event::Kept { kept, .. } => {
                inside.kept = Some((kept.exhibit.label.to_string(), now));
                inside.wanted = inside.wanted.saturating_sub(1);
                inside.refused = None;
            }
            Event::Gap { since, because, .. } => {
                inside.broke_off = Some(Gap { since: *since, because: because.to_string(), went_on: None });
            }
            Event::Refused { what, why } => {
                if *what == "keep" {
                    inside.wanted = inside.wanted.saturating_sub(1);
                }
                inside.refused = Some(unmet(in_words(what), why));
            }
            Event::Said { .. } | Event::Active | Event::Halted { .. } | Event::Ended { .. } => {}
        }
    }

    /// The recording has ended.
    pub fn end(&self, ended: Result<Ended, Message>) {
        let mut inside = self.inside();
        if std::mem::take(&mut inside.wanted) > 0 {
            inside.refused = Some(match &ended {
                Ok(_) => unmet(in_words("keep"), &Unmet::Ended),
                Err(_) => Message::no("The recording broke off while a page was being kept.")
                    .hint("Look at the list: if the page is not in it, it was not kept."),
            });
        }
        inside.stage = match ended {
            Ok(ended) => Stage::Ended(
                match ended.why {
                    Ending::Asked => "it was ended",
                    Ending::Left => "nobody did anything for ten minutes, so it ended by itself",
                    Ending::Closed => "the last window was closed",
                    Ending::Halted => "the case was stopped",
                    Ending::Failed => "the browser failed again and again",
                }
                .to_owned(),
            ),
            Err(message) => Stage::Failed(message),
        };
    }

    /// Somebody wants the page on the screen to be kept. It is said before the
    /// recording is told, so that whatever becomes of it is said afterwards;
    /// false where the recording has ended.
    pub fn want_page_kept(&self) -> bool {
        let mut inside = self.inside();
        let goes_on = inside.goes_on();
        if goes_on {
            inside.wanted += 1;
            inside.refused = None;
        }
        goes_on
    }

    /// The state as fixed text: `RECORDING – page 14 visited 10:42:07 UTC`.
    pub fn words(&self) -> String {
        let inside = self.inside();
        let keeping = if inside.wanted > 0 { " – the page on the screen is being kept" } else { "" };
        match (&inside.stage, inside.visited) {
            (Stage::Opening, _) => "The browser is opening".to_owned(),
            (Stage::Going, None) => format!("RECORDING – no page visited yet{keeping}"),
            (Stage::Going, Some(at)) => {
                format!("RECORDING – page {} visited {}{keeping}", inside.pages, time_of_day(at))
            }
            (Stage::Ended(why), _) => format!("NOT RECORDING – {why}"),
            (Stage::Failed(_), _) => "NOT RECORDING – the recording broke off".to_owned(),
        }
    }

    /// The exhibit that was kept last, and when.
    pub fn kept(&self) -> Option<(String, Time)> {
        self.inside().kept.clone()
    }

    /// What was not done, and why the recording broke off.
    pub fn trouble(&self) -> Vec<Message> {
        let inside = self.inside();
        let failed = match &inside.stage {
            Stage::Failed(message) => Some(message),
            _ => None,
        };
        let said = failed.into_iter().chain(&inside.refused).chain(&inside.unfinished).cloned();
        said.chain(inside.broke_off.iter().map(Gap::in_words)).collect()
    }

    /// What is said to people who listen instead of looking: what they wait
    /// for, and not each page that is visited.
    pub fn aloud(&self) -> String {
        let inside = self.inside();
        let stage = match (&inside.stage, &inside.kept) {
            (Stage::Opening, _) => String::new(),
            (Stage::Going, _) if inside.wanted > 0 => "The page is being kept.".to_owned(),
            (Stage::Going, Some((label, _))) => format!("Exhibit {label} is kept."),
            (Stage::Going, None) => "Recording.".to_owned(),
            (Stage::Ended(why), _) => format!("Not recording any more: {why}."),
            (Stage::Failed(message), _) => message.what.clone(),
        };
        let gap = inside.broke_off.iter().map(|gap| gap.in_words().what);
        let more = inside.refused.iter().map(|message| message.what.clone()).chain(gap);
        std::iter::once(stage).chain(more).collect::<Vec<_>>().join(" ")
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Inside {
    fn goes_on(&self) -> bool {
        matches!(self.stage, Stage::Opening | Stage::Going)
    }
}

impl Gap {
    fn in_words(&self) -> Message {
        let since = time_of_day(self.since);
        Message::no(match self.went_on {
            Some(at) => format!(
                "The recording broke off at {since} and went on at {}: {}.",
                time_of_day(at),
                self.because
            ),
            None => format!("Something is missing in the recording at {since}: {}.", self.because),
        })
    }
}

/// A command's word as people read it.
fn in_words(what: &str) -> &str {
    match what {
        "keep" => "Not kept",
        "go" => "Not opened",
        _ => "Not done",
    }
}
