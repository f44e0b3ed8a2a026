//! An entry and its one spelling.

use serde::{Deserialize, Serialize};

use super::body::Body;
use super::facts::{CaseId, SessionId};
use super::spelling::spell;
use crate::clock::Time;
use crate::digest::Digest;

/// An entry of a case's journal.
///
/// Written as `serde_json` prints it prettily (two spaces, LF) with one LF at
/// the end, at most [`MAX_ENTRY`] bytes. There are no floats, and no integer
/// above [`MAX_INTEGER`](super::MAX_INTEGER), so that
/// `JSON.stringify(entry, null, 2)` of any language gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    format: Format,
    /// The case, so that no entry fits into another.
    pub case: CaseId,
    /// The number, from 1.
    pub entry: u64,
    /// The digest of the entry before; none in entry 1.
    pub prev: Option<Digest>,
    /// The digest of the first person's signature of the entry before.
    pub prev_sig_a: Option<Digest>,
    /// The digest of the second person's signature of the entry before.
    pub prev_sig_b: Option<Digest>,
    /// What the computer said the time was.
    pub time: Time,
    /// Since which unlocking `since_start_ms` counts.
    pub session: SessionId,
    /// Milliseconds of a clock that cannot be set.
    pub since_start_ms: u64,
    /// What it says.
    #[serde(flatten)]
    pub body: Body,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "countersign/journal/v1")]
    V1,
}

/// What an entry says of its surroundings: when, and in which unlocking.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// What the computer says the time is.
    pub time: Time,
    /// The unlocking.
    pub session: SessionId,
    /// Milliseconds since it began.
    pub since_start_ms: u64,
}

impl Entry {
    /// Entry `number` of `case`, after `prev`.
    pub fn new(case: CaseId, number: u64, links: Option<super::Links>, moment: Moment, body: Body) -> Entry {
        Entry {
            format: Format::V1,
            case,
            entry: number,
            prev: links.map(|l| l.entry),
            prev_sig_a: links.map(|l| l.sig_a),
            prev_sig_b: links.map(|l| l.sig_b),
            time: moment.time,
            session: moment.session,
            since_start_ms: moment.since_start_ms,
            body,
        }
    }

    /// What it says of the entry before it; none in entry 1.
    pub fn links(&self) -> Option<super::Links> {
        let (entry, sig_a, sig_b) = (self.prev?, self.prev_sig_a?, self.prev_sig_b?);
        Some(super::Links { entry, sig_a, sig_b })
    }

    /// The one spelling of this entry, if it has one.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EntryError> {
        let bytes = spell(self).map_err(|e| EntryError::Json(e.to_string()))?;
        if bytes.len() > MAX_ENTRY {
            return Err(EntryError::Long { bytes: bytes.len() });
        }
        Ok(bytes)
    }

    /// The bytes of an entry that says `body`, whichever number, time and
    /// links it comes to have.
    ///
    /// # Errors
    /// [`EntryError::Long`] where no entry can hold it, and what has no
    /// spelling.
    pub fn length_of(body: &Body) -> Result<usize, EntryError> {
        let bytes = spell(body).map_err(|e| EntryError::Json(e.to_string()))?.len() + AROUND;
        if bytes > MAX_ENTRY { Err(EntryError::Long { bytes }) } else { Ok(bytes) }
    }

    /// Reads an entry back, and refuses every other spelling: what is read is
    /// written again and compared byte for byte, so that unknown or double
    /// fields, other orders and other numbers cannot hide.
    pub fn parse(bytes: &[u8]) -> Result<Entry, EntryError> {
        if bytes.len() > MAX_ENTRY {
            return Err(EntryError::Long { bytes: bytes.len() });
        }
        let entry: Entry = serde_json::from_slice(bytes).map_err(|e| EntryError::Json(e.to_string()))?;
        if entry.to_bytes()? != bytes {
            return Err(EntryError::Spelling);
        }
        Ok(entry)
    }
}

/// The name of entry `number`'s file: `000014.json`. Six digits or more.
pub fn entry_name(number: u64) -> String {
    format!("{number:06}.json")
}

