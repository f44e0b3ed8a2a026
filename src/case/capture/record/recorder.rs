//! The recording itself: what the browser tells and what people command, one
//! after the other, into the case.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use super::command::Command;
use super::event::Event;
use super::failure::is_stop;
use super::live::{Live, Stop};
use super::obey::address;
use super::visits::{Kind, Waiting, at};
use super::{Ended, Ending, RecordRequest};
use crate::capture::CaptureError;
use crate::capture::told::{self, seen_at_stop};
use crate::case::{Halt, SeenAtStop, Unlocked};
use crate::procedure::Deed;
use countersign_browser::network::wall::Judge;
use countersign_browser::program::launch;
use countersign_browser::session::SessionEvent;
use countersign_record::journal::{Body, Recording, Seen, Visit, Visited as Visits};

pub(super) struct Recorder<'r, 'a> {
    pub(super) case: &'r mut Unlocked<'a>,
    pub(super) request: RecordRequest<'r>,
    pub(super) commands: &'r Receiver<Command>,
    pub(super) tell: &'r mut dyn FnMut(&Event),
    pub(super) judge: Judge,
    pub(super) stop: Stop,
    pub(super) live: Option<Live>,
    /// Commands that came while a page was being kept.
    pub(super) queue: VecDeque<Command>,
    pub(super) waiting: Waiting,
    /// The last window was closed while a page was being kept.
    later: Option<SessionEvent>,
    /// The mark of a concern that stops is made; its words may still wait.
    pub(super) is_stopped_by_concern: bool,
    /// The page that is being kept, while it is.
    pub(super) keeping: Option<String>,
    /// What was seen when the case was stopped.
    seen_at_stop: Option<SeenAtStop>,
    deaths: Vec<Instant>,
    visits: u64,
    pub(super) kept: u64,
}

impl<'r, 'a> Recorder<'r, 'a> {
    /// Opens the browser. Where the case takes no recording, it does not.
    pub(super) fn begin(
        case: &'r mut Unlocked<'a>,
        request: RecordRequest<'r>,
        commands: &'r Receiver<Command>,
        tell: &'r mut dyn FnMut(&Event),
    ) -> Result<Recorder<'r, 'a>, CaptureError> {
        let judge = request.network.judge(case.ledger().opened().standing);
        let start = request
            .start
            .map(|url| address(url, judge.reach()))
            .transpose()
            .map_err(|(url, error)| CaptureError::Address { url, error })?;
        // From before the case is asked on, so that no halt falls between.
        let stop = Stop::of(case.watch());
        case.permit_recording(Deed::Visit)?;
        // What a killed recording left of its browser.
        let _ = launch::sweep(request.with.folder);
        let live = Live::start(&request, judge.clone(), &stop)?;
        let mut recorder = Recorder {
            case,
            request,
            commands,
            tell,
            judge,
            stop,
            live: None,
            queue: VecDeque::new(),
            waiting: Waiting::default(),
            later: None,
            is_stopped_by_concern: false,
            keeping: None,
            seen_at_stop: None,
            deaths: Vec::new(),
            visits: 0,
            kept: 0,
        };
        recorder.began(live)?;
        if let (Some(start), Some(live)) = (start, &recorder.live) {
            live.session.go(&start);
        }
        Ok(recorder)
    }

    pub(super) fn run(mut self) -> Result<Ended, CaptureError> {
        let ended = self.go_on().and_then(|why| self.end(why));
        self.settle();
        ended
    }

    fn go_on(&mut self) -> Result<Ending, CaptureError> {
        loop {
            match self.step() {
                Ok(None) => {}
                Ok(Some(why)) => return Ok(why),
                // Whatever went wrong, a stop is what matters.
                Err(_) if self.stop.is_set() => return Ok(Ending::Halted),
                Err(error) => return Err(error),
            }
        }
    }

    /// A moment of the recording; how it ended, if it did.
    fn step(&mut self) -> Result<Option<Ending>, CaptureError> {
        if self.stop.is_set() {
            return Ok(Some(Ending::Halted));
        }
        if let Some(why) = self.listen()? {
            return Ok(Some(why));
        }
        if self.waiting.is_due(Instant::now()) {
            self.write_visits()?;
        }
        loop {
            let command = match self.queue.pop_front() {
                Some(command) => command,
                None => match self.commands.try_recv() {
                    Ok(command) => command,
                    Err(TryRecvError::Empty) => return Ok(None),
                    Err(TryRecvError::Disconnected) => return Ok(Some(Ending::Asked)),
                },
            };
            match command {
                Command::End => return Ok(Some(Ending::Asked)),
                Command::Leave => return Ok(Some(Ending::Left)),
                _ => {}
            }
            self.obey(command)?;
            if self.stop.is_set() {
                return Ok(Some(Ending::Halted));
            }
        }
    }

