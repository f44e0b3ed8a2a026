//! The windows in which people browse, off the record, and what happens in
//! them.
//!
//! A thread follows the browser's events and answers what must be answered at
//! once; what happened waits to be asked for, with an end to how much. It
//! keeps nothing and knows nothing of cases.

mod addresses;
mod answering;
mod events;
mod names;
mod pending;
mod shown;
mod tab;
mod tabs;
mod visited;
mod visits;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub use events::SessionEvent;
pub use shown::{Area, AreaError, KeepError, Shown};
pub use visited::{Page, VisitOutcome, Visited};

use self::answering::Answering;
use self::tab::blank;
use self::tabs::Tabs;
use crate::devtools::client::{Client, Events, Nothing, Pending};
use crate::devtools::context::{Attendance, Context};
use crate::devtools::error::CallError;
use crate::devtools::page_event::PageEvent;
use crate::network::address::Address;
use crate::network::wall::{self, Wall};
use crate::program::launch::{Browser, Window};
use crate::traffic::{self, Gathering};

/// The windows of one recording. Dropped, they close.
pub struct Session {
    client: Client,
    context: String,
    shared: Arc<Shared>,
    session_events: Receiver<SessionEvent>,
    follower: Option<JoinHandle<()>>,
    asked: Option<(Pending, Instant)>,
    answered: Instant,
}

impl Session {
    /// Opens a window with nothing in it. `stop` is set at once when somebody
    /// presses the keys that stop the case. With limits for it, the traffic of
    /// each page is gathered from its first request on.
    pub fn open(
        browser: &Browser,
        stop: Arc<AtomicBool>,
        traffic: Option<traffic::Limits>,
    ) -> Result<Session, CallError> {
        let client = browser.client().clone();
        let events = client.events();
        let context = Context::create(&client, browser.wall())?;
        let denied = context.deny(&client)?;
        let attendance = match browser.window() {
            Window::Shown => Attendance::Shown,
            Window::Headless => Attendance::Headless,
        };
        let reach = browser.wall().reach().clone();
        let mut tabs = Tabs::of(context.id.clone(), attendance, reach, Instant::now());
        tabs.gathering = traffic.map(|limits| Gathering::new(client.clone(), limits));
        let shared = Arc::new(Shared {
            tabs: Mutex::new(tabs),
            wall: browser.wall_shared(),
            stop,
            attendance,
            done: AtomicBool::new(false),
            lost: AtomicU64::new(0),
        });
        let (sender, session_events) = mpsc::sync_channel(MOST_UNTAKEN_EVENTS);
        let (inside, speaker) = (Arc::clone(&shared), client.clone());
        let follower = thread::Builder::new()
            .name("session".to_owned())
            .spawn(move || follow(&events, &speaker, &inside, &sender))
            .map_err(CallError::no_thread)?;
        let session = Session {
            client,
            context: context.id,
            shared,
            session_events,
            follower: Some(follower),
            asked: None,
            answered: Instant::now(),
        };
        let _: Nothing = denied.wait(OPENING_LIMIT)?;
        session.watch_windows()?;
        Ok(session)
    }

    fn watch_windows(&self) -> Result<(), CallError> {
        let every = json!([{ "type": "page" }, { "type": "other" }, { "exclude": true }]);
        self.client.tell(None, "Target.setDiscoverTargets", json!({ "discover": true, "filter": every }));
        // Every new window waits for us before its first request.
        let auto = json!({
            "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true,
            "filter": [{ "type": "page" }, { "exclude": true }],
        });
        let auto = self.client.begin(None, "Target.setAutoAttach", auto)?;
        let created = self.client.begin(None, "Target.createTarget", blank(&self.context))?;
        let _: Nothing = auto.wait(OPENING_LIMIT)?;
        let _: Value = created.wait(OPENING_LIMIT)?;
        let until = Instant::now() + OPENING_LIMIT;
        let session = loop {
            if let Some(tab) = self.shared.lock().on_screen() {
                break tab.session.clone();
            }
            if Instant::now() > until {
                let method = "Target.attachedToTarget".to_owned();
                return Err(CallError::TimedOut { method, limit: OPENING_LIMIT });
            }
            thread::sleep(Duration::from_millis(5));
        };
        // Answered once everything before it has been taken in.
        let _: Value = self.client.call(Some(&session), "Page.getFrameTree", json!({}), OPENING_LIMIT)?;
        Ok(())
    }

