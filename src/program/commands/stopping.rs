//! How a case is stopped at the command line: the mark first, then what to do,
//! and only then anything else.
//!
//! Whatever the disk does, what to do is on the screen within a second: it
//! needs no disk. What was typed is not looked at before the mark is made.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use countersign_case::case::{
    Category, Folder, Halt, RaiseError, RaiseOutcome, Reading, category, glance, pack, raise,
};
use countersign_case::procedure::{Pack, Phase};
use countersign_record::journal::{Opened, Reference, Response, Restraint};

use crate::ambient::SystemClock;
use crate::args::CaseArg;
use crate::at_once::{Begun, Deadline};
use crate::context::Context;
use crate::explain::{self, not_stopped};
use crate::message::{Exit, Message, shown};
use crate::progress::threads;
use crate::stop_page;

/// A look at the case that is to be stopped.
pub struct Look {
    begun: Begun<Seen>,
    seen: Option<Seen>,
}

/// What was seen.
struct Seen {
    opened: Option<Opened>,
    pack: Option<Pack>,
    category: Option<Category>,
}

impl Look {
    /// Begins to look at the case, and at what the category does in it.
    pub fn begin(folder: &Folder, typed: Option<&str>) -> Look {
        let (folder, typed) = (folder.clone(), typed.map(str::to_owned));
        let begun = Begun::begin(move || Seen {
            opened: glance(&folder),
            pack: pack(&folder),
            category: typed.map(|typed| category(&folder, &typed)),
        });
        Look { begun, seen: None }
    }

    /// What the category does. What cannot be told in time is unknown.
    pub fn category(&mut self) -> Category {
        self.wait(Duration::from_millis(100));
        self.seen.as_ref().and_then(|seen| seen.category.clone()).unwrap_or(Category::Unknown)
    }

    /// The same, for a kind that stops nothing as far as anybody knows: there
    /// is no hurry.
    pub fn category_at_length(&mut self, limit: Duration) -> Category {
        self.wait(limit);
        self.category()
    }

    fn wait(&mut self, limit: Duration) {
        if self.seen.is_none() {
            self.seen = self.begun.within(limit);
        }
    }
}

/// Whether a procedure that comes with Countersign has it stop a case, or none
/// knows it: then nobody waits to hear what the case's own says.
pub fn may_stop(typed: &str) -> bool {
    let packs = Pack::built_in_ids().filter_map(Pack::built_in);
    let mut known = packs.filter_map(|pack| pack.category(typed).map(|category| category.halts()));
    known.next().is_none_or(|stops| stops || known.any(|stops| stops))
}

/// Stops the case, and says what to do now.
///
/// When this returns without an error, the case is stopped on the disk.
pub fn stop(
    context: &Context<'_>,
    reference: Reference,
    halt: Halt,
    mut look: Look,
) -> Result<Response, Message> {
    let folder = context.home()?.case(reference);
    let (at, typed) = (folder.clone(), halt.category.clone());
    let is_typed = halt.place.is_some() || halt.description.is_some();
    let instructions = Deadline::after(INSTRUCTIONS);
    let raising = Begun::begin(move || raise(&at, halt, &SystemClock::start()));
    let raised = raising.within(MARK);
    if let Some(Err(error @ RaiseError::Missing(_))) = raised {
        return Err(not_stopped(error, context.home()?.path()));
    }
    look.wait(instructions.left() / 2);
    let seen = look.seen.as_ref();
    if let Some(opened) = seen.and_then(|seen| seen.opened.as_ref()) {
        context.output.about(opened.standing);
    }
    let response = match seen.and_then(|seen| seen.category.as_ref()) {
        Some(Category::Known(known)) if known.response != Response::Record => known.response,
        _ => Response::StopAndWithhold,
    };
    if let Some(typed) = typed {
        say_of_category(context, &typed, seen.and_then(|seen| seen.category.as_ref()));
    }
    let page = strictest(response, context, reference, &instructions);
    context.output.tell(&stop_page::page(reference, page, seen.and_then(|seen| seen.pack.as_ref())));
    let raised = match raised {
        Some(raised) => raised,
        None => {
            context.output.tell("\nThe stop is still being written down: the disk has not answered yet.");
            let late = raising.within(DISK_ANSWERS);
            late.unwrap_or_else(|| Err(RaiseError::NoAnswer(folder.path().to_owned())))
        }
    };
    let raised = raised.map_err(|error| not_stopped(error, folder.path()))?;
    context.output.tell(&format!("\nCase {reference} is stopped. Nothing can be kept in it from now on."));
    say_what_is_missing(context, &raised, is_typed);
    Ok(response)
}

