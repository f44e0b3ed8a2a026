//! What people command is done.
//!
//! Keeping what is on the screen is [`super::exhibit`]'s.

use std::time::Instant;

use super::command::Command;
use super::event::{Event, Unmet};
use super::failure::Failure;
use super::recorder::Recorder;
use crate::capture::CaptureError;
use crate::case::{Halt, How};
use crate::procedure::Deed;
use countersign_browser::network::address::{Address, AddressError};
use countersign_browser::network::reach::Reach;
use countersign_browser::session::{VisitOutcome, Visited};
use countersign_record::journal::{At, Body, Concern, Id, Noted, Response, Seen, Text};

impl Recorder<'_, '_> {
    pub(super) fn obey(&mut self, command: Command) -> Result<(), CaptureError> {
        let what = command.word();
        let outcome = match command {
            Command::Go(url) => self.go(&url),
            Command::Keep => self.keep(),
            Command::Area(area) => self.keep_area(area),
            Command::Note(text) => self.note(text),
            Command::Concern { category, words } => self.concern(&category, &words),
            Command::Halt { category } => return self.halt(category),
            Command::Do(deed) => {
                deed(self.case);
                Ok(())
            }
            Command::End | Command::Leave => Ok(()),
        };
        match outcome {
            Ok(()) => Ok(()),
            Err(Failure::Unmet(why)) if !self.stop.is_set() => {
                (self.tell)(&Event::Refused { what, why });
                Ok(())
            }
            Err(Failure::Unmet(_)) => Ok(()),
            Err(Failure::Broken(error)) => Err(error),
        }
    }

    /// Answers what waited while a page was being kept and was not reached:
    /// work with the case is done, and everything else is refused.
    pub(super) fn settle(&mut self) {
        self.close();
        while let Some(command) = self.queue.pop_front().or_else(|| self.commands.try_recv().ok()) {
            let what = command.word();
            let is_done = match command {
                Command::Do(deed) => {
                    deed(self.case);
                    true
                }
                Command::End | Command::Leave => true,
                Command::Halt { category } => self.halt(category).is_ok(),
                // The case is stopped by it; what was said is in the stop.
                Command::Concern { category, words } if self.halts(&category) => {
                    let _ = self.stop_by(&category, &words);
                    false
                }
                _ => false,
            };
            if !is_done {
                (self.tell)(&Event::Refused { what, why: Unmet::Ended });
            }
        }
    }

    fn go(&mut self, url: &str) -> Result<(), Failure> {
        match address(url, self.judge.reach()) {
            Ok(address) => {
                let live = self.live.as_ref().ok_or(Unmet::NoPage)?;
                live.session.go(&address);
                Ok(())
            }
            Err((url, error)) => {
                // It was asked for, and not let.
                let why = error.to_string();
                let visited = Visited {
                    at: Instant::now(),
                    url: url.clone(),
                    redirects: Vec::new(),
                    final_url: url,
                    title: None,
                    title_of: None,
                    status: None,
                    outcome: VisitOutcome::Denied(why),
                };
                self.waiting.add(visited, Instant::now(), self.case.surroundings().clock);
                Ok(())
            }
        }
    }

    fn note(&mut self, text: Text) -> Result<(), Failure> {
        self.write_visits()?;
        let permit = self.case.permit(Deed::Note)?;
        let body = Body::Noted(Noted { text });
        let entry = self.case.append(permit, body.clone())?;
        (self.tell)(&Event::Said { entry, body: Box::new(body) });
        self.tell_unfinished();
        Ok(())
    }

    fn concern(&mut self, category: &Id, words: &str) -> Result<(), Failure> {
        let found = self.case.reading().pack().category(category.as_str()).map(|found| found.recorded());
        let Some(category) = found else {
            return Err(Unmet::Case(format!("the procedure has no category {category}")).into());
        };
        let url = self.address_on_screen();
        let halts = category.response != Response::Record;
        if halts {
            self.stop_by(&category.id, words)?;
        }
        let concern = match (Text::typed(words), url) {
            (Ok(description), Some(url)) => Concern { at: At::Url(Seen::of(&url)), category, description },
            (description, _) => {
                let why = description.err().map_or(Unmet::NoPage, |error| Unmet::Words(error.to_string()));
                // Said even where the stop is what matters: what was typed
                // stands in the stop as it was.
                if halts {
                    (self.tell)(&Event::Refused { what: "concern", why });
                    return Ok(());
                }
                return Err(why.into());
            }
        };
        if !halts {
            self.write_visits()?;
        }
        // Its stop is made.
        let entry = match halts {
            true => {
                let seen = self.look_at_stop();
                // Where it fails, the concern does as well, and says so.
                let _ = self.case.journal_stop(seen);
                self.case.describe_stop(concern.clone())?
            }
            false => self.case.record_concern(concern.clone())?,
        };
        (self.tell)(&Event::Said { entry, body: Box::new(Body::Concern(concern)) });
        self.tell_unfinished();
        Ok(())
    }

    pub(super) fn address_on_screen(&self) -> Option<String> {
        let live = self.live.as_ref()?;
        live.session.on_screen(&live.browser).filter(|shown| shown.is_page()).map(|shown| shown.url())
    }

    /// Stops the case by a concern, once: the window closes first, then the
    /// mark is made, and only then the rest of it is looked at.
    pub(super) fn stop_by(&mut self, category: &Id, words: &str) -> Result<(), CaptureError> {
        if std::mem::replace(&mut self.is_stopped_by_concern, true) {
            return Ok(());
        }
        let place = self.address_on_screen();
        self.look_at_stop();
        self.close();
        let category = Some(category.to_string());
        let description = Some(words.to_owned());
        self.case.halt(Halt { category, place, description, how: How::ByConcern, by: None })?;
        Ok(())
    }

    pub(super) fn halts(&self, category: &Id) -> bool {
        self.case.reading().pack().category(category.as_str()).is_some_and(|category| category.halts())
    }

    /// Stops the case: the window closes first, then the halt is raised.
    pub(super) fn halt(&mut self, category: Option<String>) -> Result<(), CaptureError> {
        self.look_at_stop();
        self.close();
        Ok(self.case.halt(Halt { category, ..Halt::default() })?)
    }
}

/// Reads an address that was typed; where it is none, what was typed.
pub(super) fn address(url: &str, reach: &Reach) -> Result<Address, (String, AddressError)> {
    Address::parse(url, reach).map_err(|error| (Seen::of(url).to_string(), error))
}
