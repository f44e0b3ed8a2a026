//! A small web site on this computer that behaves badly on request.
#![allow(dead_code)] // Not every test uses every part.

#[path = "listener.rs"]
pub mod listener;

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A running site. Every request's path is listed.
pub struct Site {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

type Page = Arc<dyn Fn(&Request, &mut TcpStream) -> std::io::Result<()> + Send + Sync>;

pub struct Request {
    pub path: String,
    pub body: Vec<u8>,
}

impl Site {
    /// Serves the standard pages.
    pub fn start() -> Site {
        Site::serving(Arc::new(standard))
    }

    /// Serves what `page` writes.
    pub fn serving(page: Page) -> Site {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let list = Arc::clone(&asked);
        let address = listener::each(move |mut stream| {
            let mut reader = BufReader::new(stream.try_clone().expect("cloned"));
            if let Some(request) = request(&mut reader) {
                list.lock().expect("list").push(request.path.clone());
                let _ = page(&request, &mut stream);
                let _ = stream.shutdown(std::net::Shutdown::Both);
            }
        });
        Site { address, asked }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The paths that were asked for so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("list").clone()
    }
}

/// A UDP port that counts what arrives.
pub fn udp() -> (u16, Arc<Mutex<usize>>) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let port = socket.local_addr().expect("bound").port();
    let count: Arc<Mutex<usize>> = Arc::default();
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        let mut datagram = [0; 2048];
        while socket.recv(&mut datagram).is_ok() {
            *counted.lock().expect("count") += 1;
        }
    });
    (port, count)
}

fn request(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split_whitespace().nth(1)?.to_owned();
    let mut body = Vec::new();
    while !line.trim().is_empty() {
        line.clear();
        reader.read_line(&mut line).ok()?;
        if let Some(length) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            body.resize(length.trim().parse().ok()?, 0);
        }
    }
    reader.read_exact(&mut body).ok()?;
    Some(Request { path, body })
}

