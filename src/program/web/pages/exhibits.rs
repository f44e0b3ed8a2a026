//! What was kept and brought in, and the pictures of kept pages, where they
//! may be looked at.
//!
//! A picture is shown only if the case's allow-list has it, and only as PNG
//! that was checked from its first byte to its last. Pages, answers and files
//! that were brought in are named and never shown.

use std::io::Read;
use std::sync::Arc;

use countersign_case::case::{CaseError, Reading};
use countersign_case::durable::At;
use countersign_record::digest::Digest;
use countersign_record::journal::{
    Attached, Body, BroughtIn, Entry, Exhibit, File, Kept, Released, Restraint, Role,
};
use countersign_record::regular_file;
use maud::{Markup, html};

use super::correct;
use super::record::kept as just_kept;
use crate::amounts::{bytes, count, time_of_day};
use crate::describe;
use crate::say::{cut, one_line};
use crate::web::cases::Guide;
use crate::web::html::{Page, Problem, picture};
use crate::web::server::visit::{Answer, Reply, Visit};

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let released = reading.released();
    let after: u64 = visit.query("after").parse().unwrap_or(0);
    let all = reading.ledger().entries().iter().filter(|entry| exhibit(entry).is_some());
    let mut rest = all.filter(|entry| entry.entry > after);
    let shown: Vec<&Entry> = rest.by_ref().take(ON_A_PAGE).collect();
    let more = rest.next().and(shown.last()).map(|entry| entry.entry);
    let body = html! {
        (watched(&reading))
        (withheld(&released))
        @if shown.is_empty() { p { "Nothing was kept or brought in" @if after > 0 { " after that" } "." } } @else {
            ol.log {
                @for entry in shown {
                    @let label = exhibit(entry).map(|exhibit| exhibit.label.to_string()).unwrap_or_default();
                    li {
                        a href=(format!("/case/{case}/exhibits/{}", entry.entry)) { "Exhibit " (label) }
                        " "
                        span.when { "entry " (entry.entry) ", " (time_of_day(entry.time)) }
                        p.words-of { (cut(&describe::entry(entry, reading.ledger(), &released), LONGEST_LINE)) }
                    }
                }
            }
        }
        nav.steps-between aria-label="Pages of exhibits" {
            @if after > 0 { a href=(format!("/case/{case}/exhibits")) { "From the first" } " " }
            @if let Some(more) = more { a href=(format!("/case/{case}/exhibits?after={more}")) { "Later ones" } }
        }
    };
    let page = Page::new("What was kept and brought in", body).of(&reading);
    Ok(page.back(format!("/case/{case}"), "Task list").into())
}

/// One exhibit.
pub fn one(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let reading = guide.reading(case)?;
    let number: usize = visit.part("entry").parse().map_err(|_| Problem::NotFound)?;
    let entry = number.checked_sub(1).and_then(|at| reading.ledger().entries().get(at));
    let entry = entry.ok_or(Problem::NotFound)?;
    let exhibit = exhibit(entry).ok_or(Problem::NotFound)?;
    let released = reading.released();
    let from = visit.query("picture").parse().unwrap_or(1_usize).max(1);
    let held = held_elsewhere(&reading)?;
    let body = html! {
        @if let Some(kept) = just_kept(&reading, visit) { (kept) }
        (watched(&reading))
        (withheld(&released))
        @if let Some(held) = &held { (held) }
        @match reading.ledger().now(entry).body() {
            Body::Kept(kept) => {
                (facts_of_page(kept, entry, &released))
                @if held.is_none() { (pictures(&reading, kept, &released, number, from)) }
                (files(&kept.files, &released))
                @if !kept.absences.is_empty() {
                    h2 { "What is not in it" }
                    ul {
                        @for absence in kept.absences.iter().take(MOST_LINES) { li { (cut(&one_line(absence.as_str()), LONGEST_LINE)) } }
                        @let more = kept.absences_left_out + kept.absences.len().saturating_sub(MOST_LINES) as u64;
                        @if more > 0 { li { (more) " more, which the exhibit's record names" } }
                    }
                }
            }
            Body::Attached(attached) => {
                (facts_of_files(attached, entry, &reading))
                (files(&attached.files, &released))
                (left_out(attached, &released))
            }
            _ => {}
        }
        @if reading.may_now(&countersign_case::procedure::Deed::Keep).is_ok() {
            p { a href=(format!("/case/{case}/concern/kind?at=exhibit-{number}")) { "Describe a concern about it" } }
        }
    };
    let page = Page::new(format!("Exhibit {}", exhibit.label), body).of(&reading);
    let page = page.back(format!("/case/{case}/exhibits"), "What was kept and brought in");
    Ok(page.into())
}

