//! The form as a stranger sees it: the PDF through other people's readers.
//!
//! Needs `qpdf`, `pdftotext`, `pdfimages` (poppler-utils) and the fonts of
//! `fonts-noto-cjk`; where one is missing the test fails.

#![allow(clippy::print_stderr, reason = "figures for whoever reads the test's output")]

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use countersign::clock::{Random, Time};
use countersign::digest::Digest;
use countersign::form::{
    Files, Fonts, Form, FormError, Pdf, Picture, Pictures, SealSheet, Source, draw, draw_sealed,
};
use countersign::journal::*;
use countersign::key::SecretKey;
use countersign::procedure::Pack;
use countersign::words::SealWords;

#[test]
fn an_ordinary_case() {
    let pdf = draw_sealed(&sample().form(), &seal(), &fonts()).expect("a form");
    save("ordinary", &pdf);
    check(&pdf);
    let text = text_of(&pdf);
    for words in [
        "Record of reviewing devices and internet sites",
        "Rowan Park School",
        "Zażółć Gęślą",
        "Jane Smith",
        "Headteacher",
        "王小明",
        "JS/1",
        "Bullying or harassment online",
        "https://forum.example.org/thread/42",
        "The concern has substance",
        "Local authority: children's services",
        "These eight words prove that the bundle handed over is the one you sealed.",
        "Keep this sheet apart from the bundle.",
        "Receiving officer",
        "SHA256:",
    ] {
        assert!(flat(&text).contains(words), "{words:?} is not in\n{text}");
    }
    for word in SealWords::of(&seal().root).words() {
        assert!(text.contains(word), "{word}");
    }
    assert!(has_right_to_left(&text, "محمد علي"), "{text}");
    assert!(!text.contains("REHEARSAL") && !text.contains("[U+738B]"), "{text}");
    for page in 1..=pdf.pages {
        assert!(text.contains(&format!("Page {page} of {}", pdf.pages)), "page {page}");
    }
    assert_eq!(text.matches('\u{c}').count(), pdf.pages, "pages");
    let seal_sheet = text.split('\u{c}').nth(pdf.pages - 1).expect("a last page");
    let first =
        seal_sheet.lines().filter(|line| !line.trim().is_empty()).nth(1).expect("a line below the head");
    assert!(first.trim_start().starts_with("These eight words prove"), "{first}");
    assert_eq!(images(&pdf), 3);
}

#[test]
fn the_same_form_is_the_same_bytes() {
    let draw = || draw_sealed(&sample().form(), &seal(), &fonts()).expect("a form");
    assert!(draw() == draw());
}

#[test]
fn an_ordinary_form_is_quick() {
    let mut form = sample().form();
    form.pictures = Pictures::Lawful(Vec::new());
    let fonts = fonts();
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let started = Instant::now();
        draw_sealed(&form, &seal(), &fonts).expect("a form");
        best = best.min(started.elapsed());
    }
    eprintln!("an ordinary form: {best:?}");
    assert!(best < Duration::from_secs(3), "{best:?}");
}

#[test]
fn a_withheld_case_has_no_picture_at_all() {
    let mut sample = sample();
    let before = sample.form();
    assert!(matches!(&before.pictures, Pictures::Lawful(pictures) if !pictures.is_empty()));
    let label = "Sexual or indecent image of a child";
    sample.say(Body::Halted(Halted {
        category: Some(category("child-abuse-images", label, Response::StopAndWithhold)),
        by: Some(Side::B),
        raised: Raised::ByHand,
        raised_at: Some(time(20)),
        raised_file: Some(Digest::of(b"raised")),
        description: None,
    }));
    // Reading any file is now a fault of the form.
    sample.bytes.clear();
    let form = sample.form();
    assert!(matches!(form.pictures, Pictures::Withheld));
    let pdf = draw_sealed(&form, &seal(), &fonts()).expect("a form");
    save("withheld", &pdf);
    check(&pdf);
    assert_eq!(images(&pdf), 0);
    assert!(!has_image_object(&pdf), "an image object");
    let text = text_of(&pdf);
    for words in ["The case was stopped", "Left where it is", label, "not shown, printed or copied"] {
        assert!(flat(&text).contains(words), "{words:?} is not in\n{text}");
    }
}

