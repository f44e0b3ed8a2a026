//! `doctor`: whether this computer is fit to be the designated one, and what
//! to ask the IT person for.

use clap::Args;
use countersign_case::capture::Without;
use countersign_record::clock::Clock;
use countersign_record::journal::Seen;
use serde_json::{Value, json};

use crate::ambient::{self, BrowserAccount, SystemClock};
use crate::amounts::bytes;
use crate::browser_args::{find_browser, proxy_in_words};
use crate::context::Context;
use crate::explain::{NO_ACCOUNT, no_browser, no_pictures};
use crate::message::{Exit, Message, shown};

/// Look whether this computer is ready, and say what to ask IT for
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign doctor")]
pub struct Doctor {}

/// One thing that was looked at.
struct Finding {
    id: &'static str,
    state: State,
    words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Well,
    /// It works, with less.
    Mind,
    /// It does not work.
    Mend,
}

impl State {
    fn id(self) -> &'static str {
        match self {
            State::Well => "well",
            State::Mind => "mind",
            State::Mend => "mend",
        }
    }
}

impl Doctor {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let mut found = vec![program(), home(context), disk_left(context), clock(), machine(), rights()];
        found.extend(browser());
        found.push(fonts());
        let worst = found.iter().any(|finding| finding.state == State::Mend);
        let lines: Vec<String> =
            found.iter().map(|finding| format!("{:<5} {}", finding.state.id(), finding.words)).collect();
        context.output.result(&lines.join("\n"), || {
            let object = |finding: &Finding| json!({ "what": finding.id, "state": finding.state.id(), "words": finding.words });
            json!({ "ready": !worst, "findings": found.iter().map(object).collect::<Vec<Value>>() })
        });
        Ok(if worst { Exit::Surroundings } else { Exit::Done })
    }
}

fn program() -> Finding {
    let (state, words) = match ambient::program() {
        Ok(program) => (State::Well, format!("Countersign {}, SHA-256 {}.", program.version, program.sha256)),
        Err(error) => {
            (State::Mend, format!("The program cannot read its own file: {error}. Install it again."))
        }
    };
    Finding { id: "program", state, words }
}

/// Written to and removed again, as nothing else tells whether it can be.
fn home(context: &Context<'_>) -> Finding {
    let finding = |state, words| Finding { id: "home", state, words };
    let home = match context.home() {
        Ok(home) => home.path().to_owned(),
        Err(message) => return finding(State::Mend, message.what),
    };
    let place = home.ancestors().find(|path| path.exists()).unwrap_or(&home);
    let probe = place.join(format!(".countersign-probe-{}", std::process::id()));
    let created = std::fs::File::create_new(&probe);
    let is_ours = created.is_ok();
    let written = created.and_then(|file| file.sync_all());
    if is_ours {
        let _ = std::fs::remove_file(&probe);
    }
    if let Err(error) = context.home().and_then(|home| Ok(home.check_private()?)) {
        return finding(State::Mend, format!("{} {}", error.what, error.hints.join(" ")));
    }
    match written {
        Ok(()) => finding(State::Well, format!("Cases are kept in {}.", shown(&home))),
        Err(error) => finding(
            State::Mend,
            format!(
                "Cases cannot be kept in {}: {error}. Ask IT for a folder of your own, or name one: --home FOLDER",
                shown(&home)
            ),
        ),
    }
}

fn disk_left(context: &Context<'_>) -> Finding {
    let left = context.home().ok().and_then(|home| ambient::disk_left(home.path()));
    let (state, words) = match left {
        Some(left) if left < LITTLE => (
            State::Mend,
            format!("Only {} are left on the disk. Ask IT for at least {}.", bytes(left), bytes(LITTLE)),
        ),
        Some(left) => (State::Well, format!("{} are left on the disk.", bytes(left))),
        None => (State::Mind, "The computer does not say how much room is left on the disk.".to_owned()),
    };
    Finding { id: "disk", state, words }
}

