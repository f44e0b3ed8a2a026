//! What another server of this computer does to the guide's cookies, in a
//! browser as people have it: it is sent none of them, and however many it
//! sets, nobody is shut out and Stop works.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::people::start;
use crate::support::Browser;
use crate::window::{Kind, Scripts, Window};

/// A server on another port, and every cookie that it was sent.
struct Elsewhere {
    port: u16,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Elsewhere {
    fn start() -> Elsewhere {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&sent);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let heard = Arc::clone(&heard);
                thread::spawn(move || answer(stream, &heard));
            }
        });
        Elsewhere { port, sent }
    }
}

/// A page that sets as many cookies, as long, as its address says.
fn answer(mut stream: TcpStream, heard: &Mutex<Vec<String>>) {
    let lines = BufReader::new(stream.try_clone().expect("cloned")).lines();
    let head: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let cookies = head.iter().filter(|line| line.to_lowercase().starts_with("cookie:")).cloned();
    heard.lock().expect("not poisoned").extend(cookies);
    let page = "<!doctype html><title>…</title><script>
        const [name, count, size] = location.search.slice(1).split(',');
        for (let n = 0; n < +count; n++) for (const domain of ['', '; domain=localhost', '; domain=.localhost'])
            document.cookie = (name === 'our' ? 'countersign' : name + n) + '=' + 'x'.repeat(+size) + '; path=/' + domain;
        document.title = 'Set ' + name + ' ' + count + ' of ' + size;
        </script>";
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nSet-Cookie: countersign=header; Path=/; Domain=localhost\r\nSet-Cookie: countersign=header; Path=/\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
}

#[test]
fn others_cookies_change_nothing() {
    change_nothing_in(Kind::Chromium);
}

#[test]
fn others_cookies_change_nothing_in_firefox() {
    change_nothing_in(Kind::Firefox);
}

fn change_nothing_in(kind: Kind) {
    let folder = tempfile::tempdir().expect("a folder");
    let guide = start(folder.path());
    let mut other = Browser::enter(&guide);
    let case = crate::opening::open(&mut other);
    let elsewhere = Elsewhere::start();
    let window = Window::open(kind, Scripts::On);
    window.go(&start(folder.path()).link);
    window.wait_for("Suspected misuse of the internet");
    for host in ["127.0.0.1", "localhost"] {
        for (name, count, size) in [("our", 1, 64), ("many", 180, 20), ("long", 180, 4000)] {
            let page = format!("http://{host}:{}/?{name},{count},{size}", elsewhere.port);
            window.reach(&page, &format!("Set {name} {count} of {size}"));
            window.reach(&format!("http://{}{case}", guide.host()), "What to do in this case");
        }
    }
    // As the last of them left it, a press on Stop stops.
    window.stop();
    window.wait_for("Stop. Do not look again.");
    assert!(folder.path().join("home/cases/2026-0001/halt-raised").exists());
    let sent = elsewhere.sent.lock().expect("not poisoned");
    assert!(sent.iter().any(|cookies| cookies.contains("countersign=x")), "it is sent its own: {sent:.200?}");
    for cookies in sent.iter() {
        let ours = cookies
            .split(['=', ';', ' '])
            .any(|part| part.len() == 64 && part.bytes().all(|b| b.is_ascii_hexdigit()));
        assert!(!ours && !cookies.contains("countersign-shown"), "{cookies}");
    }
}
