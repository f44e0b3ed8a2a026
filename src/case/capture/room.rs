//! What an entry has room for of what a page brings with it: how it was
//! reached, and what is not in it.
//!
//! It measures what will stand in the entry; what did not fit is a count.

use countersign_record::journal::{Hop, Kept, MAX_BODY, Seen, Visit, length_in_entry};

/// The visit with as many of `redirects` as an entry has room for.
pub(super) fn visit(visit: Visit, redirects: Vec<Hop>) -> Visit {
    let (redirects, redirects_left_out) =
        both_ends(redirects, MAX_VISIT.saturating_sub(length_in_entry(&visit)));
    Visit { redirects, redirects_left_out, ..visit }
}

/// The kept page with as many of its `absences` and of `redirects` as fit.
pub(super) fn kept(kept: Kept, redirects: Vec<Hop>, absences: Vec<Seen>) -> Kept {
    let mut room = ROOM.saturating_sub(length_in_entry(&kept));
    // A third is for how people came there.
    let mut for_absences = room - room / 3;
    let fits = |absence: &&Seen| match for_absences.checked_sub(length_in_entry(*absence)) {
        Some(rest) => {
            for_absences = rest;
            true
        }
        None => false,
    };
    let said = absences.iter().take(MOST_ABSENCES).take_while(fits).count();
    let absences_left_out = (absences.len() - said) as u64;
    let mut absences = absences;
    absences.truncate(said);
    room = room.saturating_sub(absences.iter().map(length_in_entry).sum());
    let (redirects, redirects_left_out) = both_ends(redirects, room);
    Kept { redirects, redirects_left_out, absences, absences_left_out, ..kept }
}

/// The first and the last of them, as many as there is room for, and how many
/// are left out between.
fn both_ends(mut hops: Vec<Hop>, mut room: usize) -> (Vec<Hop>, u64) {
    let (mut first, mut last) = (0, 0);
    while first + last < hops.len() {
        let is_first = first <= last;
        let next = if is_first { first } else { hops.len() - 1 - last };
        match room.checked_sub(length_in_entry(&hops[next])) {
            Some(rest) => room = rest,
            None => break,
        }
        if is_first { first += 1 } else { last += 1 }
    }
    let left_out = hops.len() - first - last;
    hops.drain(first..hops.len() - last);
    (hops, left_out as u64)
}

/// The bytes that one visit may take: those that come close together share an
/// entry, and each has room in one of its own.
pub(super) const MAX_VISIT: usize = 60 * 1024;
const ROOM: usize = MAX_BODY - 64;
const MOST_ABSENCES: usize = 24;