fn clock() -> Finding {
    let now = SystemClock::start().now();
    let (state, words) = match now.year() {
        2025..=2100 => (
            State::Well,
            format!("The clock says {}. Compare it with a clock that you trust.", now.in_words()),
        ),
        year => (State::Mend, format!("The clock says the year {year}. Ask IT to set it.")),
    };
    Finding { id: "clock", state, words }
}

fn machine() -> Finding {
    let machine = ambient::machine(SystemClock::start().now());
    let (state, words) = match machine.identity {
        Some(_) => (
            State::Well,
            format!("This computer is {} ({}, {}).", machine.name, machine.system, machine.architecture),
        ),
        None => (
            State::Mind,
            format!(
                "This computer, {}, has no identifier of its own: it is known by its name only.",
                machine.name
            ),
        ),
    };
    Finding { id: "machine", state, words }
}

fn browser() -> Vec<Finding> {
    let finding = |id, state, words| Finding { id, state, words };
    let found = match find_browser(None) {
        Ok(found) => found,
        Err(message) => return vec![finding("browser", State::Mend, message.what)],
    };
    let browser = match &found {
        Ok(browser) => finding(
            "browser",
            State::Well,
            format!("Pages are kept with {} {} ({}).", browser.name, browser.version, shown(&browser.path)),
        ),
        Err(Without::NoBrowser(error)) => {
            let Message { what, hints, .. } = no_browser(error);
            finding("browser", State::Mind, format!("{what} {} {LESS}", hints.join(" ")))
        }
        Err(without) => finding("browser", State::Mind, format!("{} {LESS}", no_pictures(without))),
    };
    let rules = found.as_ref().map(|found| found.rules.as_slice()).unwrap_or_default();
    let proxy = proxy_in_words(rules)
        .map(|(usable, words)| finding("proxy", if usable { State::Well } else { State::Mind }, words));
    std::iter::once(browser).chain(proxy).collect()
}

fn fonts() -> Finding {
    let missing: Vec<&str> = SAMPLES
        .iter()
        .filter(|(_, sample)| !ambient::fonts().missing(sample).is_empty())
        .map(|(name, _)| *name)
        .collect();
    let (state, words) = match missing.as_slice() {
        [] => (State::Well, "Names in every common script can be printed on the form.".to_owned()),
        missing => (
            State::Mind,
            format!(
                "Names in these scripts cannot be printed on the form: {}. Ask IT for the Noto fonts.",
                missing.join(", ")
            ),
        ),
    };
    Finding { id: "fonts", state, words }
}

fn rights() -> Finding {
    let (state, words) = match ambient::browser_account() {
        Ok(BrowserAccount::Own) => {
            (State::Well, "Countersign runs with an ordinary person's rights.".to_owned())
        }
        Ok(BrowserAccount::Other(account)) => (
            State::Mind,
            format!(
                "Countersign runs with all rights. It starts the browser as {}, and the record says so. Better sign in \
                 as yourself.",
                Seen::of(account.name())
            ),
        ),
        Ok(BrowserAccount::Missing) => (State::Mind, NO_ACCOUNT.to_owned()),
        Err(error) => (
            State::Mind,
            format!(
                "Countersign runs with all rights, and the computer's list of accounts cannot be read ({error}). Sign \
                 in as yourself instead."
            ),
        ),
    };
    Finding { id: "rights", state, words }
}

/// A few letters of scripts in which pupils' names are written.
const SAMPLES: [(&str, &str); 9] = [
    ("Arabic", "محمد"),
    ("Bengali", "রহমান"),
    ("Chinese", "王小龙"),
    ("Cyrillic", "Жук"),
    ("Gurmukhi", "ਸਿੰਘ"),
    ("Hindi", "कुमार"),
    ("Japanese", "さくら"),
    ("Korean", "김민"),
    ("Tamil", "குமார்"),
];

const LESS: &str = "Until then nothing can be recorded, and pages are kept without pictures.";

/// A review with pictures takes some hundred megabytes.
const LITTLE: u64 = 1_000_000_000;
