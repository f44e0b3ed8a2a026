//! A screen that nobody sees, and hands on its keyboard and mouse.
#![allow(dead_code)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// A screen that nobody sees.
pub struct Screen {
    server: Child,
    pub display: String,
}

impl Screen {
    pub fn start() -> Screen {
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

    pub fn press(&self, keys: &[&str]) {
        let status = Command::new("xdotool").arg("key").args(keys).env("DISPLAY", &self.display).status();
        assert!(status.expect("xdotool must be installed for this test").success());
        thread::sleep(Duration::from_millis(700));
    }

    pub fn type_in(&self, words: &str) {
        let mut typing = Command::new("xdotool");
        typing.args(["type", "--delay", "8", words]).env("DISPLAY", &self.display);
        assert!(typing.status().expect("types").success());
    }

    /// The mouse: `mousemove 300 200`, `click 4`.
    pub fn point(&self, words: &[&str]) {
        let status = Command::new("xdotool").args(words).env("DISPLAY", &self.display).status();
        assert!(status.expect("xdotool must be installed for this test").success());
    }

    pub fn open(&self, address: &str) {
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
