//! What is still due in a case, for as long as it is not done.
//!
//! A reminder blocks nothing, save where the state machine says so.

use chrono::{DateTime, Datelike, Days, NaiveDate, Weekday};

use super::pack::{OutcomeId, Route, RouteDue, RouteTo};
use super::state::State;
use countersign_record::clock::Time;
use countersign_record::journal::{Action, Hold, Id, Response, Restraint};

/// Something that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// What.
    pub reminder: Reminder,
    /// Since when; none where no entry tells.
    pub since: Option<Time>,
    /// Until when. Without one it is due at once.
    pub by: Option<Time>,
}

impl Due {
    /// Whether it is late.
    pub fn is_overdue(&self, now: Time) -> bool {
        self.by.is_none_or(|by| now > by)
    }
}

/// What is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reminder {
    /// Unlock the case together and put the stop on record.
    RecordTheHalt,
    /// Say what the stop is about.
    NameTheCategory,
    /// Tell somebody, by this route of the pack.
    Refer(Id),
    /// Isolate the computer, or write down that it was done.
    Isolate,
    /// Describe the concern that was found to have substance.
    DescribeTheConcern,
    /// Say what follows.
    Act,
    /// Do what was proposed, by this outcome.
    Carry(OutcomeId),
    /// Seal what was decided.
    Seal,
    /// Seal again: the last seal lacks entries that say something new.
    SealAgain,
    /// Hand over a copy, or file the case.
    HandOverOrArchive,
    /// File the case.
    Archive,
    /// Confirm how the case is filed: it was sealed again since.
    ConfirmTheFiling,
    /// Look at the filed case again, as was set for this day.
    Review(NaiveDate),
}

impl Reminder {
    /// As `--json` spells it.
    pub fn id(&self) -> &'static str {
        match self {
            Reminder::RecordTheHalt => "record-the-halt",
            Reminder::NameTheCategory => "name-the-category",
            Reminder::Refer(_) => "refer",
            Reminder::Isolate => "isolate",
            Reminder::DescribeTheConcern => "describe-the-concern",
            Reminder::Act => "act",
            Reminder::Carry(_) => "carry-out",
            Reminder::Seal => "seal",
            Reminder::SealAgain => "seal-again",
            Reminder::HandOverOrArchive => "hand-over-or-archive",
            Reminder::Archive => "archive",
            Reminder::ConfirmTheFiling => "confirm-the-filing",
            Reminder::Review(_) => "review",
        }
    }
}

