//! What a verification found, as sentences.

use countersign_record::bundle::ReadError;
use countersign_record::verify::{
    Completeness, Finding, Identity, Integrity, PaperError, Report, Timing, Verdict,
};
use countersign_record::words::SealWordsError;

use super::disk::named;
use crate::amounts::count;
use crate::message::{Exit, Message, shown};

/// The verdict as sentences, and how the program ends with it.
pub fn verdict(report: &Report) -> (Vec<String>, Exit) {
    match report.verdict {
        Verdict::Unchanged => {
            let when = report.says.as_ref().map(|says| says.sealed_at.in_words()).unwrap_or_default();
            let mut lines = vec![format!("Unchanged since it was sealed on {when}.")];
            lines.extend(good_lines(report));
            (lines, Exit::Done)
        }
        Verdict::UnchangedNotCompared => {
            let mut lines = vec![
                "Unchanged in itself. Now compare the eight words with the paper: until then it could be another bundle."
                    .to_owned(),
            ];
            if let Some(words) = &report.words {
                lines.push(format!("The eight words of this bundle: {words}"));
            }
            lines.extend(good_lines(report));
            (lines, Exit::NotCompared)
        }
        Verdict::Changed => (vec![changed(report)], Exit::No),
        Verdict::Unreadable => {
            let first = report.findings.first().map(|finding| format!(" {}", finding_words(finding)));
            let first = first.unwrap_or_default();
            (vec![format!("This is not a complete Countersign bundle.{first}")], Exit::No)
        }
    }
}

fn changed(report: &Report) -> String {
    let on_paper = report.findings.iter().all(|finding| finding.entry.is_none() && finding.file.is_none());
    if on_paper && !report.findings.is_empty() {
        // Where the root is the paper's, what else its code says is not.
        if report.findings.iter().all(|finding| finding.what.starts_with("the code on the paper")) {
            let said: Vec<&str> = report.findings.iter().map(|finding| finding.what.as_str()).collect();
            return format!(
                "Not what the paper says: {}. The seal code itself is the same: look at the sheet again, and who gave you its code.",
                said.join("; ")
            );
        }
        return "Not the bundle on the paper: its eight words are others. Either it is another bundle, or it was changed and sealed anew.".to_owned();
    }
    let first = report.findings.first().map(place).unwrap_or_default();
    match report.identity {
        Identity::NotSignedByBoth => format!("Changed after it was sealed, or never signed by both{first}."),
        _ => format!("Changed after it was sealed{first}."),
    }
}

fn place(finding: &Finding) -> String {
    match (finding.entry, &finding.file) {
        (Some(entry), _) => format!(": entry {entry}"),
        (None, Some(file)) => format!(": {file}"),
        (None, None) => String::new(),
    }
}

fn good_lines(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(says) = &report.says {
        let [first, second] = &says.signers;
        lines.push(format!(
            "Case {}, seal {}, {} entries, each signed by {} ({}) and {} ({}).",
            says.reference, says.seal, says.entries, first.name, first.position, second.name, second.position
        ));
        match (report.completeness, says.withheld) {
            (Completeness::CompleteButWithheld, 1) => {
                lines.push("1 file withheld by rule; it is on the designated computer.".to_owned());
            }
            (Completeness::CompleteButWithheld, n) => {
                lines.push(format!("{n} files withheld by rule; they are on the designated computer."));
            }
            _ => lines.push("Everything that the record names is there.".to_owned()),
        }
    }
    lines.push(match report.time {
        Timing::Claimed => "The time is what this computer said. No outside time yet.".to_owned(),
        _ => "The time was not checked.".to_owned(),
    });
    lines
}

/// What was checked, and what came of it.
pub fn checks(report: &Report) -> [(&'static str, String); 4] {
    let not_checked = "Not checked.".to_owned();
    let bytes = match report.integrity {
        Integrity::Unchanged => "Every file is as it was sealed.".to_owned(),
        Integrity::Changed => "Not every file is as it was sealed.".to_owned(),
        Integrity::NotChecked => not_checked.clone(),
    };
    let signatures = match (report.identity, &report.says) {
        (Identity::SignedByBoth, Some(says)) => {
            let [first, second] = &says.signers;
            format!("{} and {} signed every entry and the seal.", first.name, second.name)
        }
        (Identity::SignedByBoth, None) => "Both signed every entry and the seal.".to_owned(),
        (Identity::NotSignedByBoth, _) => "Not everything is signed by both.".to_owned(),
        (Identity::NotChecked, _) => not_checked.clone(),
    };
    let time = match report.time {
        Timing::Claimed => "The time is what the computer said. No outside time yet.".to_owned(),
        Timing::NotChecked => not_checked.clone(),
    };
    let withheld = report.says.as_ref().map_or(0, |says| says.withheld);
    let whole = match report.completeness {
        Completeness::Complete => "Everything that the record names is there.".to_owned(),
        Completeness::CompleteButWithheld => {
            format!(
                "Everything is there but {} that the rule keeps on the designated computer.",
                count(withheld, "file")
            )
        }
        Completeness::Incomplete => "Not everything that the record names is there.".to_owned(),
        Completeness::NotChecked => not_checked,
    };
    [("Unchanged", bytes), ("Signed by both", signatures), ("Time", time), ("Complete", whole)]
}

/// Why what was typed cannot be the seal on the paper.
pub fn paper(error: &PaperError) -> Message {
    let what = match error {
        PaperError::Digits(n) => {
            format!("The seal code that you typed has {n} digits; it has 64 on the paper.")
        }
        PaperError::Code(part) => {
            return Message::wrong(format!("That is not the whole text of the square code: {part}."))
                .hint("It reads countersign:1:, the case, the number of the seal and the seal code, with colons between them.")
                .hint("The eight words of the sheet do as well.");
        }
        PaperError::Words(SealWordsError::Count(n)) => {
            format!("You typed {n} words; the seal has eight.")
        }
        PaperError::Words(SealWordsError::Unknown { place, word }) => {
            format!("Word {place}, \"{word}\", is not one that Countersign uses.")
        }
    };
    Message::wrong(what).hint("Look at the paper again. The words are in two rows of four.")
}

/// Every finding, one a line.
pub fn findings(report: &Report) -> Vec<String> {
    report.findings.iter().map(finding_words).collect()
}

fn finding_words(finding: &Finding) -> String {
    // A fault of the record names its entry itself.
    if finding.what.starts_with("entry ") {
        return format!("{}.", capital(&finding.what));
    }
    match (finding.entry, &finding.file) {
        (Some(entry), Some(file)) => format!("Entry {entry} ({file}): {}.", finding.what),
        (Some(entry), None) => format!("Entry {entry}: {}.", finding.what),
        (None, Some(file)) => format!("{file}: {}.", finding.what),
        // What begins with a path is left as it is.
        (None, None) if finding.what.split(' ').next().is_some_and(|word| word.ends_with(':')) => {
            format!("{}.", finding.what)
        }
        (None, None) => format!("{}.", capital(&finding.what)),
    }
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

impl From<ReadError> for Message {
    fn from(error: ReadError) -> Message {
        match error {
            ReadError::Io { path, source } => named(&path, source),
            ReadError::Stopped => Message::new(Exit::Surroundings, "Stopped before it was finished."),
            other => {
                let path = match &other {
                    ReadError::Zip { path, .. }
                    | ReadError::Folder { path, .. }
                    | ReadError::Missing { path, .. }
                    | ReadError::TooLong { path, .. } => shown(path),
                    _ => String::new(),
                };
                Message::no(format!("{path} is not a complete Countersign bundle: {other}."))
            }
        }
    }
}
