//! Brings files in: monitoring reports, photos of a device, whole folders.
//!
//! Nothing of them is opened, decoded or shown. They are read once, hashed
//! while they are copied, and a link is never followed.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::CaptureError;
use super::store::{Drafts, brief, fits};
use crate::case::Unlocked;
use crate::durable::At;
use crate::journal::{Attached, Body, Exhibit, Extension, LeftOut, Part, Role, Side, Text};
use crate::procedure::Deed;

/// What is to be brought in, and by whom.
pub struct AttachRequest<'a> {
    /// Files and folders.
    pub paths: &'a [PathBuf],
    /// Who produces the exhibit.
    pub producer: Side,
    /// What they are.
    pub description: &'a Text,
}

/// What was brought in.
#[derive(Debug)]
pub struct Brought {
    /// The exhibit's number.
    pub exhibit: Exhibit,
    /// Its entries.
    pub entries: Vec<u64>,
    /// How many files.
    pub files: u64,
    /// How many bytes.
    pub bytes: u64,
    /// What was not brought in, and why.
    pub left_out: Vec<LeftOut>,
}

/// Brings files in as one exhibit.
///
/// A file that is named and cannot be brought in refuses everything. Within a
/// folder, links, devices and files that change while they are read are left
/// out, and the entry says so.
pub fn attach(case: &mut Unlocked<'_>, request: AttachRequest<'_>) -> Result<Brought, CaptureError> {
    attach_watched(case, request, &|_| {})
}

/// The same; `copied` is told of bytes as they are copied.
pub fn attach_watched(
    case: &mut Unlocked<'_>,
    request: AttachRequest<'_>,
    copied: &dyn Fn(u64),
) -> Result<Brought, CaptureError> {
    bring_in(case, &request, &[], copied)
}

/// A file that the program itself holds for the two, and the name that it had
/// where it came from.
pub struct StagedFile<'a> {
    /// Where it lies.
    pub path: &'a Path,
    /// Its name, from the folder on that it came with.
    pub name: &'a str,
}

/// As [`attach_watched`], for files that came another way than by a path.
pub fn attach_staged(
    case: &mut Unlocked<'_>,
    staged: &[StagedFile<'_>],
    producer: Side,
    description: &Text,
    copied: &dyn Fn(u64),
) -> Result<Brought, CaptureError> {
    bring_in(case, &AttachRequest { paths: &[], producer, description }, staged, copied)
}

fn bring_in(
    case: &mut Unlocked<'_>,
    request: &AttachRequest<'_>,
    staged: &[StagedFile<'_>],
    copied: &dyn Fn(u64),
) -> Result<Brought, CaptureError> {
    // From before the case is asked on, so that no halt falls between.
    let watch = case.watch();
    case.permit_recording(Deed::Attach)?;
    let mut left_out = Vec::new();
    let mut found = find(request.paths, &mut left_out)?;
    for file in staged {
        let bytes = fs::symlink_metadata(file.path).at(file.path)?.len();
        found.push(Source { path: file.path.to_owned(), named: None, name: file.name.to_owned(), bytes });
    }
    let total = found.iter().map(|source| source.bytes).fold(0, u64::saturating_add);
    if let Some(largest) = found.iter().max_by_key(|source| source.bytes) {
        fits(case, total, &largest.path)?;
    }
    let mut drafts = Drafts::of(case);
    for source in &found {
        if watch.is_halted() {
            return Err(CaptureError::Halted);
        }
        match copy(&mut drafts, source, copied) {
            Ok(()) => {}
            Err(Copying::Source(because)) if source.named.is_none() => {
                return Err(CaptureError::File { path: source.path.clone(), because });
            }
            Err(Copying::Source(because)) => left_out.push(leave_out(&source.name, &because)),
            Err(Copying::Case(error)) => return Err(error),
        }
        fits(case, drafts.bytes(), &source.path)?;
    }
    if drafts.len() == 0 {
        return Err(CaptureError::Empty(request.paths.first().cloned().unwrap_or_default()));
    }
    let (bytes, files) = (drafts.bytes(), drafts.len() as u64);
    let files_stored = drafts.store()?;

    let exhibit = case.ledger().next_exhibit(request.producer);
    let parts: Vec<_> = files_stored.chunks(FILES_IN_AN_ENTRY).collect();
    let of = parts.len() as u32;
    let mut entries = Vec::with_capacity(parts.len());
    for (number, files) in (1..).zip(parts) {
        let attached = Attached {
            exhibit: exhibit.clone(),
            part: Part { number, of },
            description: request.description.clone(),
            files: files.to_vec(),
            left_out: if number == of { said(&left_out) } else { Vec::new() },
        };
        let permit = case.permit_recording(Deed::Attach)?.into_permit();
        entries.push(case.append(permit, Body::Attached(attached))?);
    }
    Ok(Brought { exhibit, entries, files, bytes, left_out })
}

/// A file to be read.
struct Source {
    path: PathBuf,
    /// The folder that was named, where it was not the file itself.
    named: Option<PathBuf>,
    /// Its name, from that folder on.
    name: String,
    bytes: u64,
}

fn find(paths: &[PathBuf], left_out: &mut Vec<LeftOut>) -> Result<Vec<Source>, CaptureError> {
    let mut found = Vec::new();
    for path in paths {
        let there = fs::symlink_metadata(path).at(path)?;
        let refused = |because: &str| CaptureError::File { path: path.clone(), because: because.to_owned() };
        if there.is_symlink() {
            return Err(refused("is a link; name the file that it leads to"));
        } else if there.is_dir() {
            walk(path, &mut found, left_out)?;
        } else if there.is_file() {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            found.push(Source { path: path.clone(), named: None, name, bytes: there.len() });
        } else {
            return Err(refused("is neither a file nor a folder"));
        }
        if found.len() > MOST_FILES {
            return Err(refused("brings in more than 10,000 files; bring in what matters, or pack it first"));
        }
    }
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<Source>, left_out: &mut Vec<LeftOut>) -> Result<(), CaptureError> {
    let top = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for entry in WalkDir::new(folder).follow_links(false).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(folder).display().to_string();
                left_out.push(leave_out(&path, "could not be read"));
                continue;
            }
        };
        let within = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let name = Path::new(&top).join(within).to_string_lossy().into_owned();
        let kind = entry.file_type();
        if kind.is_dir() {
            continue;
        }
        if !kind.is_file() {
            let what = if kind.is_symlink() { "is a link" } else { "is not a file" };
            left_out.push(leave_out(&name, what));
            continue;
        }
        let bytes = entry.metadata().map(|there| there.len()).unwrap_or_default();
        found.push(Source { path: entry.path().to_owned(), named: Some(folder.to_owned()), name, bytes });
        if found.len() > MOST_FILES {
            return Ok(());
        }
    }
    Ok(())
}