#[test]
fn a_halt_that_is_only_raised_already_withholds() {
    let sample = sample();
    let released = sample.ledger.released(Restraint::Withhold);
    let nothing = Shelf(BTreeMap::new());
    let form = Form::of(&sample.ledger, &released, &pack(), &nothing, time(60)).expect("a form");
    assert!(matches!(form.pictures, Pictures::Withheld));
    assert!(!has_image_object(&draw(&form, &fonts()).expect("a form")));
    assert!(has_image_object(&draw(&sample.form(), &fonts()).expect("a form")));
}

#[test]
fn a_rehearsal_says_so_on_every_page() {
    let pdf = draw_sealed(&sample_of(Standing::Rehearsal).form(), &seal(), &fonts()).expect("a form");
    save("rehearsal", &pdf);
    check(&pdf);
    let text = text_of(&pdf);
    let pages: Vec<&str> = text.split('\u{c}').take(pdf.pages).collect();
    assert!(pages.iter().all(|page| page.matches("REHEARSAL").count() == 2), "{text}");
}

#[test]
fn a_case_that_was_only_opened_has_room_to_write() {
    let form = Sample::opened(Standing::Case, Gate::Nothing).form();
    let pdf = draw(&form, &fonts()).expect("a form");
    save("bare", &pdf);
    check(&pdf);
    let text = text_of(&pdf);
    assert!(
        text.contains("No concern was recorded.") && text.contains("No judgement is recorded."),
        "{text}"
    );
}

#[test]
fn a_case_stopped_at_the_gate_is_text() {
    let form = Sample::opened(Standing::Case, Gate::Illegal).form();
    let pdf = draw(&form, &fonts()).expect("a form");
    save("gate", &pdf);
    check(&pdf);
    let text = text_of(&pdf);
    assert!(text.contains("nothing was reviewed") && text.contains("Write here who was told."), "{text}");
}

#[test]
fn without_fonts_of_the_script_the_letters_are_spelt_out() {
    let pdf = draw(&sample().form(), &Fonts::built_in()).expect("a form");
    check(&pdf);
    assert!(text_of(&pdf).contains("[U+738B][U+5C0F][U+660E]"));
}

#[test]
fn hostile_words_lay_out() {
    let mut form = sample().form();
    let long = "x".repeat(64 * 1024);
    let lines = "\n".repeat(5_000);
    let mixed = "محمد abc 王小明 \u{202e}\u{0}\u{1b}[31m\u{e000}\u{feff}\u{1f4a9}\u{10ffff} ".repeat(400);
    let words = [long, lines, mixed, "<script>&amp;".repeat(900), String::new()];
    for (place, words) in words.into_iter().enumerate() {
        form.notes[0].text = words.clone();
        form.reason = words.clone();
        form.group = Some(words.clone());
        form.reviewers[0].name = words.clone();
        form.concerns[0].reason = words.clone();
        form.exhibits[0].label = words.chars().take(500).collect();
        form.visits[0].address = words;
        let pdf = draw(&form, &fonts()).expect("a form");
        save(&format!("hostile-{place}"), &pdf);
        check(&pdf);
        within_the_margins(&pdf);
    }
}

