//! Whether a bundle is unchanged: one that is dropped in, or one of this
//! computer; then the eight words of the paper, and one sentence.
//!
//! It needs no case and no passphrase. What is brought in is read, never
//! opened or shown, and removed when it is read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign_case::case::Home;
use countersign_record::bundle::Source;
use countersign_record::digest::Digest;
use countersign_record::verify::{Paper, Report, Verdict, verify};
use countersign_record::words::SealWords;
use maud::{Markup, html};

use crate::explain::{checks, findings, paper, verdict};
use crate::message::{Message, shown};
use crate::progress::threads;
use crate::web::cases::Guide;
use crate::web::cases::jobs::Job;
use crate::web::cases::staged::Staged;
use crate::web::html::form::{Ask, Form};
use crate::web::html::{Page, Problem};
use crate::web::server::jobs;
use crate::web::server::upload::Brought;
use crate::web::server::visit::{Answer, Reply, Sending, Visit};

/// A bundle that was checked.
pub struct Checked {
    session: Digest,
    /// The file's name.
    name: String,
    /// What was found, without the paper.
    report: Report,
    /// What was typed of the paper so far.
    typed: String,
}

pub fn show(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    Ok(page(guide, visit, &Form::empty()).into())
}

/// Any file may be dropped in; what it is, its bytes say.
pub fn wanted(_: &Arc<Guide>, _: &Visit) -> Result<(), Problem> {
    Ok(())
}

/// A bundle that was dropped in.
pub fn receive(guide: &Arc<Guide>, visit: &Visit, brought: Brought) -> Answer {
    let mut form = Form::of(brought.fields.clone());
    let staged = brought.into_files(guide, visit);
    let Some(path) = staged.files.first().map(|file| file.path.clone()) else {
        form.mistake("bundle", "Choose the file of the bundle.");
        return Ok(page(guide, visit, &form).into());
    };
    check(guide, visit, path, form.typed("words").to_owned(), Some(staged))
}

/// A bundle of this computer, which need not be brought in.
pub fn here(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let mut form = visit.form();
    let chosen = match form.typed("path") {
        "" => bundles(guide.home())
            .into_iter()
            .find(|name| name == form.typed("sealed"))
            .map(|name| guide.home().sealed().join(name)),
        typed => Some(PathBuf::from(typed)),
    };
    match chosen {
        None => {
            let field = if bundles(guide.home()).is_empty() { "path" } else { "sealed" };
            form.mistake(field, "Choose a bundle, or type where it lies.");
        }
        Some(path) if !path.is_absolute() => {
            form.mistake("path", "Type the whole path, from the drive or the first slash on.");
        }
        Some(path) if !path.exists() => {
            form.mistake("path", format!("There is no {} on this computer.", shown(&path)));
        }
        Some(path) => return check(guide, visit, path, form.typed("paper").to_owned(), None),
    }
    Ok(page(guide, visit, &form).into())
}

/// Checks the bundle at `path`. What was brought in goes with `staged`.
fn check(guide: &Arc<Guide>, visit: &Visit, path: PathBuf, typed: String, staged: Option<Staged>) -> Answer {
    let session = visit.session().id();
    jobs::begin(guide, visit, "Checking the bundle", move |guide, job| {
        let mut report = read(&path, job)?;
        let own =
            staged.as_ref().and_then(|staged| staged.files.first()).map(|file| PathBuf::from(&file.name));
        let own = own.as_deref().unwrap_or(&path);
        let name = own.file_name().map_or_else(|| shown(own), |name| shown(Path::new(name)));
        // Where it lay for a moment is nobody's business.
        for finding in report.findings.iter_mut().filter(|_| staged.is_some()) {
            finding.what = finding.what.replace(&path.display().to_string(), &name);
        }
        drop(staged);
        let seen = guide.drafts::<Checked>().begin(Checked { session, name, report, typed })?;
        Ok(format!("/verify/seen/{seen}"))
    })
}

fn read(path: &Path, job: &Arc<Job>) -> Result<Report, Message> {
    match Source::open(path) {
        Ok(source) => {
            let total = source.members().iter().map(|member| member.length).sum();
            Ok(verify(&source, None, threads(), &job.counts(total))?)
        }
        Err(error) => Ok(Report::unreadable(error)?),
    }
}

/// What was found.
pub fn seen(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let (name, report, typed) = mine(guide, visit)?;
    let mut form = Form::empty();
    form.set("words", &typed);
    Ok(result(visit, &name, report, form).into())
}

/// The words of the paper, typed after the bundle was checked.
pub fn compare(guide: &Arc<Guide>, visit: &Visit) -> Answer {
    let (name, report, _) = mine(guide, visit)?;
    let mut form = visit.form();
    let typed = form.typed("words").to_owned();
    if typed.is_empty() {
        form.mistake("words", "Type the eight words of the paper.");
        return Ok(result(visit, &name, report, form).into());
    }
    guide.drafts::<Checked>().with(visit.part("checked"), |checked| checked.typed = typed)?;
    Reply::see(visit.path())
}

fn mine(guide: &Guide, visit: &Visit) -> Result<(String, Report, String), Problem> {
    let session = visit.session().id();
    let ours = guide.drafts::<Checked>().with(visit.part("checked"), |checked| {
        (checked.session == session)
            .then(|| (checked.name.clone(), checked.report.clone(), checked.typed.clone()))
    })?;
    ours.ok_or(Problem::NoDraft)
}