enum Copying {
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

fn copy<'a>(drafts: &mut Drafts<'a>, source: &Source, copied: &dyn Fn(u64)) -> Result<(), Copying> {
    let failed = |error: io::Error| Copying::Source(error.to_string());
    let mut file = open_no_follow(&source.path).map_err(failed)?;
    let before = file.metadata().map_err(failed)?;
    if !before.is_file() {
        return Err(Copying::Source("is not a file".to_owned()));
    }
    let mut growing = drafts.begin()?;
    let mut buffer = vec![0; BUFFER];
    let mut read = 0;
    // No further than it was long: what grows while it is read has no end.
    let mut limited = (&mut file).take(before.len() + 1);
    loop {
        match limited.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => {
                growing.write(&buffer[..n])?;
                read += n as u64;
                copied(n as u64);
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(failed(e)),
        }
    }
    let after = file.metadata().map_err(failed)?;
    let unchanged = read == before.len()
        && after.len() == before.len()
        && after.modified().ok() == before.modified().ok();
    if !unchanged {
        return Err(Copying::Source("changed while it was being read".to_owned()));
    }
    let name = Some(brief(&source.name, LONGEST_NAME));
    drafts.end(growing, Role::Attached, Extension::of_name(&source.name), name)?;
    Ok(())
}

#[cfg(unix)]
fn open_no_follow(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    // Not blocking, in case a pipe took the file's place since it was listed.
    fs::OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)
}

#[cfg(windows)]
fn open_no_follow(path: &Path) -> io::Result<fs::File> {
    use std::os::windows::fs::OpenOptionsExt;
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    const FILE_SHARE_READ: u32 = 1;
    // A link is opened as itself, and is then no file; nobody may write
    // meanwhile.
    fs::OpenOptions::new()
        .read(true)
        .share_mode(FILE_SHARE_READ)
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
        .open(path)
}

fn leave_out(name: &str, because: &str) -> LeftOut {
    LeftOut { name: brief(name, LONGEST_NAME), because: brief(because, 200) }
}

/// What an entry has room for.
fn said(left_out: &[LeftOut]) -> Vec<LeftOut> {
    let mut said: Vec<LeftOut> = left_out.iter().take(MOST_LEFT_OUT).cloned().collect();
    if left_out.len() > MOST_LEFT_OUT {
        let more = left_out.len() - MOST_LEFT_OUT;
        said.push(leave_out(&format!("{more} more"), "are not listed"));
    }
    said
}

/// So that an entry has room for them all.
const LONGEST_NAME: usize = 200;
const FILES_IN_AN_ENTRY: usize = 32;
const MOST_LEFT_OUT: usize = 20;
const MOST_FILES: usize = 10_000;
const BUFFER: usize = 256 * 1024;
