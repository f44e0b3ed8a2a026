//! The form: what it says, as text in the page; and the form itself, to be
//! saved, printed and signed in ink.
//!
//! The preview is drawn from the same words as the paper and reads no file of
//! the case. The paper is sent to be saved, never shown among these pages.

use std::sync::Arc;

use countersign_case::case::Reading;
use countersign_case::durable::At;
use countersign_case::form::{Block, Form as Paper, OutlineCell, Said, Weight};
use countersign_case::handover::{FormRequest, HandoverError, make_form};
use countersign_case::procedure::Deed;
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Entry, FormMade};
use countersign_record::regular_file;
use maud::{Markup, html};

use super::check::{Answered, Passphrases, Work, before_work};
use crate::ambient::fonts;
use crate::amounts::count;
use crate::message::Message;
use crate::web::cases::Guide;
use crate::web::html::{Page, Problem};
use crate::web::server::visit::{Answer, Reply, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let made: Vec<(&Entry, &FormMade)> = made(&reading).collect();
    let words = Paper::in_words(reading.ledger(), &reading.released(), reading.pack(), guide.now());
    let outline = words.map_err(HandoverError::from).map_err(Message::from)?.outline();
    let body = html! {
        p { "The form tells the case on paper, for both of you to sign in ink. Read it here first. Making it is an entry of the record." }
        @if reading.may(&Deed::Form).is_ok() {
            (visit.form_to(visit.path(), html! { button { "Make the form" } }))
        }
        @if !made.is_empty() {
            h2 { "Forms made before" }
            ul {
                @for (entry, form) in &made {
                    li { a href=(format!("/case/{case}/form/{}", entry.entry)) { "Form of " (entry.time.in_words()) } ", " (count(form.pages.into(), "page")) }
                }
            }
        }
        h2 { "What the form says" }
        div.paper { (preview(&outline.blocks)) }
        p.hint {
            @if reading.released().pictures() { "Pictures of the exhibits and an appendix with seal codes follow on paper." }
            @else { "On paper an appendix with seal codes follows. The form has no pictures." }
        }
    };
    Ok(Page::new("The form", body).of(&reading).back(format!("/case/{case}"), "Task list").into())
}

pub fn send(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let pictures = if reading.released().pictures() { "Yes, where there are any" } else { "None" };
    let answers = vec![
        Answered::new("What is made", "The form, to print and sign in ink"),
        Answered::new(
            "It tells",
            format!("The record as it is: {}", count(reading.ledger().head(), "entry")),
        ),
        Answered::new("Pictures", pictures),
    ];
    let work = Work {
        deed: Deed::Form,
        title: "Making the form",
        answers,
        button: "Sign and make the form",
        run: Box::new(move |guide, _| {
            let made = guide
                .with(case, |unlocked| make_form(unlocked, &FormRequest { fonts: &fonts(), out: None }))?;
            Ok(format!("/case/{case}/form/{}", made.map_err(Message::from)?.entry))
        }),
    };
    before_work(guide, visit, &reading, work, Passphrases::WhenLocked)
}

/// A form that was made.
pub fn ready(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let (entry, form) = of(&reading, visit)?;
    let sealed = reading.ledger().last_seal().is_some();
    let body = html! {
        @if reading.released().allows(&form.file) {
            p { a.button href=(format!("/case/{case}/form/{entry}/form.pdf")) download { "Save the form" } }
            ol.steps {
                li { strong { "Save the form and open it." } "It has " (count(form.pages.into(), "page")) "." }
                li { strong { "Print it." } "Delete the saved file when it is printed." }
                li { strong { "Both of you read it and sign it in ink." } }
                li { strong { "Seal the case." } "That makes the seal sheet, which belongs to the form." }
            }
        } @else { (left()) }
        @if !sealed { p { a href=(format!("/case/{case}/seal")) { "Go on: seal the case" } } }
    };
    let page = Page::new("The form is made", body).of(&reading);
    Ok(page.back(format!("/case/{case}"), "Task list").into())
}

/// The form itself.
pub fn file(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let reading = guide.reading(visit.case()?)?;
    let (entry, form) = of(&reading, visit)?;
    if !reading.released().allows(&form.file) {
        return Err(Problem::from(Page::new("This form is not shown", left()).of(&reading)));
    }
    let path = reading.folder().file(&form.file);
    let bytes = regular_file::read(&path, form.file.bytes).at(&path)?;
    if Digest::of(&bytes) != form.file.sha256 {
        return Err(Problem::no(format!("The form of entry {entry} is not the file that was kept.")));
    }
    let name = format!("{}-form-{entry}.pdf", reading.folder().reference());
    Ok(Reply::File { name, kind: "application/pdf", bytes })
}

fn left() -> Markup {
    html! { p { "It was made before the case was stopped, and may hold pictures. It is left where it is; it is not shown, printed or copied. Make the form again: it has words only." } }
}

fn of<'r>(reading: &'r Reading, visit: &Visit) -> Result<(u64, &'r FormMade), Problem> {
    let number: u64 = visit.part("entry").parse().map_err(|_| Problem::NotFound)?;
    let found = made(reading).find(|(entry, _)| entry.entry == number);
    found.map(|(entry, form)| (entry.entry, form)).ok_or(Problem::NotFound)
}

fn made(reading: &Reading) -> impl Iterator<Item = (&Entry, &FormMade)> {
    reading.ledger().entries().iter().filter_map(|entry| match &entry.body {
        Body::FormMade(form) => Some((entry, form)),
        _ => None,
    })
}

/// The form's words, where the paper has them.
fn preview(blocks: &[Block]) -> Markup {
    html! {
        @for block in blocks {
            @match block {
                // The page has its one title already.
                Block::Heading { level: 1, title } => p.form-title { (title) },
                Block::Heading { level: 2, title } => h3 { (title) },
                Block::Heading { title, .. } => h4 { (title) },
                Block::Paragraph(said) => p { (words(said)) },
                Block::Table { summary, columns, rows } => div.scroll tabindex="0" role="region" aria-label=(summary) {
                    table .labelled[columns.is_empty()] {
                        caption.visually-hidden { (summary) }
                        @if !columns.is_empty() {
                            thead { tr { @for title in columns { th scope="col" { (title) } } } }
                        }
                        tbody { @for row in rows { tr { @for cell in row { (table_cell(cell)) } } } }
                    }
                },
            }
        }
    }
}

fn table_cell(cell: &OutlineCell) -> Markup {
    let all = |said: &[Said]| html! { @for said in said { p { (words(said)) } } };
    match cell {
        OutlineCell::Label(said) => html! { th scope="row" { (all(said)) } },
        OutlineCell::Words(said) if said.is_empty() => {
            html! { td { span.visually-hidden { "Room to write" } } }
        }
        OutlineCell::Words(said) => html! { td { (all(said)) } },
    }
}

fn words(said: &Said) -> Markup {
    match said.weight {
        Weight::Regular => html! { (said.text) },
        Weight::Bold => html! { strong { (said.text) } },
    }
}