/// The most bytes that an entry may have.
pub const MAX_ENTRY: usize = 64 * 1024;

/// The most bytes of an entry that are not `kind` and `body`.
const AROUND: usize = 500;

/// The most bytes that `kind` and `body` may take together.
pub const MAX_BODY: usize = MAX_ENTRY - AROUND;

/// Why bytes are no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Too many bytes.
    #[error("the entry has {bytes} bytes; at most {MAX_ENTRY} fit")]
    Long {
        /// How many it has.
        bytes: usize,
    },
    /// Not JSON, or not the JSON of an entry.
    #[error("not an entry: {0}")]
    Json(String),
    /// An entry, but not in its one spelling.
    #[error("not in the one spelling of an entry")]
    Spelling,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{
        Acted, Action, Answer, Archived, At, Category, Concern, Halted, Hold, Id, Isolated, Judged, Line,
        Links, MAX_INTEGER, Name, Noted, Raised, Referred, Response, Retention, Seen, Side, Text, Visit,
        Visited, WrittenAlone,
    };

    pub(crate) fn note(text: &str) -> Entry {
        let case = "00112233445566778899aabbccddeeff".parse().expect("a case id");
        let moment = Moment {
            time: Time::parse("2026-11-22T14:30:00.000Z").expect("a time"),
            session: "ffeeddccbbaa99887766554433221100".parse().expect("a session id"),
            since_start_ms: 12,
        };
        let text = Text::typed(text).expect("words");
        Entry::new(case, 2, None, moment, Body::Noted(Noted { text }))
    }

    #[test]
    fn the_spelling_is_what_the_format_says() {
        let bytes = note("a \"b\"\nż").to_bytes().expect("small");
        let expected = r#"{
  "format": "countersign/journal/v1",
  "case": "00112233445566778899aabbccddeeff",
  "entry": 2,
  "prev": null,
  "prev_sig_a": null,
  "prev_sig_b": null,
  "time": "2026-11-22T14:30:00.000Z",
  "session": "ffeeddccbbaa99887766554433221100",
  "since_start_ms": 12,
  "kind": "noted",
  "body": {
    "text": "a \"b\"\nż"
  }
}
"#;
        assert_eq!(String::from_utf8(bytes), Ok(expected.to_owned()));
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let text = String::from_utf8(note("words").to_bytes().expect("small")).expect("UTF-8");
        assert!(Entry::parse(text.as_bytes()).is_ok());
        for other in [
            text.trim_end().to_owned(),
            format!("{text}\n"),
            format!(" {text}"),
            format!("\u{feff}{text}"),
            text.replace("  \"entry\": 2,\n", "  \"entry\": 2,\n  \"extra\": 1,\n"),
            text.replace("  \"entry\": 2,\n", "  \"entry\": 2,\n  \"entry\": 2,\n"),
            text.replace("\"entry\": 2", "\"entry\": 2.0"),
            text.replace("\"entry\": 2", "\"entry\":  2"),
            text.replace("\"since_start_ms\": 12", "\"since_start_ms\": 9007199254740992"),
            text.replace("words", "w\\u006frds"),
            text.replace("words", " words"),
            text.replace("words", "wor\\u202eds"),
            text.replace("\"words\"", "\"words\", \"x\": null"),
            text.replace("/v1", "/v2"),
            text.replace("noted", "judged"),
            text.replace('\n', "\r\n"),
        ] {
            assert!(Entry::parse(other.as_bytes()).is_err(), "{other}");
        }
    }

    #[test]
    fn a_number_that_not_every_reader_holds_is_not_written() {
        let mut entry = note("words");
        entry.since_start_ms = crate::journal::MAX_INTEGER;
        assert!(entry.to_bytes().is_ok_and(|bytes| Entry::parse(&bytes) == Ok(entry.clone())));
        entry.since_start_ms += 1;
        assert!(matches!(entry.to_bytes(), Err(EntryError::Json(_))));
    }

    #[test]
    fn an_entry_is_never_longer_than_its_body_is_said_to_make_it() {
        let mut entry = note("words");
        let links = Links { entry: Digest::of(b""), sig_a: Digest::of(b""), sig_b: Digest::of(b"") };
        entry.entry = MAX_INTEGER;
        entry.since_start_ms = MAX_INTEGER;
        entry.prev = Some(links.entry);
        entry.prev_sig_a = Some(links.sig_a);
        entry.prev_sig_b = Some(links.sig_b);
        let bytes = entry.to_bytes().expect("small").len();
        let said = Entry::length_of(&entry.body).expect("small");
        assert!(bytes <= said && said < bytes + 40, "{bytes} {said}");
    }

    /// Bodies with as much in them as their types let: no case can get a body
    /// of these kinds that an entry has no room for.
    #[test]
    fn an_entry_has_room_for_the_longest_text_whatever_stands_beside_it() {
        let text = |bytes: usize| Text::typed(&"\"".repeat(bytes / 2)).expect("fits");
        let (whole, shared) = (text(Text::MAX), text(Text::SHARED));
        let longest_in_a_mark = text(40 * 1024);
        let line = Line::typed(&"\"".repeat(Line::MAX)).expect("fits");
        let url = Seen::of(&"\\".repeat(Seen::MAX));
        let id: Id = "x".repeat(64).parse().expect("an id");
        let category = Category { id: id.clone(), label: line.clone(), response: Response::StopAndWithhold };
        let now = Time::parse("2026-11-22T14:30:00.000Z").expect("a time");
        let name = Name::typed(&"\"".repeat(Name::MAX)).expect("fits");
        let (by, when, some) = (Some(name.clone()), Some(line.clone()), Some(name));
        let seen = Seen::brief(url.as_str(), Halted::MAX_SEEN);
        let alone = WrittenAlone { by: Side::A, at: now, file: Digest::of(b"") };
        for body in [
            Body::Noted(Noted { text: whole.clone() }),
            Body::Concern(Concern {
                at: At::Url(url.clone()),
                category: category.clone(),
                description: whole.clone(),
            }),
            Body::Halted(Halted {
                category: Some(category),
                typed: Some(url.clone()),
                place: Some(url),
                screen: Some(seen.clone()),
                keeping: Some(seen),
                by: Some(Side::A),
                raised: Raised::ByConcern,
                raised_at: Some(now),
                raised_file: Some(Digest::of(b"")),
                description: Some(longest_in_a_mark),
            }),
            Body::Isolated(Isolated {
                device: Some(id.clone()),
                what: shared.clone(),
                changes: Some(shared.clone()),
                by: by.clone(),
                when: when.clone(),
                alone: Some(alone.clone()),
            }),
            Body::Referred(Referred {
                route: id.clone(),
                to: line.clone(),
                by: by.clone(),
                contact: some.clone(),
                when: when.clone(),
                reference: some,
                advice: Some(shared.clone()),
                computer: Some(shared),
                answer: Some(Answer::NotConfirmed),
                alone: Some(alone),
            }),
            Body::Judged(Judged { substance: false, because: whole.clone() }),
            Body::Acted(Acted { route: id.clone(), what: whole.clone(), action: Action::Proposed, by, when }),
            Body::Archived(Archived {
                retention: Retention { id, label: line.clone() },
                review: line,
                hold: Hold::Legal,
                because: Some(whole),
            }),
        ] {
            let bytes = Entry::length_of(&body).unwrap_or_else(|error| panic!("{}: {error}", body.kind()));
            assert!(bytes <= MAX_ENTRY, "{}: {bytes}", body.kind());
        }
    }

    #[test]
    fn an_entry_that_is_too_long_is_not_written() {
        let mut entry = note("words");
        let visit = Visit {
            time: entry.time,
            url: Seen::of(&"\"".repeat(Seen::MAX)),
            redirects: Vec::new(),
            redirects_left_out: 0,
            final_url: Seen::of("x"),
            title: None,
            status: None,
            failure: None,
        };
        entry.body = Body::Visited(Visited { visits: vec![visit; 8] });
        assert!(matches!(entry.to_bytes(), Err(EntryError::Long { .. })));
        assert!(matches!(Entry::length_of(&entry.body), Err(EntryError::Long { .. })));
    }
}
