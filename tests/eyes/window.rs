//! A browser in a window of its own, as people have it: nobody speaks DevTools
//! to it, which would change what it keeps for going back. What it shows is
//! read off the screen, and what people do is done by keys.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::recorder;
use crate::screen::Screen;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Chromium,
    Firefox,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    On,
    Off,
}

pub struct Window {
    pub screen: Screen,
    pub kind: Kind,
    child: Child,
    _profile: tempfile::TempDir,
}

impl Window {
    /// Opens a window with nothing in it, which takes a while. It reaches this
    /// computer and nothing else.
    pub fn open(kind: Kind, scripts: Scripts) -> Window {
        let (screen, profile) = (Screen::start(), recorder::temporary());
        let own = profile.path().join("own");
        let mut command = match kind {
            Kind::Chromium => chromium(&own, scripts),
            Kind::Firefox => firefox(&own, scripts),
        };
        command
            .arg("about:blank")
            .env("DISPLAY", &screen.display)
            .env("HOME", &own)
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        let child = command.spawn().unwrap_or_else(|error| panic!("{kind:?} must be installed: {error}"));
        let window = Window { screen, kind, child, _profile: profile };
        window.wait("window", |window| !window.title().is_empty());
        window
    }

    /// The title in the window's frame.
    pub fn title(&self) -> String {
        self.found(&["getwindowname", "%@"])
    }

    /// What xdotool answers of the browser's window.
    fn found(&self, what: &[&str]) -> String {
        let class = match self.kind {
            Kind::Chromium => "chromium",
            Kind::Firefox => "firefox",
        };
        let found = Command::new("xdotool")
            .args(["search", "--onlyvisible", "--class", class])
            .args(what)
            .env("DISPLAY", &self.screen.display)
            .output()
            .expect("xdotool must be installed for this test");
        String::from_utf8_lossy(&found.stdout).trim().to_owned()
    }

    /// Presses keys in the window. No window manager gives it the keyboard, and
    /// Firefox takes no key without.
    pub fn press(&self, keys: &[&str]) {
        self.found(&["windowfocus", "--sync", "%1"]);
        self.screen.press(keys);
    }

    /// Presses the keys that stop the case of the page.
    pub fn stop(&self) {
        self.settle();
        self.press(&["Escape"]);
        self.press(&["Escape"]);
    }

    /// A page whose title is there is still arriving, and hears keys when its
    /// script has, which comes last.
    pub fn settle(&self) {
        thread::sleep(Duration::from_secs(1));
    }

    /// The words of the page, as who marks everything and pastes it elsewhere
    /// would have them.
    pub fn text(&self) -> String {
        let clip = |more: &[&str]| {
            let mut clip = Command::new("xclip");
            clip.args(["-selection", "primary"]).args(more).env("DISPLAY", &self.screen.display);
            clip.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
            clip
        };
        let until = Instant::now() + PATIENCE;
        loop {
            let mut mark =
                clip(&["-in"]).stdout(Stdio::null()).spawn().expect("xclip must be installed for this test");
            mark.stdin.take().expect("piped").write_all(UNMARKED.as_bytes()).expect("takes it");
            assert!(mark.wait().expect("waits").success());
            self.press(&["ctrl+a"]);
            let marked = clip(&["-out"]).output().expect("xclip must be installed for this test");
            let words = String::from_utf8_lossy(&marked.stdout).into_owned();
            if !words.is_empty() && words != UNMARKED {
                return words;
            }
            assert!(Instant::now() < until, "{:?}: nothing can be marked in {:?}", self.kind, self.title());
        }
    }

    /// Waits until the window's title has these words.
    pub fn wait_for(&self, words: &str) {
        self.wait(words, |window| window.title().contains(words));
    }

    pub fn wait(&self, what: &str, is: impl Fn(&Window) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is(self) {
            assert!(Instant::now() < until, "{:?}: no {what}; the title is {:?}", self.kind, self.title());
            thread::sleep(Duration::from_millis(200));
        }
    }

    pub fn go(&self, address: &str) {
        self.press(&["ctrl+l"]);
        self.screen.type_in(address);
        // What the browser would put behind it, from its history.
        self.press(&["Delete", "Return"]);
    }