#[test]
fn hostile_pictures_become_a_sentence() {
    let mut form = sample().form();
    let good = picture(64, 64);
    let mut bomb = good.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let sum = crc32fast::hash(&bomb[12..29]).to_be_bytes();
    bomb[29..33].copy_from_slice(&sum);
    let source = |bytes: &[u8]| Picture {
        exhibit: "JS/1".to_owned(),
        what: "A picture".to_owned(),
        source: Source::Bytes(bytes.to_vec()),
    };
    let too_large = Picture { source: Source::TooLarge, ..source(b"") };
    form.pictures = Pictures::Lawful(vec![
        source(&bomb),
        source(&good[..good.len() / 2]),
        source(b"GIF89a"),
        source(b""),
        source(b"\xff\xd8\xff\xe0\x00\x10JFIF"),
        source(&PHOTO[..PHOTO.len() / 2]),
        too_large,
        Picture { source: Source::NoRoom, ..source(b"") },
    ]);
    let started = Instant::now();
    let pdf = draw(&form, &fonts()).expect("a form");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    save("hostile-pictures", &pdf);
    check(&pdf);
    let text = text_of(&pdf);
    assert_eq!(flat(&text).matches("It is in the sealed file.").count(), 8, "{text}");
    assert_eq!(images(&pdf), 0);
}

#[test]
fn a_tall_page_is_printed_in_parts() {
    let mut form = sample().form();
    form.pictures = Pictures::Lawful(vec![Picture {
        exhibit: "JS/1".to_owned(),
        what: "Picture of the whole page".to_owned(),
        source: Source::Bytes(picture(1280, 6_000)),
    }]);
    let pdf = draw(&form, &fonts()).expect("a form");
    save("tall", &pdf);
    check(&pdf);
    assert!(text_of(&pdf).contains("part 2 of 4"), "{}", text_of(&pdf));
    assert_eq!(images(&pdf), 4);
}

#[test]
fn a_photograph_stands_upright_and_keeps_nothing_of_the_camera() {
    let mut form = sample().form();
    form.pictures = Pictures::Lawful(vec![Picture {
        exhibit: "MA/1".to_owned(),
        what: "photo.jpg".to_owned(),
        source: Source::Bytes(PHOTO.to_vec()),
    }]);
    assert!(contains(PHOTO, b"Exif"));
    let pdf = draw(&form, &fonts()).expect("a form");
    save("photo", &pdf);
    check(&pdf);
    assert_eq!(images(&pdf), 1);
    assert!(!contains(&pdf.bytes, b"Exif"));
}

#[test]
fn pictures_without_number_are_neither_read_nor_printed() {
    let mut sample = Sample::opened(Standing::Case, Gate::Nothing);
    let small = picture(8, 8);
    let files: Vec<File> = (0..8_u8)
        .map(|n| File {
            bytes: 60 << 20,
            ..file(Role::Attached, &[small.clone(), vec![n]].concat(), "png", None)
        })
        .collect();
    sample.bytes =
        (0..8_u8).map(|n| [small.clone(), vec![n]].concat()).map(|b| (Digest::of(&b), b)).collect();
    let exhibit = sample.ledger.next_exhibit(Side::A);
    let part = Part { number: 1, of: 1 };
    let description = text("Eight pictures.");
    sample.say(Body::Attached(Attached { exhibit, part, description, files, left_out: Vec::new() }));
    let Pictures::Lawful(pictures) = sample.form().pictures else { panic!("a lawful case") };
    let read = pictures.iter().filter(|picture| matches!(picture.source, Source::Bytes(_))).count();
    assert_eq!((read, pictures.len()), (4, 8));
}

