//! Why there is no browser to record with, and what to do about it.

use countersign_browser::program::find::FindError;
use countersign_browser::program::launch::LaunchError;
use countersign_browser::program::policy::Rule;
use countersign_case::capture::Without;

use crate::message::{Exit, Message, shown};

/// There is no browser where one was named.
pub fn no_browser(error: &FindError) -> Message {
    let message = Message::new(Exit::Surroundings, format!("{}.", not_found(error)));
    let FindError::Forbidden { rules, .. } = error else { return message.hint(ANOTHER_BROWSER) };
    rules.iter().fold(message, |message, rule| message.hint(format!("{}.", ask_for(rule))))
}

/// Recording needs a browser, and there is none.
pub fn without_browser(why: &Without) -> Message {
    Message::new(Exit::Surroundings, format!("Nothing can be recorded. {}", sentence(why)))
        .hint("What the computer lacks, and what to ask for: countersign doctor")
}

/// A browser was found, and does not run.
pub fn not_started(error: &LaunchError) -> Message {
    Message::new(Exit::Surroundings, format!("Nothing is recorded. {}", refused(error)))
        .hint("To see whether the browser is well: countersign doctor")
}

/// Why pages are kept without pictures, and what to do: one sentence.
pub fn no_pictures(why: &Without) -> String {
    format!("There are no pictures. {}", sentence(why))
}

/// The account as which browsers would run is missing.
pub const NO_ACCOUNT: &str = "Countersign runs with all rights, and this computer has no account \"nobody\" as which a \
     browser could run: sign in as yourself and do it again.";

fn sentence(why: &Without) -> String {
    match why {
        Without::NoBrowser(error) => match &**error {
            FindError::Forbidden { rules, .. } => {
                let asked: Vec<String> = rules.iter().map(ask_for).collect();
                format!("{}: {}.", not_found(error), lower(&asked.join(", ")))
            }
            _ => format!("{}: ask your IT person for a current Chrome, Edge or Chromium.", not_found(error)),
        },
        Without::NoAccount => NO_ACCOUNT.to_owned(),
        Without::NotStarted(error) => refused(error),
    }
}

/// What became of a browser that was started, and what to do: one sentence,
/// without the words that the browser writes for its makers.
fn refused(error: &LaunchError) -> String {
    let (what, to_do) = match error {
        LaunchError::Sandbox { path, .. } => (
            format!(
                "The browser at {} refuses to run, because this computer gives it no sandbox",
                shown(path)
            ),
            "ask your IT person for a Chrome, Edge or Chromium from its own package, outside any container",
        ),
        LaunchError::Policy { path, .. } => (
            format!("A policy of this computer forbids the browser at {} to record", shown(path)),
            "ask your IT person to allow remote debugging by a pipe (RemoteDebuggingAllowed)",
        ),
        LaunchError::OutOfReach { path, account } => (
            format!("The browser would run as {account}, to whom the folder {} is closed", shown(path)),
            "sign in as yourself and do it again",
        ),
        LaunchError::Folder { path, source } => (
            format!("The browser's private folder {} could not be made ({source})", shown(path)),
            "show this to your IT person",
        ),
        LaunchError::FolderTooLong { path } => (
            format!("The path {} is too long for the browser's private folder", shown(path)),
            "ask your IT person for a shorter folder for temporary files",
        ),
        LaunchError::NotStarted { path, source } => (
            format!("The browser at {} could not be started ({source})", shown(path)),
            "ask your IT person whether everybody on this computer may start it",
        ),
        LaunchError::NotUp { path, .. } => (
            format!("The browser at {} did not come up", shown(path)),
            "ask your IT person to start it by hand, and to look at what it says",
        ),
        LaunchError::Cancelled => return "The case was stopped while the browser started.".to_owned(),
    };
    format!("{what}: {to_do}.")
}

fn not_found(error: &FindError) -> String {
    match error {
        FindError::None => "No Chromium, Chrome or Edge was found on this computer".to_owned(),
        FindError::NotThere { path, .. } => format!("There is no browser at {}", shown(path)),
        FindError::NoVersion { path, .. } => format!("{} does not say which browser it is", shown(path)),
        FindError::TooOld { path, version } => {
            format!("The browser at {} is too old to record with (version {version})", shown(path))
        }
        FindError::Forbidden { path, .. } => {
            format!("The rules of this computer forbid the browser at {} to record", shown(path))
        }
    }
}

/// What to ask IT for, so that a rule lets the browser record.
fn ask_for(rule: &Rule) -> String {
    let ruling = &rule.ruling;
    format!(
        "Ask your IT person to set {} to {} for this computer, in {}",
        ruling.policy(),
        ruling.wanted(),
        rule.source
    )
}

fn lower(sentence: &str) -> String {
    sentence.replace("Ask your", "ask your")
}

const ANOTHER_BROWSER: &str =
    "Ask your IT person for a current Chrome, Edge or Chromium, or name one: --browser PATH";

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_browser_that_refuses_is_told_in_one_sentence_without_its_log() {
        let said = "[12:34:1122/101010.1:ERROR:zygote_host_impl_linux.cc(101)] Running as root without --no-sandbox.";
        let path = || PathBuf::from("/usr/bin/chromium");
        for error in [
            LaunchError::Sandbox { path: path(), said: said.to_owned() },
            LaunchError::Policy { path: path(), said: said.to_owned() },
        ] {
            let words = no_pictures(&Without::NotStarted(Arc::new(error)));
            assert!(!words.contains("ERROR") && !words.contains(".."), "{words}");
            assert!(words.contains("ask your IT person") && words.ends_with('.'), "{words}");
        }
        let words = no_pictures(&Without::NoBrowser(Arc::new(FindError::None)));
        assert!(words.contains("found on this computer: ask your IT person for"), "{words}");
    }
}
