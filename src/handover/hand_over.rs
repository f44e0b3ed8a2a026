//! Hands over a copy of a sealed bundle.
//!
//! The order: leave is asked; the bundle is found and verified with the root
//! that the record holds; the copy is written under a name that is not its
//! own, made durable, read back and compared; its sheets are written; the
//! entry says who got it; then the copy gets its name. A halt in between
//! drops the copy. It sends nothing anywhere: it writes where it is told to.

use std::fs::{self, File};
use std::io;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::copy::{self, Broken, Content, CopyPassphrase};
use crate::bundle::{ReadError, Source, Watch};
use crate::case::{CaseError, Unlocked};
use crate::clock::Time;
use crate::durable::{At, Disk, DiskError, Part};
use crate::form::{Fonts, FormError, HandOverSheet, draw_passphrase, draw_receipt};
use crate::journal::{
    Body, BundleFile, Copy, Encryption, HandedOver, Happened, Ledger, Line, Sealed, Seen, TextError,
};
use crate::procedure::Deed;
use crate::verify::{Paper, Verdict, verify};
use crate::words;

/// A copy that is wanted.
pub struct HandOverRequest<'a> {
    /// Which seal; the last one if none is named.
    pub seal: Option<u32>,
    /// Where its bundle may be: files, or folders that hold it under its name.
    /// The first that is there is taken.
    pub sources: &'a [PathBuf],
    /// The folder that the copy goes to, or the file that it becomes.
    pub to: &'a Path,
    /// As it is, or locked.
    pub encryption: Encryption,
    /// The folder for the sheet that the receiver signs and the one with the
    /// passphrase; none are made without it.
    pub sheets: Option<&'a Path>,
    /// Who gets it, and how.
    pub receiver: Receiver,
    /// What the sheets may be set in.
    pub fonts: &'a Fonts,
    /// How many threads may hash.
    pub threads: NonZeroUsize,
    /// What is told of the progress.
    pub watch: &'a Watch<'a>,
}

/// Who gets a copy, and how.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// To whom.
    pub to: Line,
    /// Of which organisation.
    pub organisation: Line,
    /// In which role.
    pub role: Line,
    /// When, as people say it; now if they say nothing.
    pub when: Option<Happened>,
    /// How.
    pub how: Line,
    /// On what medium.
    pub medium: Line,
}

/// A copy that was handed over.
pub struct HandedCopy {
    /// The entry that says so.
    pub entry: u64,
    /// What the entry says.
    pub handed: HandedOver,
    /// The copy.
    pub path: PathBuf,
    /// The bundle that it was made from.
    pub source: PathBuf,
    /// What opens a locked copy. It is told once and kept nowhere but on its
    /// sheet.
    pub passphrase: Option<CopyPassphrase>,
    /// The sheet that the receiver signs.
    pub receipt: Option<PathBuf>,
    /// The sheet with the passphrase, to be sent separately.
    pub passphrase_sheet: Option<PathBuf>,
}