#[test]
fn ten_thousand_visits_in_bounded_time() {
    let mut form = Sample::opened(Standing::Case, Gate::Nothing).form();
    let (visit, line) = (sample().form().visits[0].clone(), form.record[0].clone());
    for n in 0..10_000_u32 {
        let address = format!("https://forum.example.org/thread/{n}?page={}", n % 7);
        form.visits.push(countersign::form::Visit { address, entry: u64::from(n) + 2, ..visit.clone() });
        form.record.push(countersign::form::RecordLine { entry: u64::from(n) + 2, ..line.clone() });
    }
    let started = Instant::now();
    let pdf = draw(&form, &Fonts::built_in()).expect("a form");
    let took = started.elapsed();
    eprintln!("10,000 visits: {} pages, {} bytes, {took:?}", pdf.pages, pdf.bytes.len());
    assert!(took < Duration::from_secs(300), "{took:?}");
    qpdf(&pdf);
    let text = text_of(&pdf);
    for n in [0, 4_999, 9_999] {
        assert!(text.contains(&format!("https://forum.example.org/thread/{n}?page=")), "visit {n}");
    }
    assert!(text.contains(&format!("Page {0} of {0}", pdf.pages)));
}

#[test]
fn a_file_that_is_not_what_the_record_names_is_not_printed() {
    let mut sample = sample();
    let key = *sample.bytes.keys().next().expect("a picture");
    sample.bytes.insert(key, picture(10, 10));
    assert!(matches!(sample.try_form(), Err(FormError::Changed { .. })));
    sample.bytes.remove(&key);
    assert!(matches!(sample.try_form(), Err(FormError::File { why: io::ErrorKind::NotFound, .. })));
}

/// 160 by 120 pixels, with a camera's note that it was held sideways.
const PHOTO: &[u8] = include_bytes!("../fixtures/form/photo.jpg");

struct Sample {
    ledger: Ledger,
    bytes: BTreeMap<Digest, Vec<u8>>,
}

#[derive(PartialEq)]
enum Gate {
    Nothing,
    Illegal,
}

struct Shelf(BTreeMap<Digest, Vec<u8>>);

impl Files for Shelf {
    fn read(&self, file: &File) -> io::Result<Vec<u8>> {
        self.0.get(&file.sha256).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

struct Counting(AtomicU8);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        bytes.iter_mut().for_each(|byte| *byte = self.0.fetch_add(7, Ordering::Relaxed));
        Ok(())
    }
}

impl Sample {
    fn opened(standing: Standing, gate: Gate) -> Sample {
        let reviewer = |name: &str, position: &str, initials: &str, seed: u8| Reviewer {
            name: line(name),
            position: line(position),
            initials: line(initials),
            public_key: SecretKey::generate(&Counting(seed.into())).expect("a key").public(),
        };
        let confirmation = |id: &str, statement: &str| Confirmation {
            id: id.parse().expect("an id"),
            statement: text(statement),
        };
        let opened = Opened {
            reference: "2026-0001".parse().expect("a reference"),
            standing,
            follows: None,
            suspected_illegal: gate == Gate::Illegal,
            group: Some(line("Rowan Park School")),
            reason: text(
                "A parent reported that a pupil had been sent abusive messages on a web forum during the lunch \
                 break, and that the messages could be read from a computer in the library.",
            ),
            reported_by: text("Mrs Zażółć Gęślą (parent), by telephone"),
            concerns: Concerns::Pupil,
            subject: line("P-0417"),
            subject_key: Some(line("The sealed envelope in the school safe, marked 2026-0001")),
            first: reviewer("Jane Smith", "Headteacher", "JS", 1),
            second: reviewer("محمد علي", "Designated safeguarding lead", "MA", 2),
            computer: Computer { name: line("LAPTOP-7"), location: line("Headteacher's office, block A") },
            confirmations: vec![
                confirmation("not-used-by-pupils", "The computer is not used by young people."),
                confirmation("can-be-taken", "The police could take it away if they needed to."),
                confirmation("throughout", "The same computer is used throughout."),
                confirmation("access", "Its internet access is suitable for this review."),
                confirmation("monitored", "Sites and content visited are closely monitored and recorded."),
            ],
            filter_exemptions: Some(text("forum.example.org, until 22 November 2026 at 17:00")),
            pack: PackName {
                id: "uk-schools".parse().expect("an id"),
                title: line("Responding to incidents of misuse: schools in the United Kingdom"),
                file: file(Role::Pack, b"pack", "toml", None),
            },
            program: Program { version: line("0.1.0"), sha256: Digest::of(b"program") },
            machine: Machine {
                name: Seen::of("LAPTOP-7"),
                system: Seen::of("Windows 11"),
                architecture: Seen::of("x86_64"),
                identity: None,
                utc_offset_minutes: 0,
            },
        };
        let entry = entry(1, None, Body::Opened(Box::new(opened)));
        Sample { ledger: Ledger::begin(entry).expect("entry 1"), bytes: BTreeMap::new() }
    }

