//! `keep`: one page, with its picture and everything that shows how it was.

use std::panic::resume_unwind;
use std::thread;

use clap::Args;
use countersign_browser::network::address::Address;
use countersign_browser::program::find::Found;
use countersign_case::capture::{self, CaptureError, KeepRequest, Network, Without};
use countersign_case::case::{Reading, Unlocked};
use countersign_case::procedure::Deed;
use countersign_record::journal::{Reference, Role};
use serde_json::json;

use crate::ambient::Startup;
use crate::args::{CaseArg, Passphrases, Person, TrafficArg};
use crate::browser_args::BrowserArgs;
use crate::context::Context;
use crate::explain::{address, no_pictures};
use crate::message::{Exit, Message};
use crate::say;

/// Keep one page: its picture, its text, the server's answer, and how it came
///
/// It opens the page in a browser of its own that forgets everything. With no
/// browser on this computer it keeps the server's answer, and says that there
/// is no picture. If a page may show sexual images of a child, do not keep it:
/// stop.
#[derive(Debug, Args)]
#[command(override_usage = "countersign keep [OPTIONS] [CASE] <URL>")]
#[command(after_help = "Example:
  countersign keep 2026-0001 https://example.org/page")]
pub struct Keep {
    /// The case's reference, which may be left out where only one is open, and the page's address
    #[arg(value_name = "CASE> <URL", num_args = 1..=2, required = true)]
    arguments: Vec<String>,
    #[command(flatten)]
    browser_args: BrowserArgs,
    #[command(flatten)]
    traffic_arg: TrafficArg,
    /// Who produces the exhibit
    #[arg(long, value_name = "PERSON", default_value = "first")]
    by: Person,
    #[command(flatten)]
    passphrases: Passphrases,
}

type Prepared<'d> = (Result<Found, Without>, Network, Unlocked<'d>);

impl Keep {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let (case, url) = self.parts()?;
        let reading = context.reading(&CaseArg { case })?;
        let reach = Network::default().reach(reading.ledger().opened().standing);
        // Before anybody types a passphrase.
        Address::parse(url, &reach).map_err(|error| address(url, &error))?;
        context.check(&reading, &self.passphrases, &Deed::Keep, None)?;
        let (browser, network, mut unlocked) = self.prepare(context, &reading)?;
        let startup = browser.map(Startup::of);
        let with = startup.as_ref().map(Startup::starter).map_err(Clone::clone);
        context.output.tell(&format!("Keeping {} …", say::one_line(url)));
        let request = KeepRequest {
            url,
            producer: self.by.side(),
            with,
            network: &network,
            traffic: self.traffic_arg.traffic(),
        };
        let exhibit =
            capture::keep(&mut unlocked, request).map_err(|error: CaptureError| Message::from(error))?;
        let kept = &exhibit.kept;
        if let Some(without) = &exhibit.without {
            context.output.tell(&format!("{} The server's answer is kept.", no_pictures(without)));
        }
        let has_pictures = kept.files.iter().any(|file| matches!(file.role, Role::Picture | Role::Screen));
        let mut absences: Vec<String> = kept.absences.iter().map(|absence| format!("- {absence}")).collect();
        if kept.absences_left_out > 0 {
            absences.push(format!("- and {} more, which the exhibit's record names", kept.absences_left_out));
        }
        if !absences.is_empty() {
            context.output.tell(&format!("Not in it:\n{}", say::indent(&absences.join("\n"))));
        }
        context.kept_with(
            &mut unlocked,
            exhibit.entry,
            json!({
                "exhibit": kept.exhibit.label,
                "visit": exhibit.visit,
                "method": kept.method,
                "pictures": has_pictures,
                "account": kept.browser.as_ref().and_then(|browser| browser.account.as_ref()),
                "url": kept.url,
                "final_url": kept.final_url,
                "status": kept.status,
                "files": kept.files,
                "absences": kept.absences,
            }),
        )
    }

    /// The browser and the way to the network, with the case unlocked.
    ///
    /// Both passphrases are typed once it is known with what the page is kept;
    /// those of a file unlock the case while the browser is asked what it is.
    fn prepare<'d>(&self, context: &'d Context<'_>, reading: &Reading) -> Result<Prepared<'d>, Message> {
        let look = || self.browser_args.browser();
        let tell = |browser: &Result<Found, Without>| {
            if let Err(without) = browser {
                context.output.tell(&no_pictures(without));
            }
            self.browser_args.network(browser.as_ref().ok(), context.output)
        };
        let unlock = || context.unlock(reading, &self.passphrases);
        if self.passphrases.passphrases.is_none() {
            let browser = look()?;
            let network = tell(&browser)?;
            return Ok((browser, network, unlock()?));
        }
        thread::scope(|scope| {
            let looking = scope.spawn(look);
            let unlocked = unlock();
            let browser = looking.join().unwrap_or_else(|panic| resume_unwind(panic))?;
            let network = tell(&browser)?;
            Ok((browser, network, unlocked?))
        })
    }

    fn parts(&self) -> Result<(Option<Reference>, &str), Message> {
        match self.arguments.as_slice() {
            [url] => Ok((None, url)),
            [case, url] => {
                let case = case.parse().map_err(|_| {
                    Message::wrong(format!("\"{case}\" is not a case's reference like 2026-0001."))
                        .hint("First the case, then the address: countersign keep 2026-0001 https://example.org/page")
                })?;
                Ok((Some(case), url))
            }
            _ => Err(Message::wrong("Name one address.")),
        }
    }
}
