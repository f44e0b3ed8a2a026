//! The way of a case to its stop, with everything in it that must not leave.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use countersign_case::capture::{
    AttachRequest, CaptureError, KeepRequest, Network, Traffic, Without, attach, keep,
};
use countersign_case::case::{self, CaseError, Halt, Reading, Unlocked, raise};
use countersign_case::form::Fonts;
use countersign_case::handover::{FormRequest, SealedCase, make_form};
use countersign_case::procedure::{Deed, Pack};
use countersign_record::digest::Digest;
use countersign_record::journal::{
    At, Body, Category, Concern, Halted, Judged, Raised, Response, Restraint, Seen, Side, Standing,
};

use crate::leaks::{Picture, Search, WORDS, pictures_in, unpacked};
use crate::site::Site;
use crate::trial::{State, Trial};
use crate::world::{World, new_case, text};

pub struct Run<'a> {
    pub trial: &'a Trial,
    pub fonts: &'a Fonts,
    pub world: World,
    pub pack: Pack,
    pub picture: Picture,
    pub search: Search,
    pub name: String,
}

impl<'a> Run<'a> {
    pub fn of(trial: &'a Trial, fonts: &'a Fonts) -> Run<'a> {
        let picture = Picture::seeded(1);
        let photo = fs::read("fixtures/form/photo.jpg").expect("reads");
        let search =
            Search::new().for_words(WORDS).for_picture("the picture", &picture).for_file("the photo", &photo);
        let name = format!("{} {} {:?}", trial.pack, trial.category.id, trial.state);
        let pack = Pack::built_in(trial.pack).expect("is built in");
        Run { trial, fonts, world: World::new(), pack, picture, search, name }
    }

    pub fn whole(&self) {
        let mut case = self.open();
        if self.trial.state == State::Gate {
            // Nothing is brought in, so that nothing can leave.
            let refused = self.bring_in(&mut case);
            assert!(matches!(refused, Err(CaptureError::Case(CaseError::Refused(_)))), "{}", self.name);
        } else {
            self.bring_in(&mut case).expect("is brought in");
            self.keep_a_page(&mut case);
        }
        let captured = captured(&case);
        let old = self.before(&mut case);
        let mut case = self.stop(case);
        self.leaves(&mut case, old.as_ref());
        // Whatever left, what was captured lies where it lay, byte for byte.
        assert_eq!(captured.len(), if self.trial.state == State::Gate { 0 } else { 5 }, "{}", self.name);
        for (path, digest) in &captured {
            let bytes = fs::read(path).expect("is still there");
            assert_eq!(Digest::of(&bytes), *digest, "{}: {}", self.name, path.display());
        }
    }

    pub fn open(&self) -> Unlocked<'_> {
        let suspected = (self.trial.state == State::Gate).then(|| Halted {
            category: Some(self.trial.category.clone()),
            typed: None,
            place: None,
            by: Some(Side::A),
            raised: Raised::AtTheGate,
            raised_at: None,
            raised_file: None,
            description: Some(text("A pupil told a teacher what it shows.")),
            screen: None,
            keeping: None,
        });
        let mut new = new_case(&self.pack, suspected);
        if self.trial.pack == "policy-002" {
            // A real one cannot keep pages of this computer.
            new.standing = Standing::Case;
        }
        case::open(&self.world.home(), new, &self.pack, self.world.pass(), self.world.around())
            .expect("opens")
    }

    pub fn bring_in(&self, case: &mut Unlocked<'_>) -> Result<(), CaptureError> {
        let folder = self.world.folder.path().join("phone");
        fs::create_dir_all(&folder).expect("is made");
        fs::write(folder.join("picture.png"), &self.picture.png).expect("writes");
        fs::write(folder.join("words.txt"), format!("1. {WORDS}.\n")).expect("writes");
        fs::copy("fixtures/form/photo.jpg", folder.join("photo.jpg")).expect("copies");
        let description = text("What was on the phone");
        let brought = attach(
            case,
            AttachRequest {
                paths: std::slice::from_ref(&folder),
                producer: Side::B,
                description: &description,
            },
        );
        fs::remove_dir_all(&folder).expect("is removed");
        brought.map(|brought| assert_eq!(brought.files, 3))
    }

    pub fn keep_a_page(&self, case: &mut Unlocked<'_>) {
        if case.ledger().opened().standing == Standing::Case {
            // Two files all the same.
            let file = self.world.folder.path().join("export.txt");
            for n in 1..3 {
                fs::write(&file, format!("{n}. {WORDS}; from an export.\n")).expect("writes");
                let description = text("An export");
                let paths = std::slice::from_ref(&file);
                attach(case, AttachRequest { paths, producer: Side::A, description: &description })
                    .expect("is brought in");
            }
            fs::remove_file(&file).expect("is removed");
            return;
        }
        let site = Site::serving(Arc::new(|_, to| {
            crate::site::html(to, &format!("<title>A page</title><p>{WORDS}"))
        }));
        let url = site.url("/page");
        let with =
            Err(Without::NoBrowser(std::sync::Arc::new(countersign_browser::program::find::FindError::None)));
        keep(
            case,
            KeepRequest {
                url: &url,
                producer: Side::A,
                with,
                network: &Network::default(),
                traffic: Traffic::NotKept,
            },
        )
        .expect("is kept");
    }

    /// What happens before the stop. In the states in which things leave
    /// before it, the search finds them there.
    pub fn before(&self, case: &mut Unlocked<'_>) -> Option<SealedCase> {
        match self.trial.state {
            State::Judged => judge(case),
            State::FormMade => {
                let out = self.world.folder.path().join("before.pdf");
                make_form(case, &FormRequest { fonts: self.fonts, out: Some(&out) }).expect("is made");
                assert_eq!(pictures_in(&unpacked(&out, None)), 2, "{}", self.name);
            }
            State::Sealed => {
                judge(case);
                let sealed = self.seal(case, "before");
                self.found_in(&sealed.bundle, None);
                return Some(sealed);
            }
            State::PoliceFirst => {
                let police = self.pack.categories().iter().find(|c| c.response == Response::Police);
                concern(case, police.expect("each pack has one").recorded()).expect("is described");
            }
            _ => {}
        }
        None
    }

    pub fn stop<'c>(&self, mut case: Unlocked<'c>) -> Unlocked<'c>
    where
        'a: 'c,
        Self: 'c,
    {
        let category = self.trial.category.clone();
        let folder = case.folder().clone();
        match self.trial.state {
            State::Gate => {}
            State::Raised | State::MarkRemoved => {
                raise(
                    &folder,
                    Halt { category: Some(category.id.to_string()), by: Some(Side::B), ..Halt::default() },
                    &self.world.clock,
                )
                .expect("is raised");
                if self.trial.state == State::MarkRemoved {
                    fs::remove_file(folder.path().join("halt-raised")).expect("is removed");
                }
                // Nobody has unlocked it, and the one who raised it prints.
                let reading = Reading::of(&self.world.home(), folder.reference()).expect("reads");
                assert_ne!(reading.raised(), Restraint::None, "{}", self.name);
                self.without_a_passphrase(&reading, "raised");
            }
            // The review is over; what is found later goes into a note.
            State::Judged | State::Sealed if category.response == Response::Record => {}
            State::PoliceFirst if category.response == Response::Record => {
                let refused = concern(&mut case, category);
                assert!(matches!(refused, Err(CaseError::Refused(_))), "{}", self.name);
            }
            _ => drop(concern(&mut case, category).expect("is described")),
        }
        case
    }

    pub fn withholds(&self) -> bool {
        self.trial.category.response == Response::StopAndWithhold || self.trial.state == State::MarkRemoved
    }
}

pub fn judge(case: &mut Unlocked<'_>) {
    let permit = case.permit(Deed::Judge).expect("may");
    let judged = Judged { substance: true, because: text("Both of us saw it.") };
    case.append(permit, Body::Judged(judged)).expect("is judged");
}

pub fn concern(case: &mut Unlocked<'_>, category: Category) -> Result<u64, CaseError> {
    let permit = case.permit(Deed::Concern(category.id.clone()))?;
    let at = At::Url(Seen::of("http://example.com/"));
    case.concern(permit, Concern { at, category, description: text("In words.") })
}

fn captured(case: &Unlocked<'_>) -> Vec<(PathBuf, Digest)> {
    let files = case.ledger().files().filter(|(file, _)| file.is_captured());
    files.map(|(file, _)| (case.folder().file(file), file.sha256)).collect()
}
