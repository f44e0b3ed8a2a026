//! What the form says, as plain data: every line of it, before any of it has
//! a place on a page.
//!
//! It is filled from the journal ([`Form::of`]) and drawn by
//! [`draw`](super::draw); it does neither itself.

mod stopped;

use crate::procedure::pack::FormLabels;
use countersign_record::clock::Time;
use countersign_record::digest::Digest;
use countersign_record::journal::{Annotated, CaseId, Concerns, Restraint, Standing};

pub use stopped::{Halt, Isolation, Left, Referral};

/// The whole form.
#[derive(Debug, Clone)]
pub struct Form {
    /// What the procedure calls the fields.
    pub labels: FormLabels,
    /// The group or school.
    pub group: Annotated<Option<String>>,
    /// The case's reference.
    pub reference: String,
    /// The earlier case that this one follows.
    pub follows: Option<String>,
    /// Real or practice.
    pub standing: Standing,
    /// When the form was made.
    pub made: Time,
    /// When the case was opened.
    pub opened: Time,
    /// The reason for the investigation.
    pub reason: String,
    /// Who reported it.
    pub reported_by: String,
    /// What was answered at the start: whether something illegal is suspected.
    pub suspected_illegal: bool,
    /// Who is concerned.
    pub concerned: Concerned,
    /// The first and the second reviewing person.
    pub reviewers: [Reviewer; 2],
    /// The designated computer.
    pub computer: Computer,
    /// What both confirmed, in words.
    pub confirmations: Vec<String>,
    /// Filtering lifted for the review, and until when.
    pub filter_exemptions: Option<String>,
    /// The concerns, in order.
    pub concerns: Vec<Concern>,
    /// The exhibits, in order.
    pub exhibits: Vec<Exhibit>,
    /// The pages visited, in order of time.
    pub visits: Vec<Visit>,
    /// Notes and corrections.
    pub notes: Vec<Note>,
    /// What the program itself had to tell: gaps, jumps of the clock.
    pub remarks: Vec<Remark>,
    /// How far the case is stopped.
    pub restraint: Restraint,
    /// Each stop, in order.
    pub halts: Vec<Halt>,
    /// What was left where it is.
    pub left: Vec<Left>,
    /// What was isolated.
    pub isolations: Vec<Isolation>,
    /// Who was told.
    pub referrals: Vec<Referral>,
    /// The judgements; the last one is the conclusion.
    pub judgements: Vec<Judgement>,
    /// Actions proposed or taken.
    pub actions: Vec<Action>,
    /// Every entry of the record.
    pub record: Vec<RecordLine>,
    /// The procedure that was followed.
    pub procedure: Procedure,
    /// The program that kept the record.
    pub program: Program,
    /// The pictures that may be printed.
    pub pictures: Pictures,
}

/// Who is concerned.
#[derive(Debug, Clone)]
pub struct Concerned {
    /// A pupil, a member of staff, somebody else.
    pub who: Annotated<Concerns>,
    /// The school's own reference.
    pub reference: String,
    /// Where the key to that reference is kept.
    pub key_kept: Option<String>,
}

/// A reviewing person.
#[derive(Debug, Clone)]
pub struct Reviewer {
    /// Name.
    pub name: Annotated<String>,
    /// Position.
    pub position: String,
    /// The fingerprint of this person's key, as `ssh-keygen -l` prints it.
    pub fingerprint: String,
}

/// The designated computer.
#[derive(Debug, Clone)]
pub struct Computer {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub location: String,
    /// What the program saw of it.
    pub seen: String,
}

/// When something was recorded, and when it happened where people said so.
#[derive(Debug, Clone)]
pub struct When {
    /// As people said it.
    pub happened: Option<String>,
    /// As the computer said when both signed.
    pub recorded: Time,
    /// The entry of the record.
    pub entry: u64,
    /// `corrected by entry 9`, where the whole entry is.
    pub corrected: Option<String>,
}

/// A line of the table that schools know.
#[derive(Debug, Clone)]
pub struct Concern {
    /// The address or the device.
    pub at: Annotated<String>,
    /// What is concerning about it, in words.
    pub reason: String,
    /// The category's label.
    pub category: String,
    /// The exhibits that show it.
    pub exhibits: Vec<String>,
    /// When.
    pub when: When,
}

