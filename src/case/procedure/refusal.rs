//! Why a deed is refused, as facts, with the next right step.
//!
//! What to advise people in their situation is for the program.

use super::correction::CorrectionRefusal;
use super::deed::Verb;
use super::next::NextStep;
use super::opening::OpeningRefusal;
use countersign_record::journal::Id;

/// A deed that the procedure does not allow now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Refusal {
    /// What was asked for.
    pub verb: Verb,
    /// Why not.
    pub why: Why,
    /// What is right to do next, the most pressing first.
    pub next: Vec<NextStep>,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The case may not be opened so.
    #[error(transparent)]
    Opening(#[from] OpeningRefusal),
    /// The value may not become that.
    #[error(transparent)]
    Correction(#[from] CorrectionRefusal),
    /// One of the two stopped the case, and no entry says so yet.
    #[error("the case was stopped, and the stop is not in the record yet")]
    HaltRaised,
    /// The entry would tell of a milder stop than the one that was made.
    #[error("the stop that was made is stricter than this category")]
    MilderThanRaised,
    /// Nothing is recorded after a halt.
    #[error("the case was stopped in entry {entry}; nothing more is recorded in it")]
    Halted {
        /// The entry that stopped it first.
        entry: u64,
    },
    /// The case was stopped after leave was given for what lets something
    /// out.
    #[error("the case was stopped in entry {entry} while this was being made")]
    HaltedSince {
        /// The entry that stopped it.
        entry: u64,
    },
    /// The review ended with the judgement.
    #[error("the review ended with the decision in entry {entry}")]
    ReviewClosed {
        /// The first judgement.
        entry: u64,
    },
    /// A bundle has no room for more files: what is left is for the end of the
    /// case.
    #[error(
        "the case has {members} files, and a bundle holds {} at most",
        countersign_record::bundle::zip::MOST_MEMBERS
    )]
    Full {
        /// How many a bundle would have now.
        members: u64,
    },
    /// There is nothing to judge.
    #[error("nothing has been recorded yet, so there is nothing to decide about")]
    NothingReviewed,
    /// It needs a judgement or a halt.
    #[error("it has not been decided yet whether the concern has substance")]
    NotJudged,
    /// It was judged that there is no substance.
    #[error("entry {entry} decided that the concern has no substance")]
    NoSubstance {
        /// The judgement.
        entry: u64,
    },
    /// It needs a halt, or a judgement that there is substance.
    #[error("the case was not stopped, and it has not been decided that the concern has substance")]
    NotHalted,
    /// The record says that this seal has no bundle.
    #[error("seal {seal} has no bundle")]
    NoBundle {
        /// Which seal.
        seal: u32,
    },
    /// It needs a seal.
    #[error("the case has no seal {seal}")]
    NotSealed {
        /// The number that was asked for, from 1.
        seal: u32,
    },
    /// The seal holds what must not leave any more.
    #[error("seal {seal} was made before the stop in entry {halt}, and holds what is withheld since")]
    SealBeforeHalt {
        /// The seal.
        seal: u32,
        /// The stop.
        halt: u64,
    },
    /// The record says more than the last seal holds.
    #[error("the last seal was made before entry {entry}")]
    SealOutdated {
        /// The last entry that it does not hold.
        entry: u64,
    },
    /// The case is filed.
    #[error("the case was filed in entry {entry}")]
    Archived {
        /// The entry.
        entry: u64,
    },
    /// The category does not stop a case.
    #[error("the category {category} does not stop a case")]
    DoesNotHalt {
        /// The category.
        category: Id,
    },
    /// The deed records nothing.
    #[error("this is not recording")]
    NotRecording,
    /// The pack is not the one that the case was opened under.
    #[error("the case was opened under another procedure than this one")]
    OtherPack,
    /// The permit belongs to another case.
    #[error("the permit is for another case")]
    OtherCase,
    /// The permit was made when the journal was longer than it is.
    #[error("the permit was made after entry {made}, and the record ends at entry {head}")]
    FromLater {
        /// The head when it was made.
        made: u64,
        /// The head now.
        head: u64,
    },
    /// The entry is another deed than the one that was allowed.
    #[error("the permit is for {}, and the entry is {kind}", permitted.id())]
    OtherDeed {
        /// What was allowed.
        permitted: Verb,
        /// The kind of the entry.
        kind: &'static str,
    },
    /// The pack does not have it.
    #[error("{id} is no {what} of this procedure")]
    Unknown {
        /// What was looked for.
        what: Unknown,
        /// Its id.
        id: Id,
    },
}

/// What a pack was asked for and does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// A category.
    Category,
    /// A referral route.
    Route,
    /// An outcome.
    Outcome,
    /// A retention class.
    Retention,
    /// A kind of computer or device.
    Device,
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Unknown::Category => "category",
            Unknown::Route => "route",
            Unknown::Outcome => "outcome",
            Unknown::Retention => "retention class",
            Unknown::Device => "kind of computer or device",
        })
    }
}
