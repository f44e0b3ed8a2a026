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
            .args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-r"])
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

    /// The colour at a place of the screen: red, green, blue.
    pub fn colour(&self, x: usize, y: usize) -> [u8; 3] {
        let (picture, from, line) = self.picture();
        let at = from + y * line + 4 * x;
        [picture[at + 2], picture[at + 1], picture[at]]
    }

    /// How many pixels of the screen are so.
    pub fn count(&self, is: impl Fn([u8; 3]) -> bool) -> usize {
        let (picture, from, _) = self.picture();
        let pixels = picture[from..].chunks_exact(4);
        pixels.filter(|pixel| is([pixel[2], pixel[1], pixel[0]])).count()
    }

    /// What `xwd` says, where its lines begin, and how long one is.
    fn picture(&self) -> (Vec<u8>, usize, usize) {
        let taken = Command::new("xwd").args(["-root", "-silent"]).env("DISPLAY", &self.display).output();
        let picture = taken.expect("x11-apps must be installed for this test").stdout;
        // X11's XWDFile.h: numbers of four bytes, highest first, then colours
        // of twelve bytes, then the lines.
        let field = |at: usize| {
            let bytes: [u8; 4] = picture[4 * at..4 * at + 4].try_into().expect("a header");
            u32::from_be_bytes(bytes) as usize
        };
        let (header, lowest_first, bits, line, colours) =
            (field(0), field(7) == 0, field(11), field(12), field(19));
        assert!(lowest_first && bits == 32, "a screen of another kind");
        (picture, header + 12 * colours, line)
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