    /// Goes there, again where a busy computer lost a letter, until the title has
    /// these words.
    pub fn reach(&self, address: &str, words: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            self.go(address);
            let again = Instant::now() + ONE_TRY;
            while Instant::now() < again {
                if self.title().contains(words) {
                    return;
                }
                thread::sleep(Duration::from_millis(200));
            }
            assert!(Instant::now() < until, "{:?}: no {words}; the title is {:?}", self.kind, self.title());
        }
    }

    /// Pixels of about this colour on the whole screen.
    pub fn pixels(&self, colour: [u8; 3]) -> usize {
        self.screen.count(|pixel| pixel.iter().zip(colour).all(|(is, wanted)| is.abs_diff(wanted) < 12))
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if let Ok(group) = libc::pid_t::try_from(self.child.id()) {
            // SAFETY: a plain system call; the child is not reaped yet, so the
            // number names its group.
            unsafe { libc::kill(-group, libc::SIGKILL) };
        }
        let _ = self.child.wait();
        thread::sleep(Duration::from_millis(200));
    }
}

/// The browser with a profile in that folder, which is its account's.
fn chromium(own: &Path, scripts: Scripts) -> Command {
    let setting = if scripts == Scripts::On { 1 } else { 2 };
    let said =
        serde_json::json!({ "profile": { "default_content_setting_values": { "javascript": setting } } });
    let mut command =
        with_profile(&recorder::chromium(), own, &own.join("Default"), ("Preferences", &said.to_string()));
    command.arg(format!("--user-data-dir={}", own.display())).args([
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--password-store=basic",
        "--window-position=0,0",
        "--window-size=1280,900",
        "--proxy-server=127.0.0.1:9",
    ]);
    command
}

/// The same in the other browser that people have.
fn firefox(own: &Path, scripts: Scripts) -> Command {
    let is_on = if scripts == Scripts::On { "true" } else { "false" };
    let mut said = String::new();
    for (name, value) in FIREFOX.into_iter().chain([("javascript.enabled", is_on)]) {
        let _ = writeln!(said, "user_pref(\"{name}\", {value});");
    }
    let mut command = with_profile(Path::new("firefox-esr"), own, &own.join("profile"), ("user.js", &said));
    command.arg("--no-remote").arg("--profile").arg(own.join("profile"));
    command.args(["--width", "1280", "--height", "900"]);
    command
}

/// The program, as its account, once what it reads at its start is in
/// `profile`, which is in `own`.
fn with_profile(program: &Path, own: &Path, profile: &Path, (name, said): (&str, &str)) -> Command {
    std::fs::create_dir_all(profile).expect("a profile");
    let file = profile.join(name);
    std::fs::write(&file, said).expect("written");
    let mut command = Command::new(program);
    if let Some(account) = recorder::account() {
        for path in [own, profile, &file] {
            account.give(path).expect("is given");
        }
        account.take_on(&mut command);
    }
    command
}

/// Nothing that comes up by itself, and nothing of the network.
const FIREFOX: [(&str, &str); 17] = [
    ("browser.aboutwelcome.enabled", "false"),
    ("browser.shell.checkDefaultBrowser", "false"),
    ("browser.startup.homepage_override.mstone", "\"ignore\""),
    ("browser.startup.page", "0"),
    ("browser.urlbar.autoFill", "false"),
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("datareporting.policy.dataSubmissionPolicyBypassNotification", "true"),
    ("signon.rememberSignons", "false"),
    ("termsofuse.bypassNotification", "true"),
    ("toolkit.telemetry.reportingpolicy.firstRun", "false"),
    ("trailhead.firstrun.didSeeAboutWelcome", "true"),
    ("app.update.enabled", "false"),
    ("network.proxy.type", "1"),
    ("network.proxy.http", "\"127.0.0.1\""),
    ("network.proxy.http_port", "9"),
    ("network.proxy.ssl", "\"127.0.0.1\""),
    ("network.proxy.ssl_port", "9"),
];

/// What is marked before anything of the page is.
const UNMARKED: &str = "nothing of the page is marked";

/// For a page that is there at once.
const ONE_TRY: Duration = Duration::from_secs(40);

/// Long: a browser of a busy computer takes minutes to come up.
const PATIENCE: Duration = Duration::from_secs(300);
