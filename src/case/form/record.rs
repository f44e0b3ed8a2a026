//! The record in lines: each entry's number, time, kind and digest.

use super::FormError;
use super::content::RecordLine;
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Ledger, Recording, Recovered};

/// Each entry holds the digest of the one before it; only the last one's is
/// worked out here.
pub(super) fn record(ledger: &Ledger) -> Result<Vec<RecordLine>, FormError> {
    let entries = ledger.entries();
    let mut lines = Vec::with_capacity(entries.len());
    for (place, entry) in entries.iter().enumerate() {
        let digest = match entries.get(place + 1).and_then(|next| next.prev) {
            Some(digest) => digest,
            None => Digest::of(&entry.to_bytes().map_err(|why| FormError::Entry(entry.entry, why))?),
        };
        let is_step = !matches!(&entry.body, Body::Visited(_) | Body::Noted(_));
        let mut what = in_words(&entry.body);
        if let Some(corrected) = ledger.now(entry).marked() {
            what.push_str(&format!(" ({corrected})"));
        }
        lines.push(RecordLine { entry: entry.entry, time: entry.time, what, is_step, digest });
    }
    Ok(lines)
}

fn in_words(body: &Body) -> String {
    match body {
        Body::Opened(_) => "Case opened".to_owned(),
        Body::Visited(visited) => pages_visited(visited.visits.len()),
        Body::Kept(kept) => format!("Page kept: {}", kept.exhibit.label),
        Body::Attached(attached) => format!("Files brought in: {}", attached.exhibit.label),
        Body::Noted(_) => "Note".to_owned(),
        Body::Corrected(corrected) => format!("Correction of entry {}", corrected.entry),
        Body::Concern(_) => "Concern".to_owned(),
        Body::Recording(Recording::Began { .. }) => "Recording began".to_owned(),
        Body::Recording(Recording::Gap { .. }) => "Recording broke off".to_owned(),
        Body::Recording(Recording::BeforeStop { visits }) => {
            format!("{} before the stop", pages_visited(visits.len()))
        }
        Body::Recording(Recording::Ended { .. }) => "Recording ended".to_owned(),
        Body::Halted(_) => "Case stopped".to_owned(),
        Body::Isolated(_) => "Isolation".to_owned(),
        Body::Referred(_) => "Referral".to_owned(),
        Body::Judged(_) => "Judgement".to_owned(),
        Body::Acted(_) => "Action".to_owned(),
        Body::FormMade(_) => "Form made".to_owned(),
        Body::Sealed(sealed) => format!("Sealed, seal {}", sealed.seal),
        Body::HandedOver(handed) => format!("Copy of seal {} handed over", handed.seal),
        Body::Archived(_) => "Retention decided".to_owned(),
        Body::ClockJumped(_) => "Clock jumped".to_owned(),
        Body::Recovered(recovered) => mended_in_short(recovered).to_owned(),
        Body::Unbundled(gone) => format!("Seal {} has no bundle", gone.seal),
    }
}

fn mended_in_short(recovered: &Recovered) -> &'static str {
    if recovered.broken_off.is_some() {
        "Bringing files in broke off"
    } else if recovered.completed.is_empty() && recovered.void.is_empty() {
        "Found in the case's folder"
    } else {
        "Mended after a crash"
    }
}

fn pages_visited(pages: usize) -> String {
    if pages == 1 { "Page visited".to_owned() } else { format!("{pages} pages visited") }
}
