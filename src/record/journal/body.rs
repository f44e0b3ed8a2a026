//! What an entry says: one kind for each step of the procedure, and the few
//! that the program itself must tell.

mod corrected;
mod opened;
mod own;
mod reviewed;
mod stopped;

use serde::{Deserialize, Serialize};

use super::facts::{File, Id};
use super::text::{Line, Name, Seen, Text};
use crate::clock::Time;
use crate::digest::Digest;

pub use corrected::{Change, Corrected, Value};
pub use opened::{Computer, Concerns, Confirmation, Machine, Opened, PackName, Program, Reviewer, Standing};
pub use own::{BrokenOff, ClockJumped, Recovered, Unbundled, Void};
pub use reviewed::{
    At, Attached, Browser, Category, Concern, Exhibit, Hop, Kept, Method, Noted, Part, Recording, Response,
    Visit, Visited,
};
pub use stopped::{Answer, Halted, Isolated, Raised, Referred, WrittenAlone};

/// The kinds of entry. In JSON `kind` names it and `body` holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "kebab-case")]
pub enum Body {
    /// The case was opened. Entry 1, and only entry 1.
    Opened(Box<Opened>),
    /// Pages were visited.
    Visited(Visited),
    /// A page was kept.
    Kept(Box<Kept>),
    /// Files were brought in.
    Attached(Attached),
    /// A note was made.
    Noted(Noted),
    /// An earlier entry was corrected.
    Corrected(Corrected),
    /// A concern was described.
    Concern(Concern),
    /// A recording began, broke off or ended.
    Recording(Recording),
    /// The case was stopped.
    Halted(Halted),
    /// The computer or a device was isolated.
    Isolated(Isolated),
    /// Somebody outside was told.
    Referred(Referred),
    /// The group judged whether the concern has substance.
    Judged(Judged),
    /// An action was proposed or taken.
    Acted(Acted),
    /// A form was made.
    FormMade(FormMade),
    /// The case was sealed.
    Sealed(Sealed),
    /// A copy of a bundle was handed over.
    HandedOver(HandedOver),
    /// How long the case is kept was decided.
    Archived(Archived),
    /// The computer's clock jumped.
    ClockJumped(ClockJumped),
    /// The program found and mended what a crash left.
    Recovered(Recovered),
    /// A seal that is on record has no bundle.
    Unbundled(Unbundled),
}

impl Body {
    /// The kind as it is written.
    pub fn kind(&self) -> &'static str {
        match self {
            Body::Opened(_) => "opened",
            Body::Visited(_) => "visited",
            Body::Kept(_) => "kept",
            Body::Attached(_) => "attached",
            Body::Noted(_) => "noted",
            Body::Corrected(_) => "corrected",
            Body::Concern(_) => "concern",
            Body::Recording(_) => "recording",
            Body::Halted(_) => "halted",
            Body::Isolated(_) => "isolated",
            Body::Referred(_) => "referred",
            Body::Judged(_) => "judged",
            Body::Acted(_) => "acted",
            Body::FormMade(_) => "form-made",
            Body::Sealed(_) => "sealed",
            Body::HandedOver(_) => "handed-over",
            Body::Archived(_) => "archived",
            Body::ClockJumped(_) => "clock-jumped",
            Body::Recovered(_) => "recovered",
            Body::Unbundled(_) => "unbundled",
        }
    }

    /// The files of the case that this entry brings in.
    pub fn files(&self) -> Vec<&File> {
        match self {
            Body::Opened(opened) => vec![&opened.pack.file],
            Body::Kept(kept) => kept.files.iter().collect(),
            Body::Attached(attached) => attached.files.iter().chain(&attached.left_out.list).collect(),
            Body::FormMade(made) => vec![&made.file],
            Body::Recovered(recovered) => recovered.left.list.iter().collect(),
            Body::Visited(_)
            | Body::Noted(_)
            | Body::Concern(_)
            | Body::Recording(_)
            | Body::Halted(_)
            | Body::Isolated(_)
            | Body::Referred(_)
            | Body::Judged(_)
            | Body::Acted(_)
            | Body::Sealed(_)
            | Body::HandedOver(_)
            | Body::Archived(_)
            | Body::Corrected(_)
            | Body::Unbundled(_)
            | Body::ClockJumped(_) => Vec::new(),
        }
    }

    /// Whether this is recording: what nothing may do after a halt.
    pub fn is_recording(&self) -> bool {
        match self {
            Body::Visited(_) | Body::Kept(_) | Body::Attached(_) => true,
            // Concerns and recordings that broke off are words about what was.
            _ => false,
        }
    }
}

/// When something happened, as people say it. When it was recorded is the
/// entry's own time.
pub type Happened = Line;

/// The judgement of both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// Whether the concern has substance.
    pub substance: bool,
    /// Why.
    pub because: Text,
}

/// Whether an action is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Proposed.
    Proposed,
    /// Taken.
    Taken,
}

/// An action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acted {
    /// The route in the pack: `internal`, `local-authority`, `police`.
    pub route: Id,
    /// What.
    pub what: Text,
    /// Proposed or taken.
    pub action: Action,
    /// By whom.
    pub by: Option<Name>,
    /// When.
    pub when: Option<Happened>,
}

/// A form was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormMade {
    /// The form.
    pub file: File,
    /// How many pages it has.
    pub pages: u32,
}

/// The case was sealed. The bundle holds the entries before this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The number of the seal, from 1.
    pub seal: u32,
    /// The digest that the paper carries.
    pub root: Digest,
    /// How many entries the bundle holds.
    pub entries: u64,
    /// How many files stayed behind.
    pub withheld: u64,
    /// The time written into the bundle.
    pub sealed_at: Time,
    /// The name of the bundle's file.
    pub bundle: Line,
    /// Its length.
    pub bytes: u64,
    /// The digest of the bundle's file, by which it is known after a stop.
    pub bundle_sha256: Digest,
    /// The digest of the form that was printed with the seal sheet, likewise.
    pub form_sha256: Digest,
}

/// A bundle as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundleFile {
    /// Its name.
    pub name: Seen,
    /// Its digest.
    pub sha256: Digest,
    /// Its length.
    pub bytes: u64,
}

/// A copy was handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOver {
    /// Which seal.
    pub seal: u32,
    /// Its root.
    pub root: Digest,
    /// To whom.
    pub to: Name,
    /// Of which organisation.
    pub organisation: Line,
    /// In which role.
    pub role: Name,
    /// When.
    pub when: Happened,
    /// How.
    pub how: Line,
    /// On what medium.
    pub medium: Line,
    /// The copy, which was read back and compared.
    pub copy: Copy,
}

/// A copy of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// As it is, or locked.
    pub encryption: Encryption,
    /// The file.
    pub file: BundleFile,
}

/// Whether a copy is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encryption {
    /// The bundle as it is.
    None,
    /// The bundle in a zip locked with AES-256.
    Aes256Zip,
}

/// How long the case is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    /// The retention class of the pack.
    pub retention: Retention,
    /// The day of review, `2051-11-22`.
    pub review: Line,
    /// Whether it is held for the law.
    pub hold: Hold,
    /// Why.
    pub because: Option<Text>,
}

/// A retention class as the pack had it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Retention {
    /// Its id.
    pub id: Id,
    /// Its label.
    pub label: Line,
}

/// Whether the case is held for the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// It is not.
    None,
    /// It must be kept whatever the review date.
    Legal,
}
