//! One file is copied and hashed as it is: where it changes meanwhile it is
//! read anew, and refused where it does not hold still.

use std::fs::File;
use std::io::{self, Read};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::CaptureError;
use super::attach::CopyProgress;
use super::gather::{Opener, Source};
use super::store::{Drafts, Growing};
use crate::case::Watch;
use crate::held_folder::Look;

/// Why a file was not copied.
pub(super) enum Copying {
    /// The file is at fault.
    Source(String),
    /// The case is.
    Case(CaptureError),
}

impl From<CaptureError> for Copying {
    fn from(error: CaptureError) -> Copying {
        Copying::Case(error)
    }
}

/// What reads files into drafts of the case.
pub(super) struct Copier<'c> {
    pub(super) watch: &'c Watch,
    /// Told of bytes as they are copied.
    pub(super) tell: &'c dyn Fn(CopyProgress<'_>),
    pub(super) opener: Opener,
}

impl Copier<'_> {
    /// The whole of `source`, as it was from before it was read until after.
    ///
    /// Which file it is, its length and the time of its last change, which
    /// nobody can set back, MUST be the same before and after, by its name and
    /// by what is open.
    pub(super) fn copy<'a>(&mut self, drafts: &Drafts<'a>, source: &Source) -> Result<Growing<'a>, Copying> {
        let mut seen = source.look;
        for _ in 0..TRIES {
            let file = source.open(&mut self.opener).map_err(failed)?;
            let before = Look::of_file(&file).map_err(failed)?;
            if before != seen {
                seen = before;
                continue;
            }
            let mut growing = drafts.begin()?;
            let read = self.pump(&file, before.bytes, &mut growing)?;
            let after = Look::of_file(&file).map_err(failed)?;
            let named = source.look_again(&mut self.opener).map_err(failed)?;
            if read == before.bytes && after == before && named == before {
                return Ok(growing);
            }
            seen = named;
        }
        Err(Copying::Source("changed while it was being read".to_owned()))
    }

    fn pump(&self, file: &File, length: u64, growing: &mut Growing<'_>) -> Result<u64, Copying> {
        // No further than it was long: what grows while it is read has no end.
        let pieces = pieces(file.try_clone().map_err(failed)?.take(length + 1)).map_err(failed)?;
        let (mut read, mut looked) = (0, Instant::now());
        loop {
            if looked.elapsed() > LOOK_FOR_A_STOP {
                if self.watch.is_halted() {
                    return Err(CaptureError::Halted.into());
                }
                looked = Instant::now();
            }
            match pieces.recv_timeout(LOOK_FOR_A_STOP) {
                Ok(piece) => {
                    let piece = piece.map_err(failed)?;
                    growing.write(&piece)?;
                    read += piece.len() as u64;
                    (self.tell)(CopyProgress::Copied(piece.len() as u64));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(read),
            }
        }
    }
}

/// What is read, piece by piece, on a thread of its own: a share that hangs
/// MUST NOT hold up a look for a stop. It is then left to itself.
fn pieces(mut from: impl Read + Send + 'static) -> io::Result<Receiver<io::Result<Vec<u8>>>> {
    let (send, pieces) = mpsc::sync_channel(AHEAD);
    let read = move || {
        loop {
            let mut piece = vec![0; BUFFER];
            let read = match from.read(&mut piece) {
                Ok(0) => return,
                Ok(n) => {
                    piece.truncate(n);
                    Ok(piece)
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => Err(e),
            };
            let is_last = read.is_err();
            if send.send(read).is_err() || is_last {
                return;
            }
        }
    };
    thread::Builder::new().name("read".to_owned()).spawn(read)?;
    Ok(pieces)
}

fn failed(error: io::Error) -> Copying {
    Copying::Source(error.to_string())
}

/// Between two looks whether the case was stopped.
const LOOK_FOR_A_STOP: Duration = Duration::from_millis(100);

/// How often a file that changes is read before it is given up.
const TRIES: u32 = 4;

const BUFFER: usize = 256 * 1024;

/// Pieces that are read before they are wanted.
const AHEAD: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    /// As a share that hangs.
    struct Hangs;

    impl Read for Hangs {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            loop {
                thread::park();
            }
        }
    }

    #[test]
    fn whoever_waits_for_a_share_that_hangs_can_look_up() {
        let pieces = pieces(b"first".chain(Hangs)).expect("begins");
        assert_eq!(pieces.recv().expect("comes").expect("is read"), b"first");
        let waited = pieces.recv_timeout(Duration::from_millis(50));
        assert!(matches!(waited, Err(RecvTimeoutError::Timeout)));
    }
}
