//! The end of the guide: cases are locked, and the pages go away.
//!
//! A stop that the disk has not taken is held by the guide alone: whoever ends
//! it hears that first.

use std::sync::Arc;
use std::time::Duration;

use countersign_case::case::{held_stops, retry_held};
use countersign_record::journal::Reference;
use maud::{Markup, html};

use crate::at_once::Begun;
use crate::web::cases::Guide;
use crate::web::html::Page;
use crate::web::html::stop_words::not_written;
use crate::web::server::visit::{Answer, Visit};

pub fn show(_: &Arc<Guide>, visit: &Visit) -> Answer {
    let held = held_stops();
    let body = html! {
        (warning(&held))
        p { "Every case is locked, and these pages stop working. What both of you have signed is safe; answers that you have not signed are lost." }
        p { "To go on later, start Countersign again." }
        (visit.form_to("/end", html! {
            @for case in &held { input type="hidden" name=(KNOWN) value=(case); }
            @if held.is_empty() {
                button { "End the guide" }
            } @else {
                button.warning { "We wrote it on paper: end the guide" }
            }
        }))
    };
    Ok(Page::new("End the guide", body).back("/", "All cases").into())
}

pub fn end(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    // Once more; a disk that hangs holds up nobody here.
    Begun::begin(retry_held).within(LAST_TRY);
    let known = visit.fields().all(KNOWN);
    if held_stops().iter().any(|case| !known.contains(&case.to_string())) {
        return show(guide, visit);
    }
    guide.let_go();
    guide.end();
    let body = html! {
        p { "Every case is locked. You can close this window." }
        p { "To go on later, start Countersign again." }
    };
    Ok(Page::new("The guide has ended", body).outside().into())
}

fn warning(held: &[Reference]) -> Markup {
    html! {
        @for case in held { (not_written(*case)) }
        @if !held.is_empty() {
            p { "When the guide has ended, nothing on this computer says that it was stopped. Ask your IT person to look at the disk first. Then start Countersign again, and stop the case again." }
        }
    }
}

/// The cases of which they were told that their stop is not written down.
const KNOWN: &str = "known";

const LAST_TRY: Duration = Duration::from_secs(1);
