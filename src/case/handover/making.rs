//! The bundle is found and verified; the copy is written, read back and
//! compared.
//!
//! It gives the copy no name of its own and records nothing.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use super::copy::{self, Broken, Content, CopyPassphrase};
use super::copy_error::{CopyError, Failed};
use super::hand_over::HandOverRequest;
use crate::durable::{At, Disk, DiskError, Pace, Part};
use countersign_record::bundle::{ReadError, Source, Watch};
use countersign_record::clock::Clock;
use countersign_record::journal::{BundleFile, Sealed, Seen};
use countersign_record::regular_file::{self, NotRegular};
use countersign_record::verify::{Paper, Verdict, verify};

/// The first candidate that is there, if it is the bundle of this seal to the
/// bit, and what it holds.
pub(super) fn bundle(
    request: &HandOverRequest<'_>,
    sealed: &Sealed,
    watch: &Watch<'_>,
) -> Result<(PathBuf, Content), Failed> {
    let within =
        |path: &PathBuf| if path.is_dir() { path.join(sealed.bundle.as_str()) } else { path.clone() };
    let looked: Vec<PathBuf> = request.sources.iter().map(within).collect();
    let Some(path) = looked.iter().find(|path| path.symlink_metadata().is_ok()).cloned() else {
        return Err(CopyError::NoBundle { seal: sealed.seal, looked }.into());
    };
    let not = |what: String| CopyError::NotTheBundle { path: path.clone(), what };
    let mut file = match regular_file::open_typed(&path) {
        Err(error) if NotRegular::of(&error).is_some() => return Err(not(error.to_string()).into()),
        opened => opened.at(&path).map_err(CopyError::from)?,
    };
    let bytes = file.metadata().at(&path).map_err(CopyError::from)?.len();
    if bytes != sealed.bytes {
        let what = format!("{bytes} bytes; the bundle that was sealed has {}", sealed.bytes);
        return Err(not(what).into());
    }
    // Before the verification, so that what is copied afterwards can be
    // compared with what was verified.
    let content = copy::content(&mut file, watch).map_err(|broken| Failed::of(broken, &path, &path))?;
    let source = Source::open(&path).map_err(|error| not(error.to_string()))?;
    let paper = Paper::Root(sealed.root);
    let report = match verify(&source, Some(&paper), request.threads, watch) {
        Ok(report) => report,
        Err(ReadError::Stopped) => return Err(Failed::Stopped),
        Err(error) => return Err(not(error.to_string()).into()),
    };
    if report.verdict != Verdict::Unchanged {
        let first = report.findings.first();
        let what = first.map_or("another bundle than the one that was sealed", |finding| &finding.what);
        return Err(not(what.to_owned()).into());
    }
    Ok((path, content))
}

/// A copy that is to be made of `source`, which holds `content`.
pub(super) struct Making<'a, 'd> {
    pub(super) disk: &'d Disk,
    pub(super) source: &'a Path,
    pub(super) content: Content,
    pub(super) name: &'a str,
    pub(super) to: &'a Path,
    pub(super) clock: &'a dyn Clock,
    pub(super) watch: &'a Watch<'a>,
}

impl<'d> Making<'_, 'd> {
    /// The copy without its name, durable, read back and compared.
    pub(super) fn copy(
        &self,
        key: Option<(&CopyPassphrase, [u8; 16])>,
    ) -> Result<(Part<'d>, BundleFile), Failed> {
        let mut part = self.disk.part(self.to).map_err(CopyError::from)?;
        let at = part.path().to_owned();
        let mut from = regular_file::open_typed(self.source).at(self.source).map_err(CopyError::from)?;
        let file = part.file().ok_or(CopyError::Unlike(at.clone()))?;
        let (pace, failed) = (Mutex::new(Pace::default()), Mutex::new(None));
        // A stick can take minutes for what the memory took in a second:
        // it is waited for in between, and not at the end.
        let paced = |done| {
            if self.settle(&part, done, &pace).map_err(|error| *locked(&failed) = Some(error)).is_err() {
                return ControlFlow::Break(());
            }
            (self.watch)(done)
        };
        let written = match key {
            None => copy::write_plain(file, &mut from, &paced),
            Some((words, salt)) => {
                copy::write_locked(file, self.name, self.content.1, (words, salt), &mut from, &paced)
            }
        };
        if let Some(error) = locked(&failed).take() {
            return Err(CopyError::from(error).into());
        }
        let written = written.map_err(|broken| Failed::of(broken, self.source, &at))?;
        if written != self.content {
            let what = "changed while it was being copied".to_owned();
            return Err(CopyError::NotTheBundle { path: self.source.to_owned(), what }.into());
        }
        let is_stopped = || (self.watch)(0).is_break();
        if !part.settle_unless(&is_stopped).map_err(CopyError::from)? {
            return Err(Failed::Stopped);
        }

        let unlike = |broken| match broken {
            Broken::Stopped => Failed::Stopped,
            _ => Failed::from(CopyError::Unlike(self.to.to_owned())),
        };
        let (sha256, bytes) = copy::read_plain(&at, self.watch).map_err(unlike)?;
        let inner = match key {
            None => (sha256, bytes),
            Some((words, _)) => copy::read_locked(&at, self.name, words, self.watch).map_err(unlike)?,
        };
        if inner != self.content {
            return Err(CopyError::Unlike(self.to.to_owned()).into());
        }
        let name = self.to.file_name().unwrap_or_default().to_string_lossy();
        Ok((part, BundleFile { name: Seen::of(&name), sha256, bytes }))
    }

    fn settle(&self, part: &Part<'_>, written: u64, pace: &Mutex<Pace>) -> Result<(), DiskError> {
        let mut pace = locked(pace);
        if pace.is_due(written) {
            let began = self.clock.since_start();
            part.settle_so_far()?;
            pace.took(self.clock.since_start().saturating_sub(began));
        }
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}
