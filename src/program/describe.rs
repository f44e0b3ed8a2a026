//! An entry in plain words, for the time line and for the check before both
//! sign. A value that was corrected says so.
//!
//! It shows text only. After a stop-and-withhold it leaves out the titles of
//! pages and the names of files, which are not needed to find them.

mod corrections;
mod stopped;

pub use stopped::written;

use countersign_record::journal::{
    Acted, Action, Archived, At, Attached, Body, Concerns, Current, Encryption, Entry, HandedOver, Hold,
    Judged, Kept, Ledger, Opened, People, Recording, Recovered, Released, Standing, Visit,
};

use self::corrections::{by_when, only_corrected, shown, words};
use crate::amounts::{bytes, count};
use crate::say::one_line;

/// One entry of `ledger` as it stands now, and as it may be shown.
pub fn entry(entry: &Entry, ledger: &Ledger, released: &Released) -> String {
    let now = &ledger.now(entry);
    let words = said(now, ledger, released);
    match now.marked() {
        Some(marked) => format!("{words} This entry is {marked}."),
        None => words,
    }
}

/// What an entry would say that is not in the record yet.
pub fn body(body: &Body, ledger: &Ledger, released: &Released) -> String {
    said(&Current::draft(body), ledger, released)
}

fn said(now: &Current<'_>, ledger: &Ledger, released: &Released) -> String {
    match now.body() {
        Body::Opened(opened) => self::opened(now, opened),
        Body::Visited(visited) => {
            let visits = visited.visits.iter().map(|visit| self::visit(visit, released));
            visits.collect::<Vec<_>>().join("\n")
        }
        Body::Recording(Recording::BeforeStop { visits }) => {
            let visits = visits.iter().map(|visit| format!("\n{}", self::visit(visit, released)));
            format!("Before the stop, and not on record until after it:{}", visits.collect::<String>())
        }
        Body::Kept(kept) => self::kept(kept, released),
        Body::Attached(attached) => self::attached(now, attached, ledger, released),
        Body::Noted(noted) => format!("Note: {}", words(now, "text", &noted.text)),
        Body::Corrected(corrected) => corrections::corrected(corrected, ledger),
        Body::Concern(concern) => {
            let place = match &concern.at {
                At::Url(url) => url.to_string(),
                At::Exhibit(label) => format!("exhibit {label}"),
            };
            format!(
                "Concern at {place}{}: {}{}. {}",
                now.was("at"),
                concern.category.label,
                now.was("category"),
                words(now, "description", &concern.description)
            )
        }
        Body::Recording(Recording::Began { browser }) => {
            let account = browser.account.as_ref().map(|account| format!(", run as {account}"));
            format!(
                "The recording began, with {}, {}{}",
                browser.product,
                browser.path,
                account.unwrap_or_default()
            )
        }
        Body::Recording(Recording::Gap { since, because }) => {
            format!("The recording broke off at {}: {because}", since.in_words())
        }
        Body::Recording(Recording::Ended { because }) => format!("The recording ended: {because}"),
        Body::Halted(halted) => stopped::halted(now, halted, ledger),
        Body::Isolated(isolated) => stopped::isolated(now, isolated, ledger),
        Body::Referred(referred) => stopped::referred(now, referred, ledger),
        Body::Judged(judged) => self::judged(now, judged),
        Body::Acted(acted) => self::acted(now, acted),
        Body::FormMade(made) => format!("Form made: {}.", count(u64::from(made.pages), "page")),
        Body::Sealed(sealed) => {
            let withheld = match sealed.withheld {
                0 => String::new(),
                n => format!(", {} withheld by rule", count(n, "file")),
            };
            format!("Sealed as seal {}: {}{withheld}.", sealed.seal, count(sealed.entries, "entry"))
        }
        Body::HandedOver(handed) => handed_over(now, handed),
        Body::Archived(archived) => self::archived(now, archived),
        Body::ClockJumped(jump) => format!(
            "The computer's clock was changed: it said {} where {} was expected.",
            jump.after.in_words(),
            jump.before.in_words()
        ),
        Body::Recovered(recovered) => self::recovered(recovered),
        Body::Unbundled(gone) => format!("Seal {} has no bundle: {}.", gone.seal, gone.because),
    }
}

