//! A site whose pages exchange all sorts of things with it.

use std::io::Write;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::site::{self, Request, Site};

/// Bytes of the answer that is too long to be kept whole.
pub const LARGE: usize = (17 << 20) + 1;
/// Bytes of each answer of which five are too much together.
pub const BULKY: usize = 15 << 20;

pub fn start() -> Site {
    let asked: Mutex<Vec<String>> = Mutex::default();
    Site::serving(Arc::new(move |request, to| {
        asked.lock().expect("paths").push(request.path.clone());
        if request.path == "/odd-done" {
            odd_is_done(&asked);
        }
        answer(request, to)
    }))
}

/// Waits until everything is asked for that the odd page asks for, which is not
/// loaded until then.
fn odd_is_done(asked: &Mutex<Vec<String>>) {
    let until = Instant::now() + Duration::from_secs(25);
    let is_asked = |path: &str| asked.lock().expect("paths").iter().any(|asked| asked == path);
    while !ODD_ASKS.into_iter().all(is_asked) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn answer(request: &Request, to: &mut TcpStream) -> std::io::Result<()> {
    let page = |to: &mut TcpStream, body: &str| site::html(to, body);
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    match path {
        "/" => site::answer(to, "302 Found\r\nLocation: /page?n=1\r\nSet-Cookie: hop=SECRET-1; Path=/", b""),
        "/page" => {
            let mut packed = GzEncoder::new(Vec::new(), Compression::default());
            packed.write_all(PAGE.as_bytes())?;
            let head = "200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n\
                        Set-Cookie: page=SECRET-2\r\nX-Csrf-Token: SECRET-3";
            site::answer(to, head, &packed.finish()?)
        }
        "/red.png" => site::answer(to, "200 OK\r\nContent-Type: image/png", &red()),
        "/style.css" => site::answer(to, "200 OK\r\nContent-Type: text/css", b"h1 { color: rgb(1, 2, 3) }"),
        "/frame" => site::answer(
            to,
            "200 OK\r\nContent-Type: text/html; charset=iso-8859-1",
            b"<title>Frame</title><p>caf\xe9 in a frame</p>",
        ),
        "/echo" => {
            let said = [b"echo of ".to_vec(), request.body.clone()].concat();
            site::answer(to, "200 OK\r\nContent-Type: text/plain; charset=utf-8", &said)
        }
        "/dropped" => {
            write!(
                to,
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nonly this"
            )?;
            std::thread::sleep(Duration::from_millis(500));
            Ok(())
        }
        "/odd" => page(to, ODD),
        "/frame-of" => {
            let body = format!("<title>Other</title><iframe src='http://localhost:{query}/frame'></iframe>");
            page(to, &body)
        }
        "/thread.js" => site::answer(
            to,
            "200 OK\r\nContent-Type: text/javascript",
            b"fetch('/echo?worker', { method: 'POST', body: 'by a worker' }).then(a => a.text()).then(postMessage)",
        ),
        "/service.js" => site::answer(
            to,
            "200 OK\r\nContent-Type: text/javascript",
            b"onfetch = e => e.respondWith(new Response('MADE UP')); oninstall = () => skipWaiting(); onactivate = e => e.waitUntil(clients.claim())",
        ),
        "/stream" => {
            write!(to, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: first\n\n")?;
            std::thread::sleep(Duration::from_secs(60));
            Ok(())
        }
        "/by-script" => page(to, "<title>Leaving</title><script>location.href = '/next'</script>"),
        "/large" => site::answer(to, SCRIPT, &comment(LARGE)),
        "/bulky" => site::answer(to, SCRIPT, &comment(BULKY)),
        // Scripts, because a page is not loaded before they are.
        "/bulk" => {
            let scripts: String = (0..5).map(|n| format!("<script src='/bulky?{n}'></script>")).collect();
            page(to, &format!("<title>Bulk</title>{scripts}"))
        }
        "/heavy" => page(to, "<title>Heavy</title><script src=/large></script>"),
        "/next" => page(to, "<title>Next</title><h1>The next page</h1><img src=/red.png>"),
        _ => site::answer(to, "404 Not Found\r\nContent-Type: text/plain", b"no such thing"),
    }
}

const ODD: &str = r#"<title>Odd</title><img src=/odd-done><script>
fetch('/echo?long', { method: 'POST', body: 'P'.repeat(300000) });
new Worker('/thread.js');
new EventSource('/stream');
new WebSocket(`ws://${location.host}/socket`);
navigator.serviceWorker.register('/service.js').then(() => navigator.serviceWorker.ready)
  .then(() => fetch('/echo?after', { method: 'POST', body: 'not made up' }));
const binary = new Uint8Array([0, 255, 13, 10, 1]);
fetch('/echo?binary', { method: 'POST', body: binary });
fetch('/red.png?1', { method: 'HEAD' });
</script>"#;

const ODD_ASKS: [&str; 7] =
    ["/echo?long", "/echo?worker", "/echo?after", "/echo?binary", "/red.png?1", "/stream", "/socket"];

const SCRIPT: &str = "200 OK\r\nContent-Type: text/javascript";

/// A script that does nothing, at length.
fn comment(bytes: usize) -> Vec<u8> {
    let mut script = vec![b' '; bytes];
    script[..2].copy_from_slice(b"//");
    script
}

/// In ISO 8859-1.
pub const FRAME: &str = "<title>Frame</title><p>café in a frame</p>";

/// 16 by 16 pixels of one red.
pub fn red() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 16, 16);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&[250, 1, 2].repeat(256)).expect("pixels");
    writer.finish().expect("a PNG");
    bytes
}

pub const PAGE: &str = r#"<!DOCTYPE html><title>Traffic, naïve</title><link rel=stylesheet href=/style.css>
<h1>Replayed words</h1><img id=red src=/red.png><img src=/missing.png><img src="http://127.0.0.1:9/refused.png">
<iframe src=/frame></iframe><p id=form></p><p id=json></p>
<script>
document.cookie = 'mine=SECRET-4';
const say = (id, body, type) => fetch('/echo', { method: 'POST', body, headers: { 'Content-Type': type, Authorization: 'SECRET-5' } })
  .then(answer => answer.text()).then(text => document.getElementById(id).textContent = text);
say('form', 'a=b&c=d+e', 'application/x-www-form-urlencoded');
say('json', '{"q":"words"}', 'application/json');
fetch('/dropped').then(answer => answer.text()).catch(() => 0);
</script>"#;
