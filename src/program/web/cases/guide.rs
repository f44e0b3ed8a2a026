//! What every page can ask for: a case to read, a case to add to, drafts.
//!
//! It holds no state of a case; what was read of one, the cache has.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use countersign_browser::program::find::Found;
use countersign_browser::program::launch::Window;
use countersign_case::capture::{Command, Network, Without};
use countersign_case::case::{CaseError, Home, Reading, Unlocked};
use countersign_case::procedure::Deed;
use countersign_case::rehearsal::Site;
use countersign_record::clock::{Clock, Time};
use countersign_record::journal::{Body, Reference};
use tokio::sync::Notify;

use crate::ambient::{Ambient, SystemClock, SystemRandom};
use crate::browser_args::BrowserArgs;
use crate::message::{Message, own_file};
use crate::passphrase::Both;
use crate::say::{Form, Output};
use crate::web::cases::case_cache::CaseCache;
use crate::web::cases::drafts::{AllDrafts, Drafts};
use crate::web::cases::jobs::Jobs;
use crate::web::cases::recordings::Recordings;
use crate::web::cases::stopped::Stopped;
use crate::web::cases::unlocked_cases::{Recording, UnlockedCases};
use crate::web::cases::waiting::Waiting;
use crate::web::html::Problem;

/// How long a page waits for a case: longer than the longest takes.
const PAGE_WAITS: Duration = Duration::from_secs(20);

/// The guide while it runs.
pub struct Guide {
    home: Home,
    procedure: Option<String>,
    browser_args: BrowserArgs,
    window: Window,
    ports: Mutex<Vec<u16>>,
    site: Mutex<Option<Arc<Site>>>,
    ambient: OnceLock<Arc<Ambient>>,
    unlocked_cases: UnlockedCases,
    stopped: Stopped,
    case_cache: Arc<CaseCache>,
    drafts: AllDrafts,
    pub jobs: Jobs,
    pub waiting: Waiting,
    pub recordings: Recordings,
    end: Notify,
}

impl Guide {
    pub fn new(
        home: Home,
        port: u16,
        browser_args: BrowserArgs,
        window: Window,
        procedure: Option<String>,
    ) -> Guide {
        let ports = Mutex::new(vec![port]);
        let case_cache = Arc::new(CaseCache::of(home.clone()));
        Guide {
            home,
            procedure,
            browser_args,
            window,
            ports,
            site: Mutex::default(),
            ambient: OnceLock::new(),
            unlocked_cases: UnlockedCases::default(),
            stopped: Stopped::default(),
            case_cache,
            drafts: AllDrafts::default(),
            jobs: Jobs::default(),
            waiting: Waiting::default(),
            recordings: Recordings::default(),
            end: Notify::new(),
        }
    }

    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The browser to record with, or why there is none.
    pub fn browser(&self) -> Result<Result<Found, Without>, Problem> {
        Ok(self.browser_args.browser()?)
    }

    /// Whether people see what is recorded.
    pub fn window(&self) -> Window {
        self.window
    }

    /// How the network is reached. The guide itself stays out of reach of
    /// every page that is recorded.
    pub fn network(&self, browser: Option<&Found>) -> Result<Network, Problem> {
        let mut network = self.browser_args.network(browser, &Output::new(Form::Words))?;
        let ports = self.ports.lock().unwrap_or_else(|e| e.into_inner());
        network.own_ports.extend(ports.iter());
        Ok(network)
    }

    /// That this program listens there, too.
    pub fn listens_at(&self, port: u16) {
        self.ports.lock().unwrap_or_else(|e| e.into_inner()).push(port);
    }

    /// The sample site, which is served from when it is first asked for until
    /// the guide ends.
    pub fn site(&self) -> Result<Arc<Site>, Problem> {
        let mut site = self.site.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(site) = &*site {
            return Ok(Arc::clone(site));
        }
        let started = Site::start(&SystemRandom).map_err(|error| {
            Problem::surroundings(&format!("The sample site did not start on this computer: {error}."))
        })?;
        Ok(Arc::clone(site.insert(Arc::new(started))))
    }

    /// The procedure that new cases follow, where one was named.
    pub fn procedure(&self) -> Option<&str> {
        self.procedure.as_deref()
    }

    pub fn now(&self) -> Time {
        SystemClock::start().now()
    }

    /// The computer and this program, looked at when they are first needed.
    pub fn ambient(&self) -> Result<Arc<Ambient>, Problem> {
        if let Some(ambient) = self.ambient.get() {
            return Ok(Arc::clone(ambient));
        }
        let looked = Ambient::look().map_err(|error| own_file(&error))?;
        Ok(Arc::clone(self.ambient.get_or_init(|| Arc::new(looked))))
    }

