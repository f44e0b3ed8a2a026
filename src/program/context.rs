//! What every verb needs: the home, the case, both people, and the way in
//! which an entry is checked, signed and told.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign_case::case::{self, CaseError, Home, Reading, Report, Unlocked, Written};
use countersign_case::durable::DiskError;
use countersign_case::procedure::{Deed, NextStep, Phase, State};
use countersign_record::clock::{Clock, Time};
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Reference, Restraint, Side};
use serde_json::{Value, json};

use crate::ambient::{self, Ambient, SystemClock};
use crate::args::{CaseArg, Passphrases};
use crate::at_once::Begun;
use crate::explain::{next_steps, put_on_record};
use crate::message::{Exit, Message, own_file, shown};
use crate::say::{self, Output};
use crate::{describe, passphrase};

/// Where a verb does its work.
pub struct Context<'m> {
    home: Option<Home>,
    named: bool,
    pub output: &'m Output,
    ambient: OnceCell<Ambient>,
}

impl<'m> Context<'m> {
    /// At the home that was named, or at the platform's.
    pub fn at(home: Option<PathBuf>, output: &'m Output) -> Result<Context<'m>, Message> {
        let named = home.is_some();
        let home = home.or_else(ambient::default_home).map(Home::at);
        Ok(Context { home, named, output, ambient: OnceCell::new() })
    }

    /// Whether somebody named the home, so that it is not the platform's.
    pub fn home_is_named(&self) -> bool {
        self.named
    }

    /// The home folder.
    pub fn home(&self) -> Result<&Home, Message> {
        self.home.as_ref().ok_or_else(|| {
            Message::wrong("This computer does not say where your data folder is.")
                .hint("Name a place for the cases: --home FOLDER")
        })
    }

    /// Before anybody types a passphrase in vain: whether what is written for
    /// people may go to `path`.
    pub fn check_way_out(&self, path: &Path) -> Result<(), Message> {
        Ok(self.home()?.check_way_out(path)?)
    }

    /// The surroundings, looked at once.
    pub fn ambient(&self) -> Result<&Ambient, Message> {
        if let Some(ambient) = self.ambient.get() {
            return Ok(ambient);
        }
        let looked = Ambient::look().map_err(|error| own_file(&error))?;
        Ok(self.ambient.get_or_init(|| looked))
    }

    /// What time it is.
    pub fn now(&self) -> Time {
        SystemClock::start().now()
    }

    /// The case that is meant: the one that was named, or the only one open.
    pub fn reference(&self, case: &CaseArg) -> Result<Reference, Message> {
        if let Some(reference) = case.case {
            return Ok(reference);
        }
        let home = self.home()?;
        let all = home.references()?;
        // One that cannot be read counts as open, so that nobody adds to
        // another by mistake.
        let is_filed = |reference: &Reference| {
            Reading::of(home, *reference).is_ok_and(|reading| reading.state().phase() == Phase::Archived)
        };
        let open: Vec<Reference> = match all.as_slice() {
            [only] => vec![*only],
            all => all.iter().copied().filter(|reference| !is_filed(reference)).collect(),
        };
        self.only(&all, &open)
    }

    /// The one that is open of all that there are.
    pub fn only(&self, all: &[Reference], open: &[Reference]) -> Result<Reference, Message> {
        match open {
            [only] => Ok(*only),
            [] if all.is_empty() => {
                Err(Message::wrong(format!("There is no case in {} yet.", shown(self.home()?.path())))
                    .hint("To open one: countersign open --help")
                    .hint("If they are kept in another place, name it: --home FOLDER"))
            }
            [] => Err(Message::wrong("Every case is filed.")
                .hint(format!("Name the one that you mean: {}", named(all)))),
            open => Err(Message::wrong("More than one case is open.")
                .hint(format!("Name the one that you mean: {}", named(open)))),
        }
    }

    /// The case that is meant, read.
    pub fn reading(&self, case: &CaseArg) -> Result<Reading, Message> {
        self.reading_of(self.reference(case)?)
    }

    /// The case of that reference, read.
    pub fn reading_of(&self, reference: Reference) -> Result<Reading, Message> {
        let home = self.home()?.clone();
        let path = home.case(reference).path().to_owned();
        let read = Begun::begin(move || Reading::of(&home, reference));
        let reading = match read.within(UNNOTICED) {
            Some(reading) => reading?,
            None => {
                self.output.tell(&format!("Reading case {reference}, in {} …", shown(&path)));
                read.at_length().unwrap_or_else(|| {
                    let ended = std::io::Error::other("the reading of it ended before it was done");
                    Err(DiskError::io(&path, ended).into())
                })?
            }
        };
        self.output.about(reading.ledger().opened().standing);
        Ok(reading)
    }

    /// Adds one entry: checked by both, signed by both, told.
    pub fn enter(
        &self,
        reading: &Reading,
        passphrases: &Passphrases,
        deed: Deed,
        body: Body,
    ) -> Result<Exit, Message> {
        self.check(reading, passphrases, &deed, Some(&body))?;
        let mut unlocked = self.unlock(reading, passphrases)?;
        let permit = unlocked.permit(deed)?;
        let entry = unlocked.append(permit, body)?;
        self.kept(&mut unlocked, entry)
    }

    /// Asks the procedure before anybody types a passphrase in vain, and at a
    /// terminal shows what both are about to sign.
    pub fn check(
        &self,
        reading: &Reading,
        passphrases: &Passphrases,
        deed: &Deed,
        body: Option<&Body>,
    ) -> Result<(), Message> {
        reading.may(deed)?;
        if let Some(body) = body.filter(|_| passphrases.passphrases.is_none() && say::at_a_terminal()) {
            let words = describe::body(body, reading.ledger(), &reading.released());
            let reference = reading.folder().reference();
            self.output
                .tell(&format!("\nCheck before you both sign. Case {reference}:\n{}\n", say::indent(&words)));
        }
        Ok(())
    }

    /// Keeps what one person did after a stop, unsigned.
    pub fn write_alone(&self, reading: &Reading, by: Side, body: &Body) -> Result<Exit, Message> {
        let Some(report) = Report::of(body) else {
            return Err(Message::wrong("This cannot be written down by one person alone."));
        };
        let written = self.write_report(reading, by, report)?;
        let reference = reading.folder().reference();
        self.output.result("", || {
            json!({ "case": reference, "written_alone": written.alone.file, "by": by, "at": written.alone.at, "signed": false })
        });
        Ok(Exit::Done)
    }

    /// Keeps one report and says so.
    pub fn write_report(&self, reading: &Reading, by: Side, report: Report) -> Result<Written, Message> {
        let written = case::write_alone(reading, by, report, &SystemClock::start())?;
        self.output.tell(&format!(
            "Kept, written by {} alone. Nobody has signed it yet: the next unlocking shows it to both of you first.\n{}",
            reading.ledger().opened().called(by),
            say::indent(&describe::written(&written, reading.ledger(), &reading.released()))
        ));
        Ok(written)
    }

    /// Shows what one person wrote alone before anybody types a passphrase,
    /// and gives what was shown.
    fn show_written(&self, reading: &Reading) -> Vec<Digest> {
        for written in reading.written_alone() {
            let words = describe::written(written, reading.ledger(), &reading.released());
            self.output
                .tell(&format!("Not signed yet. Your two passphrases sign it:\n{}", say::indent(&words)));
        }
        for name in reading.strange_notes() {
            let name = say::one_line(name);
            self.output.tell(&format!(
                "{name} lies in the case's folder and is nothing that this program wrote. It is left there."
            ));
        }
        reading.written_alone().iter().map(|written| written.alone.file).collect()
    }

    /// Unlocks the case with both passphrases, and tells what that put on
    /// record by itself.
    pub fn unlock(&self, reading: &Reading, passphrases: &Passphrases) -> Result<Unlocked<'_>, Message> {
        let home = self.home()?;
        let opened = reading.ledger().opened();
        let around = self.ambient()?.surroundings();
        let shown = self.show_written(reading);
        let mut unlocked = match &passphrases.passphrases {
            Some(file) => {
                let both = passphrase::from_file(file)?;
                reading.clone().unlock(home, [&both[0], &both[1]], around)?
            }
            None => {
                let names = Side::BOTH.map(|side| opened.called(side));
                let names = names.each_ref().map(String::as_str);
                let mut left = ATTEMPTS;
                loop {
                    let both = passphrase::at_terminal(names)?;
                    match reading.clone().unlock(home, [&both[0], &both[1]], around) {
                        Err(CaseError::Passphrase) if left > 1 => {
                            left -= 1;
                            self.output.tell("One of the passphrases is not right. Try again.");
                        }
                        unlocked => break unlocked?,
                    }
                }
            }
        };
        unlocked.sign_written(&shown)?;
        let released = unlocked.reading().released();
        for entry in unlocked.ledger().entries().iter().filter(|entry| entry.entry > reading.ledger().head())
        {
            let words = describe::entry(entry, unlocked.ledger(), &released);
            self.output.tell(&format!("Put on record as entry {}: {words}", entry.entry));
        }
        Ok(unlocked)
    }