    fn say(&mut self, body: Body) {
        let last = Digest::of(&self.ledger.last().to_bytes().expect("small"));
        let links = Links { entry: last, sig_a: Digest::of(b"a"), sig_b: Digest::of(b"b") };
        let number = self.ledger.head() + 1;
        self.ledger.push(entry(number, Some(links), body)).expect("a regular entry");
    }

    fn keep(&mut self, url: &str, title: &str, picture: Vec<u8>) {
        let shot = file(Role::Picture, &picture, "png", None);
        self.bytes.insert(shot.sha256, picture);
        let exhibit = self.ledger.next_exhibit(Side::A);
        let started = time(i64::try_from(self.ledger.head()).expect("few"));
        self.say(Body::Kept(Box::new(Kept {
            exhibit,
            method: Method::Browser,
            url: Seen::of(url),
            redirects: Vec::new(),
            final_url: Seen::of(url),
            title: Some(Seen::of(title)),
            status: Some(200),
            remote_address: None,
            server_date: None,
            started,
            took_ms: 900,
            browser: None,
            files: vec![
                shot,
                file(Role::Page, url.as_bytes(), "mhtml", None),
                file(Role::Record, title.as_bytes(), "json", None),
            ],
            absences: vec![Seen::of("nothing below 16,384 px"), Seen::of("video not saved")],
        })));
    }

    fn try_form(&self) -> Result<Form, FormError> {
        let released = self.ledger.released(Restraint::None);
        Form::of(&self.ledger, &released, &pack(), &Shelf(self.bytes.clone()), time(60))
    }

    fn form(&self) -> Form {
        self.try_form().expect("a form")
    }
}

fn sample() -> Sample {
    sample_of(Standing::Case)
}

