//! A recording that is begun, followed and ended from the guide: the window
//! that people browse in stands on a screen that nobody sees, the guide in a
//! browser beside it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use countersign_case::rehearsal::Site;
use countersign_record::clock::Random;

use crate::chromium::{Chromium, Key, Tab};
use crate::looks::Findings;
use crate::opening;
use crate::people::{Office, sign, start_in};
use crate::pictures::for_eyes;
use crate::processes::{kill_group, leader, processes, until_ended};
use crate::screen::Screen;
use crate::support::Browser;

/// A practice case that is open in the guide, and a screen for its window.
pub struct Room {
    pub office: Office,
    pub screen: Screen,
    site: Site,
    pub case: String,
}

/// For the numbers of the site's copies, of which there is one site here.
struct Zeros;

impl Random for Zeros {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        bytes.fill(0);
        Ok(())
    }
}

impl Room {
    pub fn enter(prepare: impl Fn(&Tab)) -> Room {
        let (folder, screen) = (tempfile::tempdir().expect("a folder"), Screen::start());
        std::fs::create_dir(folder.path().join("t")).expect("a folder");
        crate::recorder::let_pass(folder.path());
        crate::recorder::let_pass(&folder.path().join("t"));
        let guide = start_in(
            folder.path(),
            &[
                ("DISPLAY", &screen.display),
                ("WAYLAND_DISPLAY", ""),
                ("TMPDIR", folder.path().join("t").to_str().expect("UTF-8")),
            ],
        );
        let case = opening::open_at(&mut Browser::enter(&guide), "/open?practise=yes");
        let office = Office::beside(folder, guide, prepare);
        let site = Site::start(&Zeros).expect("a port");
        Room { office, screen, site, case }
    }

    pub fn tab(&self) -> &Tab {
        &self.office.tab
    }

    fn review(&self) -> String {
        format!("{}/review", self.case)
    }

    fn browsers(&self) -> PathBuf {
        self.office.folder.path().join("t")
    }

    /// Begins to record, by the pages, at this page of the site.
    pub fn record(&self, path: &str, look: impl FnMut(&Tab)) {
        let mut look = look;
        self.office.go(&self.review());
        self.tab().follow("Start recording");
        look(self.tab());
        self.tab().answer(&[("address", &self.site.url(path)), ("producer", "a")]);
        assert_eq!(self.tab().path(), self.review(), "{}", self.tab().words());
    }

    /// What this says of the window; it is asked again until then, and the
    /// page is not loaded anew.
    pub fn until(&self, words: &str) {
        until(self.tab(), words, || {});
    }
}

/// Looks until the page says it.
pub fn until(tab: &Tab, words: &str, between: impl Fn()) {
    let began = Instant::now();
    while !tab.words().contains(words) {
        assert!(began.elapsed() < PATIENCE, "{} never says {words:?}:\n{}", tab.url(), tab.words());
        std::thread::sleep(Duration::from_millis(50));
        between();
    }
}

/// A page that is loaded anew has no such mark.
fn mark(tab: &Tab) {
    tab.eval("window.stayed = true");
}

fn stayed(tab: &Tab) {
    assert_eq!(tab.eval("window.stayed === true"), true, "{} was loaded anew", tab.url());
}

