//! Keeps one page: the visit as an entry, then the page as an exhibit.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, Scope};

use super::store::Drafts;
use super::told::{failed_visit, file_of, held_visit, kept, record, visit_of};
use super::{CaptureError, Network, Traffic, answer, is_halted, journal_stop};
use crate::case::{Held, Unlocked};
use crate::procedure::Deed;
use countersign_browser::network::address::Address;
use countersign_browser::network::wall::{Judge, Wall};
use countersign_browser::page::facts::{Absence, KeptPage, Piece};
use countersign_browser::page::{self, NotLoaded, PageError};
use countersign_browser::program::account::Account;
use countersign_browser::program::find::FindError;
use countersign_browser::program::launch::{Browser, Cancel, Launch, LaunchError, Window};
use countersign_record::journal::{Body, File, Kept, Role, Seen, Side, Visited};

/// What is to be kept, by whom, and with what.
pub struct KeepRequest<'a> {
    /// The address, as it was typed.
    pub url: &'a str,
    /// Who produces the exhibit.
    pub producer: Side,
    /// The browser, or why there is none.
    pub with: Result<Starter<'a>, Without>,
    /// How the network is reached.
    pub network: &'a Network,
    /// Whether its traffic is kept, too.
    pub traffic: Traffic,
}

/// How to start the browser.
#[derive(Clone, Copy)]
pub struct Starter<'a> {
    /// Its program.
    pub program: &'a Path,
    /// A folder for its private profile.
    pub folder: &'a Path,
    /// The environment, of which it gets what it needs.
    pub environment: &'a [(OsString, OsString)],
    /// As whom it runs, where not as whoever runs the program.
    pub account: Option<&'a Account>,
}

/// Why a page is kept without a browser.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Without {
    /// There is none that can record.
    #[error("no browser that can record: {0}")]
    NoBrowser(Arc<FindError>),
    /// The program has all rights, with which a browser refuses to run, and
    /// the computer has no account that it could run as.
    #[error("no account on this computer as which a browser could run")]
    NoAccount,
    /// It did not start.
    #[error("the browser did not start: {0}")]
    NotStarted(Arc<LaunchError>),
}

/// A page that was kept.
#[derive(Debug)]
pub struct KeptExhibit {
    /// The entry that keeps it.
    pub entry: u64,
    /// The entry of the visit.
    pub visit: u64,
    /// What the entry says.
    pub kept: Kept,
    /// Why it was kept without pictures, if it was.
    pub without: Option<Without>,
}

/// Opens `request.url` and keeps what comes.
///
/// A page that does not come is a visit all the same, and an entry says so.
/// With no browser, or one that does not start, the server's answer is kept
/// and what is missing is said.
pub fn keep(case: &mut Unlocked<'_>, request: KeepRequest<'_>) -> Result<KeptExhibit, CaptureError> {
    // The browser ends while what it gave is put on record.
    let url = request.url.to_owned();
    let kept = thread::scope(|ending| keep_page(case, request, ending));
    if kept.as_ref().is_err_and(is_halted) {
        journal_stop(case, &url);
    }
    kept
}

fn keep_page<'s>(
    case: &mut Unlocked<'_>,
    request: KeepRequest<'_>,
    ending: &'s Scope<'s, '_>,
) -> Result<KeptExhibit, CaptureError> {
    let judge = request.network.judge(case.ledger().opened().standing);
    let address = Address::parse(request.url, judge.reach())
        .map_err(|error| CaptureError::Address { url: Seen::of(request.url).to_string(), error })?;
    // From before the case is asked on, so that no halt falls between.
    let watch = case.watch();
    let visit = case.permit_recording(Deed::Visit)?;
    let keep = case.permit_recording(Deed::Keep)?;
    let cancel = Cancel::when(move || watch.is_halted());

    let taken = take(case, &address, judge, &request, cancel, ending);
    let (page, files, without) = match taken {
        Ok(taken) => taken,
        Err(Failure::NotLoaded(failure)) => {
            let now = case.surroundings().clock.now();
            let visited = Visited { visits: vec![failed_visit(&address, &failure, now)] };
            let entry = case.append(visit.into_permit(), Body::Visited(visited))?;
            return Err(CaptureError::NotLoaded { entry, failure });
        }
        // Nothing of the page stays but that it was asked for.
        Err(Failure::Held(held)) => {
            let visited =
                Visited { visits: vec![held_visit(&address, &held, case.surroundings().clock.now())] };
            let entry = case.append(visit.into_permit(), Body::Visited(visited))?;
            return Err(CaptureError::PageHeld { entry, url: address.as_str().to_owned(), held });
        }
        Err(Failure::Other(error)) => return Err(error),
    };
    let visited = Visited { visits: vec![visit_of(&page)] };
    let visit = case.append(visit.into_permit(), Body::Visited(visited))?;
    let exhibit = case.ledger().next_exhibit(request.producer);
    let kept = kept(exhibit, &page, files, without.as_ref());
    let entry = case.append(keep.into_permit(), Body::Kept(Box::new(kept.clone())))?;
    Ok(KeptExhibit { entry, visit, kept, without })
}

