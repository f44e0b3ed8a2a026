//! What no journal can say, whoever signed it: docs/FORMAT.md, part 8.

#[path = "support/world.rs"]
mod world;

use countersign_record::digest::Digest;
use countersign_record::journal::{
    AllLeftOut, Attached, Body, Category, Change, ClockJumped, Concerns, Corrected, Entry, Exhibit,
    Extension, Fault, File, Irregular, Ledger, Links, Moment, NotThree, Noted, Opened, Part, Response, Role,
    Sealed, Seen, Side, SignedEntry, Unbundled, Value, Visited, What, field,
};
use countersign_record::journal::{Chain, Halted, Raised, Recording};
use world::{World, line, name, text};

/// The journal of a case that was only opened.
fn opened() -> Ledger {
    World::new().open().ledger().clone()
}

fn entry(ledger: &Ledger, number: u64, body: Body) -> Entry {
    let last = ledger.last();
    let moment = Moment { time: last.time, session: last.session, since_start_ms: 1 };
    Entry::new(ledger.case(), number, None, moment, body)
}

fn next(ledger: &Ledger, body: Body) -> Entry {
    entry(ledger, ledger.head() + 1, body)
}

#[track_caller]
fn refuses(ledger: &Ledger, body: Body, what: What) {
    let number = ledger.head() + 1;
    assert_eq!(ledger.check(&next(ledger, body)), Err(Irregular { entry: number, what }));
}

fn with(mut ledger: Ledger, bodies: impl IntoIterator<Item = Body>) -> Ledger {
    for body in bodies {
        let entry = next(&ledger, body);
        ledger.push(entry).expect("a case can say this");
    }
    ledger
}

fn note() -> Body {
    Body::Noted(Noted { text: text("A note.") })
}

fn attached(producer: Side, number: u32, label: &str, part: u32, of: u32) -> Body {
    let bytes = format!("{label}, part {part}");
    let file = File {
        role: Role::Attached,
        sha256: Digest::of(bytes.as_bytes()),
        bytes: bytes.len() as u64,
        extension: Extension::of_name("log.csv"),
        name: None,
    };
    Body::Attached(Attached {
        exhibit: Exhibit { producer, number, label: line(label) },
        part: Part { number: part, of, files: u64::from(of) },
        description: text("A log."),
        files: vec![file],
        left_out: AllLeftOut::default(),
    })
}

fn sealed(seal: u32, entries: u64) -> Body {
    let sealed_at = opened().last().time;
    let root = Digest::of(b"root");
    let (bundle_sha256, form_sha256) = (root, root);
    let (withheld, bundle, bytes) = (0, line("x.zip"), 1);
    Body::Sealed(Sealed {
        seal,
        root,
        entries,
        withheld,
        sealed_at,
        bundle,
        bytes,
        bundle_sha256,
        form_sha256,
    })
}

#[test]
fn visits_before_a_stop_are_told_after_one() {
    let told = || Body::Recording(Recording::BeforeStop { visits: Vec::new() });
    refuses(&opened(), told(), What::BeforeNoStop);
    let mut ledger = opened();
    ledger.push(entry(&ledger, 2, Body::Halted(Halted::at_the_gate(None, None, None)))).expect("stops");
    ledger.push(entry(&ledger, 3, told())).expect("it is stopped");
}

#[test]
fn a_case_is_opened_once_and_first() {
    let ledger = opened();
    let first = ledger.entries()[0].clone();
    refuses(&ledger, first.body.clone(), What::OpenedAgain);
    let begun = Ledger::begin(entry(&ledger, 1, note()));
    assert_eq!(begun.err(), Some(Irregular { entry: 1, what: What::NotOpened }));
}

#[test]
fn entry_1_follows_nothing() {
    let ledger = opened();
    let first = &ledger.entries()[0];
    let digest = Digest::of(b"before");
    let links = Links { entry: digest, sig_a: digest, sig_b: digest };
    let moment = Moment { time: first.time, session: first.session, since_start_ms: 0 };
    for (number, links) in [(1, Some(links)), (2, None)] {
        let entry = Entry::new(first.case, number, links, moment, first.body.clone());
        let bytes = entry.to_bytes().expect("small");
        let signed = SignedEntry { entry: bytes, sig_a: Vec::new(), sig_b: Vec::new() };
        assert_eq!(Chain::begin(&signed).err(), Some(Fault::NotFirst));
    }
}

#[test]
fn two_people_have_two_sets_of_initials() {
    let ledger = opened();
    let Body::Opened(mut body) = ledger.entries()[0].body.clone() else { panic!("entry 1 opens") };
    body.second.initials = body.first.initials.clone();
    let begun = Ledger::begin(entry(&ledger, 1, Body::Opened(body)));
    assert_eq!(begun.err(), Some(Irregular { entry: 1, what: What::OneSetOfInitials }));
}

