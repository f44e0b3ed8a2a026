//! The stops that this program holds in memory, from before the disk is asked
//! to take them until it has.
//!
//! Every reading and every last look of this program asks here, so that a disk
//! that takes nothing, or hangs, does not let a stopped case go on. It writes
//! nothing, and another program knows nothing of it.

use std::sync::{Mutex, MutexGuard};

use super::folder::Folder;
use super::mark::Mark;
use countersign_record::digest::Digest;

/// A stop that is held.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub folder: Folder,
    pub mark: Mark,
    pub bytes: Vec<u8>,
    pub digest: Digest,
    /// The disk refused it; before that it may still be taking it.
    pub is_refused: bool,
}

static HELD: Mutex<Vec<Held>> = Mutex::new(Vec::new());

/// Holds a stop from now on.
pub(super) fn hold(folder: &Folder, mark: Mark, bytes: Vec<u8>) -> Held {
    let held = Held { folder: folder.clone(), digest: Digest::of(&bytes), mark, bytes, is_refused: false };
    stops().push(held.clone());
    held
}

/// The disk refused it: it is tried again.
pub(super) fn refused(held: &Held) {
    stops().iter_mut().filter(|other| is_same(other, held)).for_each(|held| held.is_refused = true);
}

/// The disk has taken it, or there is no such case.
pub(super) fn let_go(held: &Held) {
    let mut stops = stops();
    if let Some(place) = stops.iter().position(|other| is_same(other, held)) {
        stops.remove(place);
    }
}

/// Those of one case.
pub(super) fn of(folder: &Folder) -> Vec<Held> {
    stops().iter().filter(|held| held.folder.path() == folder.path()).cloned().collect()
}

/// All of them.
pub(super) fn all() -> Vec<Held> {
    stops().clone()
}

fn is_same(one: &Held, other: &Held) -> bool {
    one.digest == other.digest && one.folder.path() == other.folder.path()
}

fn stops() -> MutexGuard<'static, Vec<Held>> {
    HELD.lock().unwrap_or_else(|e| e.into_inner())
}