/// Copies the bundle of a seal, compares the copy, and records who got it.
pub fn hand_over(case: &mut Unlocked<'_>, request: &HandOverRequest<'_>) -> Result<HandedCopy, CopyError> {
    let number = request.seal.or(case.ledger().last_seal().map(|(_, sealed)| sealed.seal)).unwrap_or(1);
    let permit = case.permit(Deed::HandOver(number))?;
    let sealed = sealed(case.ledger(), number).ok_or(CopyError::NoSeal(number))?;
    let around = case.surroundings();
    let name = sealed.bundle.as_str().to_owned();
    let to = destination(request, &name)?;
    let halts = case.watch();
    let watch = |done| match halts.is_halted() {
        true => ControlFlow::Break(()),
        false => (request.watch)(done),
    };
    let stopped = || match halts.is_halted() {
        true => CopyError::Halted,
        false => CopyError::Stopped,
    };

    let (source, content) = bundle(request, &sealed, &watch).map_err(|failed| failed.or(stopped))?;
    let passphrase = match request.encryption {
        Encryption::None => None,
        Encryption::Aes256Zip => {
            let words = words::passphrase(around.random).map_err(CopyError::Random)?;
            let mut salt = [0; 16];
            around.random.fill(&mut salt).map_err(CopyError::Random)?;
            Some((CopyPassphrase::new(words), salt))
        }
    };
    let disk = Disk::new();
    let making = Making { disk: &disk, source: &source, content, name: &name, to: &to, watch: &watch };
    let (part, file) = making.copy(passphrase.as_ref()).map_err(|failed| failed.or(stopped))?;
    let passphrase = passphrase.map(|(words, _)| words);
    let handed = HandedOver {
        seal: number,
        root: sealed.root,
        to: request.receiver.to.clone(),
        organisation: request.receiver.organisation.clone(),
        role: request.receiver.role.clone(),
        when: when(&request.receiver, around.clock.now())?,
        how: request.receiver.how.clone(),
        medium: request.receiver.medium.clone(),
        copy: Copy { encryption: request.encryption, file },
    };
    let made = around.clock.now();
    let sheets = Sheets::write(&disk, case.ledger(), &handed, passphrase.as_ref(), request, made)?;
    // From here on nothing else can take the copy's name.
    let claim = Claim::make(&disk, &to)?;
    if halts.is_halted() {
        return Err(CopyError::Halted);
    }
    let entry = case.append(permit, Body::HandedOver(handed.clone()))?;
    if halts.is_halted() {
        return Err(CopyError::HaltedAfter { entry });
    }
    // Where the name cannot be given the sheets stay: the record has the copy.
    if let Err(error) = part.rename(&to) {
        sheets.keep();
        return Err(CopyError::Unnamed { entry, path: to.clone(), error });
    }
    claim.keep();
    if halts.is_halted() {
        // Raised before the name was made, perhaps: it goes again.
        disk.remove(&to)?;
        return Err(CopyError::HaltedAfter { entry });
    }
    let (receipt, passphrase_sheet) = sheets.keep();
    Ok(HandedCopy { entry, handed, path: to, source, passphrase, receipt, passphrase_sheet })
}

fn sealed(ledger: &Ledger, number: u32) -> Option<Sealed> {
    ledger.entries().iter().find_map(|entry| match &entry.body {
        Body::Sealed(sealed) if sealed.seal == number => Some(sealed.clone()),
        _ => None,
    })
}

