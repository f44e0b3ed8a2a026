//! A stop that was called wrongly is a stop: whoever types `halt` with an
//! option that nobody knows, or a concern that stops with one too many, means
//! it all the same.
//!
//! It reads what was typed as far as it goes; what is wrong with the rest is
//! said after the mark.

use std::ffi::OsString;
use std::path::PathBuf;

use countersign_case::case::How;
use countersign_record::journal::Reference;

use super::halt::Halt;
use super::stopping::may_stop;

/// A command line that no verb takes, and that means a stop.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Misspelt {
    pub home: Option<PathBuf>,
    pub json: bool,
    pub case: Option<Reference>,
    pub category: Option<String>,
    pub place: Option<String>,
    pub description: Option<String>,
    is_concern: bool,
}

impl Misspelt {
    /// What was meant, after the program's own name; none where it is no stop,
    /// or says something of one that was made before.
    pub fn of(arguments: impl IntoIterator<Item = OsString>) -> Option<Misspelt> {
        let mut meant = Misspelt::default();
        let mut verb = None;
        let mut arguments = arguments.into_iter().peekable();
        while let Some(argument) = arguments.next() {
            let text = argument.to_string_lossy().into_owned();
            let (name, given) = match text.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
                _ => (text, None),
            };
            // An option's value is what stands behind it, but for an option.
            let mut value = || {
                let is_value = |next: &OsString| !next.to_string_lossy().starts_with("--");
                given.clone().or_else(|| Some(arguments.next_if(is_value)?.to_string_lossy().into_owned()))
            };
            match name.as_str() {
                "--home" => meant.home = value().map(PathBuf::from),
                "--json" => meant.json = true,
                "--category" => meant.category = value(),
                "--at" => meant.place = value(),
                "--describe" => meant.description = value(),
                "--record" | "--about" | "--alone" => return None,
                word if word.starts_with('-') => {}
                word if verb.is_none() => verb = Some(word.to_owned()),
                word => meant.case = meant.case.or_else(|| word.parse().ok()),
            }
        }
        meant.is_concern = match verb.as_deref() {
            Some("halt" | "stop") => false,
            Some("concern") if meant.category.as_deref().is_some_and(may_stop) => true,
            _ => return None,
        };
        Some(meant)
    }

    /// The stop that it means.
    pub fn halt(self) -> Halt {
        let how = if self.is_concern { How::ByConcern } else { How::default() };
        Halt::as_typed(self.case, (self.category, self.place, self.description), how)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &str) -> Option<Misspelt> {
        Misspelt::of(words.split(' ').map(OsString::from))
    }

    #[test]
    fn a_stop_that_was_called_wrongly_is_one() {
        let meant = of("--home x halt 2026-0003 --catgory grooming --at=here --json").expect("is a stop");
        assert_eq!(meant.home, Some(PathBuf::from("x")));
        assert_eq!((meant.case, meant.json), ("2026-0003".parse().ok(), true));
        assert_eq!((meant.category.as_deref(), meant.place.as_deref()), (None, Some("here")));
        assert_eq!(of("halt --category").map(|meant| meant.category), Some(None));
        let concern = of("concern --category child-abuse-images --att there").expect("is a stop");
        assert!(concern.is_concern);
        for none in [
            "concern --category bullying --att there",
            "concern --att there",
            "halt --record --at",
            "halt --about --at here",
            "open --halt",
            "show halt --x",
        ] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
