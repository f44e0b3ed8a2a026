//! What the file says about itself: title, language, time, and bookmarks.

use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};

use super::sheet::LEFT;
use countersign_record::clock::Time;

/// What the file says about itself.
pub(super) struct About {
    pub(super) title: String,
    pub(super) made: Time,
    pub(super) identifier: String,
    pub(super) producer: String,
}

/// A heading and where it stands.
pub(super) struct Heading {
    pub(super) level: u8,
    pub(super) title: String,
    pub(super) page: usize,
    pub(super) y: f32,
}

/// The metadata, for the file and for XMP.
pub(super) fn metadata(about: &About) -> Metadata {
    let text = about.made.to_string();
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(|t| t.parse().ok()).unwrap_or(0_u16);
    let made = DateTime::new(part(0..4))
        .month(part(5..7) as u8)
        .day(part(8..10) as u8)
        .hour(part(11..13) as u8)
        .minute(part(14..16) as u8)
        .second(part(17..19) as u8)
        .utc_offset_hour(0);
    Metadata::new()
        .title(about.title.clone())
        .language(super::LANGUAGE.to_owned())
        .creator(about.producer.clone())
        .producer(about.producer.clone())
        .document_id(about.identifier.clone())
        .creation_date(made)
}

/// Headings as bookmarks, each below the last one of a higher rank.
pub(super) fn outline(entries: &[Heading]) -> Outline {
    let mut outline = Outline::new();
    let mut rest = entries;
    while !rest.is_empty() {
        let (node, after) = bookmark(rest);
        outline.push_child(node);
        rest = after;
    }
    outline
}

fn bookmark(entries: &[Heading]) -> (OutlineNode, &[Heading]) {
    let entry = &entries[0];
    let there = XyzDestination::new(entry.page, Point::from_xy(LEFT, (entry.y - 6.0).max(0.0)));
    let mut node = OutlineNode::new(entry.title.clone(), there).with_open(true);
    let mut rest = &entries[1..];
    while rest.first().is_some_and(|next| next.level > entry.level) {
        let (child, after) = bookmark(rest);
        node.push_child(child);
        rest = after;
    }
    (node, rest)
}