/// Why no picture of the case is shown, where another case withholds what this
/// one holds.
fn held_elsewhere(reading: &Reading) -> Result<Option<Markup>, Problem> {
    match reading.check_held_elsewhere() {
        Ok(()) => Ok(None),
        Err(CaseError::HeldElsewhere { other, .. }) => Ok(Some(html! {
            div.warn {
                p { strong { "No picture of this case is shown: it holds a file that is withheld in case " (other) "." } }
                p { "Stop this case, too. The file stays where it is." }
            }
        })),
        Err(error) => Err(error.into()),
    }
}

/// A picture of a kept page, where it may be looked at now.
pub fn show_picture(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let case = visit.case()?;
    let digest: Digest = visit.part("picture").parse().map_err(|_| Problem::NotFound)?;
    let reading = guide.reading(case)?;
    let released = reading.released();
    let known = reading.ledger().files().map(|(file, _)| file).find(|file| file.sha256 == digest);
    reading.check_held_elsewhere()?;
    let file = known.filter(|file| is_shown(file, &released)).ok_or(Problem::NotFound)?;
    let path = reading.folder().file(file);
    let bytes = regular_file::read(&path, file.bytes).at(&path)?;
    if Digest::of(&bytes) != digest || !picture::is_png(&bytes) {
        return Err(Problem::NotFound);
    }
    // A stop that came while it was read comes before it is shown.
    if !is_shown(file, &guide.reading(case)?.released()) {
        return Err(Problem::NotFound);
    }
    Ok(Reply::Picture(bytes))
}

/// A picture that the recorder made, that may leave the case, and that is not
/// too large to be shown.
fn is_shown(file: &File, released: &Released) -> bool {
    released.pictures()
        && released.allows(file)
        && matches!(file.role, Role::Picture | Role::Screen | Role::Area)
        && file.extension.to_string() == "png"
        && file.bytes <= LARGEST
}

fn exhibit(entry: &Entry) -> Option<&Exhibit> {
    match &entry.body {
        Body::Kept(kept) => Some(&kept.exhibit),
        Body::Attached(attached) => Some(&attached.exhibit),
        _ => None,
    }
}

/// With a script, a page that is open when the case is stopped shows nothing
/// of it any more.
fn watched(reading: &Reading) -> Markup {
    html! {
        @let live = format!("/case/{}/live", reading.folder().reference());
        @match reading.state().restraint() {
            Restraint::None => div data-case=(live) {},
            Restraint::Police => div data-case=(live) data-asks="police=yes" {},
            Restraint::Withhold => {}
        }
    }
}

fn withheld(released: &Released) -> Markup {
    let withheld = released.withheld().len() as u64;
    html! {
        @if !released.pictures() {
            div.warn {
                "No picture is shown in this case any more. "
                @if withheld > 0 { (count(withheld, "file")) " withheld by rule: left where " @if withheld == 1 { "it is" } @else { "they are" } "; not shown, printed or copied." }
            }
        }
    }
}

fn facts_of_page(kept: &Kept, entry: &Entry, released: &Released) -> Markup {
    let title = kept.title.as_ref().filter(|_| released.pictures());
    let rows = [
        ("Address", Some(cut(&one_line(kept.final_url.as_str()), LONGEST_LINE))),
        ("Asked for", (kept.url != kept.final_url).then(|| cut(&one_line(kept.url.as_str()), LONGEST_LINE))),
        ("Title", title.map(|title| cut(&one_line(title.as_str()), LONGEST_LINE))),
        ("Kept", Some(entry.time.in_words())),
        ("The server answered", kept.status.map(|status| status.to_string())),
        ("The server's clock said", kept.server_date.as_ref().map(|date| one_line(date.as_str()))),
        ("Kept with", kept.browser.as_ref().map(|browser| one_line(browser.product.as_str()))),
        (
            "Run as",
            kept.browser.as_ref().and_then(|b| b.account.as_ref()).map(|name| one_line(name.as_str())),
        ),
    ];
    html! {
        dl.answers {
            @for (what, words) in rows {
                @if let Some(words) = words { div { dt { (what) } dd { (words) } } }
            }
        }
    }
}

fn facts_of_files(attached: &Attached, entry: &Entry, reading: &Reading) -> Markup {
    let was = reading.ledger().now(entry).note("description");
    let whole = reading.ledger().brought_in(attached.exhibit.label.as_str());
    let unfinished = whole.as_ref().and_then(BroughtIn::unfinished_in_words);
    let all = whole.filter(|whole| whole.of > 1);
    html! {
        @if let Some(unfinished) = unfinished { div.warn { (unfinished) } }
        dl.answers {
            div { dt { "What they are" } dd { (cut(attached.description.as_str(), WHOLE)) (was) } dd.change { (correct::link(reading, entry.entry)) } }
            div { dt { "Brought in" } dd { (entry.time.in_words()) } }
            @if attached.part.of > 1 { div { dt { "Part" } dd { (attached.part.number) " of " (attached.part.of) } } }
            @if let Some(all) = all { div { dt { "In all parts" } dd { (count(all.files, "file")) ", " (bytes(all.bytes)) "; " (all.left_out.in_words()) } } }
        }
        p.hint { "Files that were brought in are kept as they are and not opened here." }
    }
}

