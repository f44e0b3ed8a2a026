//! A case to draw.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};

use countersign_case::form::{Files, Fonts, Form, FormError, SealSheet};
use countersign_case::procedure::Pack;
use countersign_case::secret::SecretKey;
use countersign_record::clock::{Random, Time};
use countersign_record::digest::Digest;
use countersign_record::journal::*;

pub struct Sample {
    pub ledger: Ledger,
    pub bytes: BTreeMap<Digest, Vec<u8>>,
}

impl Sample {
    pub fn opened(standing: Standing, gate: Gate) -> Sample {
        let reviewer = |called: &str, position: &str, initials: &str, seed: u8| Reviewer {
            name: name(called),
            position: name(position),
            initials: name(initials),
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
            follows_stopped: false,
            suspected_illegal: gate == Gate::Illegal,
            group: Some(line("Rowan Park School")),
            reason: text(
                "A parent reported that a pupil had been sent abusive messages on a web forum during the lunch \
                 break, and that the messages could be read from a computer in the library.",
            ),
            reported_by: text("Mrs Zażółć Gęślą (parent), by telephone"),
            concerns: Concerns::Pupil,
            subject: name("P-0417"),
            subject_key: Some(line("The sealed envelope in the school safe, marked 2026-0001")),
            first: reviewer("Jane Smith", "Headteacher", "JS", 1),
            second: reviewer("محمد علي", "Designated safeguarding lead", "MA", 2),
            namesakes: false,
            computer: Computer { name: name("LAPTOP-7"), location: line("Headteacher's office, block A") },
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

    pub fn say(&mut self, body: Body) {
        let last = Digest::of(&self.ledger.last().to_bytes().expect("small"));
        let links = Links { entry: last, sig_a: Digest::of(b"a"), sig_b: Digest::of(b"b") };
        let number = self.ledger.head() + 1;
        self.ledger.push(entry(number, Some(links), body)).expect("a regular entry");
    }

    pub fn keep(&mut self, url: &str, title: &str, picture: Vec<u8>) {
        let shot = file(Role::Picture, &picture, "png", None);
        self.bytes.insert(shot.sha256, picture);
        let exhibit = self.ledger.next_exhibit(Side::A);
        let started = time(i64::try_from(self.ledger.head()).expect("few"));
        self.say(Body::Kept(Box::new(Kept {
            exhibit,
            method: Method::Browser,
            url: Seen::of(url),
            redirects: Vec::new(),
            redirects_left_out: 0,
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
            absences_left_out: 0,
        })));
    }

    pub fn try_form(&self) -> Result<Form, FormError> {
        let released = self.ledger.released(Restraint::None);
        Form::of(&self.ledger, &released, &pack(), &Shelf(self.bytes.clone()), time(60))
    }

    pub fn form(&self) -> Form {
        self.try_form().expect("a form")
    }
}

#[derive(PartialEq)]
pub enum Gate {
    Nothing,
    Illegal,
}

pub struct Shelf(pub BTreeMap<Digest, Vec<u8>>);

impl Files for Shelf {
    fn read(&self, file: &File) -> io::Result<Vec<u8>> {
        self.0.get(&file.sha256).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

pub struct Counting(AtomicU8);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        bytes.iter_mut().for_each(|byte| *byte = self.0.fetch_add(7, Ordering::Relaxed));
        Ok(())
    }
}

pub fn sample() -> Sample {
    sample_of(Standing::Case)
}

pub fn sample_of(standing: Standing) -> Sample {
    let mut sample = Sample::opened(standing, Gate::Nothing);
    let visit = |minute: i64, url: &str, title: &str| Visit {
        time: time(minute),
        url: Seen::of(url),
        redirects: Vec::new(),
        redirects_left_out: 0,
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
        part: Part { number: 1, of: 1, files: 1 },
        description: text("Photograph of the pupil's phone, taken by 王小明 (IT technician)"),
        files: vec![attached],
        left_out: AllLeftOut {
            count: 1,
            named: vec![LeftOut {
                name: Seen::of("Thumbs.db"),
                sha256: None,
                because: Seen::of("a link, not a file"),
            }],
            list: None,
        },
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
    sample.say(Body::Noted(Noted { text: text("The forum's moderators were not contacted.") }));
    sample.say(Body::Corrected(Corrected {
        entry: 7,
        change: None,
        because: Some(text("The thread has twelve messages, not eleven.")),
        alone: None,
    }));
    sample.say(Body::Recording(Recording::Gap {
        since: time(11),
        because: Seen::of("the computer was asleep"),
    }));
    sample.say(Body::Referred(Referred {
        route: "local-authority".parse().expect("an id"),
        to: line("Local authority: children's services"),
        by: Some(name("Jane Smith")),
        contact: Some(name("Duty desk, Mr Okafor")),
        when: Some(line("22 November 2026, 15:10")),
        reference: Some(name("CS/2026/11873")),
        advice: Some(text("Keep the record. Speak to both families. Call again if anything new turns up.")),
        computer: None,
        answer: None,
        alone: None,
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
            by: Some(name("Jane Smith")),
            when: (action == Action::Taken).then(|| line("22 November 2026, 15:10")),
        }));
    }
    sample
}

pub fn pack() -> Pack {
    Pack::built_in("uk-schools").expect("built in")
}

pub fn seal() -> SealSheet {
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

pub fn fonts() -> Fonts {
    let noto = PathBuf::from("/usr/share/fonts/opentype/noto");
    assert!(noto.is_dir(), "fonts-noto-cjk is not installed");
    countersign_case::form::from_folders(&[noto])
}

pub fn time(minutes: i64) -> Time {
    let start = Time::parse("2026-11-22T14:00:00.000Z").expect("a time").unix_ms();
    Time::from_unix_ms(start + minutes * 60_000 + 5_120).expect("a time")
}

pub fn entry(number: u64, links: Option<Links>, body: Body) -> Entry {
    let moment = Moment {
        time: time(i64::try_from(number).expect("few")),
        session: "ffeeddccbbaa99887766554433221100".parse().expect("a session"),
        since_start_ms: number * 60_000,
    };
    Entry::new("00112233445566778899aabbccddeeff".parse().expect("a case"), number, links, moment, body)
}

pub fn file(role: Role, bytes: &[u8], kind: &str, name: Option<&str>) -> File {
    File {
        role,
        sha256: Digest::of(bytes),
        bytes: bytes.len() as u64,
        extension: kind.parse().expect("an ending"),
        name: name.map(Seen::of),
    }
}

pub fn category(id: &str, label: &str, response: Response) -> Category {
    Category { id: id.parse().expect("an id"), label: line(label), response }
}

pub fn name(words: &str) -> Name {
    Name::typed(words).expect("a name")
}

pub fn line(words: &str) -> Line {
    Line::typed(words).expect("a line")
}

pub fn text(words: &str) -> Text {
    Text::typed(words).expect("words")
}

/// A page-like picture: dark bars on white, so that a mirror image or a
/// missing strip would be seen.
pub fn picture(width: u32, height: u32) -> Vec<u8> {
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
