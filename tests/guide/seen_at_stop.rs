//! What the program saw when *Stop* was pressed in the guide: in the entry that
//! both sign, and on the sheet for the police.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::opening::{guide, open, open_at};
use crate::recording::{recording_guide, sample};
use crate::support::Browser;
use crate::work::until;
use crate::written_alone::sheet;

/// The only stop on record, once it is there.
fn stop(case: &Path) -> serde_json::Value {
    let began = Instant::now();
    loop {
        let entries = std::fs::read_dir(case.join("data/journal")).expect("lists").flatten();
        let json = entries.map(|entry| entry.path()).filter(|path| path.extension() == Some("json".as_ref()));
        let entries = json.map(|path| std::fs::read(path).expect("reads"));
        let entries = entries.map(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).expect("JSON"));
        let mut stops: Vec<_> = entries.filter(|entry| entry["kind"] == "halted").collect();
        if let Some(stop) = stops.pop() {
            assert!(stops.is_empty(), "one stop is one entry");
            return stop["body"].clone();
        }
        assert!(began.elapsed() < Duration::from_secs(60), "no stop on record");
        std::thread::sleep(Duration::from_millis(20));
    }
}

const UNKNOWN: &str = "Raised by One of the two; the program does not know which";

#[test]
fn the_button_says_what_was_on_the_screen_of_a_recording() {
    let (folder, guide) = recording_guide();
    let mut browser = Browser::enter(&guide);
    let case = open_at(&mut browser, "/open?practise=yes");
    let review = format!("{case}/review");
    browser.get(&format!("{review}/start"));
    let url = sample(&browser, "/class-7");
    browser.answer(&[("address", &url), ("producer", "b")]);
    until(&mut browser, &review, "RECORDING – page 1 visited ");
    // It leads on to there.
    let url = url.replace("/class-7", "/board");
    assert_eq!(browser.post(&format!("{case}/stop"), &[]).status, 303);
    let stop = stop(&folder.path().join(format!("home/cases{}", case.trim_start_matches("/case"))));
    assert_eq!((&stop["screen"], &stop["keeping"]), (&url.as_str().into(), &serde_json::Value::Null));
    assert_eq!((&stop["raised"], &stop["by"]), (&"by-hand".into(), &serde_json::Value::Null));
    // The address is the police's; what the page is called is not told.
    let words = sheet(&mut browser, &case);
    for said in ["On the screen then, as the program saw it", &url, UNKNOWN] {
        assert!(words.contains(said), "{said}: {words}");
    }
    browser.get(&format!("{case}/record"));
    browser.sees("On the screen then, as the program saw it").sees("the program does not know which");
}

#[test]
fn the_button_says_what_was_on_its_way_into_the_case() {
    let (folder, guide) = guide();
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    browser.get(&format!("{case}/attach"));
    let text = browser.page.text();
    let to = text.split("action=\"").skip(1).find(|rest| rest.starts_with(&format!("{case}/attach?token=")));
    let to = to.expect("a form with files").split('"').next().expect("an end").to_owned();
    let host = guide.host();
    let mut sending = TcpStream::connect(guide.address()).expect("connects");
    let head = format!(
        "POST {to} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: {}\r\n\
         Sec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=edge\r\n\
         Content-Length: 1000000\r\nConnection: close\r\n\r\n",
        browser.cookie
    );
    let begun =
        "--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"phone.img\"\r\n\r\nThe first";
    sending.write_all(format!("{head}{begun}").as_bytes()).expect("writes");
    let home = folder.path().join("home");
    let coming = || {
        let names = std::fs::read_dir(&home).expect("lists").flatten().map(|entry| entry.file_name());
        names.filter(|name| name.to_string_lossy().starts_with("incoming-")).count()
    };
    let began = Instant::now();
    while coming() == 0 {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
    // Its name is there once the file is.
    std::thread::sleep(Duration::from_millis(500));
    browser.get(&case);
    browser.post(&format!("{case}/stop"), &[]);
    let stop = stop(&home.join("cases/2026-0001"));
    assert_eq!((&stop["screen"], &stop["keeping"]), (&serde_json::Value::Null, &"phone.img".into()));
    let mut answer = String::new();
    sending.read_to_string(&mut answer).expect("an answer");
    assert!(answer.contains("The files were not brought in"), "{answer}");
    assert_eq!(coming(), 0, "nothing of it is left");
    let words = sheet(&mut browser, &case);
    for said in ["Being kept then, as the program saw it phone.img", UNKNOWN] {
        assert!(words.contains(said), "{said}: {words}");
    }
}
