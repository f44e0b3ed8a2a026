//! The values of an entry with what is to be said of their corrections, as
//! they stand in a sentence.

use std::fmt::Display;

use countersign_record::journal::{self, Corrected, Current, Happened, Ledger, Name, WrittenAlone};

use crate::say::one_line;

/// What stands on the form alone, unless it was corrected.
pub(super) fn only_corrected(
    now: &Current<'_>,
    label: &str,
    name: &str,
    value: Option<&dyn Display>,
) -> String {
    match now.was(name) {
        was if was.is_empty() => was,
        _ => part(now, label, name, value),
    }
}

pub(super) fn corrected(corrected: &Corrected, ledger: &Ledger) -> String {
    let because =
        corrected.because.as_ref().map(|words| format!(" {}", sentence(words.as_str()))).unwrap_or_default();
    let alone = written_alone(corrected.alone.as_ref(), "signed later", ledger);
    let entry = corrected.entry;
    let target = ledger.current(entry);
    let changed = corrected.change.as_ref().zip(target).and_then(|(change, target)| {
        let field = journal::field(target.body(), change.field.as_str())?;
        let value = |value| one_line(&field.in_words(value));
        let (now, was) = (value(change.now.as_ref()), value(change.was.as_ref()));
        Some(format!("Correction of entry {entry}. {}: {now}. It was: {was}.{because}{alone}", field.label))
    });
    changed.unwrap_or_else(|| format!("Correction of entry {entry}:{because}{alone}"))
}

/// Who wrote something down before both signed it.
pub(super) fn written_alone(alone: Option<&WrittenAlone>, signed: &str, ledger: &Ledger) -> String {
    alone.map_or_else(String::new, |alone| {
        let who = ledger.reviewer_name(alone.by);
        format!(" Written by {who}, as they said, alone, on {}; {signed}.", alone.at.in_words())
    })
}

pub(super) fn by_when(now: &Current<'_>, by: &Option<Name>, when: &Option<Happened>) -> String {
    match (by, when) {
        (Some(by), Some(when)) => format!(" By {by}{}, {when}{}.", now.was("by"), now.was("when")),
        _ => {
            let by = part(now, "By", "by", by.as_ref().map(shown));
            format!("{by}{}", part(now, "When:", "when", when.as_ref().map(shown)))
        }
    }
}

/// A value that need not be said, after its label; where it was said and is
/// not any more, that.
pub(super) fn part(now: &Current<'_>, label: &str, name: &str, value: Option<&dyn Display>) -> String {
    let was = one_line(&now.was(name));
    let lead = if was.is_empty() { "" } else { " " };
    match value {
        Some(value) if was.is_empty() => format!(" {label} {}", sentence(&value.to_string())),
        Some(value) => format!(" {label} {}{lead}{was}.", one_line(&value.to_string())),
        None if was.is_empty() => String::new(),
        None => format!(" {label} not said{lead}{was}."),
    }
}

/// Words of an entry, with what is to be said of their corrections.
pub(super) fn words(now: &Current<'_>, name: &str, value: &dyn Display) -> String {
    match one_line(&now.was(name)) {
        was if was.is_empty() => sentence(&value.to_string()),
        was => format!("{} {was}.", one_line(&value.to_string())),
    }
}

pub(super) fn shown<T: Display>(value: &T) -> &dyn Display {
    value
}

/// Words that people typed, on one line and with an end.
pub(super) fn sentence(words: &str) -> String {
    let words = one_line(words);
    match words.ends_with(['.', '!', '?', '…', '"', '”']) {
        true => words,
        false => format!("{words}."),
    }
}