fn say_of_category(context: &Context<'_>, typed: &str, category: Option<&Category>) {
    let why = match category {
        Some(Category::Known(known)) if known.response != Response::Record => return,
        Some(Category::Known(known)) => format!("\"{}\" does not stop a case by itself.", known.label),
        Some(Category::NoSuch) => format!("This procedure has no category \"{typed}\"."),
        Some(Category::Unknown) | None => "The case's procedure could not be read.".to_owned(),
    };
    context.output.tell(&format!("{why} The case is stopped under the strictest rule.\n"));
}

fn say_what_is_missing(context: &Context<'_>, raised: &RaiseOutcome, is_typed: bool) {
    if let Some(error) = &raised.unmarked {
        let what = explain::disk(error).what;
        context.output.tell(&format!("Its mark could not be made; a line outside the case stops it. {what}"));
        if is_typed {
            context.output.tell("What you typed was not kept. Write it on paper, with the time.");
        }
    }
    if let Some(error) = &raised.unnoted {
        let what = explain::disk(error).what;
        context.output.tell(&format!("It could not be noted a second time, outside the case: {what}"));
    }
}

/// A page must not be milder than a stop that was made before. Where that
/// cannot be told in time, it is the strictest.
fn strictest(response: Response, context: &Context<'_>, case: Reference, until: &Deadline) -> Response {
    if response == Response::StopAndWithhold {
        return response;
    }
    let Ok(home) = context.home().cloned() else { return Response::StopAndWithhold };
    let read = Begun::begin(move || Reading::of(&home, case).map(|reading| reading.released().restraint()));
    match read.before(until) {
        Some(Ok(Restraint::None | Restraint::Police)) => response,
        _ => Response::StopAndWithhold,
    }
}

/// The case that is meant: the one that was named, or the only one open.
///
/// Nobody waits long for it: where the disk does not answer in time, whoever
/// stops a case has to name it, and hears which ones there are.
pub fn case_to_stop(context: &Context<'_>, case: &CaseArg) -> Result<Reference, Message> {
    if let Some(reference) = case.case {
        return Ok(reference);
    }
    let until = Deadline::after(LOOK_UP);
    let home = context.home()?.clone();
    let listing = Begun::begin({
        let home = home.clone();
        move || home.known()
    });
    let Some(known) = listing.before(&until) else {
        return Err(Message::new(
            Exit::Surroundings,
            format!("{} does not answer, so nobody can tell which case is open.", shown(home.path())),
        )
        .hint("Nothing was stopped yet. Name the case: countersign halt 2026-0001"));
    };
    let known: Arc<[Reference]> = known?.into();
    let (tell, told) = mpsc::channel();
    let next = Arc::new(AtomicUsize::new(0));
    for _ in 0..threads().get().min(if known.len() > 1 { known.len() } else { 0 }) {
        let (home, known, next, tell) = (home.clone(), Arc::clone(&known), Arc::clone(&next), tell.clone());
        let look = move || {
            while let Some(case) = known.get(next.fetch_add(1, Ordering::SeqCst)) {
                let read = Reading::of(&home, *case);
                // One that cannot be read counts as open.
                let is_filed = read.is_ok_and(|reading| reading.state().phase() == Phase::Archived);
                if tell.send((*case, is_filed)).is_err() {
                    return;
                }
            }
        };
        drop(thread::Builder::new().name("look".to_owned()).spawn(look));
    }
    drop(tell);
    let mut filed = Vec::new();
    while let Ok((case, is_filed)) = told.recv_timeout(until.left()) {
        filed.extend(is_filed.then_some(case));
    }
    let open: Vec<Reference> = match known.as_ref() {
        [only] => vec![*only],
        all => all.iter().copied().filter(|case| !filed.contains(case)).collect(),
    };
    context.only(&known, &open)
}

/// In which a stop is written down, where the disk is well.
const MARK: Duration = Duration::from_millis(250);

/// In which people read what to do, whatever the disk does.
const INSTRUCTIONS: Duration = Duration::from_millis(700);

/// In which the only open case is found, or all are listed.
const LOOK_UP: Duration = Duration::from_millis(200);

/// After that it is said that the disk does not answer.
const DISK_ANSWERS: Duration = Duration::from_secs(10);
