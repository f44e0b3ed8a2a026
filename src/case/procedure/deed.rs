//! What reviewers and the program can do to a case once it is open.
//!
//! A deed names what it chooses from the pack, and nothing that it brings; a
//! correction names what it changes, which goes through the rules again.

use countersign_record::journal::{Body, Change, Id};

/// A deed for which a permit can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Visit pages.
    Visit,
    /// Keep a page.
    Keep,
    /// Bring files in.
    Attach,
    /// Describe a concern of this category. Where the category halts, this is
    /// the halt.
    Concern(Id),
    /// Write a note.
    Note,
    /// Correct the entry of this number: a value of it, or all of it by words.
    Correct(u64, Option<Box<Change>>),
    /// Stop the case, with this category. Without one the strictest response
    /// holds.
    Halt(Option<Id>),
    /// Isolate a computer or device.
    Isolate,
    /// Tell somebody outside, by this route.
    Refer(Id),
    /// Judge whether the concern has substance.
    Judge,
    /// Propose or take an action, by this outcome.
    Act(Id),
    /// Make the form.
    Form,
    /// Seal the case.
    Seal,
    /// Hand over a copy of the seal of this number.
    HandOver(u32),
    /// Decide how long the case is kept, by this retention class.
    Archive(Id),
    /// Let the program say what became of a recording, of the clock or of a
    /// crash.
    Tell,
}

impl Deed {
    /// The deed that an entry of this body is. Opening a case is none: it has
    /// a permit of its own.
    pub fn of(body: &Body) -> Option<Deed> {
        Some(match body {
            Body::Opened(_) => return None,
            Body::Visited(_) => Deed::Visit,
            Body::Kept(_) => Deed::Keep,
            Body::Attached(_) => Deed::Attach,
            Body::Noted(_) => Deed::Note,
            Body::Corrected(corrected) => {
                Deed::Correct(corrected.entry, corrected.change.clone().map(Box::new))
            }
            Body::Concern(concern) => Deed::Concern(concern.category.id.clone()),
            Body::Halted(halted) => Deed::Halt(halted.category.as_ref().map(|category| category.id.clone())),
            Body::Isolated(_) => Deed::Isolate,
            Body::Referred(referred) => Deed::Refer(referred.route.clone()),
            Body::Judged(_) => Deed::Judge,
            Body::Acted(acted) => Deed::Act(acted.route.clone()),
            Body::FormMade(_) => Deed::Form,
            Body::Sealed(_) => Deed::Seal,
            Body::HandedOver(handed) => Deed::HandOver(handed.seal),
            Body::Archived(archived) => Deed::Archive(archived.retention.id.clone()),
            Body::Recording(_) | Body::ClockJumped(_) | Body::Recovered(_) | Body::Unbundled(_) => Deed::Tell,
        })
    }

    /// The verb of the command line that does it.
    pub fn verb(&self) -> Verb {
        match self {
            Deed::Visit => Verb::Record,
            Deed::Keep => Verb::Keep,
            Deed::Attach => Verb::Attach,
            Deed::Concern(_) => Verb::Concern,
            Deed::Note => Verb::Note,
            Deed::Correct(..) => Verb::Correct,
            Deed::Halt(_) => Verb::Halt,
            Deed::Isolate => Verb::Isolate,
            Deed::Refer(_) => Verb::Refer,
            Deed::Judge => Verb::Judge,
            Deed::Act(_) => Verb::Act,
            Deed::Form => Verb::Form,
            Deed::Seal => Verb::Seal,
            Deed::HandOver(_) => Verb::HandOver,
            Deed::Archive(_) => Verb::Archive,
            Deed::Tell => Verb::Tell,
        }
    }
}

/// A deed by the name that people call it with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Open a case.
    Open,
    /// Browse with the recording browser.
    Record,
    /// Keep a page.
    Keep,
    /// Bring files in.
    Attach,
    /// Describe a concern.
    Concern,
    /// Write a note.
    Note,
    /// Correct an earlier entry.
    Correct,
    /// Stop the case.
    Halt,
    /// Say what a stop that was made before is about.
    SayOfStop,
    /// Isolate the computer.
    Isolate,
    /// Tell somebody outside.
    Refer,
    /// Judge.
    Judge,
    /// Act.
    Act,
    /// Make the form.
    Form,
    /// Seal.
    Seal,
    /// Hand over.
    HandOver,
    /// File the case.
    Archive,
    /// What only the program does.
    Tell,
}

impl Verb {
    /// As the command line and `--json` spell it.
    pub fn id(self) -> &'static str {
        match self {
            Verb::Open => "open",
            Verb::Record => "record",
            Verb::Keep => "keep",
            Verb::Attach => "attach",
            Verb::Concern => "concern",
            Verb::Note => "note",
            Verb::Correct => "note --corrects",
            Verb::Halt => "halt",
            Verb::SayOfStop => "halt --about",
            Verb::Isolate => "isolate",
            Verb::Refer => "refer",
            Verb::Judge => "judge",
            Verb::Act => "act",
            Verb::Form => "form",
            Verb::Seal => "seal",
            Verb::HandOver => "hand-over",
            Verb::Archive => "archive",
            Verb::Tell => "tell",
        }
    }
}
