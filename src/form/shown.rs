//! Which files of the case are printed as pictures.
//!
//! Each is asked for through the journal's allow-list; folders are never read.

use std::io;

use super::FormError;
use super::content::{Picture, Pictures, Source};
use super::lines::named;
use super::picture::{MOST_BYTES, MOST_BYTES_IN_ALL};
use crate::digest::Digest;
use crate::journal::{self, Body, Ledger, Released, Role};

/// The files of the case.
pub trait Files {
    /// The bytes of `file`. The form asks only for what may leave the case.
    fn read(&self, file: &journal::File) -> io::Result<Vec<u8>>;
}

/// What is printed as a picture. A withheld case has none, and its files are
/// not even read.
pub(super) fn pictures(
    ledger: &Ledger,
    released: &Released,
    files: &dyn Files,
) -> Result<Pictures, FormError> {
    if !released.pictures() {
        return Ok(Pictures::Withheld);
    }
    let mut pictures = Vec::new();
    let mut room = MOST_BYTES_IN_ALL;
    for entry in ledger.entries() {
        let (exhibit, chosen) = match &entry.body {
            Body::Kept(kept) => (&kept.exhibit, page_pictures(&kept.files)),
            Body::Attached(attached) => {
                (&attached.exhibit, attached.files.iter().filter(|file| is_picture(file)).collect())
            }
            _ => continue,
        };
        for file in chosen.into_iter().filter(|file| released.allows(file)) {
            let source = if file.bytes > MOST_BYTES {
                Source::TooLarge
            } else if file.bytes > room {
                Source::NoRoom
            } else {
                room -= file.bytes;
                let bytes =
                    files.read(file).map_err(|why| FormError::File { path: file.path(), why: why.kind() })?;
                if Digest::of(&bytes) != file.sha256 {
                    return Err(FormError::Changed { path: file.path() });
                }
                Source::Bytes(bytes)
            };
            pictures.push(Picture { exhibit: exhibit.label.to_string(), what: named(file), source });
        }
    }
    Ok(Pictures::Lawful(pictures))
}

/// The whole page; only where there is no picture of it, what was on screen.
fn page_pictures(files: &[journal::File]) -> Vec<&journal::File> {
    let of = |role: Role| {
        files.iter().filter(move |file| file.role == role && is_picture(file)).collect::<Vec<_>>()
    };
    let whole = of(Role::Picture);
    if whole.is_empty() { of(Role::Screen) } else { whole }
}

fn is_picture(file: &journal::File) -> bool {
    ["png", "jpg", "jpeg"].contains(&file.extension.to_string().as_str())
}