/// Where the copy goes. What lies there already stays as it is.
fn destination(request: &HandOverRequest<'_>, bundle: &str) -> Result<PathBuf, CopyError> {
    let name = match request.encryption {
        Encryption::None => bundle.to_owned(),
        Encryption::Aes256Zip => format!("{}-locked.zip", bundle.strip_suffix(".zip").unwrap_or(bundle)),
    };
    let to = if request.to.is_dir() { request.to.join(name) } else { request.to.to_owned() };
    match fs::symlink_metadata(&to) {
        Ok(_) => Err(CopyError::Taken(to)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(to),
        Err(error) => Err(DiskError::io(&to, error).into()),
    }
}

/// The first candidate that is there, if it is the bundle of this seal to the
/// bit, and what it holds.
fn bundle(
    request: &HandOverRequest<'_>,
    sealed: &Sealed,
    watch: &Watch<'_>,
) -> Result<(PathBuf, Content), Failed> {
    let within =
        |path: &PathBuf| if path.is_dir() { path.join(sealed.bundle.as_str()) } else { path.clone() };
    let looked: Vec<PathBuf> = request.sources.iter().map(within).collect();
    let Some(path) = looked.iter().find(|path| path.exists()).cloned() else {
        return Err(CopyError::NoBundle { seal: sealed.seal, looked }.into());
    };
    let not = |what: String| CopyError::NotTheBundle { path: path.clone(), what };
    // A pipe or a device would be read and never end.
    let metadata = fs::metadata(&path).at(&path).map_err(CopyError::from)?;
    if !metadata.is_file() {
        return Err(not("not a file".to_owned()).into());
    }
    if metadata.len() != sealed.bytes {
        let what = format!("{} bytes; the bundle that was sealed has {}", metadata.len(), sealed.bytes);
        return Err(not(what).into());
    }
    // Before the verification, so that what is copied afterwards can be
    // compared with what was verified.
    let mut file = File::open(&path).at(&path).map_err(CopyError::from)?;
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

struct Making<'a> {
    disk: &'a Disk,
    source: &'a Path,
    content: Content,
    name: &'a str,
    to: &'a Path,
    watch: &'a Watch<'a>,
}

impl<'a> Making<'a> {
    /// The copy without its name, durable, read back and compared.
    fn copy(&self, key: Option<&(CopyPassphrase, [u8; 16])>) -> Result<(Part<'a>, BundleFile), Failed> {
        let mut part = self.disk.part(self.to).map_err(CopyError::from)?;
        let at = part.path().to_owned();
        let mut from = File::open(self.source).at(self.source).map_err(CopyError::from)?;
        let file = part.file().ok_or(CopyError::Unlike(at.clone()))?;
        let written = match key {
            None => copy::write_plain(file, &mut from, self.watch),
            Some((words, salt)) => {
                let key = (words, *salt);
                copy::write_locked(file, self.name, self.content.1, key, &mut from, self.watch)
            }
        };
        let written = written.map_err(|broken| Failed::of(broken, self.source, &at))?;
        if written != self.content {
            let what = "changed while it was being copied".to_owned();
            return Err(CopyError::NotTheBundle { path: self.source.to_owned(), what }.into());
        }
        part.settle().map_err(CopyError::from)?;

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
}

fn when(receiver: &Receiver, now: Time) -> Result<Happened, CopyError> {
    match &receiver.when {
        Some(when) => Ok(when.clone()),
        None => Line::typed(&now.in_words()).map_err(CopyError::Text),
    }
}

/// A name that is taken for the copy. Dropped, it is given back.
struct Claim<'a> {
    path: Option<&'a Path>,
}

impl<'a> Claim<'a> {
    fn make(disk: &Disk, path: &'a Path) -> Result<Claim<'a>, CopyError> {
        match disk.create_new(path, b"") {
            Ok(()) => Ok(Claim { path: Some(path) }),
            Err(DiskError::Taken(path)) => Err(CopyError::Taken(path)),
            Err(error) => Err(error.into()),
        }
    }

    fn keep(mut self) {
        self.path = None;
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        // Empty, and of our own making. If it is not empty, the copy has come.
        let empty = |path: &&Path| fs::metadata(path).is_ok_and(|metadata| metadata.len() == 0);
        if let Some(path) = self.path.filter(empty) {
            let _ = fs::remove_file(path);
        }
    }
}

/// The sheets of one copy. Dropped, they are gone: they would speak of a copy
/// that nobody got.
#[derive(Default)]
struct Sheets {
    receipt: Option<PathBuf>,
    passphrase: Option<PathBuf>,
}

impl Sheets {
    /// Written before the entry: a passphrase that was lost with the power
    /// would leave a copy that nobody can open.
    fn write(
        disk: &Disk,
        ledger: &Ledger,
        handed: &HandedOver,
        passphrase: Option<&CopyPassphrase>,
        request: &HandOverRequest<'_>,
        made: Time,
    ) -> Result<Sheets, CopyError> {
        let mut sheets = Sheets::default();
        let Some(folder) = request.sheets else { return Ok(sheets) };
        fs::create_dir_all(folder).at(folder)?;
        let before =
            ledger.entries().iter().filter(|entry| matches!(entry.body, Body::HandedOver(_))).count();
        let reference = ledger.opened().reference;
        let stem = format!("{reference}-seal-{}-copy-{}", handed.seal, before + 1);
        let sheet = HandOverSheet::of(ledger, handed, made);
        let receipt = folder.join(format!("{stem}-receipt.pdf"));
        create(disk, &receipt, &draw_receipt(&sheet, request.fonts)?.bytes)?;
        sheets.receipt = Some(receipt);
        if let Some(passphrase) = passphrase {
            let path = folder.join(format!("{stem}-passphrase.pdf"));
            create(disk, &path, &draw_passphrase(&sheet, passphrase.as_str(), request.fonts)?.bytes)?;
            sheets.passphrase = Some(path);
        }
        Ok(sheets)
    }

    fn keep(mut self) -> (Option<PathBuf>, Option<PathBuf>) {
        (self.receipt.take(), self.passphrase.take())
    }
}

impl Drop for Sheets {
    fn drop(&mut self) {
        for path in self.receipt.iter().chain(&self.passphrase) {
            let _ = fs::remove_file(path);
        }
    }
}

fn create(disk: &Disk, path: &Path, bytes: &[u8]) -> Result<(), CopyError> {
    match disk.create_new(path, bytes) {
        Err(DiskError::Taken(path)) => Err(CopyError::Taken(path)),
        created => Ok(created?),
    }
}

/// A step that failed, or that was stopped by one of two.
enum Failed {
    Stopped,
    Error(Box<CopyError>),
}

impl Failed {
    fn of(broken: Broken, from: &Path, to: &Path) -> Failed {
        match broken {
            Broken::Stopped => Failed::Stopped,
            Broken::Reading(error) => CopyError::from(DiskError::io(from, error)).into(),
            Broken::Writing(error) => CopyError::from(DiskError::io(to, error)).into(),
        }
    }

    fn or(self, stopped: impl Fn() -> CopyError) -> CopyError {
        match self {
            Failed::Stopped => stopped(),
            Failed::Error(error) => *error,
        }
    }
}

impl From<CopyError> for Failed {
    fn from(error: CopyError) -> Failed {
        Failed::Error(Box::new(error))
    }
}

/// Why no copy was handed over.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The case does not take it.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// There is no seal of this number.
    #[error("there is no seal {0}")]
    NoSeal(u32),
    /// The bundle of the seal was not found.
    #[error("the bundle of seal {seal} was not found: {}", paths(looked))]
    NoBundle {
        /// Which seal.
        seal: u32,
        /// Where it was looked for.
        looked: Vec<PathBuf>,
    },
    /// What was found is not the bundle that was sealed.
    #[error("{}: {what}", path.display())]
    NotTheBundle {
        /// Which file.
        path: PathBuf,
        /// What is wrong first.
        what: String,
    },
    /// Where it was to go, something lies already.
    #[error("{} is there already", .0.display())]
    Taken(PathBuf),
    /// What was read back is not what was written; the copy was dropped.
    #[error("{}: what was read back is not what was written; the copy was dropped", .0.display())]
    Unlike(PathBuf),
    /// The case was stopped meanwhile, and the copy is dropped.
    #[error("the case was stopped while the copy was being made; the copy was dropped")]
    Halted,
    /// The case was stopped at the last moment: the record says that there is
    /// a copy, and there is none.
    #[error("the case was stopped when entry {entry} was just made; the copy was dropped")]
    HaltedAfter {
        /// The entry.
        entry: u64,
    },
    /// It was called off, and the copy is dropped.
    #[error("the copy was called off and dropped")]
    Stopped,
    /// The record says that there is a copy, but it could not get its name.
    #[error("entry {entry} says that the copy was made, but it could not be put at {}: {error}", path.display())]
    Unnamed {
        /// The entry.
        entry: u64,
        /// Where the copy was to be.
        path: PathBuf,
        /// What the disk said.
        error: DiskError,
    },
    /// A sheet could not be drawn.
    #[error(transparent)]
    Sheet(#[from] FormError),
    /// The computer gave no random numbers.
    #[error("the computer gave no random numbers: {0}")]
    Random(io::Error),
    /// A time that an entry cannot hold.
    #[error("a time for the record: {0}")]
    Text(TextError),
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

fn paths(looked: &[PathBuf]) -> String {
    looked.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
