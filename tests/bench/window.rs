//! How soon a stop is obeyed where pages are looked at: until nothing is left of
//! a browser that loads, of a recording's window, and until a server's answer
//! is given up: `cargo bench --bench window`.
//!
//! A time is from the moment before the stop is said, on this computer.

#![allow(clippy::print_stdout, reason = "printing figures is what a benchmark is for")]

#[path = "../support/processes.rs"]
mod processes;
#[path = "../support/recorder.rs"]
mod recorder;
#[path = "../support/site.rs"]
mod site;
mod support;
#[path = "../support/world.rs"]
mod world;

use std::ffi::OsString;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use countersign_browser::network::address::Address;
use countersign_browser::network::reach::Reach;
use countersign_browser::network::wall::Wall;
use countersign_browser::page::facts::Piece;
use countersign_browser::page::{self, PageError};
use countersign_browser::program::launch::{Cancel, Launch, Window};
use countersign_case::capture::{Event, Network, RecordRequest, Starter, Traffic, answer, record};
use countersign_case::case::{Halt, raise};
use countersign_record::journal::Side;

use processes::{leader, until_ended};
use site::Site;
use support::Times;
use world::World;

fn main() {
    if support::place().is_none() {
        return;
    }
    let (site, mut times) = (Site::start(), Times::default());
    for _ in 0..ROUNDS {
        times.add(BROWSER, browser(&site));
        times.add(WINDOW, window(&site));
        times.add(SERVER, server(&site));
    }
    for name in [BROWSER, WINDOW, SERVER] {
        times.within(name, GOAL);
    }
}

/// A browser that loads a page without an end.
fn browser(site: &Site) -> f64 {
    let (folder, account) = (recorder::temporary(), recorder::account());
    let raised = Arc::new(AtomicBool::new(false));
    let wall = Arc::new(Wall::start(rehearsal()).expect("a wall"));
    let environment = environment();
    let (program, cancel) = (recorder::chromium(), Cancel::flag(Arc::clone(&raised)));
    let launch = Launch {
        program: &program,
        folder: folder.path(),
        environment: &environment,
        account: account.as_ref(),
        window: Window::Headless,
        wall,
        cancel,
    };
    let mut browser = launch.start().expect("chromium is needed");
    let process = browser.process();
    let stopper = thread::spawn(move || {
        thread::sleep(LOADS);
        let began = Instant::now();
        raised.store(true, Ordering::Relaxed);
        until_ended(process, began)
    });
    let address = Address::parse(&site.url("/endless"), &rehearsal()).expect("within reach");
    let mut sink = |_: Piece, _: &[u8]| Ok(());
    let limits = page::Limits::default();
    let kept = page::keep(&mut browser, &address, &limits, &World::new().clock, &mut sink);
    assert!(matches!(kept, Err(PageError::Cancelled)), "{kept:?}");
    stopper.join().expect("stopped").as_secs_f64()
}

/// The window of a recording, by the mark that another program makes.
fn window(site: &Site) -> f64 {
    let world = World::new();
    let mut case = world.open();
    let stopped = case.folder().clone();
    let (place, account) = (recorder::temporary(), recorder::account());
    let (environment, program, network) = (environment(), recorder::chromium(), Network::default());
    let (_commands, receiver) = mpsc::channel();
    let (seen, is_seen) = mpsc::channel();
    let start = site.url("/");
    thread::scope(|scope| {
        let (case, place, start) = (&mut case, place.path(), start.as_str());
        scope.spawn(move || {
            let request = RecordRequest {
                start: Some(start),
                producer: Side::A,
                with: Starter {
                    program: &program,
                    folder: place,
                    environment: &environment,
                    account: account.as_ref(),
                },
                window: Window::Headless,
                network: &network,
                traffic: Traffic::NotKept,
            };
            let mut tell = |event: &Event| {
                if matches!(event, Event::Visit { .. }) {
                    let _ = seen.send(());
                }
            };
            record(case, request, &receiver, &mut tell).expect("recorded")
        });
        is_seen.recv().expect("a visit");
        let process = leader(place);
        let began = Instant::now();
        raise(&stopped, Halt::default(), &world.clock).expect("raised");
        until_ended(process, began).as_secs_f64()
    })
}

/// A server that does not answer, asked without a browser.
fn server(site: &Site) -> f64 {
    let raised = Arc::new(AtomicBool::new(false));
    let cancel = Cancel::flag(Arc::clone(&raised));
    let stopper = thread::spawn(move || {
        thread::sleep(LOADS);
        let began = Instant::now();
        raised.store(true, Ordering::Relaxed);
        began
    });
    let address = Address::parse(&site.url("/silent"), &rehearsal()).expect("within reach");
    let mut sink = |_: Piece, _: &[u8]| Ok(());
    let limits = answer::Limits::default();
    let kept = answer::keep(&address, &rehearsal().into(), limits, &cancel, &World::new().clock, &mut sink);
    assert!(matches!(kept, Err(PageError::Cancelled)), "{kept:?}");
    stopper.join().expect("stopped").elapsed().as_secs_f64()
}

fn rehearsal() -> Reach {
    Reach::Rehearsal { refused_ports: Vec::new() }
}

fn environment() -> Vec<(OsString, OsString)> {
    std::env::vars_os().collect()
}

const ROUNDS: usize = 7;
/// Long enough that the page has begun.
const LOADS: Duration = Duration::from_millis(700);
/// Seconds.
const GOAL: f64 = 0.2;
const BROWSER: &str = "a browser that loads a page without an end";
const WINDOW: &str = "the window of a recording";
const SERVER: &str = "a server that does not answer, asked without a browser";
