//! What several pages say of a stop.

use countersign_record::journal::{Reference, Response};
use maud::{Markup, html};

use crate::stop_page;

/// The disk has not taken the stop yet: this guide holds it.
pub fn not_written(case: Reference) -> Markup {
    html! {
        div.warn {
            "The stop of case " (case) " could not be written to the disk yet. Nothing can be kept in it while this guide runs, and the guide tries again by itself. Do not end the guide. Write on paper that you stopped, with the time."
        }
    }
}

/// The six steps, each with its reason.
pub fn instructions(response: Response) -> Markup {
    html! {
        ol.steps {
            @for (what, why) in stop_page::steps(response) { li { strong { (what) } (why) } }
        }
    }
}
