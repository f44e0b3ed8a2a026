//! The register: all cases, where each stands, what is due, who got a copy.
//!
//! It needs no passphrase and shows no exhibit.

use std::sync::Arc;

use countersign_case::procedure::Phase;
use countersign_case::register::{Case, Known, Register, Row};
use countersign_record::journal::{Hold, Standing};
use maud::{Markup, html};

use super::start::{standing, still_read, until_read};
use crate::progress::threads;
use crate::web::cases::{Guide, Listing};
use crate::web::html::Page;
use crate::web::server::visit::{Answer, Reply, Visit};

/// Which cases are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    All,
    Due,
    Open,
    Filed,
}

impl Which {
    const EVERY: [(Which, &'static str, &'static str); 4] = [
        (Which::All, "all", "All cases"),
        (Which::Due, "due", "With something due"),
        (Which::Open, "open", "Open"),
        (Which::Filed, "filed", "Filed"),
    ];

    fn of(id: &str) -> Which {
        Which::EVERY.iter().find(|(_, known, _)| *known == id).map_or(Which::All, |(which, ..)| *which)
    }

    fn id(self) -> &'static str {
        Which::EVERY.iter().find(|(which, ..)| *which == self).map_or("all", |(_, id, _)| id)
    }

    fn has(self, row: &Row) -> bool {
        match (&row.known, self) {
            (_, Which::All) => true,
            // One that cannot be read hides nowhere.
            (Known::Unread { .. }, _) => true,
            (Known::Read(case), Which::Due) => !case.due.is_empty(),
            (Known::Read(case), Which::Open) => case.phase != Phase::Archived,
            (Known::Read(case), Which::Filed) => case.phase == Phase::Archived,
        }
    }
}

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let mut known = guide.home().known()?;
    known.reverse();
    let (now, mut cases, mut unread) = (guide.now(), Vec::new(), Vec::new());
    for (case, glance) in known.iter().copied().zip(guide.case_cache().list(&known)) {
        match glance {
            Listing::Read(reading) => cases.push(Row::of(case, Ok(&*reading), now)),
            Listing::Fault(error) => cases.push(Row::of(case, Err(&*error), now)),
            Listing::BeingRead => unread.push(case),
        }
    }
    let which = Which::of(visit.query("show"));
    let rows: Vec<&Row> = cases.iter().filter(|row| which.has(row)).collect();
    let pages = rows.len().div_ceil(ON_A_PAGE).max(1);
    let page = visit.query("page").parse().unwrap_or(1).clamp(1, pages);
    let overdue = cases.iter().filter(|row| is_overdue(row)).count();
    let link = |page: usize, words: &str| {
        html! { a href=(format!("/register?show={}&page={page}", which.id())) { (words) } }
    };
    let body = html! {
        nav aria-label="Which cases" {
            ul.row {
                @for (other, id, words) in Which::EVERY {
                    li { @if other == which { strong aria-current="true" { (words) } } @else { a href=(format!("/register?show={id}")) { (words) } } }
                }
            }
        }
        (until_read(unread.len(), html! {
        @if overdue > 0 { p { strong { (overdue) @if overdue == 1 { " case has" } @else { " cases have" } " something overdue." } } }
        @if !rows.is_empty() {
            ul.tasks {
                @for row in rows.iter().skip((page - 1) * ON_A_PAGE).take(ON_A_PAGE) { (line(guide, row)) }
            }
        } @else if unread.is_empty() { p { "There is none." } }
        (still_read(&unread))
        @if pages > 1 {
            nav aria-label="Pages" {
                p {
                    "Page " (page) " of " (pages) ". "
                    @if page > 1 { (link(page - 1, "Newer cases")) " " }
                    @if page < pages { (link(page + 1, "Older cases")) }
                }
            }
        }
        }))
        @if !known.is_empty() {
            p { a.button.second href="/register/register.csv" download { "Save it for a spreadsheet (CSV)" } }
            p.hint { "Names and references of all cases are in it. Keep it like the cases themselves." }
        }
    };
    let shown = Page::new("The register of all cases", body).back("/", "All cases");
    Ok(if unread.is_empty() { shown } else { shown.again_in(1) }.into())
}

/// As a file for spreadsheets, which is whole: it waits for every case.
pub fn csv(guide: &Arc<Guide>, _: &Visit) -> Answer {
    let known = guide.home().known()?;
    let register = Register::of(&known, guide.now(), threads(), |case| guide.read(case));
    let bytes = register.to_csv().into_bytes();
    Ok(Reply::File { name: "register.csv".to_owned(), kind: "text/csv; charset=utf-8", bytes })
}

fn is_overdue(row: &Row) -> bool {
    matches!(&row.known, Known::Read(case) if case.due.iter().any(|due| due.by.is_some() && due.overdue))
}

fn line(guide: &Guide, row: &Row) -> Markup {
    html! {
        li {
            @match &row.known {
                Known::Read(case) => {
                    div.what {
                        a href=(format!("/case/{}", row.reference)) { "Case " (row.reference) }
                        @if guide.is_hidden(row.reference) {
                            p.hint { "Nothing of it is shown until both of you unlock it." }
                        } @else {
                            (about(case))
                        }
                    }
                    (standing(case.phase))
                }
                Known::Unread { fault } => {
                    div.what { "Case " (row.reference) p.hint { "It cannot be read: " (fault) } }
                    span.status { "Cannot be read" }
                }
            }
        }
    }
}

fn about(case: &Case) -> Markup {
    html! {
        p.hint {
            @if case.standing == Standing::Rehearsal { strong { "REHEARSAL. " } }
            "About " (case.subject) ", opened on " (case.opened.day().format("%-d %B %Y"))
            " by " (case.reviewers[0]) " and " (case.reviewers[1]) "."
        }
        @for due in &case.due {
            p.hint {
                strong { @if due.by.is_some() && due.overdue { "Overdue: " } @else { "Due: " } }
                (due.words) @if let Some(by) = due.by { ", by " (by.in_words()) }
            }
        }
        @if let Some(seal) = &case.seal {
            p.hint {
                "Seal " (seal.number) " of " (seal.sealed.day().format("%-d %B %Y"))
                @if !seal.has_bundle { "; it has no bundle" }
                @else if case.handed_over.is_empty() { "; no copy handed over" }
                @for handed in &case.handed_over { "; to " (handed.to) ", " (handed.organisation) }
                ". " (seal.words)
            }
        }
        @if let Some(filed) = &case.filed {
            p.hint {
                (filed.retention) "; to be looked at again on " (filed.review)
                @if filed.hold.value == Hold::Legal { "; held for the law" } (filed.hold.note)
                "."
            }
        }
    }
}

/// Cases on a page.
const ON_A_PAGE: usize = 50;
