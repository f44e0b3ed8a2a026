//! What the form says of a stop and of what followed it, as plain data.

use super::When;
use countersign_record::clock::Time;
use countersign_record::digest::Digest;

/// A stop.
#[derive(Debug, Clone)]
pub struct Halt {
    /// The category's label, if one was chosen.
    pub category: Option<String>,
    /// What was typed for a category, where the procedure has none such.
    pub typed: Option<String>,
    /// Where it was seen, as it was typed.
    pub place: Option<String>,
    /// Who stopped the case, where that is known.
    pub by: Option<String>,
    /// How it came about, in words.
    pub how: String,
    /// In the person's words.
    pub description: Option<String>,
    /// What was on the screen of a recording then, as the program saw it.
    pub screen: Option<String>,
    /// What was being kept then, as the program saw it.
    pub keeping: Option<String>,
    /// What one person said of it afterwards and alone, beside the values that
    /// it corrected, in words.
    pub afterwards: Vec<String>,
    /// The digest of its mark.
    pub mark: Option<Digest>,
    /// When it was raised, which may be before it was recorded.
    pub raised: Option<Time>,
    /// When it was recorded; none where both are still to unlock the case.
    pub when: Option<When>,
}

/// What was left where it is.
#[derive(Debug, Clone)]
pub struct Left {
    /// What it is; never what it shows.
    pub what: String,
    /// Its digest.
    pub digest: Digest,
    /// The entry that brought it in.
    pub entry: u64,
}

/// What was isolated.
#[derive(Debug, Clone)]
pub struct Isolation {
    /// What, and how.
    pub what: String,
    /// What has changed the computer's state since.
    pub changes: Option<String>,
    /// By whom.
    pub by: Option<String>,
    /// When, as people said it.
    pub happened: Option<String>,
    /// When both signed it; none where they have not yet.
    pub when: Option<When>,
    /// Who wrote it down alone and when, if somebody did.
    pub alone: Option<String>,
}

/// Who was told.
#[derive(Debug, Clone)]
pub struct Referral {
    /// To whom.
    pub to: String,
    /// Who told them.
    pub by: Option<String>,
    /// Whom they spoke to.
    pub contact: Option<String>,
    /// The reference number that was given.
    pub reference: Option<String>,
    /// What was said and advised.
    pub advice: Option<String>,
    /// What is to be done with the computer, as they said.
    pub computer: Option<String>,
    /// What they found.
    pub answer: Option<String>,
    /// When, as people said it.
    pub happened: Option<String>,
    /// When both signed it; none where they have not yet.
    pub when: Option<When>,
    /// Who wrote it down alone and when, if somebody did.
    pub alone: Option<String>,
}
