//! The reviewers' own browser: a Chromium without a window, spoken to by the
//! project's own DevTools client. Nothing of the guide is known here.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use countersign_browser::devtools::client::{Client, Events, SessionId};
use serde_json::{Value, json};

/// A running browser, which several tests share.
pub struct Chromium {
    child: Child,
    client: Client,
    _profile: tempfile::TempDir,
}

impl Chromium {
    /// The browser that runs already, or a new one. It ends with the last test
    /// that holds it.
    pub fn shared() -> Arc<Chromium> {
        static RUNNING: Mutex<Weak<Chromium>> = Mutex::new(Weak::new());
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(chromium) = running.upgrade() {
            return chromium;
        }
        let chromium = Arc::new(Chromium::start());
        *running = Arc::downgrade(&chromium);
        chromium
    }

    fn start() -> Chromium {
        use std::os::fd::AsRawFd;
        use std::os::unix::process::CommandExt;

        let profile = crate::recorder::temporary();
        let (program, account) = (crate::recorder::chromium(), crate::recorder::account());
        let own = profile.path().join("own");
        std::fs::create_dir(&own).expect("a folder");
        let (child_in, to_child) = io::pipe().expect("a pipe");
        let (from_child, child_out) = io::pipe().expect("a pipe");
        let (read, write) = (child_in.as_raw_fd(), child_out.as_raw_fd());
        let mut command = Command::new(program);
        command
            .args(SWITCHES)
            .arg(format!("--user-data-dir={}", own.display()))
            .env("HOME", &own)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        if let Some(account) = &account {
            account.give(&own).expect("is given");
            account.take_on(&mut command);
        }
        // SAFETY: between fork and exec only system calls that are safe there.
        unsafe {
            command.pre_exec(move || {
                let read = libc::fcntl(read, libc::F_DUPFD_CLOEXEC, 10);
                let write = libc::fcntl(write, libc::F_DUPFD_CLOEXEC, 10);
                match libc::dup2(read, 3) < 0 || libc::dup2(write, 4) < 0 {
                    true => Err(io::Error::last_os_error()),
                    false => Ok(()),
                }
            });
        }
        let child = command.spawn().expect("chromium must be installed for this test");
        drop((child_in, child_out));
        let client = Client::new(to_child, from_child).expect("threads");
        let chromium = Chromium { child, client, _profile: profile };
        let _: Value = chromium.call("Browser.getVersion", json!({}));
        chromium
    }

    /// A person's browser of their own: no cookies, no history.
    pub fn person(self: &Arc<Self>) -> Person {
        self.context(json!({}))
    }

    /// Somebody who reaches only this host and port: everything else, this
    /// computer too, is behind a proxy that is not there.
    #[allow(dead_code)] // Not every test uses it.
    pub fn confined_to(self: &Arc<Self>, host: &str) -> Person {
        let bypass = format!("<-loopback>,{host}");
        self.context(json!({ "proxyServer": "127.0.0.1:1", "proxyBypassList": bypass }))
    }

    fn context(self: &Arc<Self>, how: Value) -> Person {
        let made = self.call("Target.createBrowserContext", how);
        let context = made["browserContextId"].as_str().expect("an id").to_owned();
        self.call("Browser.setDownloadBehavior", json!({ "behavior": "deny", "browserContextId": context }));
        Person { chromium: Arc::clone(self), context }
    }

    fn call(&self, method: &str, params: Value) -> Value {
        self.client.call(None, method, params, LIMIT).unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.client.close();
        if let Ok(group) = libc::pid_t::try_from(self.child.id()) {
            // SAFETY: a plain system call; the child is not reaped yet, so the
            // number names its group.
            unsafe { libc::kill(-group, libc::SIGKILL) };
        }
        let _ = self.child.wait();
        // What still writes to the profile when it is removed.
        thread::sleep(Duration::from_millis(200));
    }
}

/// One person's browser, with as many tabs as they open.
pub struct Person {
    chromium: Arc<Chromium>,
    context: String,
}

impl Person {
    /// A tab of 1280 by 800 that has the focus, whatever other tabs do.
    pub fn tab(&self) -> Tab {
        let tab = self.tab_as_it_is();
        tab.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
        tab.size(1280, 800, 1.0);
        tab
    }

