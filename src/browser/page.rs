//! Keeps one page: asks for it in a fresh tab off the record, and takes what
//! shows how it was.
//!
//! The pieces go to the caller as they are taken, the facts at the end. It
//! does not decide whether the page may be kept, and keeps nothing itself.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::address::Address;
use super::client::CallError;
use super::facts::{Hop, KeptPage, Piece};
use super::keeping::Keeping;
use super::launch::Browser;
use super::traffic;
use super::wall::Outcome;
use countersign_record::clock::Clock;

/// How long and how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Until the page says that it is loaded.
    pub load: Duration,
    /// After that, until nothing more is loading.
    pub settle: Duration,
    /// How long nothing must move for that.
    pub quiet: Duration,
    /// Scrolling through it once.
    pub scroll: Duration,
    /// Each picture and file.
    pub take: Duration,
    /// Bytes of the page with all its parts.
    pub bytes: u64,
    /// Width of the window's inside in CSS pixels.
    pub width: u32,
    /// Height of the window's inside in CSS pixels.
    pub height: u32,
    /// How much of its traffic; none is kept unless it is said.
    pub traffic: Option<traffic::Limits>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            load: Duration::from_secs(30),
            settle: Duration::from_secs(5),
            quiet: Duration::from_millis(100),
            scroll: Duration::from_secs(10),
            take: Duration::from_secs(20),
            bytes: 128 << 20,
            width: 1280,
            height: 800,
            traffic: None,
        }
    }
}

/// Takes a piece of a page. What it is given of a page that was not kept in
/// the end, it must forget.
pub type Sink<'a> = dyn FnMut(Piece, &[u8]) -> io::Result<()> + 'a;

/// Asks for `address` and keeps what comes.
pub fn keep(
    browser: &mut Browser,
    address: &Address,
    limits: &Limits,
    clock: &dyn Clock,
    sink: &mut Sink<'_>,
) -> Result<KeptPage, PageError> {
    let kept = thread::scope(|scope| {
        let browser = &mut *browser;
        let (pieces, taken) = mpsc::sync_channel(MOST_UNSTORED);
        let keeping = thread::Builder::new().name("keeping".to_owned()).spawn_scoped(scope, move || {
            let mut pass = |piece: Piece, bytes: &[u8]| {
                pieces.send((piece, bytes.to_vec())).map_err(|_| io::ErrorKind::BrokenPipe.into())
            };
            Keeping::new(browser, address, limits, clock).and_then(|keeping| keeping.run(&mut pass))
        });
        let keeping = keeping.map_err(CallError::no_thread)?;
        let stored = taken.into_iter().try_for_each(|(piece, bytes)| sink(piece, &bytes));
        let kept = keeping.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        stored.map_err(PageError::Sink)?;
        kept
    });
    // Whatever went wrong, a stop is what the caller has to hear of.
    if browser.cancel().is_raised() { Err(PageError::Cancelled) } else { kept }
}

/// Pieces that wait for the caller, while the next are taken.
const MOST_UNSTORED: usize = 3;

/// Why a page was not kept.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The recording was stopped.
    #[error("the recording was stopped")]
    Cancelled,
    /// There was no page to keep, though it was asked for.
    #[error("{url}: {why}", url = .0.url, why = .0.why)]
    NotLoaded(Box<NotLoaded>),
    /// The browser ended or failed before the page was asked for.
    #[error("the browser failed: {0}")]
    Browser(#[from] CallError),
    /// A piece could not be stored.
    #[error("the kept page could not be stored: {0}")]
    Sink(io::Error),
}

/// A page that did not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotLoaded {
    /// The address that failed, perhaps after redirects.
    pub url: String,
    /// Why, as the wall or the browser says.
    pub why: String,
    /// What the wall says of the host.
    pub outcome: Option<Outcome>,
    /// What was answered on the way.
    pub hops: Vec<Hop>,
    /// Whether it was the browser that failed, and not the address or the network.
    pub by_browser: bool,
}