    /// Tells that entry `number` is kept, and what comes next.
    pub fn kept(&self, unlocked: &mut Unlocked<'_>, number: u64) -> Result<Exit, Message> {
        self.kept_with(unlocked, number, json!({}))
    }

    /// The same, with more for programs.
    ///
    /// It is kept: nothing that fails from here on is told as a failure.
    pub fn kept_with(&self, unlocked: &mut Unlocked<'_>, number: u64, more: Value) -> Result<Exit, Message> {
        let unfinished = self.look_again(unlocked);
        let reading = unlocked.reading();
        let state = reading.state();
        let entry = reading.ledger().entries().get(number as usize - 1);
        let words = entry.map(|entry| describe::entry(entry, reading.ledger(), &reading.released()));
        self.output.tell(&format!(
            "Entry {number} is kept, signed by both.\n{}",
            say::indent(&words.unwrap_or_default())
        ));
        self.tell_unfinished(&unfinished);
        self.tell_next(&state);
        self.output.result("", || {
            let mut result = standing(reading, &state);
            result["entry"] = number.into();
            result["kind"] = json!(entry.map(|entry| entry.body.kind()));
            if let (Value::Object(result), Value::Object(more)) = (&mut result, more) {
                result.extend(more);
            }
            add_unfinished(&mut result, &unfinished);
            result
        });
        Ok(Exit::Done)
    }

