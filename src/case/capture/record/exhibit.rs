//! What is on the screen becomes an exhibit.
//!
//! The browser is asked on a thread of its own, so that a stop is obeyed, and
//! what is visited is put on record, while a page takes its time.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::command::Command;
use super::event::{Event, Unmet};
use super::failure::Failure;
use super::recorder::Recorder;
use crate::capture::CaptureError;
use crate::capture::store::Drafts;
use crate::capture::told::{file_of, kept, record};
use crate::procedure::Deed;
use countersign_browser::page::facts::{KeptPage, Piece};
use countersign_browser::page::{Limits, PageError};
use countersign_browser::session::{Area, AreaError, KeepError, Shown};
use countersign_record::journal::{Body, File, Role};

impl Recorder<'_, '_> {
    /// Keeps the page that is on the screen.
    pub(super) fn keep(&mut self) -> Result<(), Failure> {
        let shown = self.on_screen()?;
        self.keeping = Some(shown.url());
        let kept = self.keep_shown(shown);
        // Where a stop came between, its entry says what was being kept.
        if !self.stop.is_set() {
            self.keeping = None;
        }
        kept
    }

    fn keep_shown(&mut self, shown: Shown) -> Result<(), Failure> {
        let clock = self.case.surroundings().clock;
        let limits =
            Limits { load: Duration::ZERO, traffic: self.request.traffic.limits(), ..Limits::default() };
        let (sender, pieces) = mpsc::sync_channel::<(Piece, Vec<u8>)>(0);
        let (folder, disk) = (self.case.folder().clone(), self.case.disk_shared());
        let mut drafts = Drafts::on(&folder, &disk)?;
        let outcome = thread::scope(|scope| {
            let keeping = scope.spawn(move || {
                let mut sink = |piece: Piece, bytes: &[u8]| {
                    let gone = |_| io::Error::other("the case's disk failed");
                    sender.send((piece, bytes.to_vec())).map_err(gone)
                };
                shown.keep(&limits, clock, &mut sink)
            });
            let mut broken: Option<CaptureError> = None;
            loop {
                match pieces.recv_timeout(PACE) {
                    Ok((piece, bytes)) => {
                        let (role, extension) = file_of(piece);
                        if let Err(error) = drafts.add(role, extension, &bytes) {
                            broken = Some(error);
                            break;
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
                if let Err(error) = self.meanwhile() {
                    broken = Some(error);
                    break;
                }
            }
            drop(pieces);
            let kept = keeping.join().unwrap_or_else(|_| {
                Err(PageError::Sink(io::Error::other("the thread that keeps a page failed")).into())
            });
            match broken {
                Some(error) => Err(Failure::Broken(error)),
                None => kept.map_err(|error| match error {
                    KeepError::Changed => Unmet::Changed.into(),
                    KeepError::Page(error) => Unmet::Page(error.to_string()).into(),
                }),
            }
        });
        if self.stop.is_set() {
            return Err(Failure::Broken(CaptureError::Halted));
        }
        let page = outcome?;
        is_not_held(&drafts)?;
        drafts.add(Role::Record, "json", &record(&page))?;
        let files = drafts.store()?;
        self.put_on_record(&page, files)
    }

    /// What does not wait until a page is kept: a stop, and the visits, which
    /// are entries of their own. The page becomes one by a single entry at its
    /// end, whatever came between.
    fn meanwhile(&mut self) -> Result<(), CaptureError> {
        while let Ok(command) = self.commands.try_recv() {
            match &command {
                Command::Halt { category } => self.halt(category.clone())?,
                Command::Concern { category, words } if self.halts(category) => {
                    self.stop_by(category, words)?;
                    self.queue.push_front(command);
                }
                _ => self.queue.push_back(command),
            }
        }
        self.hear()?;
        if self.waiting.is_due(Instant::now()) { self.write_visits() } else { Ok(()) }
    }

    /// Keeps a part of what is on the screen.
    pub(super) fn keep_area(&mut self, area: Area) -> Result<(), Failure> {
        let shown = self.on_screen()?;
        let clock = self.case.surroundings().clock;
        let mut drafts = Drafts::of(self.case)?;
        let (png, page) = shown.keep_area(area, clock).map_err(|error| match error {
            AreaError::Outside { width, height } => Unmet::Area { width, height },
            AreaError::Page(error) => Unmet::Page(error.to_string()),
        })?;
        // The part may show any picture of the page.
        if drafts.withholds_any() {
            let mut compare = |piece: Piece, bytes: &[u8]| {
                drafts.compare(file_of(piece).0, bytes);
                Ok(())
            };
            let limits = Limits { load: Duration::ZERO, ..Limits::default() };
            shown.compare(&limits, &mut compare).map_err(|error| Unmet::Page(error.to_string()))?;
        }
        drafts.add(Role::Area, "png", &png)?;
        is_not_held(&drafts)?;
        drafts.add(Role::Record, "json", &record(&page))?;
        let files = drafts.store()?;
        self.put_on_record(&page, files)
    }

    /// The page that is on the screen, once its visit is on record and the
    /// case takes it.
    fn on_screen(&mut self) -> Result<Shown, Failure> {
        let shown = self.live.as_ref().and_then(|live| live.session.on_screen(&live.browser));
        let shown = shown.filter(Shown::is_page).ok_or(Unmet::NoPage)?;
        self.write_visits()?;
        self.case.permit_recording(Deed::Keep)?;
        Ok(shown)
    }

    fn put_on_record(&mut self, page: &KeptPage, files: Vec<File>) -> Result<(), Failure> {
        if self.stop.is_set() {
            return Err(Failure::Broken(CaptureError::Halted));
        }
        let permit = self.case.permit_recording(Deed::Keep)?.into_permit();
        let exhibit = self.case.ledger().next_exhibit(self.request.producer);
        let kept = Box::new(kept(exhibit, page, files, None));
        let entry = self.case.append(permit, Body::Kept(kept.clone()))?;
        self.kept += 1;
        (self.tell)(&Event::Kept { entry, kept });
        self.tell_unfinished();
        Ok(())
    }
}

/// Where a case of the home holds what the page shows, nothing of it stays.
fn is_not_held(drafts: &Drafts<'_>) -> Result<(), Failure> {
    drafts.held().map_or(Ok(()), |held| Err(Unmet::Held(held).into()))
}

const PACE: Duration = Duration::from_millis(20);