    /// A tab that is hidden behind the next one.
    pub fn tab_as_it_is(&self) -> Tab {
        let at = json!({ "url": "about:blank", "browserContextId": self.context });
        let made = self.chromium.call("Target.createTarget", at);
        self.listen_to(made["targetId"].as_str().expect("an id"))
    }

    /// The tabs and windows that are open.
    pub fn open(&self) -> Vec<(String, String)> {
        let all = self.chromium.call("Target.getTargets", json!({}));
        let ours = all["targetInfos"].as_array().expect("a list").iter();
        ours.filter(|target| target["browserContextId"] == self.context.as_str() && target["type"] == "page")
            .map(|target| {
                let text = |name: &str| target[name].as_str().unwrap_or_default().to_owned();
                (text("targetId"), text("url"))
            })
            .collect()
    }

    /// A tab that a page opened.
    pub fn attach(&self, target: &str) -> Tab {
        let tab = self.listen_to(target);
        tab.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
        tab
    }

    fn listen_to(&self, target: &str) -> Tab {
        let attached =
            self.chromium.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        let session = SessionId(attached["sessionId"].as_str().expect("an id").to_owned());
        let events = self.chromium.client.events();
        let tab = Tab { chromium: Arc::clone(&self.chromium), session, target: target.to_owned(), events };
        for domain in ["Page", "Runtime", "Network", "Log"] {
            tab.call(&format!("{domain}.enable"), json!({}));
        }
        tab
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        self.chromium.client.tell(
            None,
            "Target.disposeBrowserContext",
            json!({ "browserContextId": self.context }),
        );
    }
}

/// One tab.
pub struct Tab {
    chromium: Arc<Chromium>,
    session: SessionId,
    target: String,
    events: Events,
}

/// What the browser said of a tab.
#[derive(Debug, Clone)]
pub struct Said {
    pub method: String,
    pub params: Value,
}

