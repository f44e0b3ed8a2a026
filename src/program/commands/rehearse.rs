//! `rehearse`: a sample case from opening to a verified bundle.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use countersign_case::case::Home;
use countersign_case::rehearsal::{Rehearsal, Step, run};
use countersign_record::journal::Standing;
use countersign_record::verify::Verdict;
use serde_json::{Value, json};

use crate::ambient::{Startup, fonts};
use crate::browser_args::find_browser;
use crate::context::Context;
use crate::explain::{no_pictures, verdict};
use crate::message::{Exit, Message, shown};
use crate::progress::threads;

/// Rehearse: a sample case, from opening to a sealed bundle, on a sample site
///
/// It uses pages that the program serves to itself. Everything that it makes
/// says REHEARSAL. It leaves the bundle, the form and the passphrases in the
/// folder that you name.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  countersign rehearse --unattended --out rehearsal")]
pub struct Rehearse {
    /// Do every step by itself
    #[arg(long)]
    unattended: bool,
    /// The folder that the bundle, the form and the passphrases go to
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
    /// Use this browser
    #[arg(long, value_name = "PATH", value_hint = ValueHint::ExecutablePath)]
    browser: Option<PathBuf>,
}

impl Rehearse {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        context.output.about(Standing::Rehearsal);
        let (true, Some(out)) = (self.unattended, &self.out) else {
            return Err(Message::wrong("Say where the rehearsal goes, and that it runs by itself.")
                .hint("countersign rehearse --unattended --out FOLDER")
                .hint(
                    "To practise step by step, open a case that is practice: countersign open --rehearsal",
                ));
        };
        context.check_way_out(out)?;
        // Apart from the real cases, and from their numbers.
        let home = match context.home_is_named() {
            true => context.home()?.clone(),
            false => Home::at(context.home()?.path().join("rehearsals")),
        };
        let browser = find_browser(self.browser.as_deref())?;
        let startup = browser.map(Startup::of);
        let with = startup.as_ref().map(Startup::starter).map_err(Clone::clone);
        let rehearsal = Rehearsal { home: &home, out, with, fonts: &fonts(), threads: threads() };
        let tell = |step| context.output.tell(&words(step));
        let outcome = run(&rehearsal, context.ambient()?.surroundings(), &tell)?;

        let how = match (outcome.browser(), outcome.without()) {
            (Some(browser), _) => match outcome.account() {
                Some(account) => format!("The pages were kept with a browser: {browser}, run as {account}."),
                None => format!("The pages were kept with a browser: {browser}."),
            },
            (None, Some(without)) => no_pictures(without),
            (None, None) => "The pages were kept without a browser, so without pictures.".to_owned(),
        };
        let sealed = &outcome.sealed;
        context.output.tell(&format!(
            "\n{how}\nCase {} is kept in {}.\nThe bundle: {}\nThe form: {}\nThe passphrases: {}\nThe eight words: {}\n",
            outcome.reference,
            shown(home.path()),
            shown(&sealed.bundle),
            shown(&sealed.form),
            shown(&outcome.passphrases),
            sealed.words
        ));
        let (lines, exit) = verdict(&outcome.report);
        context.output.result(&lines.join("\n"), || {
            let mut report = serde_json::to_value(&outcome.report).unwrap_or(Value::Null);
            for (name, value) in [
                ("case", json!(outcome.reference)),
                ("home", json!(home.path().to_string_lossy())),
                ("bundle", json!(sealed.bundle.to_string_lossy())),
                ("form", json!(sealed.form.to_string_lossy())),
                ("passphrases", json!(outcome.passphrases.to_string_lossy())),
                ("entries", json!(sealed.entries)),
                ("browser", json!(outcome.browser())),
                ("account", json!(outcome.account())),
                ("pictures", json!(outcome.has_pictures())),
                ("without", json!(outcome.without().map(no_pictures))),
            ] {
                report[name] = value;
            }
            report
        });
        Ok(if outcome.report.verdict == Verdict::Unchanged { Exit::Done } else { exit })
    }
}

fn words(step: Step) -> String {
    match step {
        Step::Opening => "Opening a sample case …".to_owned(),
        Step::Keeping(path) => format!("Keeping {path} of the sample site …"),
        Step::Attaching => "Bringing a file in …".to_owned(),
        Step::Deciding => "Describing a concern, deciding, acting …".to_owned(),
        Step::Sealing => "Sealing …".to_owned(),
        Step::Verifying => "Checking the bundle against the paper …".to_owned(),
    }
}
