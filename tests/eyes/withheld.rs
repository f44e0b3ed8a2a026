//! A picture that was kept and is then said to be what nobody may see: no
//! page, no answer and no pixel shows it again.

use std::io::Write as _;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::chromium::{Key, Tab, Whole};
use crate::looks::{Findings, linked};
use crate::people::{BOTH, Office, answer_the_questions};

/// The colour of the page that is kept, and of nothing of the guide.
const CANARY: [u8; 3] = [0xfe, 0x01, 0xd2];

fn site() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = std::io::Read::read(&mut stream, &mut [0; 4096]);
            let page = "<!doctype html><title>canary-title-7f3a</title><body style='background:#fe01d2;height:600px'>canary-words-7f3a";
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
                page.len()
            );
        }
    });
    url
}

/// How many pixels have the canary's colour.
fn canaries(tab: &Tab) -> usize {
    let png = tab.picture(Whole::Page);
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("fits")];
    let info = reader.next_frame(&mut pixels).expect("a picture");
    let near = |pixel: &[u8]| pixel.iter().zip(CANARY).all(|(is, canary)| is.abs_diff(canary) < 12);
    pixels[..info.buffer_size()]
        .chunks_exact(info.color_type.samples())
        .filter(|pixel| near(&pixel[..3]))
        .count()
}

#[test]
fn no_page_and_no_pixel_shows_it_again() {
    let office = Office::open();
    let tab = &office.tab;
    let url = site();
    office.go("/open?practise=yes");
    let case = answer_the_questions(tab, "no", |_| {});
    office.go(&format!("{case}/keep"));
    tab.answer(&[("address", &url), ("producer", "a")]);
    let exhibit = tab.url();
    // A picture is drawn a moment after its page is there.
    let began = Instant::now();
    while canaries(tab) <= 1000 {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "the search finds nothing on {exhibit}: {}",
            tab.words()
        );
        thread::sleep(Duration::from_millis(100));
    }
    let pictures = tab.eval("[...document.images].map(i => i.src)");
    let pictures: Vec<String> = serde_json::from_value(pictures).expect("addresses");
    assert!(!pictures.is_empty());
    let before = linked(tab, &office.url(&case));

    office.go(&format!("{case}/concern"));
    tab.answer(&[("at", "typed"), ("typed", &url)]);
    tab.answer(&[("category", "child-abuse-images"), ("description", "As we were told.")]);
    tab.push("Stop the case now");
    tab.sees("Stop. Do not look again.");
    assert_eq!(canaries(tab), 0);
    tab.said();
    let mut findings = Findings::default();
    let mut looked_at = 0;
    let mut again = |tab: &Tab, page: &str| {
        tab.go(page);
        looked_at += 1;
        assert_eq!(canaries(tab), 0, "{page}");
        assert_eq!(tab.eval("document.images.length"), 0, "{page}");
        let html = tab.text("document.documentElement.outerHTML");
        assert!(!html.contains("canary-words-7f3a"), "{page}: {html}");
        // What the form says of it is on paper, too: its title, in words.
        let form = tab.path().ends_with("/form");
        assert!(form || !html.contains("canary-title-7f3a"), "{page}: {html}");
        findings.fits_and_axe(tab);
    };
    let pages = [before, pictures.clone(), vec![exhibit]].concat();
    for page in &pages {
        again(tab, page);
    }
    // On record, which takes both; and all pages that there are now.
    office.go(&format!("{case}/unlock"));
    tab.answer(&BOTH);
    for page in linked(tab, &office.url(&case)).iter().chain(&pages) {
        again(tab, page);
    }
    for said in tab.said() {
        if said.method == "Network.responseReceived" {
            let kind = said.params["response"]["mimeType"].as_str().unwrap_or_default();
            assert!(!kind.starts_with("image/") || kind == "image/svg+xml", "{}", said.params);
        }
    }
    // What the browser remembers is asked for again, and refused.
    for _ in 0..4 {
        tab.back();
        assert_eq!(canaries(tab), 0, "{}", tab.url());
    }
    tab.press(Key::Tab);
    tab.call("Page.reload", json!({}));
    println!("{looked_at} pages without what is withheld");
    findings.none();
}
