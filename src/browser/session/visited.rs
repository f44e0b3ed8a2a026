//! One visit of a recording, and how it went.
//!
//! How it came about is for [`super::visits`] to find out.

use std::time::Instant;

use super::addresses::shown;
use crate::text::cut;

/// One top-level visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visited {
    /// When it was asked for.
    pub at: Instant,
    /// The address that was asked for.
    pub url: String,
    /// The addresses that sent it on, each with its status.
    pub redirects: Vec<(String, u16)>,
    /// The address that it ended at.
    pub final_url: String,
    /// The page's title, if it has said it.
    pub title: Option<String>,
    /// The page whose title is still to come, by [`super::SessionEvent::Titled`].
    pub title_of: Option<Page>,
    /// The status of the last answer.
    pub status: Option<u16>,
    /// How it went.
    pub outcome: VisitOutcome,
}

/// One page in one tab, for as long as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    tab: String,
    number: u64,
}

/// How a visit went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VisitOutcome {
    /// The page opened.
    Opened,
    /// It did not.
    Failed(String),
    /// It was not let.
    Denied(String),
}

impl Visited {
    /// Something that was asked for at `url` and not let.
    pub(super) fn denied(url: &str, why: String, at: Instant) -> Visited {
        Visited { outcome: VisitOutcome::Denied(why), ..Visited::to(url, at) }
    }

    pub(super) fn to(url: &str, at: Instant) -> Visited {
        let url = shown(url);
        let final_url = url.clone();
        Visited {
            at,
            url,
            redirects: Vec::new(),
            final_url,
            title: None,
            title_of: None,
            status: None,
            outcome: VisitOutcome::Opened,
        }
    }
}

impl Page {
    /// The first page of the tab that the browser calls `tab`.
    pub fn first_of(tab: &str) -> Page {
        Page { tab: tab.to_owned(), number: 0 }
    }

    /// The one that comes after it in the same tab.
    pub(super) fn next(&self) -> Page {
        Page { tab: self.tab.clone(), number: self.number + 1 }
    }
}

impl VisitOutcome {
    /// Before it is known how it went.
    pub(super) fn unknown() -> VisitOutcome {
        VisitOutcome::Failed(String::new())
    }

    /// What the browser's own word for a failure means.
    pub(super) fn of_error(why: &str, status: Option<u16>) -> VisitOutcome {
        match (why, status) {
            // An answer, with nothing in it.
            ("net::ERR_HTTP_RESPONSE_CODE_FAILURE", Some(_)) => VisitOutcome::Opened,
            ("net::ERR_ABORTED", Some(204 | 205)) => {
                VisitOutcome::Failed("the answer had nothing to show".to_owned())
            }
            ("net::ERR_ABORTED", _) => VisitOutcome::Failed("it was given up".to_owned()),
            (why, _) if why.starts_with("net::ERR_CERT") => VisitOutcome::not_trusted(why),
            (why, _) => VisitOutcome::Failed(cut(why)),
        }
    }

    /// The server could not show who it is.
    pub(super) fn not_trusted(error: &str) -> VisitOutcome {
        VisitOutcome::Failed(format!(
            "the server's certificate is not valid, and was not passed over ({})",
            cut(error)
        ))
    }
}
