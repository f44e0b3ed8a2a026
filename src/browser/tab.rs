//! One fresh tab, off the record, with someone who answers for it.
//!
//! A thread follows the browser's events, closes message boxes, refuses
//! sign-ins and closes other windows, while the owner waits for what it needs.
//! It judges nothing of the page and keeps nothing of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::client::{CallError, Client, Events, Nothing, Pending, SessionId};
use super::launch::Browser;
use super::watch::{Watch, watching};

pub(super) struct Tab {
    client: Client,
    context: String,
    pub(super) session: SessionId,
    pub(super) target: String,
    shared: Arc<Shared>,
    tender: Option<JoinHandle<u64>>,
}

impl Tab {
    /// Opens the tab and waits until its guards stand.
    pub(super) fn open(
        browser: &mut Browser,
        size_limit: u64,
        width: u32,
        height: u32,
    ) -> Result<Tab, CallError> {
        let client = browser.client().clone();
        let events = client.events();
        let deny = json!({ "behavior": "deny", "eventsEnabled": true });
        client.tell(None, "Browser.setDownloadBehavior", deny);
        let context: Context =
            client.call(None, "Target.createBrowserContext", json!({ "disposeOnDetach": true }), LIMIT)?;
        let context = context.browser_context_id;
        let deny = json!({ "behavior": "deny", "eventsEnabled": true, "browserContextId": context });
        let denied = client.begin(None, "Browser.setDownloadBehavior", deny)?;
        for name in PERMISSIONS {
            let deny =
                json!({ "permission": { "name": name }, "setting": "denied", "browserContextId": context });
            client.tell(None, "Browser.setPermission", deny);
        }
        let watch = Watch::new(context.clone(), browser.wall().reach().clone(), size_limit, Instant::now());
        let shared = Arc::new(Shared {
            watch: Mutex::new(watch),
            changed: Condvar::new(),
            done: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        });
        let (inside, sender) = (Arc::clone(&shared), client.clone());
        let tender = thread::Builder::new()
            .name("tab".to_owned())
            .spawn(move || tend(&events, &sender, &inside))
            .map_err(|_| CallError::Closed)?;
        let nowhere = SessionId(String::new());
        let mut tab =
            Tab { client, context, session: nowhere, target: String::new(), shared, tender: Some(tender) };
        tab.attach(width, height)?;
        let _: Nothing = denied.wait(LIMIT)?;
        Ok(tab)
    }

    fn attach(&mut self, width: u32, height: u32) -> Result<(), CallError> {
        // Every new window waits for us before its first request.
        let auto = json!({
            "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true,
            "filter": [
                { "type": "page" }, { "type": "service_worker" }, { "type": "shared_worker" },
                { "exclude": true },
            ],
        });
        let auto = self.client.begin(None, "Target.setAutoAttach", auto)?;
        let blank = json!({
            "url": "about:blank", "browserContextId": self.context, "width": width, "height": height,
        });
        let created = self.client.begin(None, "Target.createTarget", blank)?;
        let _: Nothing = auto.wait(LIMIT)?;
        let _: Value = created.wait(LIMIT)?;
        self.until(Instant::now() + LIMIT, |watch| watch.session.is_some())?;
        let known = self.watch();
        let (Some(session), Some(target)) = (known.session.clone(), known.target.clone()) else {
            let method = "Target.attachedToTarget".to_owned();
            return Err(CallError::TimedOut { method, limit: LIMIT });
        };
        drop(known);
        (self.session, self.target) = (session, target);
        let view = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        let mut setup = vec![self.begin("Page.enable", json!({}))?];
        for (method, params) in watching() {
            setup.push(self.begin(method, params)?);
        }
        self.client.tell(Some(&self.session), "Inspector.enable", json!({}));
        setup.push(self.begin("Emulation.setDeviceMetricsOverride", view)?);
        setup.push(self.begin("Runtime.runIfWaitingForDebugger", json!({}))?);
        for pending in setup {
            let _: Value = pending.wait(LIMIT)?;
        }
        Ok(())
    }

    pub(super) fn begin(&self, method: &str, params: impl Serialize) -> Result<Pending, CallError> {
        self.client.begin(Some(&self.session), method, params)
    }

    pub(super) fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        params: impl Serialize,
        limit: Duration,
    ) -> Result<T, CallError> {
        self.client.call(Some(&self.session), method, params, limit)
    }

    pub(super) fn watch(&self) -> MutexGuard<'_, Watch> {
        self.shared.lock()
    }

    /// Waits until `seen`, and says whether that was before `deadline`.
    pub(super) fn until(&self, deadline: Instant, seen: impl Fn(&Watch) -> bool) -> Result<bool, CallError> {
        let mut watch = self.shared.lock();
        loop {
            if seen(&watch) {
                return Ok(true);
            }
            if self.shared.closed.load(Ordering::Relaxed) {
                return Err(CallError::Closed);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            // Short, because some of what is waited for is the lack of events.
            let slice = left.min(Duration::from_millis(20));
            let woken = self.shared.changed.wait_timeout(watch, slice);
            watch = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Closes the tab and forgets what it stored; how many events were lost.
    pub(super) fn close(mut self) -> u64 {
        self.end()
    }

    fn end(&mut self) -> u64 {
        self.shared.done.store(true, Ordering::Relaxed);
        let context = json!({ "browserContextId": self.context });
        let disposed = self.client.begin(None, "Target.disposeBrowserContext", context);
        if let Ok(disposed) = disposed {
            let _ = disposed.wait::<Nothing>(Duration::from_secs(2));
        }
        self.tender.take().map_or(0, |tender| tender.join().unwrap_or(0))
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        if self.tender.is_some() {
            self.end();
        }
    }
}

struct Shared {
    watch: Mutex<Watch>,
    changed: Condvar,
    done: AtomicBool,
    closed: AtomicBool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    browser_context_id: String,
}

fn tend(events: &Events, client: &Client, shared: &Shared) -> u64 {
    let mut orders = Vec::new();
    while !shared.done.load(Ordering::Relaxed) {
        match events.next(Duration::from_millis(20)) {
            Ok(None) => {}
            Ok(Some(event)) => {
                shared.lock().take(&event, Instant::now(), &mut orders);
                for order in orders.drain(..) {
                    client.tell(order.session.as_ref(), order.method, order.params);
                }
                shared.changed.notify_all();
            }
            Err(_) => {
                shared.closed.store(true, Ordering::Relaxed);
                shared.changed.notify_all();
                break;
            }
        }
    }
    events.lost()
}

const LIMIT: Duration = Duration::from_secs(10);

/// Names of the Permissions API; a browser that does not know one says so and
/// denies it anyway.
const PERMISSIONS: [&str; 18] = [
    "camera",
    "microphone",
    "geolocation",
    "notifications",
    "clipboard-read",
    "clipboard-write",
    "midi",
    "background-sync",
    "persistent-storage",
    "accelerometer",
    "gyroscope",
    "magnetometer",
    "payment-handler",
    "idle-detection",
    "window-management",
    "local-fonts",
    "display-capture",
    "storage-access",
];
