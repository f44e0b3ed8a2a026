//! What no case can say, whoever signed it.

use crate::journal::people::NotThree;

/// An entry that says what no case can say there, whoever signed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {entry} {what}")]
pub struct Irregular {
    /// Which.
    pub entry: u64,
    /// What.
    pub what: What,
}

/// What no case can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum What {
    /// Entry 1 does not open a case.
    #[error("does not open a case")]
    NotOpened,
    /// It tells what was visited before a stop, and there is none.
    #[error("tells of visits before a stop, and there is none")]
    BeforeNoStop,
    /// A later entry opens one.
    #[error("opens the case again")]
    OpenedAgain,
    /// Both reviewers have one key.
    #[error("gives both reviewers the same key")]
    OneKey,
    /// Both reviewers have the same initials before their exhibits.
    #[error("gives both reviewers the same initials")]
    OneSetOfInitials,
    /// The two reviewers and the person concerned are not three.
    #[error("{0}")]
    People(NotThree),
    /// Something was recorded after a halt.
    #[error("records something after the case was stopped")]
    RecordingAfterHalt,
    /// An exhibit out of order.
    #[error("gives an exhibit a number out of order")]
    ExhibitNumber,
    /// A seal out of order.
    #[error("gives a seal a number out of order")]
    SealNumber,
    /// Words about a seal that there is not.
    #[error("tells of a seal that there is not")]
    NoSuchSeal,
    /// A seal that is said twice to have no bundle.
    #[error("says a second time that a seal has no bundle")]
    UnbundledAgain,
    /// A correction of no earlier entry, or one that says nothing of it.
    #[error("corrects nothing that is before it")]
    CorrectsNothing,
    /// A correction of what is no value that can be corrected, or to what is
    /// no such value.
    #[error("corrects what is no value of that entry")]
    CorrectsNoValue,
    /// A correction of another value than the record has.
    #[error("corrects a value that the record does not have")]
    CorrectsAnother,
    /// A correction to a milder category.
    #[error("corrects a category to a milder one")]
    CorrectionLiftsHalt,
    /// A correction of the initials on exhibits that are there.
    #[error("corrects the initials that exhibits bear already")]
    CorrectionRelabels,
}
