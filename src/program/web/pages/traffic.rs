//! The question whether the traffic of kept pages is kept, too.

use countersign_case::capture::Traffic;
use maud::Markup;

use crate::web::html::form::{Ask, Choice, Form};

/// Unless somebody says yes, it is not.
pub fn preset(form: &mut Form) {
    form.set("traffic", "no");
}

pub fn ask(form: &Form) -> Markup {
    let question = Ask::new("traffic", "Keep the page's traffic, too?").hint(
        "Everything that the page asked for and was sent, for an examiner who wants to open the page again.",
    );
    let yes = Choice::new("yes", "Yes").hint(
        "It can hold parts of the page that neither of you saw, and what you sent through a form, such as a password.",
    );
    form.radios(question, &[Choice::new("no", "No"), yes])
}

pub fn answer(form: &Form) -> Traffic {
    if form.typed("traffic") == "yes" { Traffic::Kept } else { Traffic::NotKept }
}
