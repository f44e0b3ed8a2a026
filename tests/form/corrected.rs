//! A corrected value stands on the form as the new one, with the old one.

use countersign_case::form::{Block, Form, OutlineCell, draw_sealed};
use countersign_record::journal::*;

use crate::readers::*;
use crate::sample::*;

/// The ordinary case with a stop, and what follows one.
fn stopped() -> Sample {
    let mut sample = sample();
    sample.say(Body::Halted(Halted {
        category: Some(category("grooming", "Grooming", Response::Police)),
        typed: None,
        place: None,
        by: Some(Side::A),
        raised: Raised::ByHand,
        raised_at: None,
        raised_file: None,
        description: Some(text("Messages from an adult.")),
        screen: None,
        keeping: None,
    }));
    sample.say(Body::Isolated(Isolated {
        device: None,
        what: text("Unplugged the network cable."),
        changes: Some(text("The screen went dark.")),
        by: Some(name("Jane Smith")),
        when: Some(line("15:00")),
        alone: None,
    }));
    sample
}

/// Another value of the field's type.
fn other(field: &Field, number: u64) -> Value {
    let words = |words: &str| Value::Words(text(words));
    match field.kind {
        ValueKind::Name if field.name.as_str().ends_with("initials") => words("XY"),
        ValueKind::Line | ValueKind::Name | ValueKind::Text => words(&format!("What is right, {number}")),
        ValueKind::Day => words("2060-01-01"),
        ValueKind::Case => words("2020-0007"),
        // The last is another one than in the sample, wherever there is one.
        ValueKind::Choice(choices) => words(choices.last().expect("some").id),
        ValueKind::Category => Value::Category(category("terrorism", "Terrorism", Response::Police)),
        ValueKind::Retention => {
            Value::Retention(Retention { id: "other".parse().expect("an id"), label: line("Other") })
        }
        ValueKind::Place => Value::Place(At::Exhibit(line("JS/1"))),
        ValueKind::Route => words("lado"),
        ValueKind::Outcome => words("police"),
        ValueKind::Device => words("computer"),
    }
}

fn correct(sample: &mut Sample, entry: u64, field: &Field, now: Option<Value>) -> u64 {
    let was = sample.ledger.current(entry).expect("an entry").body().value(field);
    sample.say(Body::Corrected(Corrected {
        entry,
        change: Some(Change { field: field.name, was, now }),
        because: None,
        alone: None,
    }));
    sample.ledger.head()
}

/// The form's words, but for the notes that tell of the corrections.
fn words(form: &Form) -> String {
    let mut all = String::new();
    let mut told = false;
    for block in form.outline().blocks {
        match block {
            Block::Heading { title, level } => {
                told = if level <= 2 { title == "Notes" } else { told };
                all.push_str(&format!("\n{title}\n"));
            }
            Block::Paragraph(said) => all.push_str(&format!("{}\n", said.text)),
            Block::Table { .. } if told => {}
            Block::Table { rows, .. } => {
                for cell in rows.into_iter().flatten() {
                    let (OutlineCell::Label(said) | OutlineCell::Words(said)) = cell;
                    said.iter().for_each(|said| all.push_str(&format!("{}\n", said.text)));
                }
            }
        }
    }
    all
}

#[test]
fn every_value_on_the_form_says_that_it_was_corrected() {
    let plain = stopped();
    let mut asked = 0;
    for entry in 1..=plain.ledger.head() {
        for field in fields(plain.ledger.current(entry).expect("an entry").body()) {
            // These are no values of the form's own: labels of exhibits stay,
            // and notes are left out here.
            if field.name.as_str().ends_with("initials") || field.name.as_str() == "text" {
                continue;
            }
            let mut sample = stopped();
            let before = sample.ledger.current(entry).expect("an entry").body().value(field);
            let mut now = other(field, entry);
            if before.as_ref() == Some(&now) {
                let ValueKind::Choice(choices) = field.kind else { panic!("{}", field.name) };
                now = Value::Words(text(choices[0].id));
            }
            let by = correct(&mut sample, entry, field, Some(now.clone()));
            let said = words(&sample.form());
            let mark = format!("(entry {by}; was: ");
            assert!(said.contains(&mark), "entry {entry}, {}: {mark:?} is not in\n{said}", field.name);
            assert!(said.contains(&format!(", entry {entry})")), "entry {entry}, {}\n{said}", field.name);
            if let Value::Words(new) = &now
                && matches!(field.kind, ValueKind::Line | ValueKind::Name | ValueKind::Text)
            {
                assert!(said.contains(&format!("{new} {mark}")), "entry {entry}, {}\n{said}", field.name);
            }
            if field.optional {
                let by = correct(&mut sample, entry, field, None);
                let said = words(&sample.form());
                let mark = format!("(entry {by}; was: ");
                assert!(said.contains(&mark), "entry {entry}, {} left unsaid\n{said}", field.name);
            }
            asked += 1;
        }
    }
    assert!(asked > 45, "only {asked} values");
}

