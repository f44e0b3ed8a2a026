//! Files that are brought in: reports, photos of a device, whole folders.
//!
//! They are copied and never opened. What the browser sends lies in a private
//! folder until it is in the case, and nowhere afterwards.

use std::sync::Arc;

use countersign::capture::{self, AttachRequest};
use countersign::case::CaseError;
use countersign::journal::Text;
use countersign::procedure::Deed;
use maud::html;

use super::review::{SIDES, producer};
use crate::explain::Message;
use crate::web::Guide;
use crate::web::form::{Ask, Form, Pick};
use crate::web::jobs;
use crate::web::layout::Page;
use crate::web::problem::Problem;
use crate::web::upload::Brought;
use crate::web::visit::{Answer, Sending, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    wanted(guide, visit)?;
    let mut form = Form::empty();
    form.set("producer", "a");
    page(guide, visit, &form)
}

/// Before a byte of a file is read.
pub fn wanted(guide: &Arc<Guide>, visit: &Visit) -> Result<(), Problem> {
    let case = visit.case()?;
    guide.reading(case)?.state().permit(Deed::Attach).map_err(CaseError::Refused)?;
    match guide.is_unlocked(case) {
        true => Ok(()),
        false => Err(Problem::Locked(case)),
    }
}

pub fn receive(guide: &Arc<Guide>, visit: &Visit, brought: Brought) -> Answer {
    let case = visit.case()?;
    let mut form = Form::of(brought.fields.clone());
    let description: Option<Text> = form.text("description", "description");
    let producer = form.one_of("producer", "Say which of you produces the exhibits.", &SIDES);
    if brought.files.is_empty() {
        form.mistake("files", "Choose the files, or a folder.");
    } else if !form.is_right() {
        form.mistake("files", "Choose the files again: a browser does not keep them.");
    }
    let (Some(description), Some(producer), true) = (description, producer, form.is_right()) else {
        return page(guide, visit, &form);
    };
    jobs::begin(guide, visit, "Bringing the files in", move |guide, job| {
        let watch = job.counts(brought.bytes());
        let attached = guide.with(case, move |unlocked| {
            let paths = brought.paths();
            let request = AttachRequest { paths: &paths, producer, description: &description };
            capture::attach_watched(unlocked, request, &|bytes| {
                let _ = watch(bytes);
            })
        })?;
        let attached = attached.map_err(|error| Problem::from(Message::from(error)))?;
        let entry = attached.entries.first().copied().unwrap_or_default();
        Ok(format!("/case/{case}/exhibits/{entry}?kept={entry}"))
    })
}

fn page(guide: &Guide, visit: &Visit, form: &Form) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let body = html! {
        p { "Reports of the filter, photos of a screen or a device, messages that somebody sent you. They are copied as they are and not opened. Their names go into the record." }
        div.warn { "If a file may show sexual images of a child, do not bring it in. Press Stop." }
        (visit.upload_to(visit.path(), html! {
            (form.area(Ask::new("description", "What are these files?").hint("Such as: report of the filter, 20 November.")))
            (producer(form, &reading))
            (form.file(Ask::new("files", "The files").hint("At most 500 at once."), Pick::Files))
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