    /// Looks at the case again once something was kept: for stops, and for
    /// what could not be done beside it.
    pub fn look_again(&self, unlocked: &mut Unlocked<'_>) -> Vec<Message> {
        let lasting: Vec<_> =
            unlocked.unfinished().iter().filter(|left| left.is_lasting()).cloned().collect();
        let looked = unlocked.state().map(drop);
        let others = unlocked.unfinished().iter().filter(|left| !left.is_lasting());
        let mut unfinished: Vec<Message> =
            lasting.iter().chain(others).map(crate::explain::unfinished).collect();
        if let (Err(error), true) = (looked, unfinished.is_empty()) {
            unfinished.push(error.into());
        }
        unfinished
    }

    /// What could not be done beside what was kept.
    pub fn tell_unfinished(&self, unfinished: &[Message]) {
        unfinished.iter().for_each(|message| self.output.tell_error(message));
    }

    /// What is right to do next.
    pub fn tell_next(&self, state: &State<'_>) {
        match next_words(state) {
            next if next.is_empty() => self.output.tell("Nothing is left to do."),
            next => self.output.tell(&next),
        }
    }
}

/// What is right to do next, in words.
pub fn next_words(state: &State<'_>) -> String {
    match state.phase() {
        Phase::HaltRaised => put_on_record(),
        _ => next_steps(&state.next()),
    }
}

/// Where a case stands, for programs.
pub fn standing(reading: &Reading, state: &State<'_>) -> Value {
    let next = state.next();
    json!({
        "case": reading.folder().reference(),
        "phase": state.phase().id(),
        "halted": state.restraint() != Restraint::None,
        "next": verbs(&next),
    })
}

/// What was kept all the same has this beside it, for programs.
pub fn add_unfinished(result: &mut Value, unfinished: &[Message]) {
    if !unfinished.is_empty() {
        result["unfinished"] = unfinished.iter().map(|message| message.what.as_str()).collect();
    }
}

/// The verbs of the next steps, each once.
fn verbs(next: &[NextStep]) -> Vec<&'static str> {
    let mut verbs = Vec::new();
    for step in next {
        if !verbs.contains(&step.verb.id()) {
            verbs.push(step.verb.id());
        }
    }
    verbs
}

fn named(references: &[Reference]) -> String {
    references.iter().map(Reference::to_string).collect::<Vec<_>>().join(", ")
}

/// After which it is said what is waited for.
const UNNOTICED: Duration = Duration::from_secs(3);

/// How often both can type their passphrases before the program ends. The
/// key's own lock makes guessing slow; this is for tired fingers.
const ATTEMPTS: u32 = 5;