#[test]
fn an_entry_that_is_corrected_as_a_whole_is_marked_wherever_it_stands() {
    let mut sample = stopped();
    let head = sample.ledger.head();
    let entries: Vec<u64> = sample.ledger.entries().iter().map(|entry| entry.entry).collect();
    for (place, entry) in entries.iter().enumerate() {
        let because = Some(text("It was otherwise."));
        sample.say(Body::Corrected(Corrected { entry: *entry, change: None, because, alone: None }));
        let by = head + 1 + place as u64;
        let form = sample.form();
        let mark = sample.ledger.current(*entry).and_then(|entry| entry.marked()).expect("is marked");
        assert!(mark.ends_with(&format!(" {by}")), "{mark}");
        let shown = match &sample.ledger.entries()[*entry as usize - 1].body {
            // These stand in the appendix alone.
            Body::Visited(_) | Body::Recording(_) => continue,
            Body::Corrected(_) | Body::Noted(_) => {
                form.notes.iter().any(|note| note.when.corrected.as_deref() == Some(mark.as_str()))
            }
            _ => words(&form).contains(&mark),
        };
        assert!(shown, "entry {entry}: {mark:?} is not in\n{}", words(&form));
        let line = form.record.iter().find(|line| line.entry == *entry).expect("a line");
        assert!(line.what.ends_with(&format!("({mark})")), "{}", line.what);
    }
}

#[test]
fn it_is_drawn_where_it_stands() {
    let mut sample = sample();
    let opened = |name: &str| {
        let body = &sample.ledger.entries()[0].body;
        field(body, name).expect("a field")
    };
    let (subject, second) = (opened("subject"), opened("second.name"));
    let number = |kind: fn(&Body) -> bool| {
        sample.ledger.entries().iter().find(|entry| kind(&entry.body)).expect("an entry").entry
    };
    let (concern, referred) =
        (number(|body| matches!(body, Body::Concern(_))), number(|body| matches!(body, Body::Referred(_))));
    let of = |entry: u64, name: &str| {
        field(sample.ledger.current(entry).expect("an entry").body(), name).expect("a field")
    };
    let (at, when) = (of(concern, "at"), of(referred, "when"));
    let words = |words: &str| Some(Value::Words(text(words)));
    correct(&mut sample, 1, subject, words("7B-14"));
    correct(&mut sample, 1, subject, words("7B-41"));
    correct(&mut sample, 1, second, words("Muhammad Ali"));
    let url = "https://forum.example.org/user/17";
    correct(&mut sample, concern, at, Some(Value::Place(At::Url(Seen::of(url)))));
    correct(&mut sample, referred, when, words("22 November 2026, 16:10"));
    let pdf = draw_sealed(&sample.form(), &seal(), &fonts()).expect("a form");
    save("corrected", &pdf);
    check(&pdf);
    let text = flat(&text_of(&pdf));
    let head = sample.ledger.head();
    for words in [
        format!("7B-41 (entry {}; was: 7B-14, entry {}; before that: ", head - 3, head - 4),
        format!("Muhammad Ali (entry {}; was: ", head - 2),
        format!("22 November 2026, 16:10 (entry {head}; was: 22 November 2026, 15:10, entry {referred})"),
    ] {
        assert!(text.contains(&words), "{words:?} is not in\n{text}");
    }
    // The seal sheet, too, which is the last page.
    let all = text_of(&pdf);
    let last = flat(all.split('\u{c}').nth(pdf.pages - 1).expect("a last page"));
    assert!(last.contains("Muhammad Ali"), "{last}");
    // A page kept from the place as it is now shows the concern. On paper an
    // address can break anywhere.
    let form = sample.form();
    let at = format!("{url} (entry {}; was: https://forum.example.org/thread/42", head - 1);
    assert!(form.concerns[0].at.to_string().starts_with(&at), "{}", form.concerns[0].at);
    assert_eq!(form.concerns[0].exhibits, ["JS/2"]);
}