fn sample_of(standing: Standing) -> Sample {
    let mut sample = Sample::opened(standing, Gate::Nothing);
    let visit = |minute: i64, url: &str, title: &str| Visit {
        time: time(minute),
        url: Seen::of(url),
        redirects: Vec::new(),
        final_url: Seen::of(url),
        title: Some(Seen::of(title)),
        status: Some(200),
        failure: None,
    };
    let thread = "https://forum.example.org/thread/42?from=search&highlight=rowan+park&sort=newest";
    let start = visit(2, "https://forum.example.org/", "Forum – start page");
    sample.say(Body::Visited(Visited { visits: vec![start] }));
    sample.say(Body::Visited(Visited { visits: vec![visit(3, thread, "Thread 42 \u{202e}gpj.exe")] }));
    sample.keep(thread, "Thread 42: what happened in the canteen", picture(1280, 1500));
    sample.keep("https://forum.example.org/user/17", "Profile of user 17", picture(1280, 900));
    let photo = picture(900, 1200);
    let attached = file(Role::Attached, &photo, "png", Some("phone screen.png"));
    sample.bytes.insert(attached.sha256, photo);
    let exhibit = sample.ledger.next_exhibit(Side::B);
    sample.say(Body::Attached(Attached {
        exhibit,
        part: Part { number: 1, of: 1 },
        description: text("Photograph of the pupil's phone, taken by 王小明 (IT technician)"),
        files: vec![attached],
        left_out: vec![LeftOut { name: Seen::of("Thumbs.db"), because: Seen::of("a link, not a file") }],
    }));
    let concern = |at: At, category: Category, words: &str| {
        Body::Concern(Concern { at, category, description: text(words) })
    };
    sample.say(concern(
        At::Url(Seen::of(thread)),
        category("bullying", "Bullying or harassment online", Response::Record),
        "Eleven messages name the pupil and mock their speech. Two ask others to join in after school.",
    ));
    sample.say(concern(
        At::Exhibit(line("JS/2")),
        category(
            "social-media",
            "Unsuitable use of social media, messages or personal email",
            Response::Record,
        ),
        "The profile uses the school's badge.",
    ));
    sample
        .say(Body::Noted(Noted { text: text("The forum's moderators were not contacted."), corrects: None }));
    sample.say(Body::Noted(Noted {
        text: text("The thread has twelve messages, not eleven."),
        corrects: Some(7),
    }));
    sample.say(Body::Recording(Recording::Gap {
        since: time(11),
        because: Seen::of("the computer was asleep"),
    }));
    sample.say(Body::Referred(Referred {
        route: "local-authority".parse().expect("an id"),
        to: line("Local authority: children's services"),
        by: Some(line("Jane Smith")),
        contact: Some(line("Duty desk, Mr Okafor")),
        when: Some(line("22 November 2026, 15:10")),
        reference: Some(line("CS/2026/11873")),
        advice: Some(text("Keep the record. Speak to both families. Call again if anything new turns up.")),
        computer: None,
        answer: None,
    }));
    sample.say(Body::Judged(Judged {
        substance: true,
        because: text(
            "The messages are there, they name the pupil, and the account is that of another pupil.",
        ),
    }));
    for (route, what, action) in [
        ("internal", "Meeting with both families; sanctions under the behaviour policy.", Action::Proposed),
        ("local-authority", "Informed children's services.", Action::Taken),
    ] {
        sample.say(Body::Acted(Acted {
            route: route.parse().expect("an id"),
            what: text(what),
            action,
            by: Some(line("Jane Smith")),
            when: (action == Action::Taken).then(|| line("22 November 2026, 15:10")),
        }));
    }
    sample
}

fn pack() -> Pack {
    Pack::built_in("uk-schools").expect("built in")
}

fn seal() -> SealSheet {
    SealSheet {
        case: "00112233445566778899aabbccddeeff".parse().expect("a case"),
        seal: 1,
        sealed: time(61),
        root: Digest::of(b"root"),
        entries: 15,
        left: 0,
        bundle: "2026-0001-seal-1.zip".to_owned(),
    }
}

fn fonts() -> Fonts {
    let noto = PathBuf::from("/usr/share/fonts/opentype/noto");
    assert!(noto.is_dir(), "fonts-noto-cjk is not installed");
    countersign::form::from_folders(&[noto])
}

fn time(minutes: i64) -> Time {
    let start = Time::parse("2026-11-22T14:00:00.000Z").expect("a time").unix_ms();
    Time::from_unix_ms(start + minutes * 60_000 + 5_120).expect("a time")
}

fn entry(number: u64, links: Option<Links>, body: Body) -> Entry {
    let moment = Moment {
        time: time(i64::try_from(number).expect("few")),
        session: "ffeeddccbbaa99887766554433221100".parse().expect("a session"),
        since_start_ms: number * 60_000,
    };
    Entry::new("00112233445566778899aabbccddeeff".parse().expect("a case"), number, links, moment, body)
}

fn file(role: Role, bytes: &[u8], kind: &str, name: Option<&str>) -> File {
    File {
        role,
        sha256: Digest::of(bytes),
        bytes: bytes.len() as u64,
        extension: kind.parse().expect("an ending"),
        name: name.map(Seen::of),
    }
}

fn category(id: &str, label: &str, response: Response) -> Category {
    Category { id: id.parse().expect("an id"), label: line(label), response }
}

fn line(words: &str) -> Line {
    Line::typed(words).expect("a line")
}

