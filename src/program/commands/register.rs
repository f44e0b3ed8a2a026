//! `register`: all cases, where each stands, and what is due.

use std::time::Duration;

use clap::Args;
use countersign_case::procedure::Phase;
use countersign_case::register::{Case, Known, Register as Log, Row};
use countersign_record::journal::{Hold, Standing as Kind};
use serde_json::Value;

use crate::context::Context;
use crate::message::{Exit, Message, shown};
use crate::progress::threads;
use crate::say;

/// List all cases: where each stands, and what is due
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign register
  countersign register --csv > register.csv")]
pub struct Register {
    /// As a file for spreadsheets
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

impl Register {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let home = context.home()?;
        let register = Log::read(home, context.now(), threads(), CASES_TAKE)?;
        let json = || serde_json::to_value(&register).unwrap_or(Value::Null);
        if self.csv {
            context.output.script(&register.to_csv(), json);
            return Ok(Exit::Done);
        }
        if register.cases.is_empty() {
            context.output.tell(&format!("There is no case in {}.", shown(home.path())));
        }
        let rows: Vec<String> = register.cases.iter().map(row).collect();
        context.output.result(&rows.join("\n\n"), json);
        Ok(Exit::Done)
    }
}

/// After which others are read beside cases that do not answer: longer than
/// the longest case takes.
const CASES_TAKE: Duration = Duration::from_secs(20);

fn row(row: &Row) -> String {
    let case = match &row.known {
        Known::Read(case) => case,
        Known::Unread { fault } => return format!("{}  CANNOT BE READ: {fault}", row.reference),
    };
    let practice = if case.standing == Kind::Rehearsal { "  REHEARSAL" } else { "" };
    let mut lines = vec![
        format!("{}  {}{practice}", row.reference, status(case)),
        format!(
            "opened {}, about {}, by {} and {}",
            case.opened.day(),
            case.subject,
            case.reviewers[0],
            case.reviewers[1]
        ),
    ];
    if let Some(filed) = &case.filed {
        let hold = if filed.hold.value == Hold::Legal { "; held for the law" } else { "" };
        let was = &filed.hold.note;
        lines.push(format!("{}, look again on {}{hold}{was}", filed.retention, filed.review));
    }
    lines.extend(case.seal.as_ref().map(|seal| seal.words.clone()));
    for handed in &case.handed_over {
        lines.push(format!(
            "seal {} handed over to {}, {}, {}",
            handed.seal, handed.to, handed.organisation, handed.when
        ));
    }
    for due in &case.due {
        let by = due.by.map(|by| format!(", by {}", by.in_words())).unwrap_or_default();
        let late = if due.by.is_some() && due.overdue { " (overdue)" } else { "" };
        lines.push(format!("due: {}{by}{late}", due.words));
    }
    let (first, rest) = lines.split_at(1);
    format!("{}\n{}", first[0], say::indent(&rest.join("\n")))
}

fn status(case: &Case) -> &'static str {
    match case.phase {
        Phase::HaltRaised => "STOPPED, not on record yet",
        Phase::Review => "in review",
        Phase::Halted => "STOPPED",
        Phase::Judged => "decided",
        Phase::Sealed => "sealed",
        Phase::Archived => "filed",
    }
}