#[test]
fn it_is_begun_followed_and_ended_from_the_pages() {
    let room = Room::enter(|_| {});
    let (tab, case) = (room.tab(), room.case.as_str());
    let mut findings = Findings::default();
    room.record("/", |tab| findings.look(tab));
    mark(tab);
    room.until("RECORDING – page 1 visited ");
    room.until("REHEARSAL: Example School");
    for_eyes(tab, "recording");
    findings.look(tab);
    // Somebody types in the window, and looks at the guide.
    room.screen.open(&room.site.url("/class-7"));
    room.until("Class 7 message board");
    tab.reach("Keep", |focus| focus.words == "Keep this page");
    stayed(tab);
    tab.push("Keep this page");
    mark(tab);
    room.until("Last page kept: exhibit JS/1 at ");
    room.until("Page kept as exhibit JS/1");
    // Heard by who does not see it, and once.
    until(tab, "Exhibit JS/1 is kept.", || {});
    stayed(tab);
    findings.look(tab);
    // What can be said and brought in while it goes on.
    tab.follow(&format!("{case}/note"));
    tab.answer(&[("text", "We read the messages of class 7.")]);
    sign(tab, |tab| findings.look(tab));
    tab.sees("is kept, signed by both of you");
    office_goes(&room, "attach");
    let file = room.office.folder.path().join("list.txt");
    std::fs::write(&file, "Names.\n").expect("writes");
    tab.choose_files(&[&file]);
    tab.answer(&[("description", "A list of names."), ("producer", "b")]);
    tab.sees("Exhibit AK/1");
    office_goes(&room, "concern");
    tab.answer(&[("at", "typed"), ("typed", &room.site.url("/board"))]);
    tab.answer(&[("category", "bullying"), ("description", "Insults.")]);
    sign(tab, |_| {});
    room.office.go(&room.review());
    mark(tab);
    for words in
        ["Insults.", "A list of names.", "We read the messages of class 7.", "RECORDING – page 2 visited"]
    {
        tab.sees(words);
    }
    let window = leader(&room.browsers());
    tab.push("End the recording");
    room.until("NOT RECORDING – it was ended");
    until_ended(window, Instant::now());
    tab.sees("Start recording");
    findings.look(tab);
    findings.none();
}

fn office_goes(room: &Room, page: &str) {
    room.office.go(&format!("{}/{page}", room.case));
}

/// The guide's page is not loaded anew when its list grows: who reads on
/// stays where they are.
#[test]
fn the_list_grows_and_nobody_loses_their_place() {
    let room = Room::enter(|_| {});
    let tab = room.tab();
    for number in 0..12 {
        office_goes(&room, "note");
        tab.answer(&[("text", &format!("Note {number} of some.\nIt has three lines.\nThis is the last."))]);
        sign(tab, |_| {});
    }
    room.record("/", |_| {});
    room.until("RECORDING – page 1 visited ");
    mark(tab);
    // The focus is on a row far down, and a word of another is marked.
    tab.reach("a row", |focus| focus.leads.ends_with("/record/6"));
    tab.eval("(() => { const row = document.getElementById('entry-5').querySelector('.words-of'); row.scrollIntoView({ block: 'center' }); getSelection().selectAllChildren(row); return 0; })()");
    let place = "Math.round(document.getElementById('entry-6').getBoundingClientRect().top)";
    let (before, scrolled) = (tab.eval(place), tab.eval("scrollY"));
    assert!(scrolled.as_f64() > Some(100.0), "{scrolled}");
    for turn in 0..3 {
        room.screen.open(&room.site.url(&format!("/nowhere-{turn}")));
        room.until(&format!("/nowhere-{turn}"));
    }
    stayed(tab);
    assert!(tab.focus().leads.ends_with("/record/6"), "{:?}", tab.focus());
    assert!(
        tab.text("getSelection().toString()").contains("of some."),
        "{}",
        tab.text("getSelection().toString()")
    );
    // Where it was on the screen, within a line.
    let after = tab.eval(place);
    assert!(
        (after.as_f64().unwrap_or(1e9) - before.as_f64().unwrap_or(0.0)).abs() < 30.0,
        "{before} {after}"
    );
    // Newest first, each once.
    let rows = tab.eval("[...document.querySelectorAll('ol.log > li')].map(e => +e.id.slice(6))");
    let rows: Vec<u64> = serde_json::from_value(rows).expect("numbers");
    assert!(rows.windows(2).all(|two| two[0] > two[1]), "{rows:?}");
    // Three pages came, and nobody was told of each.
    assert_eq!(tab.text("document.querySelector('.aloud').textContent"), "");
    // The button that has the focus goes away with the recording; the focus is
    // not lost.
    tab.reach("the end", |focus| focus.words == "End the recording");
    room.screen.press(&["ctrl+w"]);
    room.until("NOT RECORDING – the last window was closed");
    room.until("Start recording");
    stayed(tab);
    assert_eq!(tab.text("document.activeElement.tagName"), "MAIN");
    assert_eq!(
        tab.text("document.querySelector('.aloud').textContent"),
        "Not recording any more: the last window was closed."
    );
}