/// An exhibit.
#[derive(Debug, Clone)]
pub struct Exhibit {
    /// `JS/1`.
    pub label: String,
    /// What it is.
    pub what: String,
    /// Where it came from.
    pub address: Option<String>,
    /// Who produced it.
    pub producer: String,
    /// When.
    pub when: When,
    /// Its files.
    pub files: Vec<File>,
    /// What is not in it, as far as the entries name it.
    pub absences: Vec<String>,
    /// How much is not in it in all.
    pub absences_in_all: u64,
    /// That not all of it came in, in words.
    pub unfinished: Option<String>,
    /// Whether it may leave the computer.
    pub fate: Fate,
}

/// Whether an exhibit may leave the computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes with the bundle.
    Released,
    /// It, or a part of it, is left where it is.
    LeftWhereItIs,
}

/// A file of an exhibit.
#[derive(Debug, Clone)]
pub struct File {
    /// What it is, or the name that it came with.
    pub name: String,
    /// Its digest.
    pub digest: Digest,
    /// Its length.
    pub bytes: u64,
}

/// A page visited.
#[derive(Debug, Clone)]
pub struct Visit {
    /// When.
    pub time: Time,
    /// The address that it ended at.
    pub address: String,
    /// The address that was asked for, where it is another one.
    pub asked_for: Option<String>,
    /// The page's title.
    pub title: Option<String>,
    /// The server's answer, or why there was none.
    pub outcome: String,
    /// The exhibits that the page was kept as.
    pub kept_as: Vec<String>,
    /// The entry of the record.
    pub entry: u64,
}

/// A note.
#[derive(Debug, Clone)]
pub struct Note {
    /// Its words.
    pub text: String,
    /// The entry that it corrects.
    pub corrects: Option<u64>,
    /// When.
    pub when: When,
}

/// What the program itself had to tell.
#[derive(Debug, Clone)]
pub struct Remark {
    /// In words.
    pub text: String,
    /// When.
    pub when: When,
}

/// A judgement of both.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// Whether the concern has substance.
    pub substance: bool,
    /// Why.
    pub because: String,
    /// When.
    pub when: When,
}

/// An action.
#[derive(Debug, Clone)]
pub struct Action {
    /// The route, in words.
    pub route: String,
    /// What.
    pub what: String,
    /// Proposed or taken.
    pub state: Annotated<countersign_record::journal::Action>,
    /// By whom.
    pub by: Option<String>,
    /// When.
    pub when: When,
}

/// An entry of the record, in one line.
#[derive(Debug, Clone)]
pub struct RecordLine {
    /// Its number.
    pub entry: u64,
    /// When.
    pub time: Time,
    /// What it is.
    pub what: String,
    /// Whether it is a step of the case: more than a page visited or a note.
    pub is_step: bool,
    /// Its digest.
    pub digest: Digest,
}

/// The procedure that was followed.
#[derive(Debug, Clone)]
pub struct Procedure {
    /// Its title.
    pub title: String,
    /// The digest of its file.
    pub digest: Digest,
}

/// The program that kept the record.
#[derive(Debug, Clone)]
pub struct Program {
    /// Its version.
    pub version: String,
    /// The digest of its file, as it reported it.
    pub digest: Digest,
}

/// The pictures of the form. Where something was left where it is, there can
/// be none: the type has no place for them.
#[derive(Debug, Clone)]
pub enum Pictures {
    /// The case was stopped with stop-and-withhold: text only.
    Withheld,
    /// The pictures that may be printed, in order.
    Lawful(Vec<Picture>),
}

/// A picture of an exhibit.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The exhibit's label.
    pub exhibit: String,
    /// What it is.
    pub what: String,
    /// The picture.
    pub source: Source,
}

/// Where a picture's bytes are.
#[derive(Debug, Clone)]
pub enum Source {
    /// Here.
    Bytes(Vec<u8>),
    /// Nowhere: the file is larger than any that is printed.
    TooLarge,
    /// Nowhere: the form holds as many pictures as it can.
    NoRoom,
}

/// The sheet that is kept apart from the bundle.
#[derive(Debug, Clone)]
pub struct SealSheet {
    /// The case's number, which no other case has.
    pub case: CaseId,
    /// The number of the seal, from 1.
    pub seal: u32,
    /// When it was sealed.
    pub sealed: Time,
    /// The seal code: the digest that holds the whole bundle.
    pub root: Digest,
    /// How many entries the bundle holds.
    pub entries: u64,
    /// How many files stayed behind.
    pub left: u64,
    /// The name of the bundle's file.
    pub bundle: String,
}
