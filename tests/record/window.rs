//! A window that people see, on a screen that is none: what they type, the
//! keys that stop, and the last window closed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::desk::{PATIENCE, is_alive, processes};
use crate::program::{Program, opened};
use crate::site::Site;

/// A screen that nobody sees.
struct Screen {
    server: Child,
    display: String,
}

impl Screen {
    fn start() -> Screen {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("xvfb must be installed for this test");
        let mut number = String::new();
        let mut out = BufReader::new(server.stdout.take().expect("piped"));
        out.read_line(&mut number).expect("a display");
        Screen { server, display: format!(":{}", number.trim()) }
    }

    fn press(&self, keys: &[&str]) {
        let status = Command::new("xdotool").arg("key").args(keys).env("DISPLAY", &self.display).status();
        assert!(status.expect("xdotool must be installed for this test").success());
        thread::sleep(Duration::from_millis(700));
    }

    fn type_in(&self, words: &str) {
        let mut typing = Command::new("xdotool");
        typing.args(["type", "--delay", "8", words]).env("DISPLAY", &self.display);
        assert!(typing.status().expect("types").success());
    }

    fn open(&self, address: &str) {
        self.press(&["ctrl+l"]);
        self.type_in(address);
        self.press(&["Return"]);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn people_type_addresses_open_tabs_and_stop_by_keys() {
    let (site, folder, screen) = (Site::start(), opened(), Screen::start());
    let program = Program::record_on(folder.path(), &site.url("/"), Some(&screen.display));
    program.wait_visit(&site.url("/"));
    screen.open(&site.url("/404"));
    program.wait_visit(&site.url("/404"));
    screen.press(&["alt+Left"]);
    program.wait_visit(&site.url("/"));
    screen.press(&["F5"]);
    program.wait_visit(&site.url("/"));
    screen.press(&["ctrl+t"]);
    screen.open(&site.url("/401"));
    program.wait_visit(&site.url("/401"));
    for address in ["chrome://version/", "file:///etc/passwd"] {
        screen.open(address);
        assert_eq!(program.wait("denied")["url"], address);
    }
    screen.open(&site.url("/"));
    program.wait_visit(&site.url("/"));
    // The browser's own tools stay shut.
    screen.press(&["F12"]);
    screen.press(&["ctrl+shift+i"]);
    let leader = leader(&folder);
    let pressed = Instant::now();
    let keys = Command::new("xdotool").args(["key", "ctrl+shift+s"]).env("DISPLAY", &screen.display).status();
    assert!(keys.expect("pressed").success());
    while is_alive(leader) {
        assert!(pressed.elapsed() < Duration::from_secs(2), "the window is still open");
        thread::sleep(Duration::from_millis(1));
    }
    println!("{:?} from the keys to the closed window", pressed.elapsed());
    program.wait("halted");
    program.wait("ended");
    assert_eq!(program.end(), Some(0));
}

#[test]
fn the_last_window_closed_ends_it() {
    let (site, folder, screen) = (Site::start(), opened(), Screen::start());
    let program = Program::record_on(folder.path(), &site.url("/"), Some(&screen.display));
    program.wait_visit(&site.url("/"));
    screen.press(&["ctrl+w"]);
    assert_eq!(program.wait("ended")["because"], "the last window was closed");
    assert_eq!(program.end(), Some(0));
}

fn leader(folder: &tempfile::TempDir) -> u32 {
    let until = Instant::now() + PATIENCE;
    loop {
        let found = processes(&folder.path().join("t"))
            .into_iter()
            .find(|(_, command)| command.contains("--remote-debugging-pipe") && !command.contains("--type="));
        if let Some((process, _)) = found {
            return process;
        }
        assert!(Instant::now() < until, "no browser runs");
        thread::sleep(Duration::from_millis(10));
    }
}
