//! Each person's passphrase: six words that are drawn, shown once with a card
//! for the school's safe, and typed back; or words of their own.

use std::sync::Arc;

use countersign_case::secret::Passphrase;
use maud::{Markup, html};

use super::opening::{Opening, Step, mine, page as opening_page};
use crate::passphrase;
use crate::web::cases::Guide;
use crate::web::html::form::{Ask, Form};
use crate::web::html::{Page, Problem};
use crate::web::server::visit::{Answer, Reply, Visit};

/// How far one person is.
pub enum Chosen {
    None,
    /// Drawn and shown, not typed back yet.
    Drawn(Passphrase),
    /// Typed back, or typed twice. It is not shown again.
    Set(Passphrase),
}

impl Chosen {
    pub fn set(&self) -> Option<&Passphrase> {
        match self {
            Chosen::Set(passphrase) => Some(passphrase),
            _ => None,
        }
    }
}

pub fn show(guide: &Arc<Guide>, visit: &Visit, side: usize) -> Answer {
    page(guide, visit, side, &Form::empty())
}

pub fn send(guide: &Arc<Guide>, visit: &Visit, side: usize) -> Answer {
    let mut form = visit.form();
    if form.typed("again") == "yes" {
        mine(guide, visit, |opening| {
            opening.passphrases[side] = Chosen::None;
            opening.answered.retain(|id| *id != step(side).id());
        })?;
        return Reply::see(visit.path());
    }
    let next = mine(guide, visit, |opening| {
        let passphrase = take(opening, side, &mut form)?;
        opening.passphrases[side] = Chosen::Set(passphrase);
        opening.answered.push(step(side).id());
        Some(opening.next())
    })?;
    match next {
        Some(next) => Reply::see(format!("/open/{}/{}", visit.part("draft"), next.id())),
        None => page(guide, visit, side, &form),
    }
}

fn step(side: usize) -> Step {
    [Step::FirstPassphrase, Step::SecondPassphrase][side]
}

fn take(opening: &Opening, side: usize, form: &mut Form) -> Option<Passphrase> {
    let names = [opening.name(0), opening.name(1)];
    let other = opening.passphrases[1 - side].set();
    let taken = match form.typed("own") {
        "" => {
            let typed = passphrase::typed(form.fields().of("typed")).ok();
            match (&opening.passphrases[side], typed) {
                (Chosen::Drawn(drawn), Some(typed)) if typed == *drawn => typed,
                (_, None) => {
                    form.mistake("typed", "Type the six words of the card.");
                    return None;
                }
                _ => {
                    form.mistake(
                        "typed",
                        "That is not the same as the card. Look again and type all six words.",
                    );
                    return None;
                }
            }
        }
        _ => {
            let own = passphrase::typed(form.fields().of("own"))
                .map_err(|error| form.mistake("own", error.what))
                .ok()?;
            if let Err(weak) = passphrase::judge(&own, names) {
                let why = weak.why.map(|why| format!(" {why}")).unwrap_or_default();
                form.mistake("own", format!("This passphrase is weak: it could be guessed.{why} Take six words that have nothing to do with each other."));
                return None;
            }
            if passphrase::typed(form.fields().of("own-again")).ok().as_ref() != Some(&own) {
                form.mistake("own-again", "The two are not the same. Type it again.");
                return None;
            }
            own
        }
    };
    if other == Some(&taken) {
        form.mistake(
            if form.typed("own").is_empty() { "typed" } else { "own" },
            "Each of you needs a passphrase that the other one does not know.",
        );
        return None;
    }
    Some(taken)
}

fn page(guide: &Guide, visit: &Visit, side: usize, form: &Form) -> Answer {
    let drawn = passphrase::generate()?;
    let page = mine(guide, visit, |opening| {
        if matches!(opening.passphrases[side], Chosen::None) {
            let [first, second] = drawn;
            opening.passphrases[side] = Chosen::Drawn(if side == 0 { first } else { second });
        }
        let name = opening.called(side);
        let body = match &opening.passphrases[side] {
            Chosen::Set(_) => set(visit, opening),
            Chosen::Drawn(words) => choose(opening, visit, form, side, words),
            Chosen::None => return Err(Problem::ended()),
        };
        let title = format!("{name}, this is your passphrase");
        Ok(form.on(opening_page(opening, visit, step(side), Page::new(title, body))))
    })??;
    Ok(page.into())
}

fn choose(opening: &Opening, visit: &Visit, form: &Form, side: usize, words: &Passphrase) -> Markup {
    let position = opening.answers.of(["first-position", "second-position"][side]);
    let other = opening.called(1 - side);
    html! {
        p.no-print { "For your eyes only. " (other) ", please look away. With it you sign what you both record; nobody can get it back for you." }
        div.card {
            h2 { "Recovery card" }
            p { (opening.name(side)) ", " (position) }
            ol.words { @for word in words.reveal().split(' ') { li { (word) } } }
            p.only-print { "Passphrase for Countersign on the computer " (opening.answers.of("computer")) ", about " (opening.answers.of("subject")) "." }
            p { "Put this card in an envelope, write your name on it, and put it in the school's safe. Do not keep it with the computer." }
            button.second.no-print type="button" data-print hidden { "Print this card" }
        }
        (visit.form_to(visit.path(), html! {
            (form.secret(Ask::new("typed", "Write the six words down, then type them here").hint("Type them with a space between each. They are not shown again.")))
            details open[!form.typed("own").is_empty()] {
                summary { "Use words of your own instead" }
                div {
                    (form.secret(Ask::new("own", "Your own passphrase").hint("Six words or more that have nothing to do with each other or with you.")))
                    (form.secret(Ask::new("own-again", "The same again")))
                }
            }
            button { "Continue" }
        }))
    }
}

fn set(visit: &Visit, opening: &Opening) -> Markup {
    let next = opening.next().id();
    html! {
        p { "Your passphrase is set. It is not shown again." }
        p { a.button href=(format!("/open/{}/{next}", visit.part("draft"))) { "Continue" } }
        (visit.form_to(visit.path(), html! {
            input type="hidden" name="again" value="yes";
            button.second { "I have lost it: draw new words" }
        }))
    }
}
