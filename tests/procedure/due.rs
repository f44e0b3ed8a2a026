//! What is due, for as long as it is not done.

use countersign_case::procedure::{Deed, Phase, Reminder, Stage, Verb};
use countersign_record::journal::Concerns;

use crate::case::{Case, Gate, Judgement, id, packs, time};

#[test]
fn reminders_stay_until_it_is_done() {
    let pack = &packs()[0];
    let mut case = Case::open(pack, Concerns::Staff, Gate::No);
    case.must(Deed::Keep);
    assert!(case.due("2026-11-23T10:00:00.000Z").is_empty());
    // A Monday morning.
    case.must(Deed::Halt(Some(id("grooming"))));
    let refer = |route: &str| Reminder::Refer(id(route));
    let due = case.due("2026-11-23T10:00:00.000Z");
    for reminder in
        [Reminder::Isolate, refer("police-101"), refer("lado"), refer("childrens-services"), Reminder::Seal]
    {
        assert!(due.contains(&reminder), "{reminder:?} in {due:?}");
    }
    let late = |case: &Case<'_>, now: &str| {
        let now = time(now);
        let due = case.state().due(now).into_iter().filter(|due| due.is_overdue(now));
        due.map(|due| due.reminder).collect::<Vec<_>>()
    };
    assert!(!late(&case, "2026-11-24T23:00:00.000Z").contains(&refer("lado")));
    assert!(late(&case, "2026-11-25T00:00:00.000Z").contains(&refer("lado")));
    for route in ["police-999", "lado", "childrens-services", "safeguarding-lead"] {
        case.must(Deed::Refer(id(route)));
    }
    case.must(Deed::Isolate);
    assert_eq!(case.due("2026-11-25T00:00:00.000Z"), [Reminder::Seal], "999 is the police, too");
    case.must_judge(Judgement::Substance);
    assert!(case.due("2026-11-25T00:00:00.000Z").contains(&Reminder::Act));
    case.must(Deed::Act(id("police")));
    case.must(Deed::Seal);
    let due = case.due("2026-11-25T00:00:00.000Z");
    assert_eq!(due.last(), Some(&Reminder::HandOverOrArchive));
    case.must(Deed::Note);
    assert_eq!(case.due("2026-11-25T00:00:00.000Z").last(), Some(&Reminder::SealAgain));
    case.must(Deed::Seal);
    case.must(Deed::HandOver(2));
    assert_eq!(case.due("2026-11-25T00:00:00.000Z").last(), Some(&Reminder::Archive));
    case.must(Deed::Archive(pack.retention()[0].id.clone()));
    assert!(case.due("2051-11-21T23:59:59.999Z").iter().all(|due| !matches!(due, Reminder::Review(_))));
    assert!(case.due("2051-11-22T00:00:00.000Z").iter().any(|due| matches!(due, Reminder::Review(_))));
}

#[test]
fn a_call_to_the_police_stays_due_when_the_case_is_filed() {
    let pack = &packs()[0];
    let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
    for deed in [Deed::Halt(None), Deed::Seal, Deed::Archive(pack.retention()[0].id.clone())] {
        case.must(deed);
    }
    assert!(case.due("2026-11-23T10:00:00.000Z").contains(&Reminder::Refer(id("police-101"))));
    assert!(case.next().contains(&Verb::Refer));
    case.must(Deed::Refer(id("police-101")));
    assert!(!case.due("2026-11-23T10:00:00.000Z").contains(&Reminder::Refer(id("police-101"))));
}

/// What was proposed when the case was filed is done later: nothing of it is
/// refused, and the seal and the filing follow.
#[test]
fn what_follows_after_filing_can_be_done_and_is_sealed_and_confirmed() {
    let pack = &packs()[0];
    let archive = || Deed::Archive(pack.retention()[0].id.clone());
    let now = "2026-11-23T10:00:00.000Z";
    let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
    case.must(Deed::Keep);
    case.must(Deed::Concern(id("bullying")));
    case.must_judge(Judgement::Substance);
    case.must_propose("internal");
    case.must(Deed::Seal);
    case.must(archive());
    assert_eq!(case.state().current_seal(), Some(1));
    let carried = |case: &Case<'_>| case.due(now).iter().any(|due| matches!(due, Reminder::Carry(_)));
    assert!(carried(&case) && case.next() == [Verb::Act]);
    case.must(Deed::Act(id("internal")));
    assert!(!carried(&case));
    assert_eq!(case.state().phase(), Phase::Archived);
    assert_eq!((case.state().current_seal(), case.next()), (None, vec![Verb::Seal]));
    assert_eq!(case.due(now), [Reminder::SealAgain]);
    // A hold for the law waits for no seal.
    assert!(case.state().permit(archive()).is_ok());
    case.must(Deed::Seal);
    assert_eq!(case.state().current_seal(), Some(2));
    assert_eq!((case.due(now), case.next()), (vec![Reminder::ConfirmTheFiling], vec![Verb::Archive]));
    case.must(archive());
    assert_eq!((case.due(now), case.next()), (vec![], vec![]));
    // What only tells of the seal leaves it current.
    case.must(Deed::HandOver(2));
    case.must(Deed::Form);
    assert_eq!((case.state().current_seal(), case.next()), (Some(2), vec![]));
    case.must(Deed::Refer(id("lado")));
    assert_eq!((case.state().current_seal(), case.next()), (None, vec![Verb::Seal]));
    assert!(case.state().irregularities().is_empty());
}

#[test]
fn the_day_of_review_is_a_next_step_once_it_has_come() {
    let pack = &packs()[0];
    let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
    case.must(Deed::Keep);
    case.must_judge(Judgement::NoSubstance);
    case.must(Deed::Seal);
    case.must(Deed::Archive(pack.retention()[0].id.clone()));
    let next =
        |now: &str| case.state().next_at(time(now)).into_iter().map(|step| step.verb).collect::<Vec<_>>();
    assert_eq!(next("2051-11-21T23:59:59.999Z"), []);
    assert_eq!(next("2051-11-22T00:00:00.000Z"), [Verb::Archive]);
}

#[test]
fn the_next_steps_follow_the_packs_order() {
    for (number, first) in [("uk-schools", Verb::Isolate), ("policy-000", Verb::Refer)] {
        let pack = packs().iter().find(|pack| pack.id().as_str() == number).expect("built in");
        let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
        case.must(Deed::Halt(Some(id("grooming"))));
        assert_eq!(case.next()[0], first, "{number}");
        assert_eq!(pack.steps()[0].id, Stage::Gate);
    }
}

/// Policy 004 sends every complaint about staff to the headteacher, halt or
/// not.
#[test]
fn a_route_can_be_due_without_a_halt() {
    let pack = packs().iter().find(|pack| pack.id().as_str() == "policy-004").expect("built in");
    for (concerns, expected) in [(Concerns::Staff, true), (Concerns::Pupil, false)] {
        let mut case = Case::open(pack, concerns, Gate::No);
        case.must(Deed::Concern(id("bullying")));
        let reminder = Reminder::Refer(id("headteacher"));
        assert_eq!(case.due("2026-11-23T10:00:00.000Z").contains(&reminder), expected);
        assert_eq!(case.next().contains(&Verb::Refer), expected);
        case.must(Deed::Refer(id("headteacher")));
        assert!(!case.next().contains(&Verb::Refer));
    }
}
