//! A recording that a test steers, and what it tells.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use countersign_browser::program::launch::Window;
use countersign_case::capture::{
    CaptureError, Command, Ended, Event, Network, RecordRequest, Starter, Traffic, record,
};
use countersign_case::case::{Folder, Reading, Unlocked};
use countersign_record::journal::{Body, Kept, Recording, Side, Visit};

use crate::processes::leader;
use crate::recorder::{account, chromium, let_pass};
use crate::site::{self, Request, Site};
use crate::world::World;

/// What was told, and when.
#[derive(Default)]
struct Told {
    events: Mutex<Vec<(Instant, Event)>>,
    more: Condvar,
}

/// The test's end of a recording.
pub struct Remote<'a> {
    commands: Sender<Command>,
    told: &'a Told,
    pub browsers: &'a Path,
    pub case: Folder,
}

impl Remote<'_> {
    pub fn say(&self, command: Command) {
        let _ = self.commands.send(command);
    }

    pub fn go(&self, url: &str) {
        self.say(Command::Go(url.to_owned()));
    }

    /// Waits for what `seen` looks for among all that was told.
    pub fn wait<T>(&self, what: &str, seen: impl Fn(&Event) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        let mut events = self.told.events.lock().expect("events");
        loop {
            if let Some(found) = events.iter().find_map(|(_, event)| seen(event)) {
                return found;
            }
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "never told: {what}; but {events:#?}");
            events = self.told.more.wait_timeout(events, left).expect("events").0;
        }
    }

    pub fn visit(&self, url: &str) -> Visit {
        self.wait(&format!("a visit of {url}"), |event| match event {
            Event::Visit { visit, .. } if visit.final_url.as_str() == url => Some(visit.clone()),
            _ => None,
        })
    }

    pub fn denied(&self, url: &str) -> String {
        self.wait(&format!("that {url} was denied"), |event| match event {
            Event::Denied { visit, .. } if visit.final_url.as_str() == url => {
                Some(visit.failure.as_ref().map(ToString::to_string).unwrap_or_default())
            }
            _ => None,
        })
    }

    /// Keeps what is on the screen.
    pub fn keep(&self) -> Kept {
        let before = self.kept();
        self.say(Command::Keep);
        self.wait_for(|events| {
            let kept = events.iter().filter_map(|event| match event {
                Event::Kept { kept, .. } => Some(kept),
                _ => None,
            });
            kept.skip(before).map(|kept| Kept::clone(kept)).next()
        })
    }

    fn kept(&self) -> usize {
        self.events().iter().filter(|event| matches!(event, Event::Kept { .. })).count()
    }

    pub fn wait_for<T>(&self, seen: impl Fn(&[Event]) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            let events = self.events();
            if let Some(found) = seen(&events) {
                return found;
            }
            assert!(Instant::now() < until, "never told; but {events:#?}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// The recorder does nothing until what this gives is dropped: all that is
    /// said until then is there when it goes on.
    pub fn hold(&self) -> Sender<()> {
        let (hold, held) = channel();
        self.say(Command::Do(Box::new(move |_| {
            let _ = held.recv();
        })));
        hold
    }

    pub fn gap(&self) -> String {
        self.wait("a gap", |event| match event {
            Event::Gap { because, .. } => Some(because.to_string()),
            _ => None,
        })
    }

    pub fn refused(&self, word: &str) -> String {
        self.wait(&format!("that {word} was refused"), |event| match event {
            Event::Refused { what, why } if *what == word => Some(why.to_string()),
            _ => None,
        })
    }

    pub fn events(&self) -> Vec<Event> {
        self.told.events.lock().expect("events").iter().map(|(_, event)| event.clone()).collect()
    }

    /// The process of the browser that runs now; it leads their group.
    pub fn browser(&self) -> u32 {
        leader(self.browsers)
    }
}

/// Records in `case` while `steer` goes on, and ends it then.
pub fn recording(
    world: &World,
    case: &mut Unlocked<'_>,
    start: Option<&str>,
    steer: impl FnOnce(&Remote<'_>),
) -> (Result<Ended, CaptureError>, Vec<Event>) {
    recording_on(world, case, start, None, steer)
}

/// The same in a window on this display, where one is named.
pub fn recording_on(
    world: &World,
    case: &mut Unlocked<'_>,
    start: Option<&str>,
    display: Option<&str>,
    steer: impl FnOnce(&Remote<'_>),
) -> (Result<Ended, CaptureError>, Vec<Event>) {
    recording_with(world, case, start, (display, Traffic::NotKept), steer)
}

/// The same, and what becomes of the traffic.
pub fn recording_with(
    world: &World,
    case: &mut Unlocked<'_>,
    start: Option<&str>,
    (display, traffic): (Option<&str>, Traffic),
    steer: impl FnOnce(&Remote<'_>),
) -> (Result<Ended, CaptureError>, Vec<Event>) {
    let browsers = world.folder.path().join("browsers");
    fs::create_dir_all(&browsers).expect("a folder");
    let mut environment: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    if let Some(display) = display {
        environment.retain(|(name, _)| name != "DISPLAY" && name != "WAYLAND_DISPLAY");
        environment.push(("DISPLAY".into(), display.into()));
    }
    let network = Network::default();
    let (program, account) = (chromium(), account());
    let_pass(world.folder.path());
    let_pass(&browsers);
    let told = Told::default();
    let (commands, receiver) = channel();
    let remote = Remote { commands, told: &told, browsers: &browsers, case: case.folder().clone() };
    let ended = thread::scope(|scope| {
        let (told, browsers, network) = (&told, &browsers, &network);
        let (program, environment, account) = (&program, &environment, account.as_ref());
        let recorder = scope.spawn(move || {
            let request = RecordRequest {
                start,
                producer: Side::A,
                with: Starter { program, folder: browsers, environment, account },
                window: if display.is_some() { Window::Shown } else { Window::Headless },
                network,
                traffic,
            };
            let mut tell = |event: &Event| {
                told.events.lock().expect("events").push((Instant::now(), event.clone()));
                told.more.notify_all();
            };
            record(case, request, &receiver, &mut tell)
        });
        // A test that fails must not wait for the recording to end by itself.
        let steered = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| steer(&remote)));
        let _ = remote.commands.send(Command::End);
        let ended = recorder.join().expect("the recorder does not panic");
        if let Err(panic) = steered {
            std::panic::resume_unwind(panic);
        }
        ended
    });
    let events = told.events.into_inner().expect("events").into_iter().map(|(_, event)| event).collect();
    (ended, events)
}

/// Waits until this is so.
pub fn until(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "never: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// The record as a stranger reads it.
pub fn read(world: &World, folder: &Folder) -> Reading {
    Reading::of(&world.home(), folder.reference()).expect("the record is whole")
}

/// The visits on record.
pub fn visits(reading: &Reading) -> Vec<Visit> {
    let bodies = reading.ledger().entries().iter().map(|entry| &entry.body);
    bodies
        .filter_map(|body| match body {
            Body::Visited(visited) => Some(visited.visits.clone()),
            _ => None,
        })
        .flatten()
        .collect()
}

/// What the record says of recordings.
pub fn recordings(reading: &Reading) -> Vec<Recording> {
    let bodies = reading.ledger().entries().iter().map(|entry| &entry.body);
    bodies
        .filter_map(|body| match body {
            Body::Recording(recording) => Some(recording.clone()),
            _ => None,
        })
        .collect()
}

/// A site with more pages than the standard ones.
pub fn serving(
    page: impl Fn(&Request, &mut std::net::TcpStream) -> Option<std::io::Result<()>> + Send + Sync + 'static,
) -> Site {
    Site::serving(Arc::new(move |request, to| {
        page(request, to).unwrap_or_else(|| site::standard(request, to))
    }))
}

/// Long, because the computer may be busy.
pub const PATIENCE: Duration = Duration::from_secs(60);
