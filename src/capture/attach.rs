//! Brings files in: monitoring reports, photos of a device, whole folders.
//!
//! Nothing of them is opened, decoded or shown. They are read once, hashed
//! while they are copied, and a link is never followed.

use std::path::{Path, PathBuf};

use super::copying::{Copier, Copying};
use super::gather::{self, Opener, find};
use super::store::{Drafts, brief, fits};
use super::{CaptureError, told_held};
use crate::case::Unlocked;
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
    let contents = case.folder().home().map(|home| home.contents()).unwrap_or_default();
    gather::no_case_among(staged)?;
    let mut found = find(request.paths, &contents, &mut left_out)?;
    for file in staged {
        found.push(gather::staged(file.path, file.name)?);
    }
    let total = found.iter().map(|source| source.look.bytes).fold(0, u64::saturating_add);
    if let Some(largest) = found.iter().max_by_key(|source| source.look.bytes) {
        fits(case, total, &largest.path)?;
    }
    let mut drafts = Drafts::of(case)?;
    let mut copier = Copier { watch: &watch, copied, opener: Opener::default() };
    for source in &found {
        if watch.is_halted() {
            return Err(CaptureError::Halted);
        }
        match copier.copy(&drafts, source) {
            Ok(growing) => {
                let name = Some(brief(&source.name, LONGEST_NAME));
                let held = drafts.end(growing, Role::Attached, Extension::of_name(&source.name), name)?;
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

pub(super) fn leave_out(name: &str, because: &str) -> LeftOut {
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