#[test]
fn the_people_of_a_case_are_three_whoever_signed_it() {
    let ledger = opened();
    let begin = |change: &dyn Fn(&mut Opened)| {
        let Body::Opened(mut body) = ledger.entries()[0].body.clone() else { panic!("entry 1 opens") };
        change(&mut body);
        Ledger::begin(entry(&ledger, 1, Body::Opened(body))).map(drop)
    };
    let refused = |people| Err(Irregular { entry: 1, what: What::People(people) });
    for other in
        ["Jane Smith", "J\u{430}ne SMITH", "\u{ff2a}\u{ff41}\u{ff4e}\u{ff45} Smith", "Smith, Mrs Jane"]
    {
        assert_eq!(begin(&|body| body.second.name = name(other)), refused(NotThree::OneName), "{other}");
        let namesakes = |body: &mut Opened| {
            body.second.name = name(other);
            body.namesakes = true;
        };
        assert_eq!(begin(&namesakes), Ok(()), "{other}");
        assert_eq!(
            begin(&|body| body.subject = name(other)),
            refused(NotThree::Concerned(Side::A)),
            "{other}"
        );
    }
    assert_eq!(begin(&|body| body.namesakes = true), refused(NotThree::NoNamesakes));
    assert_eq!(begin(&|body| body.first.name = name("...")), refused(NotThree::NoName(Side::A)));
    let staff = |body: &mut Opened| {
        body.concerns = Concerns::Staff;
        body.subject = name("a.k.");
    };
    assert_eq!(begin(&staff), refused(NotThree::Concerned(Side::B)));
    let initials = |body: &mut Opened| body.second.initials = name("\u{408}\u{405}");
    let alike = Err(Irregular { entry: 1, what: What::OneSetOfInitials });
    assert_eq!(begin(&initials), alike, "exhibits that look like the other person's");
}

#[test]
fn nothing_is_recorded_once_the_gate_said_yes() {
    let halted = Halted {
        category: None,
        typed: None,
        place: None,
        by: None,
        raised: Raised::AtTheGate,
        raised_at: None,
        raised_file: None,
        description: None,
        screen: None,
        keeping: None,
    };
    let world = World::new();
    let case = world.open_with(Some(halted));
    let first = case.ledger().entries()[0].clone();
    // Even before the halt is in an entry of its own.
    let ledger = Ledger::begin(first).expect("opens");
    for body in [attached(Side::A, 1, "JS/1", 1, 1), Body::Visited(Visited { visits: Vec::new() })] {
        refuses(&ledger, body.clone(), What::RecordingAfterHalt);
        refuses(case.ledger(), body, What::RecordingAfterHalt);
    }
}

#[test]
fn exhibits_are_numbered_by_producer() {
    let ledger = opened();
    for wrong in [
        attached(Side::A, 0, "JS/0", 1, 1),
        attached(Side::A, 2, "JS/2", 1, 1),
        attached(Side::A, 1, "JS/2", 1, 1),
        attached(Side::A, 1, "AK/1", 1, 1),
        attached(Side::B, 1, "JS/1", 1, 1),
    ] {
        refuses(&ledger, wrong, What::ExhibitNumber);
    }
    let ledger = with(ledger, [attached(Side::A, 1, "JS/1", 1, 1), attached(Side::B, 1, "AK/1", 1, 1)]);
    refuses(&ledger, attached(Side::A, 1, "JS/1", 1, 1), What::ExhibitNumber);
    refuses(&ledger, attached(Side::A, 3, "JS/3", 1, 1), What::ExhibitNumber);
    with(ledger, [attached(Side::A, 2, "JS/2", 1, 1)]);
}

#[test]
fn parts_of_an_exhibit_follow_each_other() {
    let ledger = with(opened(), [attached(Side::A, 1, "JS/1", 1, 3)]);
    for wrong in [
        attached(Side::A, 1, "JS/1", 1, 3),
        attached(Side::A, 1, "JS/1", 3, 3),
        attached(Side::A, 1, "JS/1", 2, 2),
        attached(Side::A, 2, "JS/2", 2, 3),
    ] {
        refuses(&ledger, wrong, What::ExhibitNumber);
    }
    let between = with(ledger.clone(), [note()]);
    refuses(&between, attached(Side::A, 1, "JS/1", 2, 3), What::ExhibitNumber);
    let time = ledger.last().time;
    let jumped = Body::ClockJumped(ClockJumped { before: time, after: time });
    with(ledger, [jumped, attached(Side::A, 1, "JS/1", 2, 3), attached(Side::A, 1, "JS/1", 3, 3)]);
}

