//! Why a page was not kept, or files were not brought in.

use countersign_browser::network::address::AddressError;
use countersign_browser::network::proxy::ProxyError;
use countersign_browser::network::reach::Refusal;
use countersign_case::capture::{CaptureError, Unmet};
use countersign_case::case::{Held, Kept};
use countersign_case::durable::DiskError;
use countersign_record::journal::Seen;

use super::browser::not_started;
use super::disk;
use crate::amounts;
use crate::message::{Exit, Message, shown};

/// The address is none that can be recorded.
pub fn address(url: &str, error: &AddressError) -> Message {
    let url = Seen::of(url);
    match error {
        AddressError::NotAnAddress(_) => {
            Message::wrong(format!("\"{url}\" is not the address of a web page."))
                .hint("An address begins with http:// or https://. Copy it from the browser's address bar.")
        }
        AddressError::Scheme(scheme) => Message::wrong(format!(
            "{url} cannot be kept: it begins with {scheme}:, not with http: or https:."
        ))
        .hint("A file on this computer is brought in by: countersign attach"),
        AddressError::Credentials => {
            Message::wrong(format!("{url} cannot be kept: it has a name or a password in it."))
                .hint("Take out everything between // and @, then try again.")
        }
        AddressError::TooLong(length) => Message::wrong(format!(
            "The address cannot be kept: it is {length} characters long; 8,192 is the most."
        )),
        AddressError::Refused { host, refusal } => {
            let message = Message::wrong(format!("{url} cannot be kept: {host} is {refusal}."));
            match refusal {
                Refusal::Loopback => message.hint("Only a rehearsal may open pages of this computer itself."),
                _ => message.hint(
                    "Pages inside the school's own network are brought in as files: countersign attach",
                ),
            }
        }
    }
}

/// What was named is no proxy that can be gone through.
pub fn proxy(what: &str, error: &ProxyError) -> Message {
    Message::wrong(format!("{what}: {error}."))
        .hint("Give an HTTP proxy's name and port: --proxy proxy.example.sch.uk:8080")
        .hint("To go without one: --proxy direct")
}

/// A command of a recording was not carried out; the recording goes on.
pub fn unmet(what: &str, why: &Unmet) -> Message {
    let message = |words: String| Message::no(format!("{what}: {words}."));
    match why {
        Unmet::NoPage => message("no page is open".to_owned()).hint("Open one in the window first."),
        Unmet::Address { url, why } => message(format!("{} was not opened: {why}", Seen::of(url))),
        Unmet::Changed => message("the page changed while it was being kept, so nothing was kept".to_owned())
            .hint("Wait until the page stands still, then keep it again."),
        Unmet::Area { width, height } => {
            message(format!("the area is not inside the window, which is {width} by {height}"))
        }
        Unmet::Page(reason) => message(format!("nothing was kept: {reason}"))
            .hint("Keep it again, or note in words what you see: note WORDS"),
        Unmet::Held(held) => {
            let Message { what, hints, .. } = held_message("nothing was kept: what the page shows", held);
            hints.into_iter().fold(message(what.trim_end_matches('.').to_owned()), Message::hint)
        }
        Unmet::Case(reason) => message(reason.clone()),
        Unmet::Words(why) => message(format!("the words cannot be kept: {why}"))
            .hint("Where the kind of concern stops the case, it is stopped, and they stand in the stop as they were typed."),
        Unmet::Ended => {
            message(why.to_string()).hint("Nothing of it is on record. What was kept before is safe.")
        }
    }
}

