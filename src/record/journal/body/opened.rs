//! What entry 1 says: who, about whom, where, and by which procedure.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::journal::called;
use crate::journal::facts::{File, Id, Reference, Side};
use crate::journal::text::{Line, Name, Seen, Text};
use crate::key::PublicKey;

/// Whether a case is real or practice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// A real case.
    Case,
    /// Practice: everything that comes of it says REHEARSAL.
    Rehearsal,
}

/// Who is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Concerns {
    /// A pupil.
    Pupil,
    /// A member of staff.
    Staff,
    /// Somebody else.
    Other,
}

/// Entry 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The case's reference.
    pub reference: Reference,
    /// Real or practice.
    pub standing: Standing,
    /// The earlier case that this one follows.
    pub follows: Option<Reference>,
    /// Whether that case was stopped when this one was opened.
    pub follows_stopped: bool,
    /// The gate: whether something illegal is suspected. If so, the case is
    /// stopped from here on.
    pub suspected_illegal: bool,
    /// The group or school.
    pub group: Option<Line>,
    /// The reason for the investigation.
    pub reason: Text,
    /// Who reported it.
    pub reported_by: Text,
    /// Who is concerned.
    pub concerns: Concerns,
    /// The school's own reference for that person.
    pub subject: Name,
    /// Where the key to that reference is kept.
    pub subject_key: Option<Line>,
    /// The first reviewing person.
    pub first: Reviewer,
    /// The second reviewing person.
    pub second: Reviewer,
    /// Whether both said that they are two people, though their names read as
    /// one ([`is_one_name`](crate::journal::names::is_one_name)).
    pub namesakes: bool,
    /// The designated computer.
    pub computer: Computer,
    /// What both confirmed.
    pub confirmations: Vec<Confirmation>,
    /// Filtering lifted for the review, and until when.
    pub filter_exemptions: Option<Text>,
    /// The procedure that the case follows.
    pub pack: PackName,
    /// The program.
    pub program: Program,
    /// The computer as the program sees it.
    pub machine: Machine,
}

impl Opened {
    /// One of the two reviewers.
    pub fn reviewer(&self, side: Side) -> &Reviewer {
        match side {
            Side::A => &self.first,
            Side::B => &self.second,
        }
    }

    /// What to call one of them: two of one name are told apart.
    pub fn called(&self, side: Side) -> String {
        let [first, second] =
            [&self.first, &self.second].map(|person| (person.name.as_str(), person.position.as_str()));
        let [first, second] = called(first, second);
        match side {
            Side::A => first,
            Side::B => second,
        }
    }

    /// Both public keys.
    pub fn keys(&self) -> [PublicKey; 2] {
        [self.first.public_key, self.second.public_key]
    }
}

/// A reviewing person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewer {
    /// Name.
    pub name: Name,
    /// Position.
    pub position: Name,
    /// The initials before the numbers of the exhibits that this person
    /// produces.
    pub initials: Name,
    /// The key that signs for this person in this case.
    pub public_key: PublicKey,
}

/// The designated computer as people name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Computer {
    /// Its name.
    pub name: Name,
    /// Where it stands.
    pub location: Line,
}

/// A statement that both made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Its id in the pack.
    pub id: Id,
    /// Its words.
    pub statement: Text,
}

/// The procedure pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackName {
    /// Its id.
    pub id: Id,
    /// Its title.
    pub title: Line,
    /// The pack itself, which travels with the case.
    pub file: File,
}

/// The program that keeps the journal. Self-reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Its version.
    pub version: Line,
    /// The digest of its own file.
    pub sha256: Digest,
}

/// What is known of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Its name on the network.
    pub name: Seen,
    /// Operating system.
    pub system: Seen,
    /// Processor architecture.
    pub architecture: Seen,
    /// The digest of the operating system's own identifier of the machine.
    pub identity: Option<Digest>,
    /// Minutes that local time was ahead of UTC.
    pub utc_offset_minutes: i32,
}