fn opened(now: &Current<'_>, opened: &Opened) -> String {
    let who = match opened.concerns {
        Concerns::Pupil => "a pupil",
        Concerns::Staff => "a member of staff",
        Concerns::Other => "another person",
    };
    let gate = match opened.suspected_illegal {
        true => " Something illegal is suspected: nothing is looked at.",
        false => "",
    };
    let practice = match opened.standing {
        Standing::Case => "",
        Standing::Rehearsal => " (REHEARSAL)",
    };
    let namesakes = match opened.namesakes && People::of(opened).are_alike() {
        true => " (two people of one name)",
        false => "",
    };
    let was = |name: &str| now.was(name);
    let follows = match (opened.follows, was("follows")) {
        (Some(earlier), was) if opened.follows_stopped => {
            format!(", following case {earlier}, which was stopped{was}")
        }
        (Some(earlier), was) => format!(", following case {earlier}{was}"),
        (None, was) if was.is_empty() => was,
        (None, was) => format!(", following no case{was}"),
    };
    let initials = format!("{}{}", was("first.initials"), was("second.initials"));
    format!(
        "Case opened{practice}{follows} by {}{} ({}{}) and {}{} ({}{}){namesakes}{}, on {}{}, {}{}. Concerns {who}{}: {}{}. Reported by {} Reason: {}{}{}{}{gate}",
        opened.first.name,
        was("first.name"),
        opened.first.position,
        was("first.position"),
        opened.second.name,
        was("second.name"),
        opened.second.position,
        was("second.position"),
        if initials.is_empty() { initials } else { format!(", initials corrected{initials}") },
        opened.computer.name,
        was("computer.name"),
        opened.computer.location,
        was("computer.location"),
        was("concerns"),
        opened.subject,
        was("subject"),
        words(now, "reported_by", &opened.reported_by),
        words(now, "reason", &opened.reason),
        only_corrected(now, "School or group:", "group", opened.group.as_ref().map(shown)),
        only_corrected(
            now,
            "The key to the reference is kept:",
            "subject_key",
            opened.subject_key.as_ref().map(shown)
        ),
        only_corrected(
            now,
            "Filtering lifted:",
            "filter_exemptions",
            opened.filter_exemptions.as_ref().map(shown)
        ),
    )
}

fn visit(visit: &Visit, released: &Released) -> String {
    let title = title(visit.title.as_ref().map(|title| title.as_str()), released);
    let failed =
        visit.failure.as_ref().map(|failure| format!(" It did not open: {failure}.")).unwrap_or_default();
    format!("Page visited: {}{title}.{failed}", visit.final_url)
}

fn kept(kept: &Kept, released: &Released) -> String {
    let held = held(released, &kept.files);
    let title = title(kept.title.as_ref().map(|title| title.as_str()), released);
    format!("Page kept as exhibit {}: {}{title}.{held}", kept.exhibit.label, kept.final_url)
}

fn attached(now: &Current<'_>, attached: &Attached, ledger: &Ledger, released: &Released) -> String {
    let size = attached.files.iter().map(|file| file.bytes).sum();
    let part = match attached.part.of {
        1 => String::new(),
        of => format!(" (part {} of {of}, of {})", attached.part.number, count(attached.part.files, "file")),
    };
    let left_out = match attached.left_out.is_empty() {
        true => String::new(),
        false => format!(" {}.", attached.left_out.in_words()),
    };
    let whole = ledger.brought_in(attached.exhibit.label.as_str());
    let unfinished = whole.and_then(|whole| whole.unfinished_in_words());
    format!(
        "Brought in as exhibit {}{part}: {} {}, {}.{left_out}{}{}",
        attached.exhibit.label,
        words(now, "description", &attached.description),
        count(attached.files.len() as u64, "file"),
        bytes(size),
        unfinished.map(|words| format!(" {words}")).unwrap_or_default(),
        held(released, &attached.files)
    )
}