fn page(guide: &Guide, visit: &Visit, form: &Form) -> Page {
    let here = bundles(guide.home());
    let words = "The eight words of the paper (you can type them afterwards)";
    let hint = "Or the text of its square code, as a scanner gives it.";
    let body = html! {
        p { "A sealed bundle can be checked by anybody, on any computer. Nothing of it is opened or shown." }
        h2 { "A bundle that somebody has" }
        (visit.upload_to("/verify", html! {
            (form.one_file(Ask::new("bundle", "Drop the file here, or choose it").hint("Its name ends in .zip, as in 2026-0001-seal-1.zip.")))
            (form.input(Ask::new("words", words).hint(hint)))
            button { "Check this bundle" }
        }, &SENDING))
        h2 { "A bundle of this computer" }
        (visit.form_to("/verify/here", html! {
            @if !here.is_empty() { (form.select(Ask::new("sealed", "Which seal?"), &here)) }
            (form.input(Ask::new("path", if here.is_empty() { "Where does it lie?" } else { "Or type where it lies" }).hint("Such as E:\\2026-0001-seal-1.zip for a USB stick.")))
            (form.input(Ask::new("paper", words).hint(hint)))
            button { "Check this bundle" }
        }))
    };
    form.on(Page::new("Is a bundle unchanged?", body).back("/", "All cases"))
}

fn result(visit: &Visit, name: &str, report: Report, mut form: Form) -> Page {
    let report = match form.typed("words").parse::<Paper>() {
        Ok(paper) => report.compared(&paper),
        Err(_) if form.typed("words").is_empty() => report,
        Err(error) => {
            form.mistake("words", paper(&error).what);
            report
        }
    };
    let (lines, _) = verdict(&report);
    let first = lines.first().cloned().unwrap_or_default();
    // A heading says the state; what to do about it stands below.
    let (title, more) = match report.verdict {
        Verdict::UnchangedNotCompared => {
            first.split_once(". ").map_or((first.as_str(), ""), |(title, more)| (title, more))
        }
        _ => (first.as_str(), ""),
    };
    let asks = report.root.is_some() && report.verdict != Verdict::Unchanged;
    let found = findings(&report);
    let body = html! {
        @if !more.is_empty() { p { strong { (more) } } }
        p { "The bundle: " (name) }
        @if asks && report.verdict == Verdict::UnchangedNotCompared {
            @if let Some(root) = &report.root { (own_words(root)) }
        }
        @if asks {
            (visit.form_to(visit.path(), html! {
                (form.input(Ask::new("words", "The eight words of the paper").hint("Type them from the seal sheet, or the text of its square code. Not from this screen: then nothing is compared.")))
                button { "Compare" }
            }))
        }
        h2 { "What was checked" }
        dl.answers {
            @for (what, came_of_it) in checks(&report) { div { dt { (what) } dd { (came_of_it) } } }
            div { dt { "The paper" } dd { (compared(&report)) } }
        }
        @if let Some(says) = &report.says {
            h2 { "What the bundle says of itself" }
            dl.answers {
                div { dt { "Case" } dd { (says.reference) ", seal " (says.seal) } }
                div { dt { "Sealed" } dd { (says.sealed_at.in_words()) } }
                div { dt { "Entries" } dd { (says.entries) } }
                @for signer in &says.signers { div { dt { (signer.name) } dd { (signer.position) } } }
            }
        }
        @if !found.is_empty() {
            h2 { "What was found" }
            ul { @for words in found.iter().take(MOST_FINDINGS) { li { (words) } } }
            @if found.len() > MOST_FINDINGS { p { "And " (found.len() - MOST_FINDINGS) " more." } }
        }
        p { a href="/verify" { "Check another bundle" } }
    };
    let page = form.on(Page::new(title, body).back("/verify", "Choose a bundle"));
    match &report.says {
        Some(says) => page.practice(says.standing),
        None => page,
    }
}

fn own_words(root: &Digest) -> Markup {
    html! {
        div.card {
            h2 { "The eight words of this bundle" }
            ol.seal-words { @for word in SealWords::of(root).words() { li { (word) } } }
            p { "Take the seal sheet. The same words must stand on it, in the same order." }
        }
    }
}

fn compared(report: &Report) -> &'static str {
    match report.verdict {
        Verdict::Unchanged => "The words are those of the paper.",
        Verdict::UnchangedNotCompared => "Not compared yet.",
        Verdict::Changed => "See what was found.",
        Verdict::Unreadable => "Not compared.",
    }
}

/// The bundles that were sealed on this computer, the newest first.
fn bundles(home: &Home) -> Vec<String> {
    let inside = std::fs::read_dir(home.sealed()).into_iter().flatten().flatten();
    let mut names: Vec<String> = inside
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.contains("-seal-") && name.ends_with(".zip"))
        .collect();
    names.sort();
    names.reverse();
    names
}

/// Findings on the page.
const MOST_FINDINGS: usize = 100;

const SENDING: Sending = Sending {
    sent: "Everything is sent. It is being checked.",
    cancelled: "You cancelled. Nothing was checked.",
    broken: "The file did not arrive. Nothing was checked. Try again.",
};
