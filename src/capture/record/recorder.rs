//! The recording itself: what the browser tells and what people command, one
//! after the other, into the case.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::command::Command;
use super::event::{Event, Unmet};
use super::{Ended, Ending, RecordRequest};
use crate::capture::CaptureError;
use crate::case::{CaseError, Unlocked, raise};
use crate::journal::{At, Body, Concern, Id, Noted, Recording, Response, Seen, Text};
use crate::procedure::Deed;

pub(super) struct Recorder<'r, 'a> {
    case: &'r mut Unlocked<'a>,
    tell: &'r mut dyn FnMut(&Event),
    visits: u64,
    kept: u64,
}

impl<'r, 'a> Recorder<'r, 'a> {
    pub(super) fn new(
        case: &'r mut Unlocked<'a>,
        _request: RecordRequest<'_>,
        tell: &'r mut dyn FnMut(&Event),
    ) -> Result<Recorder<'r, 'a>, CaptureError> {
        case.permit_recording(Deed::Visit)?;
        Ok(Recorder { case, tell, visits: 0, kept: 0 })
    }

    pub(super) fn run(mut self, commands: &Receiver<Command>) -> Result<Ended, CaptureError> {
        let watch = self.case.watch();
        let why = loop {
            if watch.is_halted() {
                break Ending::Halted;
            }
            match commands.recv_timeout(PACE) {
                Ok(Command::End) | Err(RecvTimeoutError::Disconnected) => break Ending::Asked,
                Ok(command) => self.obey(command)?,
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        self.end(why)
    }

    fn obey(&mut self, command: Command) -> Result<(), CaptureError> {
        let what = command.word();
        let outcome = match command {
            Command::Note(text) => self.note(text),
            Command::Concern { category, text } => self.concern(category, text),
            Command::Halt { category } => return self.halt(category),
            Command::Do(deed) => {
                deed(self.case);
                Ok(())
            }
            Command::Go(_) | Command::Keep | Command::Area(_) => Err(Failure::Unmet(Unmet::NoPage)),
            Command::End => Ok(()),
        };
        match outcome {
            Ok(()) => Ok(()),
            Err(Failure::Unmet(why)) => {
                (self.tell)(&Event::Refused { what, why });
                Ok(())
            }
            Err(Failure::Broken(error)) => Err(error),
        }
    }

    fn note(&mut self, text: Text) -> Result<(), Failure> {
        let permit = self.case.permit(Deed::Note)?;
        let body = Body::Noted(Noted { text, corrects: None });
        let entry = self.case.append(permit, body.clone())?;
        (self.tell)(&Event::Said { entry, body: Box::new(body) });
        Ok(())
    }

    fn concern(&mut self, category: Id, text: Text) -> Result<(), Failure> {
        let found = self.case.reading().pack().category(category.as_str()).map(|found| found.recorded());
        let Some(category) = found else {
            return Err(Unmet::Case(format!("the procedure has no category {category}")).into());
        };
        let permit = self.case.permit(Deed::Concern(category.id.clone()))?;
        let concern = Concern { at: At::Url(Seen::of("about:blank")), category, description: text };
        let halts = concern.category.response != Response::Record;
        let entry = self.case.concern(permit, concern.clone())?;
        if !halts {
            (self.tell)(&Event::Said { entry, body: Box::new(Body::Concern(concern)) });
        }
        Ok(())
    }

    fn halt(&mut self, category: Option<Id>) -> Result<(), CaptureError> {
        let pack = self.case.reading().pack();
        let found = category.and_then(|id| pack.category(id.as_str()));
        let category = found.filter(|found| found.halts()).map(|found| found.recorded());
        let clock = self.case.surroundings().clock;
        raise(self.case.folder(), category, None, None, clock)?;
        Ok(())
    }

    fn end(self, why: Ending) -> Result<Ended, CaptureError> {
        let because = Seen::of(match why {
            Ending::Asked => "it was ended by the two",
            Ending::Closed => "the last window was closed",
            Ending::Halted => "the case was stopped",
            Ending::Failed => "the browser failed again and again",
        });
        // Journals a halt that was raised, where there is one.
        let permit = self.case.permit(Deed::Tell)?;
        if why == Ending::Halted
            && let Some((entry, _)) = self.case.ledger().halts().last()
        {
            let entry = entry.entry;
            (self.tell)(&Event::Halted { entry });
        }
        let body = Body::Recording(Recording::Ended { because: because.clone() });
        let entry = self.case.append(permit, body)?;
        (self.tell)(&Event::Ended { entry, because });
        Ok(Ended { entry, why, visits: self.visits, kept: self.kept })
    }
}

/// Why a command did not do what it should.
enum Failure {
    /// It was refused, and the recording goes on.
    Unmet(Unmet),
    /// The recording cannot go on.
    Broken(CaptureError),
}

impl From<Unmet> for Failure {
    fn from(why: Unmet) -> Failure {
        Failure::Unmet(why)
    }
}

impl From<CaseError> for Failure {
    fn from(error: CaseError) -> Failure {
        match error {
            CaseError::Refused(refusal) => Failure::Unmet(Unmet::Case(refusal.why.to_string())),
            CaseError::Entry { .. } => Failure::Unmet(Unmet::Case(error.to_string())),
            other => Failure::Broken(other.into()),
        }
    }
}

const PACE: Duration = Duration::from_millis(20);