fn text(words: &str) -> Text {
    Text::typed(words).expect("words")
}

/// A page-like picture: dark bars on white, so that a mirror image or a
/// missing strip would be seen.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    for y in 0..height {
        let end = 40 + width.saturating_sub(80) * ((y / 28) % 5 + 3) / 8;
        for x in 0..width {
            let text = (y / 14) % 2 == 0 && x > 40 && x < end && x % 9 < 6;
            pixels.extend(match (y < 60, text) {
                (true, _) => [30, 60, 120],
                (false, true) => [60, 60, 60],
                (false, false) => [255, 255, 255],
            });
        }
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&pixels).expect("pixels");
    writer.finish().expect("an end");
    file
}

/// Everything that the checkers at hand can say.
fn check(pdf: &Pdf) {
    qpdf(pdf);
    let document = zpdf_document::PdfDocument::open(pdf.bytes.clone()).expect("a PDF");
    assert_eq!(document.page_count(), pdf.pages);
    let archive = zpdf_document::pdfa::validate(document.file(), zpdf_document::pdfa::Profile::A3b);
    assert!(archive.conforms(), "{:?}", archive.violations);
    assert_eq!(archive.claimed, Some(("3".to_owned(), "A".to_owned())));
    let accessible = zpdf_document::pdfua::validate(document.file(), zpdf_document::pdfua::Profile::Ua1);
    assert!(accessible.conforms(), "{:?}", accessible.violations);
}

fn qpdf(pdf: &Pdf) {
    let file = stored(pdf);
    let output =
        Command::new("qpdf").arg("--check").arg(file.path()).output().expect("qpdf is not installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn text_of(pdf: &Pdf) -> String {
    let file = stored(pdf);
    let mut command = Command::new("pdftotext");
    let output =
        command.arg("-layout").arg(file.path()).arg("-").output().expect("pdftotext is not installed");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The words with single spaces between them, however the lines broke.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many images the file holds.
fn images(pdf: &Pdf) -> usize {
    let file = stored(pdf);
    let mut command = Command::new("pdfimages");
    let output = command.arg("-list").arg(file.path()).output().expect("pdfimages is not installed");
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stdout).lines().skip(2).count()
}

/// Every word lies between the margins.
fn within_the_margins(pdf: &Pdf) {
    let file = stored(pdf);
    let mut command = Command::new("pdftotext");
    let output = command.arg("-bbox").arg(file.path()).arg("-").output().expect("pdftotext is not installed");
    let boxes = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = |line: &str, name: &str| -> f32 {
        let start = line.find(name).expect("a box") + name.len() + 2;
        line[start..].split('"').next().and_then(|n| n.parse().ok()).expect("a number")
    };
    for word in boxes.lines().filter(|line| line.trim_start().starts_with("<word")) {
        assert!(number(word, "xMin") > 55.0 && number(word, "xMax") < 553.0, "{word}");
        assert!(number(word, "yMin") > 10.0 && number(word, "yMax") < 832.0, "{word}");
    }
}

/// Readers give right-to-left words back in one order or the other.
fn has_right_to_left(text: &str, name: &str) -> bool {
    let turned: String = name.chars().rev().collect();
    let bare: String = text.chars().filter(|c| !('\u{202a}'..='\u{202e}').contains(c)).collect();
    bare.contains(name) || bare.contains(&turned)
}

fn has_image_object(pdf: &Pdf) -> bool {
    contains(&pdf.bytes, b"/Subtype /Image") || contains(&pdf.bytes, b"/Subtype/Image")
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn stored(pdf: &Pdf) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(&pdf.bytes).expect("room");
    file
}

/// Leaves the PDF where the build keeps its things, for people to look at.
fn save(name: &str, pdf: &Pdf) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("form-{name}.pdf"));
    std::fs::write(path, &pdf.bytes).expect("room");
}