impl State<'_> {
    /// What is due at `now`, the most pressing first.
    pub fn due(&self, now: Time) -> Vec<Due> {
        let mut due = Vec::new();
        if self.raised != Restraint::None {
            due.push(Due { reminder: Reminder::RecordTheHalt, since: None, by: None });
        }
        self.due_after_a_halt(&mut due);
        for route in self.outstanding_routes() {
            let since = self.applies_since(route);
            let by = since.and_then(|since| deadline(route, since));
            due.push(Due { reminder: Reminder::Refer(route.id.clone()), since, by });
        }
        self.due_after_judging(&mut due);
        self.due_towards_the_file(&mut due);
        let review = |day| Due { reminder: Reminder::Review(day), since: midnight(day), by: None };
        due.extend(self.review_reached(now).map(review));
        due
    }

    /// The routes that are due and were not taken yet, in the pack's order.
    pub(super) fn outstanding_routes(&self) -> impl Iterator<Item = &Route> {
        let police_told = self.police_told();
        self.routes().filter(move |route| {
            let told = self.referred.iter().any(|told| told.route == route.id);
            let taken = told || (route.to == RouteTo::Police && police_told);
            route.due != RouteDue::IfNeeded && !taken
        })
    }

    /// The categories of what was found, halts first. A halt without one
    /// counts as the strictest, and one that is only raised as the strictest
    /// of its kind.
    pub(super) fn found(&self) -> Vec<Id> {
        let raised = match self.raised {
            Restraint::None => None,
            Restraint::Withhold => Some(self.pack.strictest()),
            Restraint::Police => {
                self.pack.categories().iter().find(|category| category.response == Response::Police)
            }
        };
        let found = self.found_when().into_iter().map(|(id, _)| id);
        raised.map(|category| category.id.clone()).into_iter().chain(found).collect()
    }

    fn found_when(&self) -> Vec<(Id, Time)> {
        let strictest = || self.pack.strictest().id.clone();
        let gate = self.gate.as_ref().filter(|_| self.halts.is_empty());
        let halts = self.halts.iter().chain(gate);
        let halts = halts.map(|halt| (halt.category.clone().unwrap_or_else(strictest), halt.time));
        halts.chain(self.recorded.iter().map(|one| (one.category.clone(), one.time))).collect()
    }

    fn applies_since(&self, route: &Route) -> Option<Time> {
        let found = self.found_when().into_iter();
        let applies = |id: &Id| {
            self.pack.category(id.as_str()).is_some_and(|category| route.applies(category, self.concerns))
        };
        found.filter(|(id, _)| applies(id)).map(|(_, time)| time).min()
    }

    fn due_after_a_halt(&self, due: &mut Vec<Due>) {
        let Some(halt) = self.gate.as_ref().or(self.halts.first()) else { return };
        let mut push = |reminder| due.push(Due { reminder, since: Some(halt.time), by: None });
        if self.is_unsaid_what_it_is_about() {
            push(Reminder::NameTheCategory);
        }
        if !self.isolated {
            push(Reminder::Isolate);
        }
    }

    /// The day of review of a filed case, once it has come.
    pub(super) fn review_reached(&self, now: Time) -> Option<NaiveDate> {
        let filed = self.filed().filter(|filed| filed.hold == Hold::None)?;
        filed.review.as_str().parse::<NaiveDate>().ok().filter(|day| *day <= now.day())
    }

    fn due_after_judging(&self, due: &mut Vec<Due>) {
        if let Some(judged) = self.judged.filter(|judged| judged.substance) {
            let mut push = |reminder| due.push(Due { reminder, since: Some(judged.time), by: None });
            if self.recorded.is_empty() && self.last_halt().is_none() {
                push(Reminder::DescribeTheConcern);
            }
            if self.acted.is_empty() {
                push(Reminder::Act);
            }
        }
        for outcome in self.proposed() {
            let since = self.acted.iter().rev().find(|done| done.outcome == outcome).map(|done| done.time);
            due.push(Due { reminder: Reminder::Carry(outcome), since, by: None });
        }
    }

    /// What was proposed and is not done yet, and may still be.
    pub(super) fn proposed(&self) -> impl Iterator<Item = OutcomeId> {
        OutcomeId::ALL.into_iter().filter(|outcome| {
            let last = self.acted.iter().rev().find(|done| done.outcome == *outcome);
            last.is_some_and(|done| done.action == Action::Proposed) && self.may_act(*outcome)
        })
    }

    fn due_towards_the_file(&self, due: &mut Vec<Due>) {
        let (reminder, since) = match (self.current_seal(), self.seals.last().copied()) {
            (None, Some((_, since))) => (Reminder::SealAgain, since),
            (Some(_), Some((_, since))) if self.filed_before_the_seal() => {
                (Reminder::ConfirmTheFiling, since)
            }
            (Some(_), Some(_)) if self.filed().is_some() => return,
            (Some(seal), Some((_, since))) if self.handed_over.contains(&seal) => (Reminder::Archive, since),
            (Some(_), Some((_, since))) => (Reminder::HandOverOrArchive, since),
            (_, None) => match (self.judged, self.last_halt()) {
                (Some(judged), _) => (Reminder::Seal, judged.time),
                (None, Some(halt)) => (Reminder::Seal, halt.time),
                (None, None) => return,
            },
        };
        due.push(Due { reminder, since: Some(since), by: None });
    }
}

/// The end of the last working day that the route leaves, in UTC. Saturdays
/// and Sundays are not counted; bank holidays are, so that it errs on the
/// early side.
fn deadline(route: &Route, since: Time) -> Option<Time> {
    let mut left = match route.due {
        RouteDue::WithinWorkingDays => route.working_days?,
        RouteDue::AtOnce | RouteDue::IfNeeded => return None,
    };
    let mut day = since.day();
    while left > 0 {
        day = day.checked_add_days(Days::new(1))?;
        if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            left -= 1;
        }
    }
    let end = midnight(day.checked_add_days(Days::new(1))?)?;
    Time::from_unix_ms(end.unix_ms() - 1)
}

fn midnight(day: NaiveDate) -> Option<Time> {
    let midnight: DateTime<chrono::Utc> = day.and_hms_opt(0, 0, 0)?.and_utc();
    Time::from_unix_ms(midnight.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::procedure::Pack;

    #[test]
    fn a_working_day_steps_over_the_week_end() {
        let pack = Pack::built_in("uk-schools").expect("built in");
        let lado = pack.route("lado").expect("in the default pack");
        let time = |text: &str| Time::parse(text).expect("a time");
        for (since, by) in [
            // A Monday, a Friday, a Saturday.
            ("2026-11-23T09:00:00.000Z", "2026-11-24T23:59:59.999Z"),
            ("2026-11-27T23:30:00.000Z", "2026-11-30T23:59:59.999Z"),
            ("2026-11-28T10:00:00.000Z", "2026-11-30T23:59:59.999Z"),
        ] {
            assert_eq!(deadline(lado, time(since)), Some(time(by)), "{since}");
        }
        let police = pack.route("police-101").expect("in the default pack");
        assert_eq!(deadline(police, time("2026-11-23T09:00:00.000Z")), None);
    }
}