    /// The next thing that happened, waited for at most `limit`; `None` when
    /// nothing did. An error means that the browser has ended and everything
    /// has been told.
    pub fn next(&self, limit: Duration) -> Result<Option<SessionEvent>, CallError> {
        match self.session_events.recv_timeout(limit) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(CallError::Closed),
        }
    }

    /// How many events were lost since the last time, because more came
    /// than could be taken.
    pub fn take_lost(&self) -> u64 {
        self.shared.lost.swap(0, Ordering::Relaxed)
    }

    /// Asks the browser for a sign of life now and then, and says whether it has
    /// not answered for so long that it never will.
    pub fn poll_hung(&mut self) -> bool {
        let now = Instant::now();
        match &self.asked {
            Some((pending, since)) => match pending.poll::<Value>(Duration::ZERO) {
                Ok(Some(_)) => {
                    self.answered = now;
                    self.asked = None;
                    false
                }
                Ok(None) => now.duration_since(*since) > HUNG,
                Err(_) => false,
            },
            None => {
                if now.duration_since(self.answered) > HEARTBEAT {
                    let asked = self.client.begin(None, "Browser.getVersion", json!({}));
                    self.asked = asked.ok().map(|asked| (asked, now));
                }
                false
            }
        }
    }

    /// The page that is on the screen.
    pub fn on_screen(&self, browser: &Browser) -> Option<Shown> {
        let tabs = self.shared.lock();
        tabs.on_screen().map(|tab| Shown::of(browser, tab))
    }

    /// Opens `address` in the page that is on the screen.
    pub fn go(&self, address: &Address) {
        let session = self.shared.lock().on_screen().map(|tab| tab.session.clone());
        if let Some(session) = session {
            self.client.tell(Some(&session), "Page.navigate", json!({ "url": address.as_str() }));
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.shared.done.store(true, Ordering::Relaxed);
        if let Some(follower) = self.follower.take() {
            let _ = follower.join();
        }
    }
}

struct Shared {
    tabs: Mutex<Tabs>,
    wall: Arc<Wall>,
    stop: Arc<AtomicBool>,
    attendance: Attendance,
    done: AtomicBool,
    lost: AtomicU64,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Tabs> {
        self.tabs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn follow(events: &Events, client: &Client, shared: &Shared, session_events: &SyncSender<SessionEvent>) {
    let mut commands = Vec::new();
    let mut ticked = Instant::now();
    let mut lost = 0;
    let mut answering = Answering::begin(ticked);
    while !shared.done.load(Ordering::Relaxed) {
        let next = events.next(TICK).map(|event| event.map(PageEvent::of));
        let now = Instant::now();
        let mut tabs = shared.lock();
        match &next {
            Ok(Some(Ok(Some(event)))) => tabs.take(event, now, &mut commands),
            // Of no shape that is known.
            Ok(Some(Err(_))) => {
                shared.lost.fetch_add(1, Ordering::Relaxed);
            }
            Ok(Some(Ok(None)) | None) => {}
            Err(_) => tabs.end(),
        }
        if now.duration_since(ticked) >= TICK {
            ticked = now;
            tabs.tick(now);
            // Where nobody looks, nobody presses keys.
            if shared.attendance == Attendance::Shown {
                answering.look(&mut tabs, client, now);
            }
        }
        let happened = std::mem::take(&mut tabs.out);
        // Before anybody can see a new tab: its guards come first.
        for command in commands.drain(..) {
            client.tell(command.session.as_ref(), command.method, command.params);
        }
        drop(tabs);
        for event in happened {
            if event == SessionEvent::Stop {
                shared.stop.store(true, Ordering::Relaxed);
            }
            match session_events.try_send(explain(event, &shared.wall)) {
                Ok(()) => {}
                Err(TrySendError::Full(_)) => {
                    shared.lost.fetch_add(1, Ordering::Relaxed);
                }
                Err(TrySendError::Disconnected(_)) => return,
            }
        }
        let behind = events.lost();
        shared.lost.fetch_add(behind - lost, Ordering::Relaxed);
        lost = behind;
        if next.is_err() {
            return;
        }
    }
}

/// Where the wall refused, the browser only knows that nothing answered.
fn explain(event: SessionEvent, wall: &Wall) -> SessionEvent {
    let SessionEvent::Visited(visit @ Visited { outcome: VisitOutcome::Failed(_), .. }) = &event else {
        return event;
    };
    let outcome = wall.latest_at(&visit.final_url);
    let why = |outcome: wall::Outcome| outcome.to_string();
    let outcome = match outcome {
        Some(refused @ wall::Outcome::Refused(_)) => VisitOutcome::Denied(why(refused)),
        Some(failed @ (wall::Outcome::NotFound(_) | wall::Outcome::Unreachable(_)))
            if visit.status.is_none() =>
        {
            VisitOutcome::Failed(why(failed))
        }
        _ => return event,
    };
    SessionEvent::Visited(Visited { outcome, ..visit.clone() })
}

const OPENING_LIMIT: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(50);
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Longer than a browser takes to do anything, on a slow and busy computer.
const HUNG: Duration = Duration::from_secs(20);
const MOST_UNTAKEN_EVENTS: usize = 8192;
