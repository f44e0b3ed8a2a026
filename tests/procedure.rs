//! The procedure from outside: packs that must be refused, and a state machine
//! that no order of steps gets round.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use countersign::clock::{Random, Time};
use countersign::digest::Digest;
use countersign::journal::{
    Acted, Action, Archived, At, Attached, Body, BundleFile, CaseId, ClockJumped, Computer, Concern,
    Concerns, Confirmation, Copy, Encryption, Entry, File, FormMade, Halted, HandedOver, Hold, Id, Isolated,
    Judged, Kept, Ledger, Line, Machine, Method, Moment, Noted, Opened, PackName, Part, Program, Raised,
    Referred, Response, Restraint, Retention, Reviewer, Role, Sealed, Seen, Side, Standing, Text, Visit,
    Visited,
};
use countersign::key::{PublicKey, SecretKey};
use countersign::procedure::{
    Deed, OpeningPermit, OpeningRefusal, Pack, Person, Phase, Refusal, Reminder, Stage, State, Verb, Why,
    may_open,
};
use proptest::prelude::*;

// ---- packs

/// One file per defect. Its first lines say what is expected, where, and which
/// words the error holds.
#[test]
fn every_vector_is_judged_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/packs");
    let (mut accepted, mut refused, mut wrong) = (0, 0, Vec::new());
    for file in fs::read_dir(&folder).expect("fixtures/packs") {
        let path = file.expect("a file").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("UTF-8");
        let mut head = text.lines().map(|line| line.trim_start_matches("# "));
        let mut field = |key: &str| {
            let line = head.next().and_then(|line| line.strip_prefix(key));
            line.unwrap_or_else(|| panic!("{name}: {key}")).trim().to_owned()
        };
        let (expect, place, says) = (field("expect:"), field("where:"), field("says:"));
        match (expect.as_str(), Pack::parse(&text)) {
            ("accepted", Ok(_)) => accepted += 1,
            ("refused", Err(error)) => {
                refused += 1;
                if !error.to_string().contains(&says) || (!place.is_empty() && error.field != place) {
                    wrong.push(format!("{name}: {error}"));
                }
            }
            (_, Ok(_)) => wrong.push(format!("{name}: accepted")),
            (_, Err(error)) => wrong.push(format!("{name}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(accepted >= 1 && refused >= 70, "{accepted} accepted, {refused} refused");
}

#[test]
fn an_error_names_the_line() {
    let text = Pack::built_in_text("uk-schools").expect("built in");
    let line = |part: &str, text: &str| text.lines().position(|l| l == part).map(|at| at + 1);
    let own = text.replace("id = \"uk-schools\"", "id = \"our-school\"");
    let mild = own.replace("id = \"grooming\"", "id = \"grooming\"\nresponse = \"record\"");
    assert_eq!(Pack::parse(&mild).expect_err("two responses").field, "response");
    let typo = own.replace("label = \"Gambling online\"", "lable = \"Gambling online\"");
    let error = Pack::parse(&typo).expect_err("a typing error");
    assert_eq!((error.line, error.field.as_str()), (line("lable = \"Gambling online\"", &typo), "lable"));
    let error = Pack::parse(&own.replace("id = \"ceop\"", "id = \"iwf\"")).expect_err("twice");
    let second = own.lines().position(|l| l == "id = \"ceop\"");
    assert_eq!(error.line, second, "the table's first line stands above its id");
}

#[test]
fn every_pack_cites_its_sources() {
    let policies = [("policy-000", "olicy 000"), ("policy-002", "olicy 002"), ("policy-004", "olicy 004")];
    for pack in packs() {
        let number = policies.iter().find(|(id, _)| *id == pack.id().as_str()).map(|(_, number)| *number);
        let sources = pack.steps().iter().map(|step| step.source.as_str());
        let sources = sources.chain(pack.categories().iter().map(|category| category.source.as_str()));
        for source in sources.chain(pack.confirmations().map(|confirmation| confirmation.source.as_str())) {
            let cites = ["olicy 00", "olicies 00", "ewer template", "Countersign", "Act ", "the policy;"];
            assert!(cites.iter().any(|part| source.contains(part)), "{}: {source}", pack.id());
        }
        for category in pack.categories() {
            let own = number.is_none_or(|number| category.source.as_str().contains(number));
            assert!(own || category.source.as_str().contains("Not named in the policy"), "{}", category.id);
        }
    }
}

#[test]
fn every_pack_has_the_categories_of_its_policy() {
    let ids =
        |pack: &Pack| -> BTreeSet<String> { pack.categories().iter().map(|c| c.id.to_string()).collect() };
    let police =
        ["grooming", "obscene-publication", "criminal-racism", "terrorism-extremism", "other-criminal"];
    for pack in packs() {
        let ids = ids(pack);
        assert!(police.iter().all(|id| ids.contains(*id)), "{}", pack.id());
        assert_eq!(pack.strictest().id.as_str(), "child-abuse-images");
        assert_eq!(pack.strictest().response, Response::StopAndWithhold);
        // Only policy 000 does not name it.
        assert_eq!(ids.contains("obscene-to-child"), pack.id().as_str() != "policy-000", "{}", pack.id());
    }
    let union: BTreeSet<String> = ids(&packs()[0]);
    for pack in &packs()[1..] {
        let missing: Vec<_> = ids(pack).difference(&union).cloned().collect();
        assert!(missing.is_empty(), "the default is the union: {missing:?}");
    }
    let response = |id: &str| packs()[0].category(id).map(|category| category.response);
    let images = ["self-generated-images", "non-consensual-images", "child-sexual-exploitation"];
    assert!(images.iter().all(|id| response(id) == Some(Response::StopAndWithhold)));
    let template = [
        "hate-crime",
        "fraud-extortion",
        "harassment-stalking",
        "extreme-pornography",
        "illegal-sales",
        "computer-misuse-offence",
        "copyright-piracy",
    ];
    assert!(template.iter().all(|id| response(id) == Some(Response::Police)));
    let lists = ["bullying", "gambling", "proxy-use", "file-sharing", "copyright", "pornography"];
    assert!(lists.iter().all(|id| response(id) == Some(Response::Record)));
}

#[test]
fn whoever_is_concerned_the_right_people_are_due() {
    for pack in packs() {
        for category in pack.categories().iter().filter(|category| category.halts()) {
            for concerns in WHO {
                let routes: Vec<&str> = pack.routes_for(category, concerns).map(|r| r.id.as_str()).collect();
                assert!(routes.contains(&"police-101"), "{} {}", pack.id(), category.id);
                assert_eq!(
                    routes.contains(&"lado"),
                    concerns == Concerns::Staff,
                    "{} {}",
                    pack.id(),
                    category.id
                );
            }
        }
    }
}

// ---- opening

#[test]
fn two_people_and_every_confirmation() {
    for pack in packs() {
        let all: Vec<Id> = pack.confirmations().map(|confirmation| confirmation.id.clone()).collect();
        let ask = |first: &str, second: &str, subject: &str, confirmed: &[Id]| {
            let (first, second, subject) = (line(first), line(second), line(subject));
            may_open(pack, [&first, &second], Concerns::Pupil, &subject, confirmed)
        };
        let made = ask("Jane Smith", "Ali Khan", "P-17", &all).expect("two people, all confirmed");
        assert_eq!(made.len(), all.len());
        let why = |asked: Result<Vec<Confirmation>, Refusal>| {
            let refusal = asked.expect_err("refused");
            assert!(refusal.verb == Verb::Open && !refusal.next.is_empty());
            refusal.why
        };
        assert_eq!(why(ask("Jane Smith", "JANE  smith", "P-17", &all)), OpeningRefusal::SamePerson.into());
        let concerned = OpeningRefusal::ReviewerConcerned { person: Person::Second };
        assert_eq!(why(ask("Jane Smith", "Ali Khan", "ali khan", &all)), concerned.into());
        for left_out in 0..all.len() {
            let mut some = all.clone();
            let id = some.remove(left_out);
            let refused = why(ask("Jane Smith", "Ali Khan", "P-17", &some));
            assert!(matches!(refused, Why::Opening(OpeningRefusal::NotConfirmed { id: i, .. }) if i == id));
        }
        for extra in ["something-else", all[0].as_str()] {
            let id: Id = extra.parse().expect("an id");
            let confirmed = [all.as_slice(), std::slice::from_ref(&id)].concat();
            let refused = why(ask("Jane Smith", "Ali Khan", "P-17", &confirmed));
            assert_eq!(refused, OpeningRefusal::NotAsked { id }.into());
        }
    }
}

#[test]
fn entry_1_is_what_was_asked_about() {
    let (pack, other) = (&packs()[0], &packs()[1]);
    let opened = opened(pack, Concerns::Pupil, Gate::No);
    assert!(OpeningPermit::ask(pack, opened.clone()).is_ok());
    let why = |pack, opened| OpeningPermit::ask(pack, opened).expect_err("refused").why;
    assert!(matches!(why(other, opened.clone()), Why::Opening(_)));
    let mut softened = opened.clone();
    softened.confirmations[0].statement = text("One of us is there.");
    let id = softened.confirmations[0].id.clone();
    assert_eq!(why(pack, softened), OpeningRefusal::OtherWords { id }.into());
    let mut swapped = opened;
    swapped.pack.file.sha256 = Digest::of(b"another pack");
    assert!(matches!(why(pack, swapped), Why::Opening(OpeningRefusal::OtherPack { .. })));
}

// ---- the order of steps

#[test]
fn the_journey_in_its_order() {
    for pack in packs() {
        let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
        assert_eq!(case.state().phase(), Phase::Review);
        for deed in [Deed::Visit, Deed::Keep, Deed::Attach, concern(pack, Response::Record), Deed::Note] {
            case.must(deed);
        }
        assert_eq!(case.next()[0], Verb::Judge);
        case.must_judge(Judgement::Substance);
        assert_eq!((case.state().phase(), case.next()[0]), (Phase::Judged, Verb::Act));
        case.must(Deed::Act(id("internal")));
        assert_eq!(case.next(), [Verb::Seal]);
        case.must(Deed::Form);
        case.must(Deed::Seal);
        assert_eq!((case.state().phase(), case.next()), (Phase::Sealed, vec![Verb::HandOver, Verb::Archive]));
        case.must(Deed::HandOver(1));
        assert_eq!(case.next(), [Verb::Archive]);
        case.must(Deed::Archive(pack.retention()[0].id.clone()));
        assert_eq!((case.state().phase(), case.next()), (Phase::Archived, vec![]));
        assert!(case.state().irregularities().is_empty());
    }
}

/// Every deed in every phase: what is not in its list is refused.
#[test]
fn every_step_in_every_wrong_order_is_refused() {
    for pack in packs() {
        let archive = Deed::Archive(pack.retention()[0].id.clone());
        let police = concern(pack, Response::Police);
        let always = [Verb::Note, Verb::Halt, Verb::Refer, Verb::Tell];
        let recording = [Verb::Record, Verb::Keep, Verb::Attach, Verb::Concern];
        let after_stop = [Verb::Isolate, Verb::Judge, Verb::Act, Verb::Form, Verb::Seal];
        let journeys: Vec<(&str, Vec<Deed>, Vec<Verb>)> = vec![
            ("opened", vec![], [&recording[..], &[Verb::Form]].concat()),
            ("reviewed", vec![Deed::Keep], [&recording[..], &[Verb::Form, Verb::Judge]].concat()),
            ("judged", vec![Deed::Keep, Deed::Judge], after_stop.to_vec()),
            ("halted", vec![police.clone()], after_stop.to_vec()),
            ("halted by hand", vec![Deed::Keep, Deed::Halt(None)], after_stop.to_vec()),
            (
                "sealed",
                vec![Deed::Keep, Deed::Judge, Deed::Seal],
                [&after_stop[..], &[Verb::HandOver, Verb::Archive]].concat(),
            ),
            (
                "archived",
                vec![Deed::Keep, Deed::Judge, Deed::Seal, archive.clone()],
                vec![Verb::HandOver, Verb::Archive],
            ),
            (
                "archived, then halted",
                vec![Deed::Keep, Deed::Judge, Deed::Seal, archive, police],
                [&after_stop[..], &[Verb::HandOver]].concat(),
            ),
        ];
        for (name, journey, allowed) in journeys {
            let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
            journey.into_iter().for_each(|deed| case.must(deed));
            let state = case.state();
            for deed in one_of_each(pack) {
                let verb = deed.verb();
                let expected = allowed.contains(&verb) || always.contains(&verb);
                match state.permit(deed) {
                    Ok(_) => assert!(expected, "{}: {name}: {verb:?} allowed", pack.id()),
                    Err(refusal) => {
                        assert!(!expected, "{}: {name}: {verb:?}: {refusal}", pack.id());
                        assert!(!refusal.to_string().is_empty());
                        let filed = state.phase() == Phase::Archived;
                        assert!(filed || !refusal.next.is_empty(), "{name}: {verb:?} has no next step");
                        assert!(
                            refusal
                                .next
                                .iter()
                                .all(|next| next.verb == Verb::Judge || one_deed(&state, next.verb)),
                            "{name}: {verb:?}: a next step that is refused itself"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn no_substance_ends_in_the_school() {
    let pack = &packs()[0];
    let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
    case.must(Deed::Keep);
    case.must_judge(Judgement::NoSubstance);
    assert_eq!(case.next(), [Verb::Seal], "nothing need follow");
    assert!(case.state().permit(Deed::Act(id("internal"))).is_ok());
    for route in ["police", "local-authority"] {
        assert_eq!(case.refusal(Deed::Act(id(route))), Why::NoSubstance { entry: 3 });
    }
    assert_eq!(case.refusal(Deed::Isolate), Why::NotHalted);
    // Put right by a further entry.
    case.must_judge(Judgement::Substance);
    assert!(case.state().permit(Deed::Act(id("police"))).is_ok());
}

#[test]
fn the_gate_opens_the_case_halted() {
    for pack in packs() {
        let mut case = Case::open(pack, Concerns::Pupil, Gate::Yes);
        assert_eq!((case.state().phase(), case.state().restraint()), (Phase::Halted, Restraint::Withhold));
        assert_eq!(case.refusal(Deed::Keep), Why::Halted { entry: 1 });
        assert_eq!(case.next()[0], Verb::Halt, "what it is about has not been said");
        case.must(Deed::Halt(Some(id("grooming"))));
        assert_eq!(case.state().restraint(), Restraint::Police);
        assert_eq!(case.refusal(Deed::Keep), Why::Halted { entry: 1 });
        assert!(!case.next().contains(&Verb::Halt));
    }
}

#[test]
fn someone_may_recognise_worse_later() {
    let pack = &packs()[0];
    let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
    case.must(Deed::Keep);
    case.must(Deed::Halt(Some(id("grooming"))));
    case.must(Deed::Seal);
    assert!(case.state().permit(Deed::HandOver(1)).is_ok());
    case.must(Deed::Halt(Some(id("child-abuse-images"))));
    assert_eq!(case.state().restraint(), Restraint::Withhold);
    // The first seal holds what must not leave any more.
    assert_eq!(case.refusal(Deed::HandOver(1)), Why::SealBeforeHalt { seal: 1, halt: 5 });
    assert_eq!(case.refusal(Deed::Archive(pack.retention()[0].id.clone())), Why::SealOutdated { entry: 5 });
    case.must(Deed::Seal);
    assert!(case.state().permit(Deed::HandOver(2)).is_ok());
    assert_eq!(case.refusal(Deed::HandOver(1)), Why::SealBeforeHalt { seal: 1, halt: 5 });
    assert_eq!(case.refusal(Deed::HandOver(3)), Why::NotSealed { seal: 3 });
    // A milder one afterwards lifts nothing.
    case.must(Deed::Halt(Some(id("grooming"))));
    assert_eq!(case.state().restraint(), Restraint::Withhold);
}

#[test]
fn a_raised_halt_is_journaled_first() {
    for pack in packs() {
        let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
        case.must(Deed::Keep);
        case.raised = Restraint::Withhold;
        assert_eq!((case.state().phase(), case.next()), (Phase::HaltRaised, vec![Verb::Halt]));
        for deed in one_of_each(pack) {
            match deed {
                Deed::Halt(_) | Deed::Tell => assert!(case.state().permit(deed).is_ok()),
                _ => assert_eq!(case.refusal(deed), Why::HaltRaised),
            }
        }
        assert_eq!(case.refusal(Deed::Halt(Some(id("grooming")))), Why::MilderThanRaised);
        assert!(case.state().permit(Deed::Concern(id("child-abuse-images"))).is_ok(), "it is a halt itself");
        case.must(Deed::Halt(Some(id("child-abuse-images"))));
        case.raised = Restraint::None;
        assert_eq!(case.state().phase(), Phase::Halted);
    }
}

#[test]
fn a_halt_between_the_permit_and_the_entry_wins() {
    let pack = &packs()[0];
    let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
    let permit = case.state().permit_recording(Deed::Keep).expect("the review is open");
    let body = case.body(&Deed::Keep, Judgement::Substance);
    assert_eq!(case.state().honour(permit.permit(), &body), Ok(()));
    case.raised = Restraint::Police;
    assert_eq!(case.state().honour(permit.permit(), &body).map_err(|r| r.why), Err(Why::HaltRaised));
    case.raised = Restraint::None;
    case.must(Deed::Halt(None));
    assert_eq!(case.state().honour(permit.permit(), &body).map_err(|r| r.why), Err(Why::Halted { entry: 2 }));
}

#[test]
fn an_entry_cannot_lend_a_category_a_milder_response() {
    let pack = &packs()[0];
    let case = Case::open(pack, Concerns::Pupil, Gate::No);
    let permit = case.state().permit(Deed::Concern(id("grooming"))).expect("a halt");
    let Body::Concern(mut softened) = case.body(permit.deed(), Judgement::Substance) else {
        panic!("a concern")
    };
    assert_eq!(case.state().honour(&permit, &Body::Concern(softened.clone())), Ok(()));
    softened.category.response = Response::Record;
    let refused = case.state().honour(&permit, &Body::Concern(softened)).expect_err("softened");
    assert_eq!(refused.why, Why::OtherDeed { permitted: Verb::Concern, kind: "concern" });
}

#[test]
fn under_another_pack_one_can_only_stop() {
    let case = Case::open(&packs()[0], Concerns::Pupil, Gate::No);
    let state = State::replay(&packs()[2], &case.ledger, Restraint::None);
    for deed in one_of_each(&packs()[2]) {
        match deed {
            Deed::Tell | Deed::Halt(None) => assert!(state.permit(deed).is_ok()),
            _ => assert_eq!(state.permit(deed).expect_err("another pack").why, Why::OtherPack),
        }
    }
}

#[test]
fn what_was_written_against_the_procedure_is_named() {
    let pack = &packs()[0];
    let mut case = Case::open(pack, Concerns::Pupil, Gate::No);
    case.write(&Deed::Seal, Judgement::Substance);
    let state = case.state();
    let found: Vec<_> = state.irregularities().iter().map(|found| (found.entry, &found.why)).collect();
    assert_eq!(found, [(2, &Why::NotJudged)]);
}

// ---- what is due

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

// ---- properties

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

// ---- a case in memory

#[derive(Clone)]
struct Case<'a> {
    pack: &'a Pack,
    ledger: Ledger,
    raised: Restraint,
}

#[derive(Clone, Copy)]
enum Gate {
    Yes,
    No,
}

#[derive(Clone, Copy)]
enum Judgement {
    Substance,
    NoSubstance,
}

impl<'a> Case<'a> {
    fn open(pack: &'a Pack, concerns: Concerns, gate: Gate) -> Case<'a> {
        let permit =
            OpeningPermit::ask(pack, opened(pack, concerns, gate)).expect("two people, all confirmed");
        let case = CaseId::generate(&Counting).expect("counting");
        let first = Entry::new(case, 1, None, moment(), permit.into_body());
        Case { pack, ledger: Ledger::begin(first).expect("entry 1"), raised: Restraint::None }
    }

    fn state(&self) -> State<'a> {
        State::replay(self.pack, &self.ledger, self.raised)
    }

    fn next(&self) -> Vec<Verb> {
        self.state().next().into_iter().map(|next| next.verb).collect()
    }

    fn due(&self, now: &str) -> Vec<Reminder> {
        self.state().due(time(now)).into_iter().map(|due| due.reminder).collect()
    }

    fn refusal(&self, deed: Deed) -> Why {
        self.state().permit(deed).expect_err("refused").why
    }

    fn must(&mut self, deed: Deed) {
        let state = self.state();
        state.permit(deed.clone()).unwrap_or_else(|refusal| panic!("{deed:?}: {refusal}"));
        self.write(&deed, Judgement::Substance);
    }

    fn must_judge(&mut self, judgement: Judgement) {
        self.state().permit(Deed::Judge).expect("something was reviewed");
        self.write(&Deed::Judge, judgement);
    }

    fn write(&mut self, deed: &Deed, judgement: Judgement) {
        let entry = self.entry(deed, judgement);
        self.ledger.push(entry).unwrap_or_else(|irregular| panic!("{deed:?}: {irregular}"));
    }

    /// Writes it whether it is permitted or not, unless no journal can hold it.
    fn try_write(&mut self, deed: &Deed) -> bool {
        let entry = self.entry(deed, Judgement::NoSubstance);
        self.ledger.push(entry).is_ok()
    }

    fn entry(&self, deed: &Deed, judgement: Judgement) -> Entry {
        Entry::new(self.ledger.case(), self.ledger.head() + 1, None, moment(), self.body(deed, judgement))
    }

    fn body(&self, deed: &Deed, judgement: Judgement) -> Body {
        let head = self.ledger.head();
        let file = |role| File {
            role,
            sha256: Digest::of(&head.to_be_bytes()),
            bytes: 8,
            extension: "bin".parse().expect("an ending"),
            name: None,
        };
        let bundle = BundleFile { name: Seen::of("seal.zip"), sha256: Digest::of(b"seal"), bytes: 4 };
        let category = |id: &Id| {
            let unknown = countersign::journal::Category {
                id: id.clone(),
                label: line("Unknown"),
                response: Response::StopAndWithhold,
            };
            self.pack.category(id.as_str()).map_or(unknown, |category| category.recorded())
        };
        match deed {
            Deed::Visit => Body::Visited(Visited {
                visits: vec![Visit {
                    time: time(NOW),
                    url: Seen::of("https://example.org/"),
                    redirects: vec![],
                    final_url: Seen::of("https://example.org/"),
                    title: None,
                    status: Some(200),
                    failure: None,
                }],
            }),
            Deed::Keep => Body::Kept(Box::new(Kept {
                exhibit: self.ledger.next_exhibit(Side::A),
                method: Method::Request,
                url: Seen::of("https://example.org/"),
                redirects: vec![],
                final_url: Seen::of("https://example.org/"),
                title: None,
                status: Some(200),
                remote_address: None,
                server_date: None,
                started: time(NOW),
                took_ms: 1,
                browser: None,
                files: vec![file(Role::Response)],
                absences: vec![],
            })),
            Deed::Attach => Body::Attached(Attached {
                exhibit: self.ledger.next_exhibit(Side::B),
                part: Part { number: 1, of: 1 },
                description: text("A log"),
                files: vec![file(Role::Attached)],
                left_out: vec![],
            }),
            Deed::Concern(id) => Body::Concern(Concern {
                at: At::Url(Seen::of("https://example.org/")),
                category: category(id),
                description: text("What was seen"),
            }),
            Deed::Note => Body::Noted(Noted { text: text("A note"), corrects: None }),
            Deed::Halt(id) => Body::Halted(Halted {
                category: id.as_ref().map(category),
                by: Some(Side::A),
                raised: Raised::ByHand,
                raised_at: None,
                raised_file: None,
                description: None,
            }),
            Deed::Isolate => Body::Isolated(Isolated { what: text("Unplugged"), by: None, when: None }),
            Deed::Refer(route) => Body::Referred(Referred {
                route: route.clone(),
                to: line("Somebody"),
                by: None,
                contact: None,
                when: None,
                reference: None,
                advice: None,
            }),
            Deed::Judge => Body::Judged(Judged {
                substance: matches!(judgement, Judgement::Substance),
                because: text("Because"),
            }),
            Deed::Act(route) => Body::Acted(Acted {
                route: route.clone(),
                what: text("Something"),
                action: Action::Taken,
                by: None,
                when: None,
            }),
            Deed::Form => Body::FormMade(FormMade { file: file(Role::Form), pages: 3 }),
            Deed::Seal => {
                let seal = self.ledger.last_seal().map_or(1, |(_, sealed)| sealed.seal + 1);
                let (root, sealed_at) = (Digest::of(b"root"), time(NOW));
                Body::Sealed(Sealed { seal, root, entries: head, withheld: 0, sealed_at, bundle })
            }
            Deed::HandOver(seal) => Body::HandedOver(HandedOver {
                seal: *seal,
                root: Digest::of(b"root"),
                to: line("An officer"),
                organisation: line("The police"),
                role: line("Examiner"),
                when: line("today"),
                how: line("by hand"),
                medium: line("a stick"),
                copy: Copy { encryption: Encryption::None, file: bundle },
            }),
            Deed::Archive(class) => Body::Archived(Archived {
                retention: Retention { id: class.clone(), label: line("A class") },
                review: line("2051-11-22"),
                hold: Hold::None,
                because: None,
            }),
            Deed::Tell => Body::ClockJumped(ClockJumped { before: time(NOW), after: time(NOW) }),
        }
    }
}

fn opened(pack: &Pack, concerns: Concerns, gate: Gate) -> Opened {
    let keys = keys();
    let reviewer = |name: &str, initials: &str, key: PublicKey| Reviewer {
        name: line(name),
        position: line("Senior member of staff"),
        initials: line(initials),
        public_key: key,
    };
    let file = File {
        role: Role::Pack,
        sha256: pack.digest(),
        bytes: pack.bytes().len() as u64,
        extension: "toml".parse().expect("an ending"),
        name: None,
    };
    Opened {
        reference: "2026-0001".parse().expect("a reference"),
        standing: Standing::Case,
        follows: None,
        suspected_illegal: matches!(gate, Gate::Yes),
        group: None,
        reason: text("A report"),
        reported_by: text("A teacher"),
        concerns,
        subject: line("P-17"),
        subject_key: None,
        first: reviewer("Jane Smith", "JS", keys[0]),
        second: reviewer("Ali Khan", "AK", keys[1]),
        computer: Computer { name: line("OFFICE-1"), location: line("Office") },
        confirmations: pack.confirmations().map(|confirmation| confirmation.recorded()).collect(),
        filter_exemptions: None,
        pack: PackName { id: pack.id().clone(), title: pack.title().clone(), file },
        program: Program { version: line("0.1.0"), sha256: Digest::of(b"program") },
        machine: Machine {
            name: Seen::of("office-1"),
            system: Seen::of("test"),
            architecture: Seen::of("test"),
            identity: None,
            utc_offset_minutes: 0,
        },
    }
}

// ---- deeds

/// One deed of each verb, with choices that the pack has.
fn one_of_each(pack: &Pack) -> Vec<Deed> {
    vec![
        Deed::Visit,
        Deed::Keep,
        Deed::Attach,
        concern(pack, Response::Record),
        Deed::Note,
        Deed::Halt(None),
        Deed::Isolate,
        Deed::Refer(id("police-101")),
        Deed::Judge,
        Deed::Act(id("internal")),
        Deed::Form,
        Deed::Seal,
        Deed::HandOver(1),
        Deed::Archive(pack.retention()[0].id.clone()),
        Deed::Tell,
    ]
}

/// Every deed with every choice that the pack has, and some that it has not.
fn every_deed(pack: &Pack) -> Vec<Deed> {
    let unknown = id("not-in-the-pack");
    let mut deeds = one_of_each(pack);
    deeds.extend(pack.categories().iter().map(|category| Deed::Concern(category.id.clone())));
    deeds.extend(pack.categories().iter().map(|category| Deed::Halt(Some(category.id.clone()))));
    deeds.extend(pack.routes().iter().map(|route| Deed::Refer(route.id.clone())));
    deeds.extend(pack.outcomes().iter().map(|outcome| Deed::Act(id(outcome.id.id()))));
    deeds.extend((0..4).map(Deed::HandOver));
    deeds.extend([
        Deed::Concern(unknown.clone()),
        Deed::Halt(Some(unknown.clone())),
        Deed::Refer(unknown.clone()),
        Deed::Act(unknown.clone()),
        Deed::Archive(unknown),
    ]);
    deeds
}

/// Whether a deed of this verb is allowed for any choice.
fn one_deed(state: &State<'_>, verb: Verb) -> bool {
    every_deed(state.pack()).into_iter().any(|deed| deed.verb() == verb && state.permit(deed).is_ok())
}

fn records(pack: &Pack, deed: &Deed) -> bool {
    match deed {
        Deed::Visit | Deed::Keep | Deed::Attach => true,
        Deed::Concern(id) => pack.category(id.as_str()).is_none_or(|c| c.response == Response::Record),
        _ => false,
    }
}

fn halts(pack: &Pack, deed: &Deed) -> bool {
    match deed {
        Deed::Halt(_) => true,
        Deed::Concern(id) => pack.category(id.as_str()).is_some_and(|c| c.response != Response::Record),
        _ => false,
    }
}

fn concern(pack: &Pack, response: Response) -> Deed {
    let category = pack.categories().iter().find(|category| category.response == response);
    Deed::Concern(category.expect("each pack has one").id.clone())
}

// ---- small values

fn packs() -> &'static [Pack] {
    static PACKS: OnceLock<Vec<Pack>> = OnceLock::new();
    PACKS.get_or_init(|| Pack::built_in_ids().filter_map(Pack::built_in).collect())
}

fn keys() -> [PublicKey; 2] {
    static KEYS: OnceLock<[PublicKey; 2]> = OnceLock::new();
    *KEYS
        .get_or_init(|| [0, 1].map(|_| SecretKey::generate(&Counting).expect("counting").public()))
}

/// Other bytes each time, which is all that these tests need.
struct Counting;

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        use std::sync::atomic::{AtomicU64, Ordering};
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let seed = Digest::of(&COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        bytes.iter_mut().zip(seed.as_bytes().iter().cycle()).for_each(|(byte, from)| *byte = *from);
        Ok(())
    }
}

fn moment() -> Moment {
    let session = "ffeeddccbbaa99887766554433221100".parse().expect("a session");
    Moment { time: time(NOW), session, since_start_ms: 1 }
}

fn time(text: &str) -> Time {
    Time::parse(text).expect("a time")
}

fn id(text: &str) -> Id {
    text.parse().expect("an id")
}

fn line(words: &str) -> Line {
    Line::typed(words).expect("a line")
}

fn text(words: &str) -> Text {
    Text::typed(words).expect("words")
}

const WHO: [Concerns; 3] = [Concerns::Pupil, Concerns::Staff, Concerns::Other];

/// A Monday.
const NOW: &str = "2026-11-23T09:00:00.000Z";
