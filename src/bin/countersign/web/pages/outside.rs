//! Pages for a browser that has not come in: how to get a new link.
//!
//! They have no forms and know nothing of any case.

use maud::{Markup, html};

use crate::web::layout::Page;

/// The link was used before, is too old, or there was none.
pub fn no_session() -> Markup {
    let body = html! {
        p { "The link into the guide works once, and for one minute." }
        p { "To get a new one, start Countersign again. It opens the guide where it is, and nothing is lost." }
        p { "If you started it from a window with text, you can also press Enter there." }
    };
    Page::new("This link has been used or is too old", body).outside().render(None).1
}

/// The form's token is not of this session.
pub fn old_form() -> Markup {
    let body = html! {
        p { strong { "If you pressed Stop: the case is not stopped yet." } " Go to the start page and press Stop there." }
        p { "The guide was started again since the page was shown. What you typed there was not kept." }
        p { a href="/" { "Go to the start page" } ", then begin this step again. What both of you have signed is safe." }
    };
    Page::new("This page is too old to be sent", body).outside().render(None).1
}

/// More than a form holds.
pub fn too_long() -> Markup {
    let body = html! {
        p { "What was typed is longer than an entry can hold. It was not kept." }
        p { "Go back and say it in fewer words, or add a longer text as a file." }
    };
    Page::new("That is too long", body).outside().render(None).1
}
