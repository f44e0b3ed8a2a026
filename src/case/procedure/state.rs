//! The case as the procedure sees it: a fold over its entries, which answers
//! who may do what.
//!
//! It decides nothing itself: the rules are in `rules`.

use super::deed::Deed;
use super::pack::{OutcomeId, Pack};
use super::permit::{Permit, RecordingPermit};
use super::refusal::{Refusal, Why};
use countersign_record::clock::Time;
use countersign_record::journal::{
    Action, Answer, Body, CaseId, Concerns, Hold, Id, Ledger, Line, Response, Restraint,
};

/// Where a case stands in the procedure.
#[derive(Debug, Clone)]
pub struct State<'a> {
    pub(super) pack: &'a Pack,
    pub(super) ledger: &'a Ledger,
    pub(super) other_pack: bool,
    pub(super) case: CaseId,
    pub(super) head: u64,
    /// How many files a bundle of it has, as it stands.
    pub(super) members: u64,
    pub(super) concerns: Concerns,
    pub(super) raised: Restraint,
    /// The gate's yes, until a halt says what it is about.
    pub(super) gate: Option<Halting>,
    pub(super) halts: Vec<Halting>,
    /// The first entry of the review that is not the program's own.
    pub(super) reviewed: Option<u64>,
    /// Concerns that do not halt.
    pub(super) recorded: Vec<Recorded>,
    pub(super) isolated: bool,
    pub(super) referred: Vec<Told>,
    pub(super) first_judged: Option<u64>,
    pub(super) judged: Option<Judgement>,
    pub(super) acted: Vec<Done>,
    /// The entry and time of each seal, in order.
    pub(super) seals: Vec<(u64, Time)>,
    /// The seals that have no bundle.
    pub(super) unbundled: Vec<u32>,
    /// The last entry that a new seal would add, leaving out those that only
    /// tell of the seal itself.
    pub(super) spoken: u64,
    pub(super) handed_over: Vec<u32>,
    pub(super) archived: Option<Filed>,
    pub(super) irregularities: Vec<Irregularity>,
}

/// A halt, or a concern that is one.
#[derive(Debug, Clone)]
pub(super) struct Halting {
    pub(super) entry: u64,
    pub(super) time: Time,
    pub(super) category: Option<Id>,
    pub(super) response: Response,
}

/// A concern that does not halt.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    pub(super) entry: u64,
    pub(super) time: Time,
    pub(super) category: Id,
}

/// Somebody who was told.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) entry: u64,
    pub(super) route: Id,
    pub(super) answer: Option<Answer>,
}

/// An action.
#[derive(Debug, Clone)]
pub(super) struct Done {
    pub(super) entry: u64,
    pub(super) outcome: OutcomeId,
    pub(super) action: Action,
    pub(super) time: Time,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Judgement {
    pub(super) entry: u64,
    pub(super) time: Time,
    pub(super) substance: bool,
}

/// How a case is filed.
#[derive(Debug, Clone)]
pub struct Filed {
    /// The entry that says so.
    pub entry: u64,
    /// When it was filed first: from then its rule counts.
    pub first: Time,
    /// The retention class.
    pub retention: Id,
    /// The day of review.
    pub review: Line,
    /// Whether the law holds it.
    pub hold: Hold,
}

/// Where a case stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Stopped by one person; the record does not say so yet.
    HaltRaised,
    /// Being reviewed.
    Review,
    /// Stopped.
    Halted,
    /// Judged.
    Judged,
    /// Sealed since the last decision.
    Sealed,
    /// Filed.
    Archived,
}

impl Phase {
    /// As `--json` spells it.
    pub fn id(self) -> &'static str {
        match self {
            Phase::HaltRaised => "halt-raised",
            Phase::Review => "review",
            Phase::Halted => "halted",
            Phase::Judged => "judged",
            Phase::Sealed => "sealed",
            Phase::Archived => "archived",
        }
    }
}

/// An entry that the procedure would not have allowed when it was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {entry}: {why}")]
pub struct Irregularity {
    /// Which.
    pub entry: u64,
    /// Why not.
    pub why: Why,
}

