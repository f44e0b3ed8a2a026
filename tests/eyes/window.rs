//! A browser in a window of its own, as people have it: nobody speaks DevTools
//! to it, which would change what it keeps for going back. What it shows is
//! read off the screen, and what people do is done by keys.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::recorder;
use crate::screen::Screen;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    On,
    Off,
}

pub struct Window {
    pub screen: Screen,
    child: Child,
    _profile: tempfile::TempDir,
}

impl Window {
    /// Opens a window with nothing in it, which takes a while. It reaches this
    /// computer and nothing else.
    pub fn open(scripts: Scripts) -> Window {
        let (screen, profile) = (Screen::start(), recorder::temporary());
        let own = profile.path().join("own");
        let mut command = chromium(&own, scripts);
        command
            .arg("about:blank")
            .env("DISPLAY", &screen.display)
            .env("HOME", &own)
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        let child = command.spawn().expect("chromium must be installed for this test");
        let window = Window { screen, child, _profile: profile };
        window.wait("window", |window| !window.title().is_empty());
        window
    }

    /// The title in the window's frame.
    pub fn title(&self) -> String {
        let found = Command::new("xdotool")
            .args(["search", "--onlyvisible", "--class", "chromium", "getwindowname", "%@"])
            .env("DISPLAY", &self.screen.display)
            .output()
            .expect("xdotool must be installed for this test");
        String::from_utf8_lossy(&found.stdout).trim().to_owned()
    }

    /// Waits until the window's title has these words.
    pub fn wait_for(&self, words: &str) {
        self.wait(words, |window| window.title().contains(words));
    }

    pub fn wait(&self, what: &str, is: impl Fn(&Window) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is(self) {
            assert!(Instant::now() < until, "no {what}; the title is {:?}", self.title());
            thread::sleep(Duration::from_millis(200));
        }
    }

    pub fn go(&self, address: &str) {
        self.screen.press(&["ctrl+l"]);
        self.screen.type_in(address);
        // What the browser would put behind it, from its history.
        self.screen.press(&["Delete"]);
        self.screen.press(&["Return"]);
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
    let (folder, preferences) = (own.join("Default"), own.join("Default/Preferences"));
    std::fs::create_dir_all(&folder).expect("a profile");
    let setting = if scripts == Scripts::On { 1 } else { 2 };
    let said =
        serde_json::json!({ "profile": { "default_content_setting_values": { "javascript": setting } } });
    std::fs::write(&preferences, said.to_string()).expect("written");
    let mut command = Command::new(recorder::chromium());
    if let Some(account) = recorder::account() {
        for path in [own, &folder, &preferences] {
            account.give(path).expect("is given");
        }
        account.take_on(&mut command);
    }
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

/// Long: a browser of a busy computer takes minutes to come up.
const PATIENCE: Duration = Duration::from_secs(300);