impl From<CaptureError> for Message {
    fn from(error: CaptureError) -> Message {
        match error {
            CaptureError::Case(error) => error.into(),
            CaptureError::Address { url, error } => address(&url, &error),
            CaptureError::NotLoaded { entry, failure } => Message::new(
                Exit::Surroundings,
                format!("{} did not open: {}.", Seen::of(&failure.url), Seen::of(&failure.why)),
            )
            .hint(format!("That it was asked for is on record as entry {entry}. Nothing was kept."))
            .hint(if failure.by_browser {
                "Try again. To see whether the browser is well: countersign doctor"
            } else {
                "Check the address and the network, then keep it again."
            }),
            CaptureError::Halted => Message::no("Nothing was kept: the case was stopped meanwhile.")
                .hint("Nothing more is looked at, kept or brought in."),
            CaptureError::NotStarted(error) => not_started(&error),
            CaptureError::Browser(what) => {
                Message::new(Exit::Surroundings, format!("The page was not kept: the browser failed ({what})."))
                    .hint("Try again. To see whether the browser is well: countersign doctor")
            }
            CaptureError::File { path, because } => {
                Message::new(Exit::Surroundings, format!("Nothing was brought in: {} {}.", shown(&path), predicate(&because)))
                    .hint("Put that right, or leave it out, then try again.")
            }
            CaptureError::OfHome(path) => {
                Message::no(format!("Nothing was brought in: {} lies where Countersign keeps the cases.", shown(&path)))
                    .hint(IN_WORDS)
            }
            CaptureError::OfCases { path, folder, kept } => {
                let what = match kept {
                    Kept::Home => "a folder of cases",
                    Kept::Case => "the folder of a case",
                    Kept::Bundle => "an unpacked bundle",
                };
                Message::no(format!("Nothing was brought in: {} lies in {what} ({}).", shown(&path), shown(&folder)))
                    .hint("A sealed bundle can be brought in as the one file that it is.")
                    .hint(IN_WORDS)
            }
            CaptureError::Held { path, held } => {
                held_message(&format!("Nothing was brought in: {}", shown(&path)), &held)
            }
            CaptureError::PageHeld { entry, url, held } => {
                held_message(&format!("Nothing of {} was kept: what it shows", Seen::of(&url)), &held)
                    .hint(format!("That it was asked for is on record as entry {entry}."))
            }
            CaptureError::Empty(path) => {
                Message::wrong(format!("Nothing was brought in: there is no file in {}.", shown(&path)))
            }
            CaptureError::TooMuch { path, bytes, limit } => Message::no(format!(
                "Nothing was brought in: with {} the case would hold {}, and a bundle holds at most {}.",
                shown(&path),
                amounts::bytes(bytes),
                amounts::bytes(limit)
            ))
            .hint("Bring in less here, and open a second case that follows this one: countersign open --follows"),
            CaptureError::TooMany { files, room } => Message::no(format!(
                "Nothing was brought in: {files} files are more than a bundle of this case has room for. It has room for {room}."
            ))
            .hint("Pack them into one archive first, or open a second case that follows this one: countersign open --follows"),
            CaptureError::Disk(DiskError::Io { path, source }) => disk::named(&path, source),
            CaptureError::Disk(error) => error.into(),
        }
    }
}

/// What a case of the home holds, and what to do instead.
fn held_message(what: &str, held: &Held) -> Message {
    match held {
        Held::Withheld(case) => Message::no(format!("{what} is withheld in case {case}."))
            .hint("Look away. Do you think that it shows sexual images of a child? Then stop this case, too.")
            .hint("To stop it at the command line: countersign halt")
            .hint(IN_WORDS),
        Held::Key(case) => Message::no(format!("{what} is a locked key of case {case}, and no evidence.")),
        Held::Unknown(case) => Message::new(
            Exit::Surroundings,
            format!("What case {case} withholds is not known: its folder does not answer. {what} may be withheld there."),
        )
        .hint("See that its disk or network drive is there, then try again.")
        .hint(IN_WORDS),
    }
}

const IN_WORDS: &str = "Say in words what matters about it, and where it lies, in a note or a concern.";

/// What the library says of a file, after the file's name.
fn predicate(because: &str) -> String {
    match because.split(' ').next() {
        Some("is" | "has" | "could" | "changed" | "cannot") => because.to_owned(),
        _ => format!("cannot be read: {because}"),
    }
}
