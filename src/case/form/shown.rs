//! Which files of the case are printed as pictures.
//!
//! Each is asked for through the journal's allow-list; folders are never read.

use std::collections::BTreeSet;
use std::io;

use super::FormError;
use super::content::{Picture, Pictures, Source};
use super::excerpt::{Excerpt, Part};
use super::lines::named;
use super::picture::{MOST_BYTES, MOST_BYTES_IN_ALL};
use countersign_record::digest::Digest;
use countersign_record::journal::{self, Body, Ledger, Released, Role};

/// The files of the case.
pub trait Files {
    /// The bytes of `file`. The form asks only for what may leave the case.
    fn read(&self, file: &journal::File) -> io::Result<Vec<u8>>;
}

/// What is printed as a picture, those of the exhibits that `concerned` names
/// before others. A withheld case has none, and its files are not even read.
pub(super) fn pictures(
    ledger: &Ledger,
    released: &Released,
    files: &dyn Files,
    concerned: &BTreeSet<&str>,
) -> Result<Pictures, FormError> {
    if !released.pictures() {
        return Ok(Pictures::Withheld);
    }
    let mut all = Vec::new();
    for entry in ledger.entries() {
        let (exhibit, chosen) = match &entry.body {
            Body::Kept(kept) => (&kept.exhibit, page_pictures(&kept.files)),
            Body::Attached(attached) => {
                (&attached.exhibit, attached.files.iter().filter(|file| is_picture(file)).collect())
            }
            _ => continue,
        };
        let allowed = chosen.into_iter().filter(|file| released.allows(file));
        all.extend(allowed.map(|file| (exhibit.label.as_str(), file)));
    }
    let mut pictures = Vec::with_capacity(all.len());
    let mut room = MOST_BYTES_IN_ALL;
    let mut picture = |(exhibit, file): &(&str, &journal::File), source| {
        pictures.push(Picture { exhibit: (*exhibit).to_owned(), what: named(file), source });
    };
    for part in Excerpt::of(&all, MOST_PICTURES, |(exhibit, _)| concerned.contains(exhibit)).parts() {
        match part {
            Part::Shown(one) => picture(one, source(one.1, files, &mut room)?),
            Part::LeftOut(some) => some.iter().for_each(|one| picture(one, Source::NoRoom)),
        }
    }
    Ok(Pictures::Lawful(pictures))
}

/// The bytes of `file`, if there is `room` for them.
fn source(file: &journal::File, files: &dyn Files, room: &mut u64) -> Result<Source, FormError> {
    if file.bytes > MOST_BYTES {
        return Ok(Source::TooLarge);
    }
    let Some(left) = room.checked_sub(file.bytes) else { return Ok(Source::NoRoom) };
    *room = left;
    let bytes = files.read(file).map_err(|why| FormError::File { path: file.path(), why: why.kind() })?;
    if Digest::of(&bytes) != file.sha256 {
        return Err(FormError::Changed { path: file.path() });
    }
    Ok(Source::Bytes(bytes))
}

/// The whole page, or the part that was chosen; only where there is no picture
/// of either, what was on screen.
fn page_pictures(files: &[journal::File]) -> Vec<&journal::File> {
    let of = |role: Role| {
        files.iter().filter(move |file| file.role == role && is_picture(file)).collect::<Vec<_>>()
    };
    let whole = [of(Role::Picture), of(Role::Area)].concat();
    if whole.is_empty() { of(Role::Screen) } else { whole }
}

/// More than anyone looks through on paper.
const MOST_PICTURES: usize = 150;

fn is_picture(file: &journal::File) -> bool {
    ["png", "jpg", "jpeg"].contains(&file.extension.to_string().as_str())
}