fn pictures(reading: &Reading, kept: &Kept, released: &Released, entry: usize, from: usize) -> Markup {
    let case = reading.folder().reference();
    let all: Vec<&File> = kept.files.iter().filter(|file| is_shown(file, released)).collect();
    let has_too_large = kept
        .files
        .iter()
        .any(|file| file.bytes > LARGEST && matches!(file.role, Role::Picture | Role::Screen | Role::Area));
    let last = (from - 1 + PICTURES).min(all.len());
    let shown = all.get(from - 1..last).unwrap_or_default();
    let label = &kept.exhibit.label;
    html! {
        @for (number, file) in (from..).zip(shown) {
            @match size(reading, file) {
                Some((width, height)) => figure {
                    img src=(format!("/case/{case}/picture/{}", file.sha256)) width=(width) height=(height) loading="lazy"
                        alt=(format!("Exhibit {label}, picture {number} of {}: {}", all.len(), part(file)));
                    figcaption { "Picture " (number) " of " (all.len()) ": " (part(file)) }
                },
                None => p { "Picture " (number) " of " (all.len()) " is too large to show here, or is no picture. It is kept." }
            }
        }
        @if has_too_large { p { "A picture is too large to show here. It is kept." } }
        @if all.len() > PICTURES {
            nav.steps-between aria-label="Pictures" {
                @if from > 1 { a href=(format!("/case/{case}/exhibits/{entry}?picture={}", from.saturating_sub(PICTURES).max(1))) { "Pictures before" } " " }
                @if last < all.len() { a href=(format!("/case/{case}/exhibits/{entry}?picture={}", last + 1)) { "More pictures" } }
            }
        }
    }
}

fn part(file: &File) -> &'static str {
    match file.role {
        Role::Screen => "what was on the screen",
        Role::Area => "a part of the screen",
        _ => "the whole page, or a part of it",
    }
}

/// Width and height, from the file's first bytes.
fn size(reading: &Reading, file: &File) -> Option<picture::Size> {
    let mut head = [0; picture::HEAD];
    regular_file::open(&reading.folder().file(file)).ok()?.read_exact(&mut head).ok()?;
    picture::size(&head)
}

fn files(files: &[File], released: &Released) -> Markup {
    html! {
        h2 { (count(files.len() as u64, "file")) }
        ul {
            @for file in files {
                @let is_free = released.allows(file);
                li {
                    (kind(file))
                    @if let (true, Some(name)) = (is_free && released.pictures(), &file.name) { ": " (cut(&one_line(name.as_str()), LONGEST_LINE)) }
                    ", " (bytes(file.bytes)) "."
                    @if !is_free { " Left where it is; not shown, printed or copied." }
                }
            }
        }
    }
}

fn kind(file: &File) -> &'static str {
    match file.role {
        Role::Pack => "The procedure",
        Role::Picture => "Picture of the page",
        Role::Screen => "Picture of the screen",
        Role::Area => "Picture of a part of the screen",
        Role::Page => "The page with its pictures, as one file",
        Role::Response => "The server's answer",
        Role::Traffic => "The page's traffic, as one file",
        Role::Record => "What was noted while it was kept",
        Role::Attached => "File",
        Role::List => "The names of what was left out",
        Role::Form => "Form",
    }
}

fn left_out(attached: &Attached, released: &Released) -> Markup {
    let left_out = &attached.left_out;
    let shown = &left_out.named[..left_out.named.len().min(MOST_LINES)];
    let more = left_out.count - shown.len() as u64;
    html! {
        @if !left_out.is_empty() {
            h2 { "Not brought in: " (left_out.in_words()) }
            ul {
                @for left in shown {
                    li {
                        @if released.pictures() { (cut(&one_line(left.name.as_str()), LONGEST_LINE)) ": " }
                        (cut(&one_line(left.because.as_str()), LONGEST_LINE))
                    }
                }
            }
            @if more > 0 { p { "And " (more) " more, all of which the record names." } }
        }
    }
}

/// Exhibits on one page, and pictures of one.
const ON_A_PAGE: usize = 25;
const PICTURES: usize = 4;

/// Letters of a line, and of words by themselves.
const LONGEST_LINE: usize = 400;
const WHOLE: usize = 20_000;

/// Lines of a list.
const MOST_LINES: usize = 40;

/// Bytes of a picture that is read to be shown.
const LARGEST: u64 = 48 * 1024 * 1024;