#[test]
fn a_correction_is_of_an_earlier_entry() {
    let ledger = with(opened(), [note()]);
    let correction = |of| {
        Body::Corrected(Corrected {
            entry: of,
            change: None,
            because: Some(text("It was not so.")),
            alone: None,
        })
    };
    for wrong in [0, 3, 4] {
        refuses(&ledger, correction(wrong), What::CorrectsNothing);
    }
    let silent = Body::Corrected(Corrected { entry: 1, change: None, because: None, alone: None });
    refuses(&ledger, silent, What::CorrectsNothing);
    with(ledger, [correction(2), correction(1)]);
}

#[test]
fn seals_are_numbered_and_count_what_is_before() {
    let ledger = with(opened(), [note()]);
    for (seal, entries) in [(0, 2), (2, 2), (1, 1), (1, 3)] {
        refuses(&ledger, sealed(seal, entries), What::SealNumber);
    }
    let ledger = with(ledger, [sealed(1, 2)]);
    refuses(&ledger, sealed(1, 3), What::SealNumber);
    with(ledger, [sealed(2, 3)]);
}

#[test]
fn a_correction_is_of_a_value_as_the_record_has_it() {
    let ledger = with(opened(), [note()]);
    let words = |words: &str| Some(Value::Words(text(words)));
    let said = |name: &str, of: u64| {
        let target = ledger.current(of).expect("an entry");
        let field = field(target.body(), name).expect("a field");
        (field.name, target.body().value(field))
    };
    let correction = |entry, field, was, now| {
        Body::Corrected(Corrected {
            entry,
            change: Some(Change { field, was, now }),
            because: None,
            alone: None,
        })
    };
    let (subject, was) = said("subject", 1);
    let (note_text, note_was) = said("text", 2);
    refuses(&ledger, correction(2, subject, was.clone(), words("7B-41")), What::CorrectsNoValue);
    refuses(&ledger, correction(1, note_text, note_was.clone(), words("x")), What::CorrectsNoValue);
    refuses(&ledger, correction(1, subject, words("7B-15"), words("7B-41")), What::CorrectsAnother);
    refuses(&ledger, correction(1, subject, was.clone(), was.clone()), What::CorrectsAnother);
    refuses(&ledger, correction(1, subject, None, words("7B-41")), What::CorrectsAnother);
    // Of another type than the value's: two lines, nothing, a category.
    refuses(&ledger, correction(1, subject, was.clone(), words("7B\n41")), What::CorrectsNoValue);
    refuses(&ledger, correction(1, subject, was.clone(), None), What::CorrectsNoValue);
    let category = Category { id: "x".parse().expect("an id"), label: line("X"), response: Response::Record };
    let category = Some(Value::Category(category));
    refuses(&ledger, correction(1, subject, was.clone(), category), What::CorrectsNoValue);
    let (concerns, who) = said("concerns", 1);
    refuses(&ledger, correction(1, concerns, who, words("a child")), What::CorrectsNoValue);
    // The next one is of the corrected value.
    let first = correction(1, subject, was.clone(), words("7B-14"));
    let ledger = with(ledger.clone(), [first]);
    refuses(&ledger, correction(1, subject, was, words("7B-41")), What::CorrectsAnother);
    let ledger = with(ledger, [correction(1, subject, words("7B-14"), words("7B-41"))]);
    assert_eq!(ledger.opened().subject.as_str(), "7B-41");
    let Body::Opened(signed) = &ledger.entries()[0].body else { panic!("entry 1 opens") };
    assert_ne!(signed.subject.as_str(), "7B-41", "what was signed stays");
}

#[test]
fn the_format_lists_the_values_that_can_be_corrected() {
    let format = include_str!("../docs/FORMAT.md");
    let section = format.split("### Corrections").nth(1).and_then(|rest| rest.split("### To the end").next());
    let section = section.expect("the section");
    let mut listed = 0;
    for (kind, names) in section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | `")) {
        for name in names.trim_end_matches("` |").split("` `") {
            let json = format!("{{\"field\": \"{name}\", \"was\": null, \"now\": null}}");
            assert!(serde_json::from_str::<Change>(&json).is_ok(), "{kind}: {name}");
            listed += 1;
        }
    }
    let known = countersign_record::journal::every_field().count();
    assert_eq!(listed, known);
}

#[test]
fn a_seal_is_said_once_to_have_no_bundle() {
    let gone = |seal| Body::Unbundled(Unbundled { seal, because: Seen::of("it was stopped") });
    refuses(&opened(), gone(1), What::NoSuchSeal);
    let ledger = with(opened(), [sealed(1, 1)]);
    for none in [0, 2] {
        refuses(&ledger, gone(none), What::NoSuchSeal);
    }
    let ledger = with(ledger, [gone(1)]);
    refuses(&ledger, gone(1), What::UnbundledAgain);
    assert!(ledger.unbundled(1).is_some());
    let ledger = with(ledger.clone(), [sealed(2, ledger.head())]);
    assert!(ledger.unbundled(2).is_none());
    with(ledger, [gone(2)]);
}
