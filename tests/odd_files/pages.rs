//! Every page of the guide beside an odd file, and its *Stop*.

use std::path::Path;
use std::time::Instant;

use crate::guide::{Browser, Guide, Seen};
use crate::places::{self, Odd, Place, signs};
use crate::school::first_reference;
use crate::verbs::{copy, is_nothing_left, megabytes};
use crate::{Schools, Worst};

pub struct Paged {
    pub stop: String,
    pub worst: Worst,
}

/// What the guide makes of an odd file that is there when it begins, and of one
/// that comes when the case is unlocked; none where it cannot be made here.
pub fn tried(schools: &Schools, place: &Place, odd: Odd) -> Option<Paged> {
    let mut paged = Paged { stop: String::new(), worst: Worst::default() };
    for is_there_before in [true, false] {
        let trial = tempfile::tempdir().expect("a folder");
        copy(schools.sealed.folder.path(), trial.path());
        if !places::hand_over(odd, trial.path()) {
            return None;
        }
        if is_there_before && !places::make(place, odd, trial.path()) {
            return None;
        }
        let stop = guided(schools, trial.path(), place, odd, is_there_before, &mut paged.worst);
        places::undo(place, odd, trial.path());
        if stop.contains("!!") || !paged.stop.contains("!!") && stop != "made" || paged.stop.is_empty() {
            paged.stop = stop;
        }
    }
    Some(paged)
}

fn guided(
    schools: &Schools,
    trial: &Path,
    place: &Place,
    odd: Odd,
    is_there_before: bool,
    worst: &mut Worst,
) -> String {
    let began = Instant::now();
    let mut command = places::command(odd, &schools.program);
    command.current_dir(trial);
    let guide = match Guide::try_start(command, Path::new("home")) {
        Ok(guide) => guide,
        Err(None) => return "!! the guide hangs".to_owned(),
        Err(Some(said)) if said.contains("panicked") || said.is_empty() => {
            return "!! no guide, and no word".to_owned();
        }
        Err(Some(_)) => {
            worst.add("start", began.elapsed().as_secs_f64(), 0.0);
            return "no guide, and it says why".to_owned();
        }
    };
    worst.add("start", began.elapsed().as_secs_f64(), 0.0);
    let case = format!("/case/{}", first_reference());
    let mut browser = Browser::arrive_by(&guide, guide.way_in());
    let stop = format!("{case}/stop");
    let mut form = None;
    if !is_there_before {
        browser.look(&format!("{case}/unlock"));
        let passphrases = std::fs::read_to_string(trial.join("case.txt")).expect("reads");
        let mut lines = passphrases.lines();
        let mut next = || lines.next().expect("a line").to_owned();
        let (first, second) = (next(), next());
        browser.answer(&[("first-passphrase", &first), ("second-passphrase", &second)]);
        browser.look(&case);
        form = has_form(&browser, &stop).then(|| browser.tab());
        assert!(form.is_some(), "{}", browser.page.text());
        places::make(place, odd, trial);
    }
    for address in addresses() {
        let page = ask(&guide, &browser.cookie, &address.replace("{other}", &schools.other));
        let Some((page, seconds)) = page else {
            worst.bad.push(format!("{address} does not answer"));
            continue;
        };
        worst.add(&address, seconds, 0.0);
        if page.body.len() > MOST_SENT {
            worst.bad.push(format!("{address} sends a file that is none of the case's"));
        }
        if page.status == 500 {
            worst.bad.push(format!("{address} answers 500"));
        }
        let is_the_other_s = address.contains("{other}");
        if is_the_other_s && page.status != 200 && place.path.display().to_string().contains(&case[6..]) {
            worst.bad.push(format!("the page of the other case answers {}", page.status));
        }
    }
    // Which case? Its own page has the button, too.
    for page in ["/stop", &case] {
        if form.is_none() {
            browser.look(page);
            form = has_form(&browser, &stop).then(|| browser.tab());
        }
    }
    let before = signs(trial);
    let verdict = match form {
        None if browser.page.text().contains("Do not look again") => "shown; no case to press for".to_owned(),
        None => "!! neither a button nor words".to_owned(),
        Some(mut tab) => {
            let began = Instant::now();
            let pressed = tab.post(&stop, &[]).status;
            tab.look(&format!("{case}/stopped"));
            worst.add("Stop", began.elapsed().as_secs_f64(), 0.0);
            let text = tab.page.text();
            let is_shown = text.contains("Stop. Do not look again.");
            match (is_shown, signs(trial) > before) {
                (true, true) => "made".to_owned(),
                (true, false) if text.contains("could not be written to the disk yet") => "held".to_owned(),
                // The guide began when nothing of the case was there any more.
                _ if pressed == 404 && is_there_before && is_nothing_left(trial) => {
                    "there is no case".to_owned()
                }
                _ => format!("!! shown {is_shown}, {pressed}, {} {}", tab.page.status, tab.page.title()),
            }
        }
    };
    worst.add("guide", 0.0, megabytes(guide.id()).unwrap_or_default());
    verdict
}

fn has_form(browser: &Browser<'_>, action: &str) -> bool {
    browser.page.text().contains(&format!("action=\"{action}\""))
}

/// One page, and how long it took; none within a minute.
fn ask(guide: &Guide, cookie: &str, address: &str) -> Option<(Seen, f64)> {
    let began = Instant::now();
    let request = format!(
        "GET {address} HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\r\n",
        guide.host()
    );
    guide.raw(request.as_bytes()).map(|page| (page, began.elapsed().as_secs_f64()))
}

/// Every address of the guide that shows a page, from its own table: of the
/// case, and the task list of the other one. What goes on sending is none.
pub fn addresses() -> Vec<String> {
    let table = include_str!("../../src/program/web/pages.rs");
    let routes = table.split(".route(").skip(1).filter_map(|rest| rest.split('"').nth(1));
    let mut addresses: Vec<String> = routes
        .filter(|route| !route.ends_with("/live"))
        .map(|route| {
            let route = route.replace("{case}", &first_reference()).replace("{entry}", "2");
            let route = route
                .replace("{seal}", "1")
                .replace("{field}", "description")
                .replace("{step}", "1")
                .replace("{picture}", &"0".repeat(64));
            match route.find('{') {
                None => route,
                Some(_) => ["{draft}", "{job}", "{checked}"]
                    .into_iter()
                    .fold(route, |route, part| route.replace(part, "0123456789abcdef")),
            }
        })
        .collect();
    assert!(addresses.len() > 40 && addresses.iter().all(|address| !address.contains('{')), "{addresses:?}");
    addresses.push("/case/{other}".to_owned());
    addresses
}

/// Bytes that a page, a form or the bundle of this small case has at most.
const MOST_SENT: usize = 32 << 20;