    /// Takes what the browser has to tell.
    fn listen(&mut self) -> Result<Option<Ending>, CaptureError> {
        let mut limit = PACE;
        for _ in 0..MOST_AT_ONCE {
            let Some(live) = &mut self.live else { return Ok(Some(Ending::Failed)) };
            let next = self.later.take().map_or_else(|| live.session.next(limit), |later| Ok(Some(later)));
            match next {
                Ok(Some(SessionEvent::Closed)) => return Ok(Some(Ending::Closed)),
                Ok(Some(happening)) => self.happened(happening)?,
                Ok(None) => break,
                Err(_) if self.stop.is_set() => return Ok(Some(Ending::Halted)),
                Err(_) => return self.broke(Instant::now(), "the browser ended by itself or was ended"),
            }
            limit = Duration::ZERO;
        }
        let Some(live) = &mut self.live else { return Ok(Some(Ending::Failed)) };
        if live.session.poll_hung() {
            return self.broke(Instant::now() - HUNG, "the browser did not answer any more");
        }
        let lost = live.session.take_lost();
        if lost > 0 {
            let because =
                format!("{lost} things that the browser told came faster than they could be recorded");
            self.gap(Instant::now(), &because)?;
        }
        Ok(None)
    }

    /// Takes what the browser has to tell while a page is being kept, short of
    /// the end of the recording.
    pub(super) fn hear(&mut self) -> Result<(), CaptureError> {
        for _ in 0..MOST_AT_ONCE {
            let live = self.live.as_ref().filter(|_| self.later.is_none());
            match live.map(|live| live.session.next(Duration::ZERO)) {
                Some(Ok(Some(closed @ SessionEvent::Closed))) => self.later = Some(closed),
                Some(Ok(Some(happening))) => self.happened(happening)?,
                _ => break,
            }
        }
        Ok(())
    }

    fn happened(&mut self, happening: SessionEvent) -> Result<(), CaptureError> {
        match happening {
            SessionEvent::Visited(visited) => {
                self.waiting.add(visited, Instant::now(), self.case.surroundings().clock);
                Ok(())
            }
            SessionEvent::Titled { page, title } => {
                self.waiting.titled(&page, title.as_deref());
                Ok(())
            }
            SessionEvent::Crashed { url } => {
                let url = Seen::brief(&url, 2000);
                self.gap(Instant::now(), &format!("the page at {url} crashed; other pages were recorded on"))
            }
            SessionEvent::TooManyWindows(windows) => self.gap(
                Instant::now(),
                &format!("{windows} more windows were closed unopened, because too many were open"),
            ),
            SessionEvent::Active => {
                (self.tell)(&Event::Active);
                Ok(())
            }
            SessionEvent::Stop | SessionEvent::Closed => Ok(()),
        }
    }

    /// The browser is gone, or must go: said, and opened again.
    fn broke(&mut self, since: Instant, because: &str) -> Result<Option<Ending>, CaptureError> {
        if let Some(live) = self.live.take() {
            for happening in live.end() {
                self.happened(happening)?;
            }
        }
        if self.stop.is_set() {
            return Ok(Some(Ending::Halted));
        }
        self.gap(since, because)?;
        self.deaths.push(Instant::now());
        let recent = self.deaths.iter().filter(|death| death.elapsed() < DEATHS_WITHIN).count();
        if recent >= MOST_DEATHS {
            return Ok(Some(Ending::Failed));
        }
        match Live::start(&self.request, self.judge.clone(), &self.stop) {
            Ok(live) => self.began(live).map(|()| None),
            Err(_) if self.stop.is_set() => Ok(Some(Ending::Halted)),
            Err(_) => Ok(Some(Ending::Failed)),
        }
    }

    fn began(&mut self, live: Live) -> Result<(), CaptureError> {
        let browser = told::browser(&live.browser.tool())
            .ok_or_else(|| CaptureError::Browser("it does not say what it is".to_owned()))?;
        self.live = Some(live);
        let permit = self.case.permit(Deed::Tell)?;
        let body = Body::Recording(Recording::Began { browser: browser.clone() });
        let entry = self.case.append(permit, body)?;
        (self.tell)(&Event::Began { entry, browser });
        self.tell_unfinished();
        Ok(())
    }

    fn gap(&mut self, since: Instant, because: &str) -> Result<(), CaptureError> {
        // What was visited before it comes before it.
        self.write_visits()?;
        let since = at(since, self.case.surroundings().clock);
        let because = Seen::of(because);
        let permit = self.case.permit(Deed::Tell)?;
        let body = Body::Recording(Recording::Gap { since, because: because.clone() });
        let entry = self.case.append(permit, body)?;
        (self.tell)(&Event::Gap { entry, since, because });
        self.tell_unfinished();
        Ok(())
    }

