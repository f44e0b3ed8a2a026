//! A case in memory, unsigned, and the small values that it is made of.

use std::sync::OnceLock;

use countersign_case::procedure::{Deed, OpeningPermit, Pack, Reminder, State, Verb, Why};
use countersign_case::secret::SecretKey;
use countersign_record::clock::{Random, Time};
use countersign_record::digest::Digest;
use countersign_record::journal::{
    Acted, Action, AllLeftOut, Archived, At, Attached, Body, BundleFile, CaseId, ClockJumped, Computer,
    Concern, Concerns, Copy, Corrected, Encryption, Entry, File, FormMade, Halted, HandedOver, Hold, Id,
    Isolated, Judged, Kept, Ledger, Line, Machine, Method, Moment, Name, Noted, Opened, PackName, Part,
    Program, Raised, Referred, Response, Restraint, Retention, Reviewer, Role, Sealed, Seen, Side, Standing,
    Text, Visit, Visited,
};
use countersign_record::key::PublicKey;

#[derive(Clone)]
pub struct Case<'a> {
    pub pack: &'a Pack,
    pub ledger: Ledger,
    pub raised: Restraint,
}

#[derive(Clone, Copy)]
pub enum Gate {
    Yes,
    No,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    Substance,
    NoSubstance,
}

impl<'a> Case<'a> {
    pub fn open(pack: &'a Pack, concerns: Concerns, gate: Gate) -> Case<'a> {
        let permit =
            OpeningPermit::ask(pack, opened(pack, concerns, gate)).expect("two people, all confirmed");
        let case = CaseId::generate(&Counting).expect("counting");
        let first = Entry::new(case, 1, None, moment(), permit.into_body());
        Case { pack, ledger: Ledger::begin(first).expect("entry 1"), raised: Restraint::None }
    }

    pub fn state(&self) -> State<'_> {
        State::replay(self.pack, &self.ledger, self.raised)
    }

    pub fn next(&self) -> Vec<Verb> {
        self.state().next().into_iter().map(|next| next.verb).collect()
    }

    pub fn due(&self, now: &str) -> Vec<Reminder> {
        self.state().due(time(now)).into_iter().map(|due| due.reminder).collect()
    }

    pub fn refusal(&self, deed: Deed) -> Why {
        self.state().permit(deed).expect_err("refused").why
    }

    pub fn must(&mut self, deed: Deed) {
        let state = self.state();
        state.permit(deed.clone()).unwrap_or_else(|refusal| panic!("{deed:?}: {refusal}"));
        self.write(&deed, Judgement::Substance);
    }

    pub fn must_judge(&mut self, judgement: Judgement) {
        self.state().permit(Deed::Judge).expect("something was reviewed");
        self.write(&Deed::Judge, judgement);
    }

    pub fn must_propose(&mut self, outcome: &str) {
        let deed = Deed::Act(id(outcome));
        self.state().permit(deed.clone()).expect("it was judged");
        self.write(&deed, Judgement::NoSubstance);
    }

    pub fn write(&mut self, deed: &Deed, judgement: Judgement) {
        let entry = self.entry(deed, judgement);
        self.ledger.push(entry).unwrap_or_else(|irregular| panic!("{deed:?}: {irregular}"));
    }

    /// Writes it whether it is permitted or not, unless no journal can hold it.
    pub fn try_write(&mut self, deed: &Deed) -> bool {
        let entry = self.entry(deed, Judgement::NoSubstance);
        self.ledger.push(entry).is_ok()
    }

    pub fn entry(&self, deed: &Deed, judgement: Judgement) -> Entry {
        Entry::new(self.ledger.case(), self.ledger.head() + 1, None, moment(), self.body(deed, judgement))
    }

