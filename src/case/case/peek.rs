//! A look at a case by who cannot wait until it is read: what its first entry
//! says, which procedure it follows, what a category does in it.
//!
//! Regular files only, each bounded, and no signature is checked. Nothing that
//! is recorded MUST be decided by it; only whether somebody's words stop a
//! case, where unknown means yes.

use super::folder::Folder;
use crate::procedure::{MAX_PACK, Pack};
use countersign_record::digest::Digest;
use countersign_record::journal::{self, Body, Entry, MAX_ENTRY, Opened, Response};
use countersign_record::regular_file;

/// What entry 1 says, without a look at anything else or at who signed it.
pub fn glance(folder: &Folder) -> Option<Opened> {
    let [path, ..] = folder.entry_files(1);
    match Entry::parse(&regular_file::read(&path, MAX_ENTRY as u64).ok()?).ok()?.body {
        Body::Opened(opened) => Some(*opened),
        _ => None,
    }
}

/// The procedure that the case says it follows. One that comes with
/// Countersign is known by its digest, whatever became of the case's copy or
/// of entry 1.
pub fn pack(folder: &Folder) -> Option<Pack> {
    let built_in = || Pack::built_in_ids().filter_map(Pack::built_in);
    let Some(opened) = glance(folder) else {
        // Which file is the pack only entry 1 says; a built-in one is told by
        // the name that its bytes have.
        let mut named = built_in().filter(|pack| {
            let path = folder.files().join(format!("{}.toml", pack.digest()));
            std::fs::symlink_metadata(path).is_ok()
        });
        return named.next().filter(|_| named.next().is_none());
    };
    let named = &opened.pack.file;
    if let Some(pack) = built_in().find(|pack| pack.digest() == named.sha256) {
        return Some(pack);
    }
    let bytes = regular_file::read(&folder.file(named), MAX_PACK).ok()?;
    let text = String::from_utf8(bytes).ok().filter(|text| Digest::of(text.as_bytes()) == named.sha256)?;
    Pack::of_case(&text).ok()
}

/// What a category's id, as somebody typed it, does in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Category {
    /// The case's procedure has it.
    Known(journal::Category),
    /// The case's procedure was read and has none such.
    NoSuch,
    /// The procedure cannot be read: nobody can tell.
    Unknown,
}

impl Category {
    /// Whether choosing it stops the case. What nobody can tell does: the
    /// strictest holds.
    pub fn stops(&self) -> bool {
        match self {
            Category::Known(category) => category.response != Response::Record,
            Category::NoSuch => false,
            Category::Unknown => true,
        }
    }
}

/// What the id that was `typed` does in the case.
pub fn category(folder: &Folder, typed: &str) -> Category {
    match pack(folder) {
        None => Category::Unknown,
        Some(pack) => match pack.category(typed.trim()) {
            None => Category::NoSuch,
            Some(found) => Category::Known(found.recorded()),
        },
    }
}