/// Writes a whole answer.
pub fn answer(to: &mut TcpStream, head: &str, body: &[u8]) -> std::io::Result<()> {
    let length = body.len();
    write!(to, "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
    to.write_all(body)
}

/// Writes an HTML page.
pub fn html(to: &mut TcpStream, body: &str) -> std::io::Result<()> {
    let head = "200 OK\r\nContent-Type: text/html; charset=utf-8\r\nDate: Sun, 22 Nov 2026 14:30:00 GMT";
    answer(to, head, format!("<!DOCTYPE html>{body}").as_bytes())
}

pub fn standard(request: &Request, to: &mut TcpStream) -> std::io::Result<()> {
    match request.path.as_str() {
        "/" => html(to, "<title>A plain page</title><h1>Plain</h1><p>Näive café</p><img src=/red.bmp>"),
        "/redirect" => answer(to, "302 Found\r\nLocation: /redirect-2\r\nSet-Cookie: hop=SECRET-HOP", b""),
        "/redirect-2" => answer(to, "301 Moved\r\nLocation: /", b""),
        "/by-page" => html(to, "<title>Leaving</title><script>location.href = '/'</script>"),
        "/cookie" => answer(
            to,
            "200 OK\r\nContent-Type: text/html\r\nSet-Cookie: sid=SECRET-1; HttpOnly\r\nSet-Cookie: b=SECRET-2\r\n\
             X-Csrf-Token: SECRET-3",
            b"<title>Cookies</title>",
        ),
        "/latin" => answer(
            to,
            "200 OK\r\nContent-Type: text/html; charset=iso-8859-1",
            b"<title>caf\xe9</title>caf\xe9",
        ),
        "/empty-404" => answer(to, "404 Not Found", b""),
        "/404" => answer(to, "404 Not Found\r\nContent-Type: text/html", b"<title>Gone</title>gone"),
        "/401" => answer(
            to,
            "401 Unauthorized\r\nContent-Type: text/html\r\nWWW-Authenticate: Basic realm=\"x\"",
            b"<title>Who</title>Who are you?",
        ),
        "/204" => answer(to, "204 No Content", b""),
        "/download" => answer(
            to,
            "200 OK\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=x.exe",
            b"MZ DOWNLOADED-BYTES",
        ),
        "/endless" => {
            write!(
                to,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<title>Endless</title>"
            )?;
            for n in 0.. {
                writeln!(to, "<p>line {n}</p>")?;
                thread::sleep(Duration::from_millis(20));
            }
            Ok(())
        }
        "/flood" => {
            write!(to, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Flood</title><!--")?;
            let piece = [b'x'; 64 * 1024];
            loop {
                to.write_all(&piece)?;
            }
        }
        "/silent" => {
            thread::sleep(Duration::from_secs(300));
            Ok(())
        }
        "/drip" => {
            write!(to, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 30\r\n\r\n")?;
            for byte in b"<title>Drip</title>drip drip  " {
                to.write_all(&[*byte])?;
                thread::sleep(Duration::from_millis(20));
            }
            Ok(())
        }
        "/tall" => {
            // A band for each 100 px whose colour names it.
            let bands: String = (0..200)
                .map(|n| {
                    let (red, green) = (n / 16 * 16, n % 16 * 16);
                    format!("<div style='height:100px;background:rgb({red},{green},128)'></div>")
                })
                .collect();
            html(to, &format!("<title>Tall</title><style>body{{margin:0}}</style>{bands}"))
        }
        "/lazy" => {
            let images: String = (0..20)
                .map(|n| format!("<div style='height:2000px'><img loading=lazy src=/lazy-{n}.bmp></div>"))
                .collect();
            html(to, &format!("<title>Lazy</title>{images}"))
        }
        "/deep" => html(to, "<title>Deep</title><style>body{margin:0}</style><div style='height:140000px'>x"),
        "/wide" => html(to, "<title>Wide</title><style>body{margin:0}</style><div style='width:20000px'>x"),
        "/frames" => html(
            to,
            "<title>Frames</title><iframe src='http://127.0.0.1:1/closed'></iframe>\
             <iframe src=/404></iframe><img src=/missing.png><script src=/missing.js></script>x",
        ),
        "/observed" => {
            // Lazy by script, and only once a part is in sight.
            let images: String = (0..20)
                .map(|n| format!("<div style='height:2000px'><img data-src=/observed-{n}.bmp></div>"))
                .collect();
            html(
                to,
                &format!(
                    "<title>Observed</title>{images}<script>const o = new IntersectionObserver(all => \
                     all.filter(e => e.isIntersecting).forEach(e => {{ e.target.src = e.target.dataset.src }}));\
                     document.querySelectorAll('img').forEach(i => o.observe(i));</script>"
                ),
            )
        }
        "/growing" => html(
            to,
            "<title>Growing</title><script>onscroll = () => { const d = document.createElement('div'); \
             d.style.height = '3000px'; document.body.append(d) }</script><div style='height:3000px'>",
        ),
        "/dialogs" => {
            html(to, "<title>Boxes</title><script>alert('one'); confirm('two'); prompt('three')</script>x")
        }
        "/popup" => html(
            to,
            "<title>Opener</title><script>window.open('/popped'); setTimeout(() => { document.title = 'Went on' }, 100)</script>\
             <img src=/slow.bmp>",
        ),
        "/busy" => html(to, "<title>Busy</title><p>x</p><script>onload = () => { while (true); }</script>"),
        "/media" => html(to, "<title>Media</title><video></video><audio></audio>"),
        "/restless" => html(to, "<title>Restless</title><script>location.reload()</script>x"),
        "/closes" => html(to, "<title>Closes</title><script>onload = () => close()</script>x"),
        "/forbidden" => html(
            to,
            "<title>Forbidden</title><iframe src='file:///etc/passwd'></iframe>\
             <iframe src='chrome://version'></iframe><img src='file:///etc/hostname'><script>\
             fetch('file:///etc/passwd').catch(() => 0); open('view-source:' + location.href); open('chrome://gpu');\
             setTimeout(() => { location.href = 'file:///etc/passwd' }, 10);\
             setTimeout(() => { location.href = 'view-source:http://example.org/' }, 30);\
             setTimeout(() => { location.href = 'chrome://version' }, 50);</script>x",
        ),
        "/to-near" => answer(to, "302 Found\r\nLocation: http://127.0.0.1:1/", b""),
        "/offers" => html(to, "<title>Offers</title><script>location.href = '/download'</script>x"),
        path if path.starts_with("/reach-") => {
            let port = path.trim_start_matches("/reach-");
            html(
                to,
                &format!(
                    "<title>Reach</title><script>\
                     for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433']) {{\
                       fetch(`http://${{host}}:{port}/fetch`, {{mode: 'no-cors'}}).catch(() => 0);\
                       new WebSocket(`ws://${{host}}:{port}/socket`);\
                       new Image().src = `http://${{host}}:{port}/image`;\
                       const f = document.createElement('iframe'); f.src = `http://${{host}}:{port}/frame`;\
                       document.head.append(f); }}</script>x"
                ),
            )
        }
        path if path.starts_with("/udp-") => {
            let port = path.trim_start_matches("/udp-");
            html(
                to,
                &format!(
                    "<title>Udp</title><script>const c = new RTCPeerConnection({{iceServers: \
                     [{{urls: 'stun:127.0.0.1:{port}'}}]}}); c.createDataChannel('x'); \
                     c.createOffer().then(o => c.setLocalDescription(o));</script>\
                     <img src=/slow.bmp>"
                ),
            )
        }
        "/slow.bmp" => {
            thread::sleep(Duration::from_millis(1500));
            answer(to, "200 OK\r\nContent-Type: image/bmp", &canary())
        }
        path if path.ends_with(".bmp") => answer(to, "200 OK\r\nContent-Type: image/bmp", &canary()),
        _ => answer(to, "404 Not Found\r\nContent-Type: text/plain", b"nothing here"),
    }
}

/// An uncompressed picture with a text in its pixels that can be searched for.
pub fn canary() -> Vec<u8> {
    let pixels = CANARY.repeat(12);
    let pixels = &pixels[..8 * 8 * 3];
    let mut bmp = b"BM".to_vec();
    bmp.extend_from_slice(&(54 + 192_u32).to_le_bytes());
    bmp.extend_from_slice(&[0; 4]);
    bmp.extend_from_slice(&54_u32.to_le_bytes());
    bmp.extend_from_slice(&40_u32.to_le_bytes());
    bmp.extend_from_slice(&8_u32.to_le_bytes());
    bmp.extend_from_slice(&8_u32.to_le_bytes());
    bmp.extend_from_slice(&1_u16.to_le_bytes());
    bmp.extend_from_slice(&24_u16.to_le_bytes());
    bmp.extend_from_slice(&[0; 24]);
    bmp.extend_from_slice(pixels);
    bmp
}

/// What stands in the canary's pixels.
pub const CANARY: &[u8] = b"CANARY-PIXELS-5f2a!!";
