//! The guide: the whole procedure as pages in the reviewers' own browser.
//!
//! It serves this computer alone, behind `guard`. It holds no state of a case
//! and no rule: pages ask the library, as the commands do. It has rooms, from
//! the ground up: `html` is how pages look, `cases` what they ask of the cases,
//! `server` how requests come in and answers leave, `pages` has one file a page.

mod cases;
mod html;
mod pages;
mod server;
mod session;

use std::io::{self, BufRead};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::Args;
use countersign_browser::program::launch::Window;
use countersign_case::case::{Staging, held_stops, retry_held};

use self::cases::Guide;
use self::html::Problem;
use self::server::guard::Access;
use self::server::origin::Origin;
use self::server::sessions::Sessions;
use self::server::{listener, single_instance};
use crate::browser_args::BrowserArgs;
use crate::context::Context;
use crate::message::{Exit, Message};
use crate::{procedure_source, say};

/// Take two people through a case, page by page, in your own browser
///
/// The pages are on this computer alone. It serves them until you end it, by
/// the page that says so or by Ctrl-C.
#[derive(Debug, Args, Default)]
#[command(after_help = "Example:
  countersign guide
  countersign guide --no-open

`countersign` alone is the same as `countersign guide`. With --no-open it prints
one link, which works once and for a minute.")]
pub struct Serve {
    /// Print the link instead of opening your browser
    #[arg(long)]
    no_open: bool,
    /// The procedure that new cases follow: the id of one that comes with
    /// Countersign, or a file
    #[arg(long, value_name = "ID|FILE")]
    procedure: Option<String>,
    /// Record without a window, steered by the pages alone
    #[arg(long)]
    headless: bool,
    #[command(flatten)]
    browser_args: BrowserArgs,
}

impl Serve {
    pub fn run(self, context: &Context<'_>) -> Result<Exit, Message> {
        let home = context.home()?.clone();
        // A procedure that cannot be used is said now, and not when a case is
        // to be opened.
        procedure_source::read(self.procedure.as_deref(), Some(&home))?;
        // Whoever could exchange what lies there could also hand out a link of
        // their own.
        home.check_private()?;
        let lock = match single_instance::who(&home).map_err(Problem::message)? {
            single_instance::Instance::This(lock) => lock,
            single_instance::Instance::Other(link) => {
                self.announce(context, &link);
                return Ok(Exit::Done);
            }
        };
        Staging::sweep(&home);
        let listener = listener::listen().map_err(no_port)?;
        let port = listener.local_addr().map_err(no_port)?.port();
        let random = |error| Problem::random(error).message();
        let (origin, sessions) = (Origin::at(port).map_err(random)?, Sessions::new().map_err(random)?);
        let window = if self.headless { Window::Headless } else { Window::Shown };
        let guide =
            Arc::new(Guide::new(home, port, self.browser_args.clone(), window, self.procedure.clone()));
        let access = Arc::new(Access::new(origin, sessions, Arc::clone(&guide)));
        lock.answer(Arc::clone(&access)).map_err(Problem::message)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(MOST_WAITING)
            .enable_all()
            .build()
            .map_err(no_port)?;
        // Begun now, so that nobody waits for it later.
        if let Ok(known) = guide.home().known() {
            guide.case_cache().read_ahead(&known);
        }
        self.announce(context, &link(&access)?);
        if say::at_a_terminal() {
            context.output.tell("The guide runs. Press Enter here for a new link, Ctrl-C to end it.");
            self.on_enter(Arc::clone(&access));
        }
        thread::spawn(write_down_stops);
        // Looked at now, so that nobody waits for it later.
        let early = Arc::clone(&guide);
        thread::spawn(move || drop(early.ambient()));
        let served = runtime.block_on(listener::serve(access, listener, pages::router()));
        guide.let_go();
        // What is still being written to a case is waited for.
        runtime.shutdown_timeout(Duration::from_secs(20));
        drop(lock);
        for case in held_stops() {
            context.output.tell(&format!(
                "The stop of case {case} was not written to the disk. Write on paper that you stopped it, with the time, and stop it again: countersign halt {case}"
            ));
        }
        served.map(|()| Exit::Done).map_err(no_port)
    }

    fn announce(&self, context: &Context<'_>, link: &str) {
        if self.no_open {
            return context.output.result(link, || serde_json::json!({ "link": link }));
        }
        // That a browser was started does not say that one came up.
        let told = match open::that_detached(link) {
            Ok(()) => {
                "The guide opens in your browser. If it does not, copy this address into Chrome, Edge or Firefox; it works once, for a minute:"
            }
            Err(_) => {
                "Your browser could not be opened. Copy this address into Chrome, Edge or Firefox; it works once, for a minute:"
            }
        };
        context.output.tell(told);
        context.output.tell(link);
    }

    /// A new link whenever somebody presses Enter in the window.
    fn on_enter(&self, access: Arc<Access>) {
        let no_open = self.no_open;
        thread::spawn(move || {
            for line in io::stdin().lock().lines() {
                let (Ok(_), Ok(link)) = (line, link(&access)) else { return };
                let output = say::Output::new(say::Form::Words);
                if no_open || open::that_detached(&link).is_err() {
                    output.tell(&link);
                }
            }
        });
    }
}

/// Tries again to write down the stops that the disk has not taken, as long as
/// the guide runs.
fn write_down_stops() {
    loop {
        thread::sleep(Duration::from_millis(500));
        retry_held();
    }
}

fn link(access: &Access) -> Result<String, Message> {
    access.link().map_err(|error| Problem::random(error).message())
}

fn no_port(error: io::Error) -> Message {
    Message::new(Exit::Surroundings, format!("The guide cannot be served on this computer: {error}."))
        .hint("Show this to your IT person. The command line does the same: countersign --help")
}

/// Pages that wait for a case at once. A stop never waits among them.
const MOST_WAITING: usize = 48;
