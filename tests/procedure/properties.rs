//! What holds in whatever order steps are tried.

use countersign_case::procedure::{Deed, Pack, Phase, Reminder, Verb, Why};
use countersign_record::journal::{Body, Concerns, Restraint};
use proptest::prelude::*;

use crate::case::{Case, Gate, Judgement, WHO, packs, time};
use crate::deeds::{every_deed, halts, one_deed, records};

/// Whatever is due can be done, and stands among the next steps, each of which
/// is allowed: also when the case is filed.
fn no_trap(case: &Case<'_>) -> Result<(), TestCaseError> {
    let state = case.state();
    for now in ["2026-11-23T10:00:00.000Z", "2090-01-01T00:00:00.000Z"].map(time) {
        let next: Vec<Verb> = state.next_at(now).into_iter().map(|step| step.verb).collect();
        for due in state.due(now) {
            let verbs: &[Verb] = match &due.reminder {
                Reminder::RecordTheHalt => &[Verb::Halt],
                Reminder::NameTheCategory => &[Verb::Halt, Verb::SayOfStop],
                Reminder::Refer(_) => &[Verb::Refer],
                Reminder::Isolate => &[Verb::Isolate],
                // Whether it can be put on record is for a new case, or a note.
                Reminder::DescribeTheConcern => continue,
                Reminder::Act | Reminder::Carry(_) => &[Verb::Act],
                Reminder::Seal | Reminder::SealAgain => &[Verb::Seal],
                Reminder::HandOverOrArchive => &[Verb::HandOver, Verb::Archive],
                Reminder::Archive | Reminder::ConfirmTheFiling | Reminder::Review(_) => &[Verb::Archive],
            };
            prop_assert!(
                verbs.iter().any(|verb| next.contains(verb)),
                "{:?} is due, and next is {:?}",
                due,
                next
            );
        }
        for verb in next {
            prop_assert!(verb == Verb::Open || one_deed(&state, verb), "{:?} is next, and refused", verb);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is tried in whatever order: what is permitted is written, and
    /// after a halt, journaled or raised, no recording is ever accepted.
    #[test]
    fn after_a_halt_nothing_is_recorded(
        pack in 0..4usize,
        who in 0..3usize,
        gate in any::<bool>(),
        steps in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>(), 0..12u8), 0..40),
    ) {
        let pack = &packs()[pack];
        let mut case = Case::open(pack, WHO[who], if gate { Gate::Yes } else { Gate::No });
        let mut halted = gate;
        for (pick, substance, raise) in steps {
            case.raised = match raise { 0 => Restraint::Police, 1 => Restraint::Withhold, _ => Restraint::None };
            let deeds = every_deed(pack);
            let deed = &deeds[pick.index(deeds.len())];
            let judgement = if substance { Judgement::Substance } else { Judgement::NoSubstance };
            let body = case.body(deed, judgement);
            let raised = case.raised != Restraint::None;
            let state = case.state();
            let before = state.restraint();
            match state.permit(deed.clone()) {
                Ok(permit) => {
                    prop_assert_eq!(permit.case(), case.ledger.case());
                    prop_assert_eq!(permit.head(), case.ledger.head());
                    prop_assert_eq!(state.honour(&permit, &body), Ok(()));
                    if records(pack, deed) {
                        prop_assert!(!halted && !raised, "{:?} after a halt", deed);
                        prop_assert!(state.permit_recording(deed.clone()).is_ok());
                    } else {
                        prop_assert!(state.permit_recording(deed.clone()).is_err());
                    }
                    halted |= halts(pack, deed);
                    case.write(deed, judgement);
                }
                Err(refusal) => {
                    prop_assert!(!matches!(deed, Deed::Halt(None) | Deed::Tell), "{:?}", refusal);
                    prop_assert!(state.permit_recording(deed.clone()).is_err());
                    let over = state.phase() == Phase::Archived;
                    prop_assert!(over || !refusal.next.is_empty(), "{:?} has no next step", refusal);
                }
            }
            case.raised = Restraint::None;
            no_trap(&case)?;
            // The gate's yes holds as the strictest until somebody says what it is about.
            let named = gate && case.state().restraint() == Restraint::Police;
            prop_assert!(raised || named || before <= case.state().restraint(), "a halt is never lifted");
            prop_assert_eq!(halted, case.state().restraint() != Restraint::None);
            prop_assert_eq!(case.state().restraint(), case.ledger.restraint());
            prop_assert_eq!(case.state().halted_at().is_some(), case.ledger.halted_at().is_some());
            prop_assert!(case.state().irregularities().is_empty());
        }
    }

    /// What is refused and written all the same is named, entry by entry.
    #[test]
    fn what_should_not_be_there_is_named(
        pack in 0..4usize,
        steps in prop::collection::vec(any::<prop::sample::Index>(), 1..25),
    ) {
        let pack = &packs()[pack];
        let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
        let mut expected = Vec::new();
        for pick in steps {
            let deeds = every_deed(pack);
            let deed = &deeds[pick.index(deeds.len())];
            let refused = case.state().permit(deed.clone()).is_err();
            if case.try_write(deed) && refused {
                expected.push(case.ledger.head());
            }
        }
        let state = case.state();
        let found: Vec<u64> = state.irregularities().iter().map(|found| found.entry).collect();
        prop_assert_eq!(found, expected);
    }

    /// A permit of one case is worth nothing in another, nor in the same case
    /// with entries taken away, nor for another deed.
    #[test]
    fn a_permit_is_bound(pack in 0..4usize, pick in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
        let pack = &packs()[pack];
        let ready = [Deed::Keep, Deed::Judge, Deed::Seal];
        let (mut here, mut there) = (Case::open(pack, Concerns::Pupil, Gate::No), Case::open(pack, Concerns::Pupil, Gate::No));
        let shorter = here.clone();
        for deed in ready {
            here.must(deed.clone());
            there.must(deed);
        }
        let deeds = every_deed(pack);
        let (deed, other) = (&deeds[pick.index(deeds.len())], &deeds[other.index(deeds.len())]);
        let body = here.body(deed, Judgement::Substance);
        if let Ok(permit) = here.state().permit(deed.clone()) {
            let why = |case: &Case<'_>, body: &Body| case.state().honour(&permit, body).map_err(|refusal| refusal.why);
            prop_assert_eq!(why(&here, &body), Ok(()));
            prop_assert_eq!(why(&there, &body), Err(Why::OtherCase));
            prop_assert_eq!(why(&shorter, &body), Err(Why::FromLater { made: 4, head: 1 }));
            if other != deed {
                let body = here.body(other, Judgement::Substance);
                let wrong = matches!(why(&here, &body), Err(Why::OtherDeed { .. }));
                prop_assert!(wrong, "{:?} under a permit for {:?}", other, deed);
            }
        }
    }

    /// Whatever a file holds, judging it ends in a pack or in an error.
    #[test]
    fn any_text_is_judged(cut in any::<prop::sample::Index>(), put in ".{0,20}", pack in 0..4usize) {
        let text = std::str::from_utf8(packs()[pack].bytes()).expect("UTF-8");
        let at = (0..=cut.index(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let changed = format!("{}{put}{}", &text[..at], &text[at..]);
        if let Err(error) = Pack::parse(&changed) {
            prop_assert!(!error.to_string().chars().any(char::is_control), "{:?}", error);
        }
    }
}