    pub fn body(&self, deed: &Deed, judgement: Judgement) -> Body {
        let head = self.ledger.head();
        let file = |role| File {
            role,
            sha256: Digest::of(&head.to_be_bytes()),
            bytes: 8,
            extension: "bin".parse().expect("an ending"),
            name: None,
        };
        let bundle = BundleFile { name: Seen::of("seal.zip"), sha256: Digest::of(b"seal"), bytes: 4 };
        let category = |id: &Id| {
            let unknown = countersign_record::journal::Category {
                id: id.clone(),
                label: line("Unknown"),
                response: Response::StopAndWithhold,
            };
            self.pack.category(id.as_str()).map_or(unknown, |category| category.recorded())
        };
        match deed {
            Deed::Visit => Body::Visited(Visited {
                visits: vec![Visit {
                    time: time(NOW),
                    url: Seen::of("https://example.org/"),
                    redirects: vec![],
                    redirects_left_out: 0,
                    final_url: Seen::of("https://example.org/"),
                    title: None,
                    status: Some(200),
                    failure: None,
                }],
            }),
            Deed::Keep => Body::Kept(Box::new(Kept {
                exhibit: self.ledger.next_exhibit(Side::A),
                method: Method::Request,
                url: Seen::of("https://example.org/"),
                redirects: vec![],
                redirects_left_out: 0,
                final_url: Seen::of("https://example.org/"),
                title: None,
                status: Some(200),
                remote_address: None,
                server_date: None,
                started: time(NOW),
                took_ms: 1,
                browser: None,
                files: vec![file(Role::Response)],
                absences: vec![],
                absences_left_out: 0,
            })),
            Deed::Attach => Body::Attached(Attached {
                exhibit: self.ledger.next_exhibit(Side::B),
                part: Part { number: 1, of: 1, files: 1 },
                description: text("A log"),
                files: vec![file(Role::Attached)],
                left_out: AllLeftOut::default(),
            }),
            Deed::Concern(id) => Body::Concern(Concern {
                at: At::Url(Seen::of("https://example.org/")),
                category: category(id),
                description: text("What was seen"),
            }),
            Deed::Note => Body::Noted(Noted { text: text("A note") }),
            Deed::Correct(entry, change) => Body::Corrected(Corrected {
                entry: *entry,
                change: change.as_deref().cloned(),
                because: Some(text("A slip")),
                alone: None,
            }),
            Deed::Halt(id) => Body::Halted(Halted {
                category: id.as_ref().map(category),
                typed: None,
                place: None,
                by: Some(Side::A),
                raised: Raised::ByHand,
                raised_at: None,
                raised_file: None,
                description: None,
                screen: None,
                keeping: None,
            }),
            Deed::Isolate => Body::Isolated(Isolated {
                device: None,
                what: text("Unplugged"),
                changes: None,
                by: None,
                when: None,
                alone: None,
            }),
            Deed::Refer(route) => Body::Referred(Referred {
                route: route.clone(),
                to: line("Somebody"),
                by: None,
                contact: None,
                when: None,
                reference: None,
                advice: None,
                computer: None,
                answer: None,
                alone: None,
            }),
            Deed::Judge => Body::Judged(Judged {
                substance: matches!(judgement, Judgement::Substance),
                because: text("Because"),
            }),
            Deed::Act(route) => Body::Acted(Acted {
                route: route.clone(),
                what: text("Something"),
                action: if judgement == Judgement::Substance { Action::Taken } else { Action::Proposed },
                by: None,
                when: None,
            }),
            Deed::Form => Body::FormMade(FormMade { file: file(Role::Form), pages: 3 }),
            Deed::Seal => {
                let seal = self.ledger.last_seal().map_or(1, |(_, sealed)| sealed.seal + 1);
                let (root, sealed_at) = (Digest::of(b"root"), time(NOW));
                Body::Sealed(Sealed {
                    seal,
                    root,
                    entries: head,
                    withheld: 0,
                    sealed_at,
                    bundle: line("seal.zip"),
                    bytes: 4,
                    bundle_sha256: root,
                    form_sha256: root,
                })
            }
            Deed::HandOver(seal) => Body::HandedOver(HandedOver {
                seal: *seal,
                root: Digest::of(b"root"),
                to: name("An officer"),
                organisation: line("The police"),
                role: name("Examiner"),
                when: line("today"),
                how: line("by hand"),
                medium: line("a stick"),
                copy: Copy { encryption: Encryption::None, file: bundle },
            }),
            Deed::Archive(class) => Body::Archived(Archived {
                retention: Retention { id: class.clone(), label: line("A class") },
                review: line("2051-11-22"),
                hold: Hold::None,
                because: None,
            }),
            Deed::Tell => Body::ClockJumped(ClockJumped { before: time(NOW), after: time(NOW) }),
        }
    }
}

pub fn opened(pack: &Pack, concerns: Concerns, gate: Gate) -> Opened {
    let keys = keys();
    let reviewer = |called: &str, initials: &str, key: PublicKey| Reviewer {
        name: name(called),
        position: name("Senior member of staff"),
        initials: name(initials),
        public_key: key,
    };
    let file = File {
        role: Role::Pack,
        sha256: pack.digest(),
        bytes: pack.bytes().len() as u64,
        extension: "toml".parse().expect("an ending"),
        name: None,
    };
    Opened {
        reference: "2026-0001".parse().expect("a reference"),
        standing: Standing::Case,
        follows: None,
        follows_stopped: false,
        suspected_illegal: matches!(gate, Gate::Yes),
        group: None,
        reason: text("A report"),
        reported_by: text("A teacher"),
        concerns,
        subject: name("P-17"),
        subject_key: None,
        first: reviewer("Jane Smith", "JS", keys[0]),
        second: reviewer("Ali Khan", "AK", keys[1]),
        namesakes: false,
        computer: Computer { name: name("OFFICE-1"), location: line("Office") },
        confirmations: pack.confirmations().map(|confirmation| confirmation.recorded()).collect(),
        filter_exemptions: None,
        pack: PackName { id: pack.id().clone(), title: pack.title().clone(), file },
        program: Program { version: line("0.1.0"), sha256: Digest::of(b"program") },
        machine: Machine {
            name: Seen::of("office-1"),
            system: Seen::of("test"),
            architecture: Seen::of("test"),
            identity: None,
            utc_offset_minutes: 0,
        },
    }
}

pub fn packs() -> &'static [Pack] {
    static PACKS: OnceLock<Vec<Pack>> = OnceLock::new();
    PACKS.get_or_init(|| Pack::built_in_ids().filter_map(Pack::built_in).collect())
}

pub fn keys() -> [PublicKey; 2] {
    static KEYS: OnceLock<[PublicKey; 2]> = OnceLock::new();
    *KEYS.get_or_init(|| [0, 1].map(|_| SecretKey::generate(&Counting).expect("counting").public()))
}

/// Other bytes each time, which is all that these tests need.
pub struct Counting;

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        use std::sync::atomic::{AtomicU64, Ordering};
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let seed = Digest::of(&COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        bytes.iter_mut().zip(seed.as_bytes().iter().cycle()).for_each(|(byte, from)| *byte = *from);
        Ok(())
    }
}

pub fn moment() -> Moment {
    let session = "ffeeddccbbaa99887766554433221100".parse().expect("a session");
    Moment { time: time(NOW), session, since_start_ms: 1 }
}

pub fn time(text: &str) -> Time {
    Time::parse(text).expect("a time")
}

pub fn id(text: &str) -> Id {
    text.parse().expect("an id")
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

pub const WHO: [Concerns; 3] = [Concerns::Pupil, Concerns::Staff, Concerns::Other];

/// A Monday.
pub const NOW: &str = "2026-11-23T09:00:00.000Z";