    /// Puts all visits on record that wait for it.
    pub(super) fn write_visits(&mut self) -> Result<(), CaptureError> {
        while !self.waiting.is_empty() && !self.stop.is_set() {
            let entry = self.waiting.next_entry(Instant::now());
            let visits: Vec<Visit> = entry.iter().map(|(visit, _)| visit.clone()).collect();
            let permit = self.case.permit_recording(Deed::Visit);
            let number = permit
                .and_then(|permit| self.case.append(permit.into_permit(), Body::Visited(Visits { visits })));
            let number = match number {
                Ok(number) => number,
                Err(error) => {
                    // A stop came between: that they were visited stays true.
                    self.waiting.wait_on(entry, Instant::now());
                    return Err(error.into());
                }
            };
            for (visit, kind) in entry {
                self.visits += 1;
                (self.tell)(&match kind {
                    Kind::Visit => Event::Visit { entry: number, visit },
                    Kind::Denied => Event::Denied { entry: number, visit },
                });
            }
            self.tell_unfinished();
        }
        Ok(())
    }

    /// What was visited before a stop that came before its entry. It is said
    /// as what the program saw, and nothing of it is told on the screen.
    fn write_visits_before_stop(&mut self) -> Result<(), CaptureError> {
        while !self.waiting.is_empty() {
            let entry = self.waiting.next_entry(Instant::now());
            let visits: Vec<Visit> = entry.into_iter().map(|(visit, _)| visit).collect();
            self.visits += visits.len() as u64;
            let permit = self.case.permit(Deed::Tell)?;
            self.case.append(permit, Body::Recording(Recording::BeforeStop { visits }))?;
        }
        Ok(())
    }

    /// Remembers what is on the screen and what is being kept, for the entry of
    /// the stop. The first look counts: a window that is closed shows nothing.
    pub(super) fn look_at_stop(&mut self) -> SeenAtStop {
        let look = || SeenAtStop {
            screen: self.address_on_screen().map(|url| seen_at_stop(&url)),
            keeping: self.keeping.as_deref().map(seen_at_stop),
        };
        let seen = self.seen_at_stop.clone().unwrap_or_else(look);
        self.seen_at_stop.insert(seen).clone()
    }

    /// What could not be done beside what was just told.
    pub(super) fn tell_unfinished(&mut self) {
        for what in self.case.unfinished() {
            (self.tell)(&Event::Unfinished(what.clone()));
        }
    }

    pub(super) fn close(&mut self) {
        if let Some(live) = &self.live {
            live.browser.kill();
        }
    }

    fn end(&mut self, why: Ending) -> Result<Ended, CaptureError> {
        let because = Seen::of(match why {
            Ending::Asked => "it was ended",
            Ending::Left => "nobody did anything in it for too long",
            Ending::Closed => "the last window was closed",
            Ending::Halted => "the case was stopped",
            Ending::Failed => "the browser failed again and again",
        });
        if why == Ending::Halted {
            self.look_at_stop();
        }
        self.close();
        if why == Ending::Halted && self.stop.is_pressed() {
            self.case.halt(Halt::default())?;
        }
        if let Some(live) = self.live.take() {
            for happening in self.later.take().into_iter().chain(live.end()) {
                let is_visit = matches!(happening, SessionEvent::Visited(_) | SessionEvent::Titled { .. });
                if why != Ending::Halted || is_visit {
                    self.happened(happening)?;
                }
            }
        }
        let written = self.write_visits();
        let stopped = self.stop.is_set() || matches!(&written, Err(error) if is_stop(error));
        if !stopped {
            written?;
        }
        self.finish(if stopped { Ending::Halted } else { why }, because)
    }

    fn finish(&mut self, why: Ending, because: Seen) -> Result<Ended, CaptureError> {
        // Journals a halt that was raised, where there is one.
        self.case.journal_stop(self.seen_at_stop.clone().unwrap_or_default())?;
        self.settle();
        // One that came while that was done.
        self.case.journal_stop(self.seen_at_stop.clone().unwrap_or_default())?;
        let halted = self.case.ledger().halts().last().map(|(entry, _)| entry.entry);
        if let Some(entry) = halted {
            (self.tell)(&Event::Halted { entry });
        }
        self.write_visits_before_stop()?;
        let permit = self.case.permit(Deed::Tell)?;
        let body = Body::Recording(Recording::Ended { because: because.clone() });
        let entry = self.case.append(permit, body)?;
        (self.tell)(&Event::Ended { entry, because });
        self.tell_unfinished();
        Ok(Ended { entry, why, visits: self.visits, kept: self.kept })
    }
}

const PACE: Duration = Duration::from_millis(20);
/// What the browser tells is taken in turns with what people command.
const MOST_AT_ONCE: usize = 256;
/// How long a hung browser has been silent at least.
const HUNG: Duration = Duration::from_secs(20);
const MOST_DEATHS: usize = 4;
const DEATHS_WITHIN: Duration = Duration::from_secs(60);
