//! How every page of the guide is built: its head, the Stop button, the
//! banner of a rehearsal, one heading.
//!
//! Pages hand in what is theirs; no page writes the frame itself.

use std::sync::Arc;

use axum::http::StatusCode;
use countersign_case::case::Reading;
use countersign_record::journal::{Opened, Reference, Restraint, Standing};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::message::Message;
use crate::web::html::hints::hints;
use crate::web::session::Session;

/// A page as it is described; [`Page::render`] draws it.
pub struct Page {
    title: String,
    body: Markup,
    case: Option<Reference>,
    rehearsal: bool,
    back: Option<(String, String)>,
    mistakes: Markup,
    unfinished: Vec<Message>,
    status: StatusCode,
    refresh: Option<u32>,
    frame: Frame,
}

/// What stands around the content.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// With the Stop button.
    Working,
    /// The case is stopped: no Stop button, and nothing to look at.
    Stopped,
    /// Nobody has come in: nothing of the guide, and no form of a session.
    Outside,
}

impl Page {
    pub fn new(title: impl Into<String>, body: Markup) -> Page {
        Page {
            title: title.into(),
            body,
            case: None,
            rehearsal: false,
            back: None,
            mistakes: PreEscaped(String::new()),
            unfinished: Vec::new(),
            status: StatusCode::OK,
            refresh: None,
            frame: Frame::Working,
        }
    }

    /// A page of that case: its Stop button stops it, it says REHEARSAL where
    /// the case is one, and that it is stopped where it is.
    pub fn of(self, reading: &Reading) -> Page {
        let opened = reading.ledger().opened();
        let page = self.case(opened.reference).practice(opened.standing);
        // Nothing stricter could be pressed.
        match reading.released().restraint() {
            Restraint::Withhold => page.stopped(),
            Restraint::None | Restraint::Police => page,
        }
    }

    /// A page of that case, even where the case cannot be read.
    pub fn about<E>(self, reference: Reference, reading: Result<Arc<Reading>, E>) -> Page {
        match reading {
            Ok(reading) => self.of(&reading),
            Err(_) => self.case(reference),
        }
    }

    /// A page of that case which does not wait for it to be read.
    pub fn beside(self, reference: Reference, opened: Option<&Opened>) -> Page {
        self.case(reference).practice(opened.map_or(Standing::Case, |opened| opened.standing))
    }

    fn case(mut self, reference: Reference) -> Page {
        self.case = Some(reference);
        self
    }

    pub fn practice(mut self, standing: Standing) -> Page {
        self.rehearsal = standing == Standing::Rehearsal;
        self
    }

    /// Where the link above the heading leads.
    pub fn back(mut self, to: impl Into<String>, words: impl Into<String>) -> Page {
        self.back = Some((to.into(), words.into()));
        self
    }

    /// The summary of what is wrong with the form, above the heading.
    pub fn mistakes(mut self, summary: Markup) -> Page {
        self.mistakes = summary;
        self.status = StatusCode::UNPROCESSABLE_ENTITY;
        self
    }

    /// With what could not be done beside what was kept last in its case. It is
    /// said on every page of the case, until it is made good.
    pub fn beside_unfinished(mut self, of: impl FnOnce(Reference) -> Vec<Message>) -> Page {
        self.unfinished = self.case.map(of).unwrap_or_default();
        self
    }

    pub fn status(mut self, status: StatusCode) -> Page {
        self.status = status;
        self
    }

    /// Loads itself again after so many seconds where there is no script, for
    /// work that goes on.
    pub fn again_in(mut self, seconds: u32) -> Page {
        self.refresh = Some(seconds);
        self
    }

    /// Without the Stop button: the case is stopped already.
    pub fn stopped(mut self) -> Page {
        self.frame = Frame::Stopped;
        self
    }

    /// For a browser that has not come in.
    pub fn outside(mut self) -> Page {
        self.frame = Frame::Outside;
        self
    }

    pub fn title(&self) -> &str {
        &self.title
    }

    /// The page's status, and the page.
    pub fn render(&self, session: Option<&Session>) -> (StatusCode, Markup) {
        let error = if self.mistakes.0.is_empty() { "" } else { "Error: " };
        let of_case = self.case.map(|case| format!(" – case {case}")).unwrap_or_default();
        let markup = html! {
            (DOCTYPE)
            html lang="en-GB" {
                head {
                    meta charset="utf-8";
                    title { (error) (self.title) (of_case) " – Countersign" }
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light";
                    @if let Some(seconds) = self.refresh {
                        noscript { meta http-equiv="refresh" content=(seconds); }
                    }
                    link rel="icon" type="image/svg+xml" href="/assets/icon.svg";
                    link rel="stylesheet" href="/assets/style.css";
                    script src="/assets/guide.js" defer {}
                }
                body {
                    a.skip href="#main" { "Skip to the main content" }
                    header.top {
                        @if self.rehearsal { p.rehearsal { strong { "REHEARSAL" } " This is practice, not a real case." } }
                        div.wide {
                            a.name href="/" { "Countersign" }
                            @if let Some(case) = self.case {
                                a.case href=(format!("/case/{case}")) { "Case " (case) }
                            }
                            @if let (Frame::Working, Some(session)) = (self.frame, session) {
                                (self.stop(session))
                            }
                            @if let (Frame::Stopped, Some(case)) = (self.frame, self.case) {
                                a.case href=(format!("/case/{case}/stopped")) { "This case is stopped: what to do" }
                            }
                        }
                    }
                    div.wide {
                        @if let Some((to, words)) = &self.back {
                            nav aria-label="Back" { a.back href=(to) { (words) } }
                        }
                        main #main tabindex="-1" {
                            (self.mistakes)
                            @for message in &self.unfinished {
                                div.warn role="status" {
                                    p { strong { (message.what) } }
                                    @for hint in hints(message) { p { (hint) } }
                                }
                            }
                            h1 { (self.title) }
                            (self.body)
                        }
                    }
                    @if self.frame != Frame::Outside {
                        footer.foot {
                            div.wide {
                                a href="/" { "All cases" }
                                " "
                                a href="/end" { "End the guide" }
                            }
                        }
                    }
                }
            }
        };
        (self.status, markup)
    }

    /// One press, without a question and without a passphrase.
    fn stop(&self, session: &Session) -> Markup {
        let to = match self.case {
            Some(case) => format!("/case/{case}/stop"),
            None => "/stop".to_owned(),
        };
        html! {
            form.stop method="post" action=(to) #stop {
                input type="hidden" name="token" value=(session.token(&to));
                button.stop accesskey="s" aria-describedby="stop-words" { "Stop" }
                span.stop-words #stop-words {
                    "Something illegal? Either of you, at once."
                    span.with-script { " Or press Esc twice." }
                }
            }
        }
    }
}