impl Tab {
    pub fn call(&self, method: &str, params: Value) -> Value {
        self.try_call(method, params).unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn try_call(&self, method: &str, params: Value) -> Result<Value, String> {
        let called = self.chromium.client.call(Some(&self.session), method, params, LIMIT);
        called.map_err(|error| error.to_string())
    }

    /// What the page says to this expression. Waits where the page is being
    /// left.
    pub fn eval(&self, expression: &str) -> Value {
        let until = Instant::now() + LIMIT;
        loop {
            match self.try_eval(expression) {
                Ok(value) => return value,
                Err(error) if Instant::now() > until => panic!("{expression}: {error}"),
                Err(error) if error.starts_with("threw") => panic!("{expression}: {error}"),
                Err(_) => thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    fn try_eval(&self, expression: &str) -> Result<Value, String> {
        let asked = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.try_call("Runtime.evaluate", asked)?;
        match answer.get("exceptionDetails") {
            Some(thrown) => Err(format!("threw: {thrown}")),
            None => Ok(answer["result"]["value"].clone()),
        }
    }

    pub fn text(&self, expression: &str) -> String {
        self.eval(expression).as_str().unwrap_or_default().to_owned()
    }

    /// Does what leads to another page, and waits until that is there.
    pub fn leave(&self, act: impl FnOnce(&Tab)) {
        self.eval(MARK);
        act(self);
        self.arrive();
    }

    /// Waits until a new page is there, whole, and with all cases of a list.
    pub fn arrive(&self) {
        let there = "document.readyState === 'complete' && !(document.querySelector('main') || document.body).leaving && location.href !== 'about:blank' && !location.pathname.startsWith('/job/') && !document.querySelector('[data-again]')";
        let until = Instant::now() + LIMIT;
        while !matches!(self.try_eval(there), Ok(Value::Bool(true))) {
            assert!(Instant::now() < until, "stayed at {}: {}", self.url(), self.text(BODY));
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn go(&self, url: &str) {
        self.leave(|tab| {
            let gone = tab.call("Page.navigate", json!({ "url": url }));
            assert!(gone.get("errorText").is_none_or(Value::is_null), "{url}: {gone}");
        });
    }

    /// The button of the browser.
    pub fn back(&self) {
        let history = self.call("Page.getNavigationHistory", json!({}));
        let at = history["currentIndex"].as_u64().expect("a number");
        let before = usize::try_from(at).expect("small").checked_sub(1).expect("something to go back to");
        let entry = history["entries"][before]["id"].clone();
        self.eval(MARK);
        self.call("Page.navigateToHistoryEntry", json!({ "entryId": entry }));
        // A page out of the browser's memory is not loaded again.
        let url = history["entries"][before]["url"].as_str().unwrap_or_default().to_owned();
        let until = Instant::now() + LIMIT;
        while self.url() != url || self.try_eval("document.readyState") != Ok("complete".into()) {
            assert!(Instant::now() < until, "stayed at {}", self.url());
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn url(&self) -> String {
        self.text("location.href")
    }

    pub fn path(&self) -> String {
        self.text("location.pathname")
    }

    /// The words that a person sees.
    pub fn words(&self) -> String {
        self.text(BODY)
    }

    /// The page MUST say this.
    pub fn sees(&self, words: &str) {
        let body = self.words();
        assert!(body.contains(words), "{} does not say {words:?}:\n{body}", self.url());
    }

    pub fn press(&self, key: Key) {
        let (name, code, number, text) = match key {
            Key::Tab => ("Tab", "Tab", 9, ""),
            Key::Enter => ("Enter", "Enter", 13, "\r"),
            Key::Space => (" ", "Space", 32, " "),
            Key::Escape => ("Escape", "Escape", 27, ""),
            Key::Down => ("ArrowDown", "ArrowDown", 40, ""),
        };
        let key = |kind: &str| json!({ "type": kind, "key": name, "code": code, "windowsVirtualKeyCode": number, "text": if kind == "keyUp" { "" } else { text } });
        self.call("Input.dispatchKeyEvent", key(if text.is_empty() { "rawKeyDown" } else { "keyDown" }));
        self.call("Input.dispatchKeyEvent", key("keyUp"));
    }

    /// Types into what has the focus.
    pub fn insert(&self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Chooses files in the first field for files of the page, as the window
    /// of the system would.
    pub fn choose_files(&self, files: &[&Path]) {
        let document = self.call("DOM.getDocument", json!({}));
        let of = json!({ "nodeId": document["root"]["nodeId"], "selector": "input[type=file]" });
        let field = self.call("DOM.querySelector", of);
        self.call("DOM.setFileInputFiles", json!({ "files": files, "nodeId": field["nodeId"] }));
    }

    pub fn size(&self, width: u32, height: u32, scale: f64) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// What the system prefers, such as `forced-colors`.
    pub fn prefer(&self, feature: &str, value: &str) {
        let features = json!([{ "name": feature, "value": value }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    pub fn without_script(&self) {
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    }

    /// A picture of the whole page or of what is on screen, as PNG.
    pub fn picture(&self, whole: Whole) -> Vec<u8> {
        let beyond = whole == Whole::Page;
        let taken =
            self.call("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": beyond }));
        let data = taken["data"].as_str().expect("a picture");
        base64::engine::general_purpose::STANDARD.decode(data).expect("base64")
    }

    /// What the browser said of this tab since this was asked last.
    pub fn said(&self) -> Vec<Said> {
        let mut said = Vec::new();
        while let Ok(Some(event)) = self.events.next(Duration::ZERO) {
            if event.session.as_ref() == Some(&self.session) {
                said.push(Said { method: event.method, params: event.params });
            }
        }
        assert_eq!(self.events.lost(), 0);
        said
    }

    pub fn to_front(&self) {
        self.call("Page.bringToFront", json!({}));
    }

    pub fn close(self) {
        self.chromium.call("Target.closeTarget", json!({ "targetId": self.target }));
    }
}

#[derive(Clone, Copy)]
pub enum Key {
    Tab,
    Enter,
    Space,
    Escape,
    Down,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    Page,
    Screen,
}

/// On the content, which a script can replace without another page.
const MARK: &str = "(document.querySelector('main') || document.body).leaving = true";
const BODY: &str = "document.body ? document.body.innerText : ''";
const LIMIT: Duration = Duration::from_secs(90);
const SWITCHES: [&str; 12] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-crash-reporter",
    "--disable-sync",
    "--disable-extensions",
    "--password-store=basic",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
];
