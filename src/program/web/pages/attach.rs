//! Files that are brought in: reports, photos of a device, whole folders.
//!
//! They are copied and never opened. What the browser sends lies in a private
//! folder until it is in the case, and nowhere afterwards.

use std::sync::Arc;

use countersign_case::capture::{self, StagedFile};
use countersign_case::procedure::Deed;
use countersign_record::journal::{Seen, Text};
use maud::{Markup, html};

use super::review::{SIDES, producer};
use crate::amounts::{bytes, count};
use crate::message::Message;
use crate::web::cases::staged::Staged;
use crate::web::cases::{Guide, waiting};
use crate::web::html::form::{Ask, Form, Pick};
use crate::web::html::{Page, Problem};
use crate::web::server::jobs;
use crate::web::server::upload::Brought;
use crate::web::server::visit::{Answer, Sending, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    wanted(guide, visit)?;
    let mut form = Form::empty();
    form.set("producer", "a");
    page(guide, visit, &form, None)
}

/// Before a byte of a file is read.
pub fn wanted(guide: &Arc<Guide>, visit: &Visit) -> Result<(), Problem> {
    let case = visit.case()?;
    guide.reading(case)?.may_now(&Deed::Attach)?;
    match guide.is_unlocked(case) {
        true => Ok(()),
        false => Err(Problem::Locked(case)),
    }
}

pub fn receive(guide: &Arc<Guide>, visit: &Visit, brought: Brought) -> Answer {
    let case = visit.case()?;
    let mut form = Form::of(brought.fields.clone());
    let staged = brought.into_files(guide, visit);
    let description: Option<Text> = form.text("description", "description");
    let producer = form.one_of("producer", "Say which of you produces the exhibits.", &SIDES);
    if staged.files.is_empty() {
        form.mistake("files", "Choose the files, or a folder.");
    }
    let (Some(description), Some(producer), true) = (description, producer, form.is_right()) else {
        // They were sent once: nobody has to send them again for a word that
        // is missing.
        let already = (!staged.files.is_empty()).then(|| Already::of(&staged));
        form.set(waiting::FIELD, "");
        if already.is_some() {
            form.set(waiting::FIELD, &guide.waiting.keep(visit.session().id(), visit.case()?, staged)?);
        }
        return page(guide, visit, &form, already.as_ref());
    };
    jobs::begin(guide, visit, "Bringing the files in", move |guide, job| {
        let watch = job.counts(staged.bytes());
        let attached = guide.with(case, move |unlocked| {
            let files = staged.files.iter();
            let files: Vec<_> = files.map(|file| StagedFile { path: &file.path, name: &file.name }).collect();
            capture::attach_staged(unlocked, &files, producer, &description, &|bytes| {
                let _ = watch(bytes);
            })
        })?;
        let attached = attached.map_err(|error| Problem::from(Message::from(error)))?;
        let entry = attached.entries.first().copied().unwrap_or_default();
        Ok(format!("/case/{case}/exhibits/{entry}?kept={entry}"))
    })
}

/// Files that the guide has already.
struct Already {
    names: Vec<String>,
    bytes: u64,
}

impl Already {
    fn of(staged: &Staged) -> Already {
        let names = staged.files.iter().map(|file| Seen::of(&file.name).to_string()).collect();
        Already { names, bytes: staged.bytes() }
    }
}

fn already_here(form: &Form, already: &Already) -> Markup {
    html! {
        input type="hidden" name=(waiting::FIELD) value=(form.typed(waiting::FIELD));
        div.inset.plain {
            p { strong { (count(already.names.len() as u64, "file")) ", " (bytes(already.bytes)) ", already here." } " You need not choose them again. They wait for half an hour." }
            ul { @for name in already.names.iter().take(SHOWN) { li { (name) } } }
            @if already.names.len() > SHOWN { p { "And " (already.names.len() - SHOWN) " more." } }
        }
    }
}

/// Names of files that are already here, as far as they are listed.
const SHOWN: usize = 20;

fn page(guide: &Guide, visit: &Visit, form: &Form, already: Option<&Already>) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let body = html! {
        p { "Reports of the filter, photos of a screen or a device, messages that somebody sent you. They are copied as they are and not opened. Their names go into the record." }
        div.warn { "If a file may show sexual images of a child, do not bring it in. Press Stop." }
        (visit.upload_to(visit.path(), html! {
            (form.area(Ask::new("description", "What are these files?").hint("Such as: report of the filter, 20 November.")))
            (producer(form, &reading))
            @if let Some(already) = already { (already_here(form, already)) }
            (form.file(Ask::new("files", if already.is_some() { "More files" } else { "The files" }).hint("At most 500 at once."), Pick::Files))
            (form.file(Ask::new("folder", "Or a whole folder").hint("Where your browser can. Links in it are left out, and the record says so."), Pick::Folder))
            button { "Bring them in, signed by both of us" }
        }, &SENDING))
    };
    let page = Page::new("Add files", body).of(&reading).back(format!("/case/{case}/review"), "Review");
    Ok(form.on(page).into())
}

const SENDING: Sending = Sending {
    sent: "Everything is sent. It is being brought in.",
    cancelled: "You cancelled. Nothing was brought in, unless everything had just arrived: the review shows it then.",
    broken: "The files did not arrive. Nothing was brought in. Try again.",
};
