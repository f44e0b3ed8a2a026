//! `record`: both browse in a window of their own, and every page visited is
//! on record as it happens.
//!
//! It is steered by lines on standard input; what they may say is [`read`]'s.

use std::io::{self, BufRead};
use std::sync::mpsc::{self, Sender};

use clap::Args;
use countersign_browser::program::launch::Window;
use countersign_case::capture::{self, Area, Command, Ending, Event, RecordRequest};
use countersign_case::procedure::Deed;
use countersign_record::journal::{Response, Restraint, Visit};
use serde_json::json;

use super::text;
use crate::ambient::Startup;
use crate::args::{CaseArg, Passphrases, Person, TrafficArg, id};
use crate::browser_args::BrowserArgs;
use crate::context::Context;
use crate::explain::{unfinished, unmet, without_browser};
use crate::message::{Exit, Message};
use crate::say::{self, Output};
use crate::stop_page;

/// Browse together; every page visited is on record as it happens
///
/// It opens a browser of its own that forgets everything, and says what is on
/// record. Lines on standard input steer it:
///
///   keep                    keep the page that is on the screen
///   area X Y WIDTH HEIGHT   keep a part of what is on the screen, as a picture
///   note WORDS              write a note
///   concern CATEGORY WORDS  describe a concern about the page on the screen
///   go ADDRESS              open an address in the page that is on the screen
///   halt [CATEGORY]         stop the case: the window closes at once
///   end                     end the recording; so does closing the last window
///
/// In the window itself, Ctrl+Shift+S stops the case at once.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "Example:
  countersign record 2026-0001 --start https://example.org/

With --json each event is one JSON object on a line of its own.")]
// `[CATEGORY]` is what people may type, and no link.
#[allow(rustdoc::broken_intra_doc_links)]
pub struct Record {
    #[command(flatten)]
    case: CaseArg,
    /// Open this address first
    #[arg(long, value_name = "URL")]
    start: Option<String>,
    /// Record without a window, steered by standard input alone
    #[arg(long)]
    headless: bool,
    #[command(flatten)]
    browser_args: BrowserArgs,
    #[command(flatten)]
    traffic_arg: TrafficArg,
    /// Who produces the exhibits
    #[arg(long, value_name = "PERSON", default_value = "first")]
    by: Person,
    #[command(flatten)]
    passphrases: Passphrases,
}

impl Record {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let reading = context.reading(&self.case)?;
        context.check(&reading, &self.passphrases, &Deed::Visit, None)?;
        let browser = self.browser_args.browser()?.map_err(|without| without_browser(&without))?;
        let network = self.browser_args.network(Some(&browser), context.output)?;
        let mut unlocked = context.unlock(&reading, &self.passphrases)?;
        let startup = Startup::of(browser);
        let request = RecordRequest {
            start: self.start.as_deref(),
            producer: self.by.side(),
            with: startup.starter(),
            window: if self.headless { Window::Headless } else { Window::Shown },
            network: &network,
            traffic: self.traffic_arg.traffic(),
        };
        let (sender, commands) = mpsc::channel();
        let form = context.output.form();
        // It ends with the program: nobody can take a line back from a terminal.
        std::thread::spawn(move || listen(&sender, &Output::new(form)));
        let mut tell = |event: &Event| self::tell(context.output, event);
        let ended = capture::record(&mut unlocked, request, &commands, &mut tell)?;
        if ended.why == Ending::Halted {
            let reading = unlocked.reading();
            let response = match reading.released().restraint() {
                Restraint::Police => Response::Police,
                _ => Response::StopAndWithhold,
            };
            context.output.tell(&stop_page::page(
                reading.folder().reference(),
                response,
                Some(reading.pack()),
            ));
        }
        let unfinished = context.look_again(&mut unlocked);
        context.tell_unfinished(&unfinished);
        context.tell_next(&unlocked.reading().state());
        Ok(match ended.why {
            Ending::Failed => Exit::Surroundings,
            Ending::Asked | Ending::Left | Ending::Closed | Ending::Halted => Exit::Done,
        })
    }
}

/// Passes on what the lines say, until they end.
fn listen(commands: &Sender<Command>, output: &Output) {
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        match read(&line) {
            Ok(None) => {}
            Ok(Some(command)) => {
                if commands.send(command).is_err() {
                    return;
                }
            }
            Err(message) => {
                let words = [vec![message.what.clone()], message.hints].concat().join("\n");
                let line = line.split_whitespace().next().unwrap_or_default();
                output.event(&words, || json!({ "event": "refused", "what": line, "why": message.what }));
            }
        }
    }
}

