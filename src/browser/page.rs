//! Keeps one page: asks for it in a fresh tab off the record, and takes what
//! shows how it was.
//!
//! The pieces go to the caller as they are taken, the facts at the end. It
//! does not decide whether the page may be kept, and keeps nothing itself.

pub(crate) mod capture;
mod content;
pub mod error;
pub mod facts;
mod fresh_tab;
mod keeping;
pub mod limits;
pub(crate) mod picture;
mod speculative;
mod traffic;

pub use error::{NotLoaded, PageError};
pub use limits::{Limits, Sink};

use std::io;
use std::sync::mpsc;
use std::thread;

use self::facts::{KeptPage, Piece};
use self::keeping::KeepPage;
use crate::devtools::error::CallError;
use crate::network::address::Address;
use crate::program::launch::Browser;
use countersign_record::clock::Clock;

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
            KeepPage::new(browser, address, limits, clock).and_then(|keeping| keeping.run(&mut pass))
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