enum Failure {
    NotLoaded(Box<NotLoaded>),
    Held(Held),
    Other(CaptureError),
}

impl<E: Into<CaptureError>> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::Other(error.into())
    }
}

impl From<PageError> for Failure {
    fn from(error: PageError) -> Failure {
        match error {
            PageError::NotLoaded(failure) => Failure::NotLoaded(failure),
            PageError::Cancelled => Failure::Other(CaptureError::Halted),
            other => Failure::Other(CaptureError::Browser(other.to_string())),
        }
    }
}

type Taken = (KeptPage, Vec<File>, Option<Without>);

/// The page and its files, stored under their digests.
fn take<'s>(
    case: &Unlocked<'_>,
    address: &Address,
    judge: Judge,
    request: &KeepRequest<'_>,
    cancel: Cancel,
    ending: &'s Scope<'s, '_>,
) -> Result<Taken, Failure> {
    let clock = case.surroundings().clock;
    let mut drafts = Drafts::of(case)?;
    let mut broken = None;
    let mut sink = |piece: Piece, bytes: &[u8]| {
        let (role, extension) = file_of(piece);
        drafts.add(role, extension, bytes).map_err(|error| {
            broken = Some(error);
            io::Error::other("the case's disk failed")
        })
    };
    let browser = start(request.with.clone(), judge.clone(), cancel.clone())?;
    let kept = match browser {
        Ok(mut browser) => {
            let limits = page::Limits { traffic: request.traffic.limits(), ..page::Limits::default() };
            let kept = page::keep(&mut browser, address, &limits, clock, &mut sink).map(|p| (p, None));
            // Where no thread can be had, it ends here.
            let _ = thread::Builder::new().spawn_scoped(ending, || drop(browser));
            kept
        }
        Err(without) => answer::keep(address, &judge, answer::Limits::default(), &cancel, clock, &mut sink)
            .map(|p| (p, Some(without))),
    };
    if let Some(error) = broken {
        return Err(Failure::Other(error));
    }
    let (mut page, without) = kept?;
    if request.traffic == Traffic::Kept && without.is_some() {
        let why = "no browser was used on this computer".to_owned();
        page.absences.push(Absence::NoPiece { piece: "traffic".to_owned(), why });
    }
    if let Some(held) = drafts.held() {
        return Err(Failure::Held(held));
    }
    drafts.add(Role::Record, "json", &record(&page))?;
    Ok((page, drafts.store()?, without))
}

fn start(
    with: Result<Starter<'_>, Without>,
    judge: Judge,
    cancel: Cancel,
) -> Result<Result<Browser, Without>, Failure> {
    let starter = match with {
        Ok(starter) => starter,
        Err(without) => return Ok(Err(without)),
    };
    let wall = Wall::start(judge).map_err(|e| CaptureError::Browser(e.to_string()))?;
    let launch = Launch {
        program: starter.program,
        folder: starter.folder,
        environment: starter.environment,
        account: starter.account,
        window: Window::Headless,
        wall: Arc::new(wall),
        cancel,
    };
    match launch.start() {
        Ok(browser) => Ok(Ok(browser)),
        Err(LaunchError::Cancelled) => Err(Failure::Other(CaptureError::Halted)),
        Err(error) => Ok(Err(Without::NotStarted(Arc::new(error)))),
    }
}