/// What one line says.
fn read(line: &str) -> Result<Option<Command>, Message> {
    let line = line.trim();
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let bare = |command| if rest.is_empty() { Ok(Some(command)) } else { Err(unknown(line)) };
    match word {
        "" => Ok(None),
        "keep" => bare(Command::Keep),
        "end" => bare(Command::End),
        "go" if !rest.is_empty() => Ok(Some(Command::Go(rest.to_owned()))),
        "area" => {
            let numbers: Result<Vec<u32>, _> = rest.split_whitespace().map(str::parse).collect();
            match numbers.as_deref() {
                Ok(&[x, y, width, height]) => Ok(Some(Command::Area(Area { x, y, width, height }))),
                _ => Err(unknown(line)
                    .hint("An area is four numbers: from the left, from the top, width, height.")),
            }
        }
        "note" => Ok(Some(Command::Note(text("note", rest)?))),
        "concern" => {
            let (category, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let category = id(category).map_err(Message::wrong)?;
            Ok(Some(Command::Concern { category, words: words.trim().to_owned() }))
        }
        // Whatever else stands there must not hold up a stop.
        "halt" => Ok(Some(Command::Halt { category: (!rest.is_empty()).then(|| rest.to_owned()) })),
        _ => Err(unknown(line)),
    }
}

fn unknown(line: &str) -> Message {
    Message::wrong(format!("\"{line}\" was not understood.")).hint(
        "Type keep, area X Y WIDTH HEIGHT, note WORDS, concern CATEGORY WORDS, go ADDRESS, halt, or end.",
    )
}

fn visited(visit: &Visit) -> String {
    let title = visit.title.as_ref().map(|title| format!(" (\"{}\")", say::one_line(title.as_str())));
    let failed = visit.failure.as_ref().map(|failure| format!(": {failure}"));
    format!("{}{}{}", visit.final_url, title.unwrap_or_default(), failed.unwrap_or_default())
}

/// One event, for people or for a program.
fn tell(output: &Output, event: &Event) {
    match event {
        Event::Began { entry, browser } => output.event(
            &format!(
                "RECORDING. Every page that you visit in its window is on record (entry {entry}, {}).\n\
                 Type keep to keep the page that is on the screen, and end when you are done.\n\
                 If you see what must not be seen: Ctrl+Shift+S in the window, or type halt.",
                browser.product
            ),
            || json!({ "event": "began", "entry": entry, "browser": browser }),
        ),
        Event::Visit { entry, visit } => {
            output.event(&format!("RECORDING: entry {entry}. {}", visited(visit)), || {
                json!({
                    "event": "visit", "entry": entry, "url": visit.final_url, "asked": visit.url,
                    "status": visit.status, "title": visit.title, "time": visit.time,
                    "redirects": visit.redirects, "failure": visit.failure,
                })
            })
        }
        Event::Denied { entry, visit } => {
            output.event(&format!("RECORDING: entry {entry}. Not opened: {}", visited(visit)), || {
                json!({
                    "event": "denied", "entry": entry, "url": visit.final_url, "asked": visit.url,
                    "why": visit.failure, "time": visit.time, "redirects": visit.redirects,
                })
            })
        }
        Event::Kept { entry, kept } => output.event(
            &format!(
                "RECORDING: entry {entry}. Page kept: exhibit {}, {}",
                kept.exhibit.label, kept.final_url
            ),
            || {
                json!({
                    "event": "kept", "entry": entry, "url": kept.final_url, "exhibit": kept.exhibit.label,
                    "status": kept.status, "files": kept.files, "absences": kept.absences,
                })
            },
        ),
        Event::Said { entry, body } => output.event(
            &format!("RECORDING: entry {entry} is on record."),
            || json!({ "event": body.kind(), "entry": entry }),
        ),
        Event::Gap { entry, since, because } => output.event(
            &format!("Entry {entry}. The recording broke off at {}: {because}.", since.in_words()),
            || json!({ "event": "gap", "entry": entry, "since": since, "because": because }),
        ),
        Event::Unfinished(what) => {
            let message = unfinished(what);
            let words = [vec![message.what.clone()], message.hints].concat().join("\n");
            output.event(&words, || json!({ "event": "unfinished", "what": message.what }));
        }
        Event::Halted { entry } => output
            .event(&format!("STOPPED (entry {entry})."), || json!({ "event": "halted", "entry": entry })),
        Event::Ended { entry, because } => output.event(
            &format!("Not recording any more (entry {entry}): {because}."),
            || json!({ "event": "ended", "entry": entry, "because": because }),
        ),
        Event::Refused { what, why } => {
            let message = unmet(what, why);
            let words = [vec![message.what], message.hints].concat().join("\n");
            output.event(&words, || json!({ "event": "refused", "what": what, "why": why.to_string() }));
        }
        Event::Active => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_what_to_do() {
        let word = |line: &str| read(line).ok().flatten().map(|command| command.word());
        for (line, expected) in [
            ("keep", Some("keep")),
            (" area 1 2 30 40 ", Some("area")),
            ("note the pupil came in", Some("note")),
            ("concern bullying insults in the comments", Some("concern")),
            ("halt", Some("halt")),
            ("halt no such category", Some("halt")),
            ("end", Some("end")),
            ("go https://example.org/", Some("go")),
            ("", None),
            ("keep it", None),
            ("area 1 2 3", None),
            ("area -1 2 3 4", None),
            ("note", None),
            ("concern bullying", Some("concern")),
            ("stop", None),
        ] {
            assert_eq!(word(line), expected, "{line}");
        }
    }
}
