//! Brings files in: monitoring reports, photos of a device, whole folders.
//!
//! Nothing of them is opened, decoded or shown. They are read once, hashed
//! while they are copied, and a link is never followed.

use std::path::{Path, PathBuf};

use super::copying::{Copier, Copying};
use super::gather::{self, Opener, find};
use super::store::{Drafts, fits};
use super::{CaptureError, is_halted, journal_stop, told_held};
use crate::case::Unlocked;
use crate::durable::DiskError;
use crate::procedure::{Deed, MOST_RECORDED, RecordingPermit};
use countersign_record::journal::{
    AllLeftOut, Attached, Body, Exhibit, Extension, File, LeftOut, MAX_BODY, Part, Role, Seen, Side, Text,
    length_in_entry,
};

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
    /// What was not brought in, and why: as the entry says it.
    pub left_out: AllLeftOut,
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
    attach_told(case, request, &bytes_alone(copied))
}

/// The same; `tell` is told which file is read next, too, so that whoever
/// waits for a share that hangs can say for which file.
pub fn attach_told(
    case: &mut Unlocked<'_>,
    request: AttachRequest<'_>,
    tell: &dyn Fn(CopyProgress<'_>),
) -> Result<Brought, CaptureError> {
    bring_in(case, &request, &[], tell)
}

/// How far the copying of files has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyProgress<'a> {
    /// This file is opened and read from now on.
    Reads(&'a Path),
    /// So many more bytes are copied.
    Copied(u64),
}

fn bytes_alone(copied: &dyn Fn(u64)) -> impl Fn(CopyProgress<'_>) {
    move |progress| match progress {
        CopyProgress::Reads(_) => {}
        CopyProgress::Copied(bytes) => copied(bytes),
    }
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
    bring_in(case, &AttachRequest { paths: &[], producer, description }, staged, &bytes_alone(copied))
}

fn bring_in(
    case: &mut Unlocked<'_>,
    request: &AttachRequest<'_>,
    staged: &[StagedFile<'_>],
    tell: &dyn Fn(CopyProgress<'_>),
) -> Result<Brought, CaptureError> {
    // A stop that nobody signed yet came after the case was unlocked: between
    // the choice of these files and now.
    case.state()?;
    let brought = match case.reading().pending_halts().is_empty() {
        true => copy_in(case, request, staged, tell),
        false => Err(CaptureError::Halted),
    };
    if brought.as_ref().is_err_and(is_halted) {
        let paths = request.paths.iter().map(|path| path.display().to_string());
        let names: Vec<String> = paths.chain(staged.iter().map(|file| file.name.to_owned())).collect();
        journal_stop(case, &names.join(", "));
    }
    brought
}

fn copy_in(
    case: &mut Unlocked<'_>,
    request: &AttachRequest<'_>,
    staged: &[StagedFile<'_>],
    tell: &dyn Fn(CopyProgress<'_>),
) -> Result<Brought, CaptureError> {
    // From before the case is asked on, so that no halt falls between.
    let watch = case.watch();
    case.permit_recording(Deed::Attach)?;
    let mut left_out = Vec::new();
    let contents = case.folder().home().map(|home| home.contents()).unwrap_or_default();
    gather::no_case_among(staged)?;
    let mut found = find(request.paths, &contents, &watch, &mut left_out)?;
    for file in staged {
        found.push(gather::staged(file.path, file.name)?);
    }
    let total = found.iter().map(|source| source.look.bytes).fold(0, u64::saturating_add);
    if let Some(largest) = found.iter().max_by_key(|source| source.look.bytes) {
        fits(case, total, &largest.path)?;
    }
    room_for(case, found.len() as u64)?;
    let mut drafts = Drafts::of(case)?;
    let mut copier = Copier { watch: &watch, tell, opener: Opener::default() };
    for source in &found {
        if watch.is_halted() {
            return Err(CaptureError::Halted);
        }
        tell(CopyProgress::Reads(&source.path));
        match copier.copy(&drafts, source) {
            Ok(growing) => {
                let extension = Extension::of_name(source.name.as_str());
                let held = drafts.end(growing, Role::Attached, extension, Some(source.name.clone()))?;
                match held {
                    Some(held) if source.is_named => {
                        return Err(CaptureError::Held { path: source.path.clone(), held });
                    }
                    Some(held) => left_out.push(leave_out(&source.name, &told_held(&held))),
                    None => {}
                }
            }
            Err(Copying::Source(because)) if source.is_named => {
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
    let (left_out, list) = AllLeftOut::of(left_out, ROOM_FOR_LEFT_OUT).map_err(unspelled)?;
    if let Some(bytes) = &list {
        drafts.add(Role::List, "json", bytes)?;
    }
    let mut stored = drafts.store()?;
    if list.is_some() {
        stored.pop();
    }

    let exhibit = case.ledger().next_exhibit(request.producer);
    let parts = parts(&exhibit, request.description, stored, &left_out);
    let mut entries = Vec::with_capacity(parts.len());
    for part in parts {
        let permit = case.permit_recording(Deed::Attach).map(RecordingPermit::into_permit);
        match permit.and_then(|permit| case.append(permit, Body::Attached(part))) {
            Ok(entry) => entries.push(entry),
            Err(error) => {
                // Where the disk takes no more now, the next unlocking says it.
                let _ = case.note_broken_attach();
                return Err(error.into());
            }
        }
    }
    Ok(Brought { exhibit, entries, files, bytes, left_out })
}

/// Whether a bundle of the case has room for that many more files. Of the
/// longest names and words an entry, which is three files itself, holds six.
fn room_for(case: &Unlocked<'_>, files: u64) -> Result<(), CaptureError> {
    let room = MOST_RECORDED.saturating_sub(case.ledger().members()) / 3 * 2;
    if files > room { Err(CaptureError::TooMany { files, room }) } else { Ok(()) }
}

/// The entries of one exhibit, each with as many files as it has room for.
fn parts(exhibit: &Exhibit, description: &Text, files: Vec<File>, left_out: &AllLeftOut) -> Vec<Attached> {
    let in_all = files.len() as u64;
    let part = |left_out: AllLeftOut| Attached {
        exhibit: exhibit.clone(),
        part: Part { number: 1, of: 1, files: in_all },
        description: description.clone(),
        files: Vec::new(),
        left_out,
    };
    let room = |part: &Attached| ROOM.saturating_sub(length_in_entry(part));
    let mut parts = vec![part(left_out.clone())];
    let mut left = room(&parts[0]);
    for file in files {
        let bytes = length_in_entry(&file);
        let (last, is_full) = match parts.last_mut() {
            Some(last) => (last, bytes > left),
            None => continue,
        };
        if !is_full {
            left -= bytes;
            last.files.push(file);
            continue;
        }
        let mut next = part(AllLeftOut::default());
        left = room(&next).saturating_sub(bytes);
        next.files.push(file);
        parts.push(next);
    }
    let of = parts.len() as u32;
    for (number, part) in (1..).zip(&mut parts) {
        part.part = Part { number, of, files: in_all };
    }
    parts
}

pub(super) fn leave_out(name: &Seen, because: &str) -> LeftOut {
    LeftOut { name: name.clone(), sha256: None, because: Seen::brief(because, 400) }
}

fn unspelled(error: serde_json::Error) -> CaptureError {
    CaptureError::Disk(DiskError::io(Path::new("list.json"), std::io::Error::other(error)))
}

/// Of an entry's bytes, for one part. The longest description leaves room for
/// the file with the longest name.
const ROOM: usize = MAX_BODY - 64;
/// Of the first part's; beyond it a list is stored with the exhibit. Beside
/// the longest description there is room for a few names.
const ROOM_FOR_LEFT_OUT: usize = 4 * 1024;
