//! An entry in plain words, for the time line and for the check before both
//! sign.
//!
//! It shows text only. After a stop-and-withhold it leaves out the titles of
//! pages and the names of files, which are not needed to find them.

use countersign::clock::Time;
use countersign::journal::{
    Acted, Action, Answer, Archived, At, Attached, Body, Concerns, Encryption, Entry, Halted, HandedOver,
    Happened, Hold, Judged, Kept, Name, Noted, Opened, Raised, Recording, Recovered, Referred, Released,
    Response, Side, Standing, Text, Visit, WrittenAlone,
};

use crate::explain::bytes;
use crate::say::one_line;

/// One entry, as it may be shown.
pub fn entry(entry: &Entry, opened: &Opened, released: &Released) -> String {
    body(&entry.body, opened, released)
}

/// What an entry says.
pub fn body(body: &Body, opened: &Opened, released: &Released) -> String {
    match body {
        Body::Opened(opened) => self::opened(opened),
        Body::Visited(visited) => {
            let visits = visited.visits.iter().map(|visit| self::visit(visit, released));
            visits.collect::<Vec<_>>().join("\n")
        }
        Body::Kept(kept) => self::kept(kept, released),
        Body::Attached(attached) => self::attached(attached, released),
        Body::Noted(noted) => self::noted(noted),
        Body::Concern(concern) => {
            let place = match &concern.at {
                At::Url(url) => url.to_string(),
                At::Exhibit(label) => format!("exhibit {label}"),
            };
            format!(
                "Concern at {place}: {}. {}",
                concern.category.label,
                sentence(concern.description.as_str())
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
        Body::Halted(halted) => self::halted(halted, opened),
        Body::Isolated(isolated) => {
            let changes = isolated.changes.as_ref();
            let changes = changes.map(|changes| format!(" Changed since: {}", sentence(changes.as_str())));
            format!(
                "Computer or device isolated: {}{}{}{}",
                sentence(isolated.what.as_str()),
                by_when(&isolated.by, &isolated.when),
                changes.unwrap_or_default(),
                written_alone(isolated.alone.as_ref(), opened)
            )
        }
        Body::Referred(referred) => {
            self::referred(referred) + &written_alone(referred.alone.as_ref(), opened)
        }
        Body::Judged(judged) => self::judged(judged),
        Body::Acted(acted) => self::acted(acted),
        Body::FormMade(made) => format!("Form made: {}.", count(u64::from(made.pages), "page")),
        Body::Sealed(sealed) => {
            let withheld = match sealed.withheld {
                0 => String::new(),
                n => format!(", {} withheld by rule", count(n, "file")),
            };
            format!("Sealed as seal {}: {}{withheld}.", sealed.seal, count(sealed.entries, "entry"))
        }
        Body::HandedOver(handed) => handed_over(handed),
        Body::Archived(archived) => self::archived(archived),
        Body::ClockJumped(jump) => format!(
            "The computer's clock was changed: it said {} where {} was expected.",
            jump.after.in_words(),
            jump.before.in_words()
        ),
        Body::Recovered(recovered) => self::recovered(recovered),
    }
}

fn opened(opened: &Opened) -> String {
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
    let namesakes = match opened.namesakes {
        true => " (two people of one name)",
        false => "",
    };
    let follows = opened.follows.map(|earlier| format!(", following case {earlier}")).unwrap_or_default();
    format!(
        "Case opened{practice}{follows} by {} ({}) and {} ({}){namesakes}, on {}, {}. Concerns {who}: {}. Reported by {} Reason: {}{gate}",
        opened.first.name,
        opened.first.position,
        opened.second.name,
        opened.second.position,
        opened.computer.name,
        opened.computer.location,
        opened.subject,
        sentence(opened.reported_by.as_str()),
        sentence(opened.reason.as_str()),
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

fn attached(attached: &Attached, released: &Released) -> String {
    let size = attached.files.iter().map(|file| file.bytes).sum();
    let part = match attached.part.of {
        1 => String::new(),
        of => format!(" (part {} of {of})", attached.part.number),
    };
    let left_out = match attached.left_out.len() as u64 {
        0 => String::new(),
        n => format!(" {} left out.", count(n, "file")),
    };
    format!(
        "Brought in as exhibit {}{part}: {} {}, {}.{left_out}{}",
        attached.exhibit.label,
        sentence(attached.description.as_str()),
        count(attached.files.len() as u64, "file"),
        bytes(size),
        held(released, &attached.files)
    )
}

fn noted(noted: &Noted) -> String {
    let what = noted.corrects.map_or("Note".to_owned(), |entry| format!("Correction of entry {entry}"));
    format!("{what}: {}", sentence(noted.text.as_str()))
}

fn halted(halted: &Halted, opened: &Opened) -> String {
    let by = match (halted.by, halted.raised) {
        (Some(side), _) => format!(" by {}", name(opened, side)),
        (None, Raised::AtTheGate) => " before anything was looked at".to_owned(),
        (None, Raised::ByConcern) => " by the concern that was described".to_owned(),
        (None, Raised::ByHand) => " by one of the two".to_owned(),
        (None, Raised::Found) => ": the mark of a stop was found".to_owned(),
    };
    let about = match (&halted.category, &halted.typed) {
        (Some(category), _) => format!(" {}.", category.label),
        (None, Some(typed)) => {
            format!(" \"{typed}\" was typed for what it is about, so the strictest rule holds.")
        }
        (None, None) => " What it is about was not said, so the strictest rule holds.".to_owned(),
    };
    let rule = match halted.response() {
        Response::StopAndWithhold => {
            " What was kept is left where it is; it is not shown, printed or copied."
        }
        _ => " What was kept is safe and goes to the police.",
    };
    let when = halted.raised_at.map(|at| format!(", on {}", at.in_words())).unwrap_or_default();
    let place = halted.place.as_ref().map(|place| format!(" Where: {place}.")).unwrap_or_default();
    let said =
        halted.description.as_ref().map(|words| format!(" {}", sentence(words.as_str()))).unwrap_or_default();
    format!("STOPPED{by}{when}.{about}{place}{said}{rule}")
}

fn referred(referred: &Referred) -> String {
    let part = |label: &str, line: &Option<Name>| {
        line.as_ref().map(|line| format!(" {label} {line}.")).unwrap_or_default()
    };
    let words = |label: &str, words: &Option<Text>| {
        words.as_ref().map(|words| format!(" {label} {}", sentence(words.as_str()))).unwrap_or_default()
    };
    let answer = match referred.answer {
        Some(Answer::Confirmed) => " Their answer: what was suspected is so.",
        Some(Answer::NotConfirmed) => " Their answer: what was suspected is not so.",
        None => "",
    };
    format!(
        "Told: {}.{}{}{}{}{}{answer}",
        referred.to,
        by_when(&referred.by, &referred.when),
        part("Spoke to", &referred.contact),
        part("Their reference:", &referred.reference),
        words("They said:", &referred.advice),
        words("About the computer:", &referred.computer),
    )
}

/// Who wrote something down before both signed it.
fn written_alone(alone: Option<&WrittenAlone>, opened: &Opened) -> String {
    alone.map_or_else(String::new, |alone| {
        let who = name(opened, alone.by);
        format!(" Written by {who}, as they said, alone, on {}; signed later.", alone.at.in_words())
    })
}

fn judged(judged: &Judged) -> String {
    let verdict = if judged.substance { "The concern has substance" } else { "The concern has no substance" };
    format!("Decided by both: {verdict}. Because: {}", sentence(judged.because.as_str()))
}

fn acted(acted: &Acted) -> String {
    let action = match acted.action {
        Action::Proposed => "proposed",
        Action::Taken => "taken",
    };
    let by_when = by_when(&acted.by, &acted.when);
    format!("Action {action} ({}): {}{by_when}", acted.route, sentence(acted.what.as_str()))
}

fn handed_over(handed: &HandedOver) -> String {
    let locked = match handed.copy.encryption {
        Encryption::None => "as it is",
        Encryption::Aes256Zip => "locked with a passphrase",
    };
    format!(
        "Seal {} handed over to {}, {} ({}), {}; {}, on {}, {locked}.",
        handed.seal, handed.to, handed.organisation, handed.role, handed.when, handed.how, handed.medium
    )
}

fn archived(archived: &Archived) -> String {
    let hold = match archived.hold {
        Hold::Legal => " Held for the law, whatever the date.",
        Hold::None => "",
    };
    format!("Filed under {}; look at it again on {}.{hold}", archived.retention.label, archived.review)
}

fn recovered(recovered: &Recovered) -> String {
    let mut parts = vec!["The program ended in the middle of its work, and put it right.".to_owned()];
    for entry in &recovered.completed {
        parts.push(format!("Entry {entry} was completed word for word."));
    }
    let aside = (recovered.void.len() + recovered.left.len()) as u64;
    if aside > 0 {
        parts.push(format!("{} not part of the record.", count(aside, "file")));
    }
    parts.join(" ")
}

fn title(title: Option<&str>, released: &Released) -> String {
    match title {
        Some(title) if released.pictures() && !title.is_empty() => format!(" (\"{}\")", one_line(title)),
        _ => String::new(),
    }
}

fn held(released: &Released, files: &[countersign::journal::File]) -> &'static str {
    match files.iter().all(|file| released.allows(file)) {
        true => "",
        false => " Left where it is; not shown, printed or copied.",
    }
}

fn by_when(by: &Option<Name>, when: &Option<Happened>) -> String {
    match (by, when) {
        (Some(by), Some(when)) => format!(" By {by}, {when}."),
        (Some(by), None) => format!(" By {by}."),
        (None, Some(when)) => format!(" When: {when}."),
        (None, None) => String::new(),
    }
}

/// Words that people typed, on one line and with an end.
fn sentence(words: &str) -> String {
    let words = one_line(words);
    match words.ends_with(['.', '!', '?', '…', '"', '”']) {
        true => words,
        false => format!("{words}."),
    }
}

/// Who that is.
pub fn name(opened: &Opened, side: Side) -> String {
    opened.called(side)
}

/// `1 file`, `3 files`, `2 entries`.
pub fn count(n: u64, thing: &str) -> String {
    match (n, thing.strip_suffix('y')) {
        (1, _) => format!("1 {thing}"),
        (n, Some(stem)) => format!("{n} {stem}ies"),
        (n, None) => format!("{n} {thing}s"),
    }
}

/// The time of the day of an entry: `10:42:07 UTC`.
pub fn time_of_day(time: Time) -> String {
    let whole = time.to_string();
    let clock = whole.split(['T', '.']).nth(1).unwrap_or(&whole);
    format!("{clock} UTC")
}

/// What to say of a bundle that is larger than police portals take.
pub fn too_large_for_portals(bytes: u64) -> Option<&'static str> {
    (bytes > PORTAL)
        .then_some("It is larger than 2 GB: some police portals do not take it. Hand it over on a medium.")
}

/// Where police portals stop.
const PORTAL: u64 = 2_000_000_000;
