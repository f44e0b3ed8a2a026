//! One file is copied and hashed as it is: where it changes meanwhile it is
//! read anew, and refused where it does not hold still.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use super::CaptureError;
use super::gather::{Opener, Source};
use super::store::{Drafts, Growing};
use crate::case::Watch;
use crate::regular_file::Look;

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
    pub(super) copied: &'c dyn Fn(u64),
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
            let mut file = source.open(&mut self.opener).map_err(failed)?;
            let before = Look::of_file(&file).map_err(failed)?;
            if before != seen {
                seen = before;
                continue;
            }
            let mut growing = drafts.begin()?;
            let read = self.pump(&mut file, before.bytes, &mut growing)?;
            let after = Look::of_file(&file).map_err(failed)?;
            let named = source.look_again(&mut self.opener).map_err(failed)?;
            if read == before.bytes && after == before && named == before {
                return Ok(growing);
            }
            seen = named;
        }
        Err(Copying::Source("changed while it was being read".to_owned()))
    }

    fn pump(&self, file: &mut impl Read, length: u64, growing: &mut Growing<'_>) -> Result<u64, Copying> {
        let mut buffer = vec![0; BUFFER];
        let (mut read, mut looked) = (0, Instant::now());
        // No further than it was long: what grows while it is read has no end.
        let mut limited = file.take(length + 1);
        loop {
            if looked.elapsed() > LOOK_FOR_A_STOP {
                if self.watch.is_halted() {
                    return Err(CaptureError::Halted.into());
                }
                looked = Instant::now();
            }
            match limited.read(&mut buffer) {
                Ok(0) => return Ok(read),
                Ok(n) => {
                    growing.write(&buffer[..n])?;
                    read += n as u64;
                    (self.copied)(n as u64);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(failed(e)),
            }
        }
    }
}

fn failed(error: io::Error) -> Copying {
    Copying::Source(error.to_string())
}

/// Between two looks whether the case was stopped.
const LOOK_FOR_A_STOP: Duration = Duration::from_millis(200);

/// How often a file that changes is read before it is given up.
const TRIES: u32 = 4;

const BUFFER: usize = 256 * 1024;
