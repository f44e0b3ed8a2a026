//! The end of the guide: cases are locked, and the pages go away.

use std::sync::Arc;

use maud::html;

use crate::web::Guide;
use crate::web::layout::Page;
use crate::web::visit::{Answer, Visit};

pub fn show(_: &Arc<Guide>, visit: &Visit) -> Answer {
    let body = html! {
        p { "Every case is locked, and these pages stop working. What both of you have signed is safe; answers that you have not signed are lost." }
        p { "To go on later, start Countersign again." }
        (visit.form_to("/end", html! { button { "End the guide" } }))
    };
    Ok(Page::new("End the guide", body).back("/", "All cases").into())
}

pub fn end(guide: &Arc<Guide>, _: &Visit) -> Answer {
    guide.let_go();
    guide.end();
    let body = html! {
        p { "Every case is locked. You can close this window." }
        p { "To go on later, start Countersign again." }
    };
    Ok(Page::new("The guide has ended", body).outside().into())
}