impl<'a> State<'a> {
    /// Follows a case's entries. `raised` tells of a halt that one person
    /// raised and that no entry knows yet.
    ///
    /// Under another pack than the one that entry 1 names, nothing is allowed
    /// but to stop.
    pub fn replay(pack: &'a Pack, ledger: &'a Ledger, raised: Restraint) -> State<'a> {
        let opened = match &ledger.entries()[0].body {
            Body::Opened(opened) => opened,
            // Every journal begins with that.
            _ => ledger.opened(),
        };
        let time = ledger.entries()[0].time;
        // What is suspected has not been said yet: the strictest holds.
        let gate = Halting { entry: 1, time, category: None, response: Response::StopAndWithhold };
        let mut state = State {
            pack,
            ledger,
            other_pack: opened.pack.file.sha256 != pack.digest(),
            case: ledger.case(),
            head: 1,
            members: ledger.members(),
            concerns: opened.concerns,
            raised: Restraint::None,
            gate: opened.suspected_illegal.then_some(gate),
            halts: Vec::new(),
            reviewed: None,
            recorded: Vec::new(),
            isolated: false,
            referred: Vec::new(),
            first_judged: None,
            judged: None,
            acted: Vec::new(),
            seals: Vec::new(),
            unbundled: Vec::new(),
            spoken: 1,
            handed_over: Vec::new(),
            archived: None,
            irregularities: Vec::new(),
        };
        for entry in &ledger.entries()[1..] {
            state.follow(entry);
        }
        state.raised = raised;
        state
    }

    /// Asks for a permit. It holds for this case as it stands.
    pub fn permit(&self, deed: Deed) -> Result<Permit, Refusal> {
        match self.ruling(&deed) {
            Ok(()) => Ok(Permit::new(self.case, self.head, deed)),
            Err(why) => Err(self.refusal(&deed, why)),
        }
    }

    /// Asks for a permit to record. After a halt, journaled or raised, there
    /// is none.
    pub fn permit_recording(&self, deed: Deed) -> Result<RecordingPermit, Refusal> {
        let permit = self.permit(deed)?;
        match self.is_recording(permit.deed()) {
            true => Ok(RecordingPermit::new(permit)),
            false => Err(self.refusal(permit.deed(), Why::NotRecording)),
        }
    }

    /// Whether `permit` covers an entry of `body` in the case as it stands
    /// now. The last question before an entry is written.
    pub fn honour(&self, permit: &Permit, body: &Body) -> Result<(), Refusal> {
        let deed = permit.deed();
        let ruling = if permit.case() != self.case {
            Err(Why::OtherCase)
        } else if permit.head() > self.head {
            Err(Why::FromLater { made: permit.head(), head: self.head })
        } else if Deed::of(body).as_ref() != Some(deed) || !self.as_in_pack(body) {
            Err(Why::OtherDeed { permitted: deed.verb(), kind: body.kind() })
        } else if let Some(entry) = self.halted_since(permit) {
            Err(Why::HaltedSince { entry })
        } else {
            self.ruling(deed)
        };
        ruling.map_err(|why| self.refusal(deed, why))
    }

    /// A halt after `permit` was given, where the deed lets something out.
    /// What was made before a halt MUST NOT be taken for something made after
    /// it: it may hold what is withheld since.
    fn halted_since(&self, permit: &Permit) -> Option<u64> {
        let lets_out = matches!(permit.deed(), Deed::Form | Deed::Seal | Deed::HandOver(_));
        self.halts.last().map(|halt| halt.entry).filter(|entry| lets_out && *entry > permit.head())
    }

    /// Where the case stands.
    pub fn phase(&self) -> Phase {
        if self.raised != Restraint::None {
            Phase::HaltRaised
        } else if self.filed().is_some() {
            Phase::Archived
        } else if self.current_seal().is_some() {
            Phase::Sealed
        } else if let Some(judged) = &self.judged
            && self.last_halt().is_none_or(|halt| halt.entry < judged.entry)
        {
            Phase::Judged
        } else if self.last_halt().is_some() {
            Phase::Halted
        } else {
            Phase::Review
        }
    }

    /// How far the case is stopped, with what was raised.
    pub fn restraint(&self) -> Restraint {
        let said = match self.halts.iter().map(|halt| halt.response).max() {
            Some(Response::StopAndWithhold) => Restraint::Withhold,
            Some(_) => Restraint::Police,
            None if self.gate.is_some() => Restraint::Withhold,
            None => Restraint::None,
        };
        said.max(self.raised)
    }

    /// The entry that stopped the case first, if one did.
    pub fn halted_at(&self) -> Option<u64> {
        self.gate.iter().chain(&self.halts).map(|halt| halt.entry).next()
    }

    /// Whether the last judgement found substance; none where nothing was
    /// judged.
    pub fn substance(&self) -> Option<bool> {
        self.judged.map(|judged| judged.substance)
    }

    /// The number of the last entry.
    pub fn head(&self) -> u64 {
        self.head
    }

    /// The procedure that the case follows.
    pub fn pack(&self) -> &'a Pack {
        self.pack
    }

    /// Entries that the procedure would not have allowed. A case that only
    /// this program wrote has none.
    pub fn irregularities(&self) -> &[Irregularity] {
        &self.irregularities
    }

    /// What the police found, the last time that they said.
    pub(super) fn answered(&self) -> Option<Answer> {
        let police = self.referred.iter().rev().filter(|told| self.is_police(&told.route));
        police.filter_map(|told| told.answer).next()
    }

    fn refusal(&self, deed: &Deed, why: Why) -> Refusal {
        Refusal { verb: deed.verb(), why, next: self.next() }
    }

    pub(super) fn last_halt(&self) -> Option<&Halting> {
        self.halts.last().or(self.gate.as_ref())
    }

    /// The last stop from which on captured material is withheld.
    pub(super) fn withheld_at(&self) -> Option<u64> {
        let withholds = |halt: &&Halting| halt.response == Response::StopAndWithhold;
        self.halts.iter().rev().find(withholds).map(|halt| halt.entry)
    }

    /// The last halt or judgement.
    pub(super) fn decided(&self) -> Option<u64> {
        let halted = self.last_halt().map(|halt| halt.entry);
        halted.max(self.judged.map(|judged| judged.entry))
    }
}
