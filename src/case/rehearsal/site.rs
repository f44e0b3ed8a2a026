//! A web site of a few harmless pages, for this computer alone.
//!
//! It listens on the loopback address, answers `GET` and nothing else, and
//! keeps nothing of what it is asked.
//!
//! **Each answer is a copy of its own**, with a number that can be seen: what a
//! case of a home withholds, every case of that home refuses by its digest, and
//! people who have practised a stop must be able to practise again.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use countersign_record::clock::Random;

/// A running sample site. It stops when it is dropped.
pub struct Site {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
    copies: Arc<Copies>,
}

/// The numbers of the copies: no two starts of a site share one.
struct Copies {
    start: u64,
    served: AtomicU64,
}

impl Copies {
    fn next(&self) -> String {
        format!("{:016x}-{}", self.start, self.served.fetch_add(1, Ordering::SeqCst) + 1)
    }
}

impl Site {
    /// Starts it on a free port of this computer.
    ///
    /// # Errors
    /// What the operating system says of the port, or of random numbers.
    pub fn start(random: &dyn Random) -> io::Result<Site> {
        let mut start = [0; 8];
        random.fill(&mut start)?;
        let copies = Arc::new(Copies { start: u64::from_be_bytes(start), served: AtomicU64::new(0) });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let stopped = Arc::new(AtomicBool::new(false));
        let (until, serving) = (Arc::clone(&stopped), Arc::clone(&copies));
        let listening = thread::Builder::new().name("sample site".to_owned()).spawn(move || {
            for stream in listener.incoming() {
                if until.load(Ordering::SeqCst) {
                    return;
                }
                // A connection of its own for each: browsers open some that
                // they never use.
                if let Ok(stream) = stream {
                    let copies = Arc::clone(&serving);
                    let answering = move || drop(serve(stream, &copies.next()));
                    // Without a thread there is no answer, which the browser says.
                    drop(thread::Builder::new().spawn(answering));
                }
            }
        })?;
        Ok(Site { address, stopped, listening: Some(listening), copies })
    }

    /// The number of another copy, for what is handed out beside the pages.
    pub(super) fn next_copy(&self) -> String {
        self.copies.next()
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

fn serve(stream: TcpStream, copy: &str) -> io::Result<()> {
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
        ("GET", "/") => page(&mut to, "200 OK", START, copy),
        ("GET", "/board") => page(&mut to, "200 OK", BOARD, copy),
        ("GET", "/picture.png" | "/badge.png") => answer(&mut to, "200 OK", "image/png", "", &picture(copy)?),
        // As many sites do: an old address that leads to the new one.
        ("GET", "/class-7") => answer(&mut to, "302 Found", "text/plain", "Location: /board\r\n", b""),
        ("GET", _) => page(&mut to, "404 Not Found", NOT_FOUND, copy),
        _ => answer(&mut to, "405 Method Not Allowed", "text/plain", "Allow: GET\r\n", b""),
    }
}

fn page(to: &mut TcpStream, status: &str, (title, body): (&str, &str), copy: &str) -> io::Result<()> {
    let whole = format!(
        "<!DOCTYPE html>\n<html lang=\"en-GB\"><meta charset=\"utf-8\">\n{STYLE}<title>REHEARSAL: {title}</title>\n\
         <p class=\"rehearsal\">REHEARSAL: this page is practice material. Nobody in it exists. Copy {copy}.</p>\n\
         {body}</html>\n"
    );
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
/// sees at once whether it was kept as it is. The copy's number is in its
/// description.
fn picture(copy: &str) -> io::Result<Vec<u8>> {
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
        .add_text_chunk("Description".to_owned(), format!("REHEARSAL, copy {copy}"))
        .and_then(|()| encoder.write_header())
        .and_then(|mut writer| writer.write_image_data(&pixels))
        .map_err(io::Error::other)?;
    Ok(file)
}

const STYLE: &str = "<style>body{font:18px/1.5 sans-serif;max-width:44em;margin:2em auto;padding:0 1em}
.rehearsal{background:#111;color:#fff;padding:.4em 1em;font-weight:bold}
.message{border-left:6px solid #777;padding:.2em 1em;margin:1em 0}
.far{margin-top:1400px}</style>\n";

const START: (&str, &str) = (
    "Example School",
    "<h1>Example School: class pages</h1>
<img src=\"/picture.png\" width=\"192\" height=\"192\" alt=\"Four fields: red, green, blue, white\">
<p>Welcome. Each class has a page of its own.</p>
<ul><li><a href=\"/class-7\">Class 7: message board</a></li></ul>
",
);

const BOARD: (&str, &str) = (
    "Class 7 message board",
    "<h1>Class 7: message board</h1>
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
",
);

const NOT_FOUND: (&str, &str) = (
    "no such page",
    "<h1>There is no such page</h1>
<p><a href=\"/\">All classes</a></p>
",
);

const PATIENCE: Duration = Duration::from_secs(10);
const LONGEST_REQUEST: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// Random numbers that a test sees through.
    struct Counted(AtomicU64);

    impl Random for Counted {
        fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
            bytes.fill(self.0.fetch_add(1, Ordering::SeqCst) as u8);
            Ok(())
        }
    }

    fn ask(site: &Site, request: &str) -> String {
        let mut stream = TcpStream::connect(site.address()).expect("listens");
        stream.write_all(request.as_bytes()).expect("is sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("is answered");
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[test]
    fn answers_and_stops() {
        let site = Site::start(&Counted(AtomicU64::new(0))).expect("starts");
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

    #[test]
    fn no_answer_is_given_twice() {
        let random = Counted(AtomicU64::new(0));
        let mut given = std::collections::BTreeSet::new();
        let sites = [Site::start(&random), Site::start(&random)];
        for site in sites.map(|site| site.expect("starts")) {
            for path in ["/", "/board", "/picture.png", "/badge.png", "/nothing"] {
                for _ in 0..2 {
                    let said = ask(&site, &format!("GET {path} HTTP/1.1\r\n\r\n"));
                    assert!(given.insert(said), "{path} was given before");
                }
            }
        }
    }
}