fn judged(now: &Current<'_>, judged: &Judged) -> String {
    let verdict = if judged.substance { "The concern has substance" } else { "The concern has no substance" };
    format!("Decided by both: {verdict}. Because: {}", words(now, "because", &judged.because))
}

fn acted(now: &Current<'_>, acted: &Acted) -> String {
    let action = match acted.action {
        Action::Proposed => "proposed",
        Action::Taken => "taken",
    };
    format!(
        "Action {action}{} ({}{}): {}{}",
        now.was("action"),
        acted.route,
        now.was("route"),
        words(now, "what", &acted.what),
        by_when(now, &acted.by, &acted.when)
    )
}

fn handed_over(now: &Current<'_>, handed: &HandedOver) -> String {
    let locked = match handed.copy.encryption {
        Encryption::None => "as it is",
        Encryption::Aes256Zip => "locked with a passphrase",
    };
    let was = |name: &str| now.was(name);
    format!(
        "Seal {} handed over to {}{}, {}{} ({}{}), {}{}; {}{}, on {}{}, {locked}.",
        handed.seal,
        handed.to,
        was("to"),
        handed.organisation,
        was("organisation"),
        handed.role,
        was("role"),
        handed.when,
        was("when"),
        handed.how,
        was("how"),
        handed.medium,
        was("medium"),
    )
}

fn archived(now: &Current<'_>, archived: &Archived) -> String {
    let held = now.was("hold");
    let hold = match archived.hold {
        Hold::Legal => format!(" Held for the law{held}, whatever the date."),
        Hold::None if held.is_empty() => held,
        Hold::None => format!(" Not held for the law{held}."),
    };
    format!(
        "Filed under {}{}; look at it again on {}{}.{hold}{}",
        archived.retention.label,
        now.was("retention"),
        archived.review,
        now.was("review"),
        only_corrected(now, "Because:", "because", archived.because.as_ref().map(shown)),
    )
}

fn recovered(recovered: &Recovered) -> String {
    let mut parts = Vec::new();
    if !recovered.completed.is_empty() || !recovered.void.is_empty() {
        parts.push("The program ended in the middle of its work, and put it right.".to_owned());
    }
    for entry in &recovered.completed {
        parts.push(format!("Entry {entry} was completed word for word."));
    }
    parts.extend(recovered.broken_off.iter().map(|broken| format!("{broken}.")));
    match recovered.void.len() as u64 {
        0 => {}
        1 => parts.push("1 file was put aside.".to_owned()),
        n => parts.push(format!("{} were put aside.", count(n, "file"))),
    }
    let left = &recovered.left;
    if !left.is_empty() {
        let things = if left.count == 1 {
            "1 file or folder in the case's folder is"
        } else {
            &format!("{} files or folders in the case's folder are", left.count)
        };
        let names: Vec<String> = left
            .named
            .iter()
            .take(MOST_NAMED)
            .map(|left| format!("{}: {}", one_line(left.name.as_str()), one_line(left.because.as_str())))
            .collect();
        let first = if left.count > names.len() as u64 { "the first of them: " } else { "" };
        parts.push(format!("{things} no part of the record, and left alone ({first}{}).", names.join("; ")));
    }
    parts.join(" ")
}

fn title(title: Option<&str>, released: &Released) -> String {
    match title {
        Some(title) if released.pictures() && !title.is_empty() => format!(" (\"{}\")", one_line(title)),
        _ => String::new(),
    }
}

fn held(released: &Released, files: &[countersign_record::journal::File]) -> &'static str {
    match files.iter().all(|file| released.allows(file)) {
        true => "",
        false => " Left where it is; not shown, printed or copied.",
    }
}

/// What to say of a bundle that is larger than police portals take.
pub fn too_large_for_portals(bytes: u64) -> Option<&'static str> {
    (bytes > PORTAL)
        .then_some("It is larger than 2 GB: some police portals do not take it. Hand it over on a medium.")
}

/// Names in one sentence.
const MOST_NAMED: usize = 5;

/// Where police portals stop.
const PORTAL: u64 = 2_000_000_000;
