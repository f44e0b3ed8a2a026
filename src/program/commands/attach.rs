//! `attach`: files and folders, brought in as one exhibit.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use countersign_case::capture::{self, AttachRequest, CopyProgress};
use countersign_case::procedure::Deed;
use serde_json::json;

use super::text;
use crate::amounts::count;
use crate::args::{CaseArg, Passphrases, Person, leading_case};
use crate::context::Context;
use crate::message::{Exit, Message};
use crate::waiting::Waiting;
use crate::{ask, say};

/// Bring files in: monitoring reports, photos of a device, whole folders
///
/// They are copied and never opened. Links are not followed. If a file may
/// show sexual images of a child, do not bring it in: stop.
#[derive(Debug, Args)]
#[command(override_usage = "countersign attach [OPTIONS] --describe <WORDS> [CASE] <PATH>...")]
#[command(after_help = "Example:
  countersign attach 2026-0001 monitoring-report.pdf --describe \"Report of the filter, 20 November\"")]
pub struct Attach {
    /// The case's reference, which may be left out where only one is open, and the files or folders
    #[arg(value_name = "CASE> <PATH", num_args = 1.., required = true, value_hint = ValueHint::AnyPath)]
    arguments: Vec<OsString>,
    /// What they are
    #[arg(long, value_name = "WORDS")]
    describe: Option<String>,
    /// Who produces the exhibit
    #[arg(long, value_name = "PERSON", default_value = "first")]
    by: Person,
    #[command(flatten)]
    passphrases: Passphrases,
}

impl Attach {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let (case, paths) = leading_case(&self.arguments);
        if paths.is_empty() {
            return Err(Message::wrong("No file is named.").hint("For an example: countersign attach --help"));
        }
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let reading = context.reading(&CaseArg { case })?;
        let description = match &self.describe {
            Some(typed) => text("description", typed)?,
            None => {
                ask::or_missing("--describe")?;
                ask::text("What are these files?", "description")?
            }
        };
        context.check(&reading, &self.passphrases, &Deed::Attach, None)?;
        let mut unlocked = context.unlock(&reading, &self.passphrases)?;
        let request = AttachRequest { paths: &paths, producer: self.by.side(), description: &description };
        let waiting = Waiting::begin(&paths[0]);
        let brought = capture::attach_told(&mut unlocked, request, &|progress| match progress {
            CopyProgress::Reads(path) => waiting.reads(path),
            CopyProgress::Copied(_) => waiting.goes_on(),
        });
        drop(waiting);
        let brought = brought?;
        let left_out = &brought.left_out;
        if !left_out.is_empty() {
            let mut lines: Vec<String> =
                left_out.named.iter().map(|left| format!("- {}: {}", left.name, left.because)).collect();
            if left_out.more() > 0 {
                lines.push(format!("- and {} more, all of which the record names", left_out.more()));
            }
            context.output.tell(&format!("{}:\n{}", left_out.in_words(), say::indent(&lines.join("\n"))));
        }
        if let [first, .., last] = brought.entries[..] {
            let (label, files) = (&brought.exhibit.label, count(brought.files, "file"));
            context.output.tell(&format!("Exhibit {label}: {files}, in entries {first} to {last}."));
        }
        let last = brought.entries.last().copied().unwrap_or_default();
        context.kept_with(
            &mut unlocked,
            last,
            json!({
                "exhibit": brought.exhibit.label,
                "entries_made": brought.entries,
                "files": brought.files,
                "bytes": brought.bytes,
                "left_out": brought.left_out,
            }),
        )
    }
}
