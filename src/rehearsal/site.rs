//! A web site of a few harmless pages, for this computer alone.
//!
//! It listens on the loopback address, answers `GET` and nothing else, and
//! keeps nothing of what it is asked.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A running sample site. It stops when it is dropped.
pub struct Site {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl Site {
    /// Starts it on a free port of this computer.
    pub fn start() -> io::Result<Site> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let picture: Arc<[u8]> = picture()?.into();
        let stopped = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&stopped);
        let listening = thread::Builder::new().name("sample site".to_owned()).spawn(move || {
            for stream in listener.incoming() {
                if until.load(Ordering::SeqCst) {
                    return;
                }
                // A connection of its own for each: browsers open some that
                // they never use.
                if let Ok(stream) = stream {
                    let picture = Arc::clone(&picture);
                    let answering = move || drop(serve(stream, &picture));
                    // Without a thread there is no answer, which the browser says.
                    drop(thread::Builder::new().spawn(answering));
                }
            }
        })?;
        Ok(Site { address, stopped, listening: Some(listening) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a page by its path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the listener. Where that fails it is left to the process's end.
        let woken = TcpStream::connect_timeout(&self.address, PATIENCE).is_ok();
        if let Some(listening) = self.listening.take().filter(|_| woken) {
            drop(listening.join());
        }
    }
}

fn serve(stream: TcpStream, picture: &[u8]) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut to = stream.try_clone()?;
    let mut request = BufReader::new(stream.take(LONGEST_REQUEST));
    let mut first = String::new();
    request.read_line(&mut first)?;
    let mut line = String::from("-");
    while !line.trim().is_empty() {
        line.clear();
        request.read_line(&mut line)?;
    }
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = target.split('?').next().unwrap_or_default();
    match (method, path) {
        ("GET", "/") => page(&mut to, "200 OK", START),
        ("GET", "/board") => page(&mut to, "200 OK", BOARD),
        ("GET", "/picture.png" | "/badge.png") => answer(&mut to, "200 OK", "image/png", "", picture),
        // As many sites do: an old address that leads to the new one.
        ("GET", "/class-7") => answer(&mut to, "302 Found", "text/plain", "Location: /board\r\n", b""),
        ("GET", _) => page(&mut to, "404 Not Found", NOT_FOUND),
        _ => answer(&mut to, "405 Method Not Allowed", "text/plain", "Allow: GET\r\n", b""),
    }
}

fn page(to: &mut TcpStream, status: &str, body: &str) -> io::Result<()> {
    let whole =
        format!("<!DOCTYPE html>\n<html lang=\"en-GB\"><meta charset=\"utf-8\">\n{STYLE}{body}</html>\n");
    answer(to, status, "text/html; charset=utf-8", "", whole.as_bytes())
}

fn answer(to: &mut TcpStream, status: &str, kind: &str, more: &str, body: &[u8]) -> io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nCache-Control: no-store\r\n\
         {more}Connection: close\r\n\r\n"
    );
    to.write_all(head.as_bytes())?;
    to.write_all(body)?;
    to.flush()
}

/// Four fields, red and green over blue and white: a picture of which one
/// sees at once whether it was kept as it is.
fn picture() -> io::Result<Vec<u8>> {
    const SIDE: usize = 96;
    const FIELDS: [[u8; 3]; 4] = [[200, 30, 30], [30, 140, 60], [30, 60, 180], [255, 255, 255]];
    let pixel = |at: usize| {
        let (row, column) = (at / SIDE, at % SIDE);
        FIELDS[row / (SIDE / 2) * 2 + column / (SIDE / 2)]
    };
    let pixels: Vec<u8> = (0..SIDE * SIDE).flat_map(pixel).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, SIDE as u32, SIDE as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&pixels))
        .map_err(io::Error::other)?;
    Ok(file)
}

const STYLE: &str = "<style>body{font:18px/1.5 sans-serif;max-width:44em;margin:2em auto;padding:0 1em}
.rehearsal{background:#111;color:#fff;padding:.4em 1em;font-weight:bold}
.message{border-left:6px solid #777;padding:.2em 1em;margin:1em 0}
.far{margin-top:1400px}</style>\n";

const START: &str = "<title>REHEARSAL: Example School</title>
<p class=\"rehearsal\">REHEARSAL: this page is practice material. Nobody in it exists.</p>
<h1>Example School: class pages</h1>
<img src=\"/picture.png\" width=\"192\" height=\"192\" alt=\"Four fields: red, green, blue, white\">
<p>Welcome. Each class has a page of its own.</p>
<ul><li><a href=\"/class-7\">Class 7: message board</a></li></ul>
";

const BOARD: &str = "<title>REHEARSAL: Class 7 message board</title>
<p class=\"rehearsal\">REHEARSAL: this page is practice material. Nobody in it exists.</p>
<h1>Class 7: message board</h1>
<div class=\"message\"><b>rocket_99</b>: Nobody sit with Pat tomorrow. Pass it on.</div>
<div class=\"message\"><b>blue-kite</b>: Not again. Leave Pat alone.</div>
<div class=\"message\"><b>rocket_99</b>: Everyone say no when Pat asks to play.</div>
<div class=\"message far\" id=\"older\">Older messages are loading.</div>
<img src=\"/badge.png\" width=\"96\" height=\"96\" loading=\"lazy\" alt=\"The class's badge\">
<p><a href=\"/\">All classes</a></p>
<script>
const older = document.getElementById('older');
new IntersectionObserver((seen, watch) => {
  if (!seen.some(one => one.isIntersecting)) return;
  watch.disconnect();
  older.textContent = 'rocket_99: Pat is not invited. Ever.';
}).observe(older);
</script>
";

const NOT_FOUND: &str = "<title>REHEARSAL: no such page</title>
<p class=\"rehearsal\">REHEARSAL: this page is practice material.</p>
<h1>There is no such page</h1>
<p><a href=\"/\">All classes</a></p>
";

const PATIENCE: Duration = Duration::from_secs(10);
const LONGEST_REQUEST: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(site: &Site, request: &str) -> String {
        let mut stream = TcpStream::connect(site.address()).expect("listens");
        stream.write_all(request.as_bytes()).expect("is sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("is answered");
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[test]
    fn answers_and_stops() {
        let site = Site::start().expect("starts");
        assert!(site.address().ip().is_loopback());
        assert!(ask(&site, "GET / HTTP/1.1\r\n\r\n").contains("REHEARSAL"));
        assert!(ask(&site, "GET /class-7 HTTP/1.1\r\n\r\n").contains("Location: /board"));
        assert!(ask(&site, "GET /picture.png HTTP/1.1\r\n\r\n").contains("image/png"));
        assert!(ask(&site, "GET /nothing HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
        assert!(ask(&site, "POST / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
        // A connection that asks nothing holds nobody up.
        let idle = TcpStream::connect(site.address()).expect("listens");
        assert!(ask(&site, "GET /board HTTP/1.1\r\n\r\n").contains("message board"));
        let address = site.address();
        drop(site);
        drop(idle);
        assert!(TcpStream::connect(address).is_err());
    }
}