    /// The case as it stands now, with every entry and every stop.
    pub fn reading(&self, reference: Reference) -> Result<Arc<Reading>, Problem> {
        Ok(self.read(reference)?)
    }

    /// The same, with the reason why a case cannot be read.
    ///
    /// A disk that hangs holds up this page for a while and no longer; the
    /// case is then one that does not answer.
    pub fn read(&self, reference: Reference) -> Result<Arc<Reading>, CaseError> {
        self.case_cache.read_within(reference, PAGE_WAITS)
    }

    /// What waits to be signed of that kind.
    pub fn drafts<T: Send + 'static>(&self) -> Arc<Drafts<T>> {
        self.drafts.of()
    }

    /// What was read of the cases, for lists of them.
    pub fn case_cache(&self) -> &Arc<CaseCache> {
        &self.case_cache
    }

    /// Whether both have unlocked the case.
    pub fn is_unlocked(&self, reference: Reference) -> bool {
        self.unlocked_cases.is_unlocked(reference)
    }

    /// Unlocks the case; where it is unlocked, asks whether these are its
    /// passphrases.
    pub fn unlock(&self, reference: Reference, both: Both) -> Result<(), Problem> {
        self.unlocked_cases.unlock(&self.home, reference, both, self.ambient()?)?;
        self.stopped.remove(reference);
        Ok(())
    }

    /// The cases that were stopped since both unlocked them.
    pub fn stopped(&self) -> &Stopped {
        &self.stopped
    }

    /// Whether no page shows anything of the case until both unlock it: it was
    /// locked here, or stopped.
    pub fn is_hidden(&self, reference: Reference) -> bool {
        self.stopped.has(reference) || self.unlocked_cases.was_let_go(reference)
    }

    /// Lets go of the case's keys and lock.
    pub fn lock(&self, reference: Reference) {
        self.unlocked_cases.lock(reference);
    }

    /// Has something done with the unlocked case, and waits for it.
    pub fn with<R: Send + 'static>(
        &self,
        reference: Reference,
        work: impl FnOnce(&mut Unlocked<'_>) -> R + Send + 'static,
    ) -> Result<R, Problem> {
        self.unlocked_cases.with(reference, work)
    }

    /// Whether a recording of the case goes on.
    pub fn is_recording(&self, reference: Reference) -> bool {
        self.unlocked_cases.is_recording(reference)
    }

    /// Begins a recording on the case's thread, and does not wait for its end.
    /// Until then it has the commands that pages send.
    pub fn record(&self, reference: Reference, recording: Recording) -> Result<(), Problem> {
        self.unlocked_cases.record(reference, recording)
    }

    /// Tells the recording something, and does not wait.
    pub fn command(&self, reference: Reference, command: Command) -> Result<(), Problem> {
        self.unlocked_cases.command(reference, command)
    }

    /// What could not be done beside what was kept last.
    pub fn unfinished(&self, reference: Reference) -> Vec<Message> {
        self.unlocked_cases.unfinished(reference)
    }

    /// When the recording of the case ends because nobody does anything, where
    /// that is soon.
    pub fn ends_soon(&self, reference: Reference) -> Option<Time> {
        self.unlocked_cases.ends_soon(reference)
    }

    /// People did something in the recording: the case stays unlocked.
    pub fn note_activity(&self, reference: Reference) {
        self.unlocked_cases.note_activity(reference);
    }

    /// Opens a case; it is unlocked from then on.
    pub fn open(
        &self,
        open: impl for<'a> FnOnce(&Home, &'a Ambient) -> Result<Unlocked<'a>, CaseError> + Send + 'static,
    ) -> Result<Reference, Problem> {
        let home = self.home.clone();
        self.unlocked_cases.take(self.ambient()?, move |ambient| open(&home, ambient))
    }

    /// Adds one entry that both have checked, and gives its number.
    pub fn enter(&self, reference: Reference, deed: Deed, body: Body) -> Result<u64, Problem> {
        let entered = self.with(reference, move |unlocked| {
            let permit = unlocked.permit(deed)?;
            unlocked.append(permit, body)
        })?;
        Ok(entered?)
    }

    /// Ends the guide, once this answer is sent.
    pub fn end(&self) {
        self.end.notify_one();
    }

    pub async fn ended(&self) {
        self.end.notified().await;
    }

    /// Lets go of everything.
    pub fn let_go(&self) {
        self.unlocked_cases.lock_all();
        self.waiting.clear();
    }
}
