//! The guide as a test starts it, and a browser of a few lines: requests by
//! hand, one cookie, and the forms of the page that it saw last.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A guide that runs until it goes out of scope.
pub struct Guide {
    child: Child,
    pub link: String,
}

impl Guide {
    pub fn start(home: &Path) -> Guide {
        Guide::start_with(home, &[])
    }

    pub fn start_with(home: &Path, more: &[&str]) -> Guide {
        Guide::start_in(home, more, &[])
    }

    /// With more in its environment.
    pub fn start_in(home: &Path, more: &[&str], environment: &[(&str, &str)]) -> Guide {
        let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(["guide", "--no-open", "--home"])
            .arg(home)
            .args(more)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut link = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        out.read_line(&mut link).expect("one line");
        assert!(link.starts_with("http://") && link.contains(".localhost:"), "{link:?}");
        Guide { child, link: link.trim_end().to_owned() }
    }

    /// Another program, or another user's; `command` names no more than that.
    ///
    /// # Errors
    /// What it said, where it did not begin; nothing where it hangs.
    pub fn try_start(mut command: Command, home: &Path) -> Result<Guide, Option<String>> {
        let child = command
            .args(["guide", "--no-open", "--home"])
            .arg(home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut guide = Guide { child, link: String::new() };
        let mut out = BufReader::new(guide.child.stdout.take().expect("a pipe"));
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut link = String::new();
            drop(out.read_line(&mut link).map(|_| tell.send(link)));
        });
        match told.recv_timeout(Duration::from_secs(60)) {
            Ok(link) if link.starts_with("http://") => {
                guide.link = link.trim_end().to_owned();
                Ok(guide)
            }
            Ok(_) => {
                let mut said = String::new();
                let mut err = guide.child.stderr.take().expect("a pipe");
                let _ = err.read_to_string(&mut said);
                Err(Some(said))
            }
            Err(_) => Err(None),
        }
    }

    pub fn host(&self) -> &str {
        self.link.split('/').nth(2).expect("a host")
    }

    /// Where it listens: the name is this computer's.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    pub fn port(&self) -> &str {
        self.host().split(':').nth(1).expect("a port")
    }

    /// The part of the link after the host.
    pub fn way_in(&self) -> &str {
        &self.link["http://".len() + self.host().len()..]
    }

    /// Sends these bytes and reads until the guide closes.
    pub fn raw(&self, request: &[u8]) -> Option<Seen> {
        let mut stream = TcpStream::connect(self.address()).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.take(MAX_ANSWER).read_to_end(&mut answer);
        Seen::parse(&answer)
    }

    /// Ends it as the system does, and waits.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until it ended by itself.
    pub fn wait(&mut self) -> std::process::ExitStatus {
        self.child.wait().expect("ends")
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Guide {
    fn drop(&mut self) {
        self.kill();
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Seen {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Seen {
    fn parse(bytes: &[u8]) -> Option<Seen> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let pairs = lines.filter_map(|line| line.split_once(": "));
        let headers = pairs.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        Some(Seen { status, headers, body: bytes[end + 4..].to_vec() })
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn title(&self) -> String {
        let text = self.text();
        let title = text.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
        title.unwrap_or_default().to_owned()
    }
}

/// A browser with one cookie that is on one page.
pub struct Browser<'g> {
    pub guide: &'g Guide,
    pub cookie: String,
    /// Where it is.
    pub path: String,
    pub page: Seen,
}

impl<'g> Browser<'g> {
    /// Comes in by the link and is on the first page.
    pub fn enter(guide: &'g Guide) -> Browser<'g> {
        Browser::enter_by(guide, guide.way_in())
    }

    pub fn enter_by(guide: &'g Guide, way_in: &str) -> Browser<'g> {
        let mut browser = Browser::arrive_by(guide, way_in);
        browser.get("/");
        browser
    }

    /// Comes in, and looks at the first page once: it can say that cases are
    /// still being read.
    pub fn arrive_by(guide: &'g Guide, way_in: &str) -> Browser<'g> {
        let host = guide.host();
        let request = format!(
            "GET {way_in} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: none\r\nConnection: close\r\n\r\n"
        );
        let page = guide.raw(request.as_bytes()).expect("an answer");
        assert_eq!(page.status, 303, "{}", page.text());
        let cookie = page.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        let mut browser = Browser { guide, cookie, path: String::new(), page };
        browser.look("/");
        browser
    }

    /// Another tab, at the same page.
    pub fn tab(&self) -> Browser<'g> {
        Browser {
            guide: self.guide,
            cookie: self.cookie.clone(),
            path: self.path.clone(),
            page: self.page.clone(),
        }
    }

    /// Goes to a page, and on where it leads. Where the page says that it goes
    /// on by itself, it looks again, as its script does.
    pub fn get(&mut self, path: &str) -> &Seen {
        while self.look(path).text().contains(" data-again") {
            std::thread::sleep(Duration::from_millis(50));
        }
        &self.page
    }

    /// The same, once.
    pub fn look(&mut self, path: &str) -> &Seen {
        let (host, cookie) = (self.guide.host(), &self.cookie);
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\r\n"
        );
        self.page = self.guide.raw(request.as_bytes()).expect("an answer");
        self.path = path.to_owned();
        self.follow()
    }

    /// Sends the form of this page that goes to `action`, with these fields
    /// beside those that the page has hidden in it, and goes on where it leads.
    pub fn send(&mut self, action: &str, fields: &[(&str, &str)]) -> &Seen {
        self.post(action, fields);
        self.follow()
    }

    /// The form of the page itself.
    pub fn answer(&mut self, fields: &[(&str, &str)]) -> &Seen {
        let action = self.path.split('?').next().unwrap_or_default().to_owned();
        self.send(&action, fields)
    }

    /// Answers questions that stand one a page, in order: each group of fields
    /// is a page's.
    pub fn answer_each(&mut self, pages: &[&[(&str, &str)]]) -> &Seen {
        for fields in pages {
            self.answer(fields);
        }
        &self.page
    }

    /// Sends a form, and stays at its answer.
    pub fn post(&mut self, action: &str, fields: &[(&str, &str)]) -> &Seen {
        let hidden = self.hidden(action);
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &hidden {
            body.append_pair(name, value);
        }
        for (name, value) in fields {
            body.append_pair(name, value);
        }
        let body = body.finish();
        let (host, cookie) = (self.guide.host(), &self.cookie);
        let request = format!(
            "POST {action} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        self.page = self.guide.raw(request.as_bytes()).expect("an answer");
        self.path = action.to_owned();
        &self.page
    }

    /// What the page has hidden in the form that goes to `action`.
    pub fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let text = self.page.text();
        let form = text
            .split("<form")
            .skip(1)
            .find(|form| form.contains(&format!("action=\"{action}\"")))
            .unwrap_or_else(|| panic!("no form goes to {action} on {}:\n{text}", self.path));
        let form = form.split("</form>").next().expect("an end");
        let value = |tag: &str, name: &str| {
            let rest = tag.split(&format!("{name}=\"")).nth(1)?;
            Some(rest.split('"').next()?.to_owned())
        };
        form.split("<input")
            .skip(1)
            .filter(|tag| tag.contains("type=\"hidden\""))
            .filter_map(|tag| Some((value(tag, "name")?, value(tag, "value")?)))
            .collect()
    }

    fn follow(&mut self) -> &Seen {
        if self.page.status == 303 {
            let to = self.page.header("location").to_owned();
            assert!(to.starts_with('/'), "{to}");
            self.get(&to);
        }
        &self.page
    }

    /// The text of the page must have these words.
    pub fn sees(&self, words: &str) -> &Browser<'g> {
        let text = self.page.text();
        assert!(text.contains(words), "{} does not say {words:?}:\n{text}", self.path);
        self
    }
}

/// Bytes of an answer that are read.
const MAX_ANSWER: u64 = 256 << 20;