#[test]
fn a_browser_that_is_killed_is_said_and_the_recording_goes_on() {
    let room = Room::enter(|_| {});
    let tab = room.tab();
    room.record("/", |_| {});
    room.until("RECORDING – page 1 visited ");
    mark(tab);
    kill_group(leader(&room.browsers()));
    room.until("The recording broke off at ");
    room.until(" and went on at ");
    let mut findings = Findings::default();
    findings.look(tab);
    room.screen.open(&room.site.url("/board"));
    room.until("Class 7 message board");
    stayed(tab);
    // Again and again: it gives up, in words.
    let began = Instant::now();
    while !tab.words().contains("NOT RECORDING – the browser failed again and again") {
        assert!(began.elapsed() < PATIENCE, "{}", tab.words());
        if let Some((process, _)) = processes(&room.browsers())
            .iter()
            .find(|(_, command)| command.contains("--remote-debugging-pipe") && !command.contains("--type="))
        {
            kill_group(*process);
        }
        std::thread::sleep(Duration::from_millis(300));
    }
    room.until("Start recording");
    findings.look(tab);
    findings.none();
}

#[test]
fn a_stop_closes_the_window_and_leads_to_what_to_do() {
    for by_key in [false, true] {
        let room = Room::enter(|_| {});
        let tab = room.tab();
        room.record("/board", |_| {});
        room.until("Class 7 message board");
        let beside = room.office.person.tab();
        beside.go(&room.office.url(&room.review()));
        let window = leader(&room.browsers());
        let began;
        if by_key {
            tab.press(Key::Escape);
            began = Instant::now();
            tab.leave(|tab| tab.press(Key::Escape));
        } else {
            tab.reach("Stop", |focus| focus.tag == "BUTTON" && focus.words == "Stop");
            began = Instant::now();
            tab.leave(|tab| tab.press(Key::Enter));
        }
        let took = until_ended(window, began);
        println!("the window is closed {} ms after Stop in the guide", took.as_millis());
        tab.sees("Stop. Do not look again.");
        // The page beside it leaves by itself.
        until(&beside, "Stop. Do not look again.", || {});
        assert!(!beside.words().contains("message board"));
        room.office.go(&format!("{}/record", room.case));
        until(tab, "The recording ended", || room.office.go(&format!("{}/record", room.case)));
        tab.sees("STOPPED");
        assert!(!tab.words().contains("Class 7 message board"), "{}", tab.words());
    }
}

#[test]
fn without_a_script_it_is_followed_by_loading_the_page_again() {
    let room = Room::enter(Tab::without_script);
    let tab = room.tab();
    room.record("/", |_| {});
    let again = || room.office.go(&room.review());
    until(tab, "RECORDING – page 1 visited ", again);
    tab.sees("ten minutes");
    room.screen.open(&room.site.url("/board"));
    until(tab, "Class 7 message board", again);
    tab.push("Keep this page");
    until(tab, "Last page kept: exhibit JS/1 at ", again);
    tab.follow(&format!("{}/review/go", room.case));
    tab.fill("address", &room.site.url("/other"));
    tab.push("Open it in the recording window");
    until(tab, "/other", again);
    let window = leader(&room.browsers());
    room.screen.press(&["ctrl+w"]);
    until_ended(window, Instant::now());
    until(tab, "NOT RECORDING – the last window was closed", again);
    tab.sees("Start recording");
}

/// Browsers give a site six connections: live pages that nobody sees must not
/// take them all.
#[test]
fn many_tabs_do_not_keep_anybody_from_stopping() {
    let room = Room::enter(|_| {});
    let tabs: Vec<Tab> = (0..9)
        .map(|_| {
            let tab = room.office.person.tab_as_it_is();
            tab.go(&room.office.url(&room.review()));
            tab
        })
        .collect();
    let hidden = tabs.iter().filter(|tab| tab.eval("document.hidden") == true).count();
    assert!(hidden >= 8, "{hidden}");
    let last = tabs.last().expect("tabs");
    last.leave(|tab| drop(tab.eval("document.getElementById('stop').submit(), 0")));
    last.sees("Stop. Do not look again.");
    // The others show nothing when somebody comes back to them, and then what
    // to do.
    for tab in &tabs[..8] {
        assert_eq!(tab.eval("getComputedStyle(document.querySelector('main')).opacity"), "0");
        tab.to_front();
        until(tab, "Stop. Do not look again.", || {});
        assert_eq!(tab.eval("getComputedStyle(document.querySelector('main')).opacity"), "1");
    }
    drop(Chromium::shared());
}

const PATIENCE: Duration = Duration::from_secs(90);
