//! Over random sequences of deeds in the cases of one home, with attachments of
//! everything that lies in it and beside it: nothing that is withheld leaves by
//! any way out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use countersign_browser::program::find::FindError;
use countersign_case::capture::{CaptureError, KeepRequest, Network, Traffic, Without, keep};
use countersign_case::case::{Halt, Unlocked, raise};
use countersign_case::form::Fonts;
use countersign_case::handover::{
    CopyPassphrase, FormRequest, HandOverRequest, SealRequest, hand_over, make_form, seal,
};
use countersign_case::procedure::Deed;
use countersign_record::bundle::unwatched;
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Judged, Reference, Side};

use crate::home::bring;
use crate::leaks::{Picture, Search, files_under, unpacked};
use crate::police;
use crate::site::{self, Site};
use crate::world::{World, text};

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 += 1;
        let digest = Digest::of(&self.0.to_be_bytes());
        let number = u32::from_be_bytes(digest.as_bytes()[..4].try_into().expect("four"));
        number as usize % most
    }
}

struct Home<'w> {
    world: &'w World,
    cases: Vec<Reference>,
    pictures: Vec<Picture>,
    /// Which pictures each case has taken in, and which pages that show one.
    has: Vec<BTreeSet<usize>>,
    stopped: Vec<bool>,
    fonts: Fonts,
    /// Serves the pictures as they are, and in pages that show them.
    site: &'w Site,
}

/// Of a way out: what it wrote, and what unlocks it.
struct Left {
    out: PathBuf,
    password: Option<String>,
}

impl Home<'_> {
    fn out(&self) -> PathBuf {
        self.world.folder.path().join("out")
    }

    fn withheld(&self) -> BTreeSet<usize> {
        let stopped = self.has.iter().zip(&self.stopped).filter(|(_, stopped)| **stopped);
        stopped.flat_map(|(has, _)| has.iter().copied()).collect()
    }

    /// Brings in one of the pictures, something of the home, or something that
    /// left it.
    fn bring_in(&mut self, case: usize, dice: &mut Dice) -> bool {
        let home = self.world.home().path().to_owned();
        let original = dice.below(self.pictures.len() + 2);
        let path = match self.pictures.get(original) {
            Some(picture) => {
                let path = self.world.folder.path().join(format!("picture-{original}.png"));
                fs::write(&path, &picture.png).expect("writes");
                path
            }
            None => {
                let below = if original.is_multiple_of(2) { home } else { self.out() };
                let all = files_under(&below);
                match all.len() {
                    0 => return false,
                    many => all[dice.below(many)].clone(),
                }
            }
        };
        let held = self.withheld();
        let Ok(mut unlocked) = self.world.unlock(self.cases[case]) else { panic!("unlocks") };
        let brought = bring(&mut unlocked, &path).is_ok();
        if brought && original < self.pictures.len() {
            assert!(!held.contains(&original), "{} came in again", path.display());
            self.has[case].insert(original);
        }
        brought
    }

    fn stop(&mut self, case: usize) {
        let folder = self.world.home().case(self.cases[case]);
        raise(&folder, Halt::default(), &self.world.clock).expect("stops");
        self.stopped[case] = true;
    }

    /// Keeps one of the pictures from the web, or a page that shows one.
    fn keep(&mut self, case: usize, dice: &mut Dice) -> bool {
        let number = dice.below(self.pictures.len());
        let is_page = dice.below(2) == 1;
        let url = self.site.url(&format!("/{}/{number}", if is_page { "page" } else { "picture" }));
        let what = if is_page { number + self.pictures.len() } else { number };
        let held = self.withheld();
        let mut unlocked = self.world.unlock(self.cases[case]).expect("unlocks");
        let request = KeepRequest {
            url: &url,
            producer: Side::A,
            with: Err(Without::NoBrowser(Arc::new(FindError::None))),
            network: &Network::default(),
            traffic: Traffic::NotKept,
        };
        match keep(&mut unlocked, request) {
            Ok(_) => {
                assert!(!held.contains(&number) && !held.contains(&what), "{url} came in again");
                self.has[case].insert(what);
                true
            }
            Err(CaptureError::PageHeld { .. }) => {
                assert!(held.contains(&number) || held.contains(&what), "{url} is nobody's");
                false
            }
            Err(_) => false,
        }
    }

    /// A form, a bundle, or a bundle and a copy of it for somebody; tells what
    /// was written.
    fn leave(&self, case: usize, number: usize, how: usize) -> Option<Left> {
        let sealed = how > 0;
        let mut password = None;
        let mut unlocked = self.world.unlock(self.cases[case]).expect("unlocks");
        let out = self.out().join(number.to_string());
        fs::create_dir_all(&out).expect("makes");
        let left = if sealed {
            if let Ok(permit) = unlocked.permit(Deed::Judge) {
                let judged = Judged { substance: true, because: text("It has.") };
                unlocked.append(permit, Body::Judged(judged)).expect("is judged");
            }
            let threads = std::num::NonZeroUsize::MIN;
            let request = SealRequest { out: &out, fonts: &self.fonts, threads, watch: &unwatched };
            let is_sealed = seal(&mut unlocked, &request).is_ok();
            if how > 1 {
                password = self.hand_over(&mut unlocked, &out);
            }
            is_sealed || password.is_some()
        } else {
            let form = out.join("form.pdf");
            make_form(&mut unlocked, &FormRequest { fonts: &self.fonts, out: Some(&form) }).is_ok()
        };
        left.then_some(Left { out, password })
    }

    /// A locked copy of the newest seal, wherever that lies.
    fn hand_over(&self, case: &mut Unlocked<'_>, out: &Path) -> Option<String> {
        let passphrase = CopyPassphrase::draw(&self.world.random).expect("random");
        let sources = [out.to_owned(), self.world.home().sealed()];
        let to = out.join("handed");
        fs::create_dir_all(&to).expect("makes");
        let receiver = police();
        let request = HandOverRequest {
            seal: None,
            sources: &sources,
            to: &to,
            lock: Some(&passphrase),
            sheets: None,
            receiver,
            fonts: &self.fonts,
            threads: std::num::NonZeroUsize::MIN,
            watch: &unwatched,
        };
        hand_over(case, &request).is_ok().then(|| passphrase.as_str().to_owned())
    }
}

#[test]
fn no_withheld_byte_leaves_whatever_is_done_and_brought_in() {
    let (mut came, mut kept, mut left, mut handed, mut searched) = (0, 0, 0, 0, 0);
    let served: Vec<Picture> = PICTURES.map(Picture::seeded).collect();
    let site = Site::serving(Arc::new(move |request, to| {
        let number = request.path.rsplit('/').next().and_then(|number| number.parse::<usize>().ok());
        let Some(picture) = number.and_then(|number| served.get(number)) else {
            return site::answer(to, "404 Not Found", b"");
        };
        match request.path.starts_with("/picture/") {
            true => site::answer(to, "200 OK\r\nContent-Type: image/png", &picture.png),
            false => {
                let coded = BASE64.encode(&picture.png);
                site::html(to, &format!("<p>Words</p><img src=\"data:image/png;base64,{coded}\">"))
            }
        }
    }));
    for seed in 0..SEQUENCES {
        let world = World::seeded(seed);
        let cases = (0..3).map(|_| world.open().folder().reference()).collect();
        let mut home = Home {
            world: &world,
            cases,
            pictures: PICTURES.map(Picture::seeded).collect(),
            has: vec![BTreeSet::new(); 3],
            stopped: vec![false; 3],
            fonts: Fonts::built_in(),
            site: &site,
        };
        let mut dice = Dice(seed << 32);
        for number in 0..DEEDS {
            let case = dice.below(3);
            match dice.below(10) {
                0 if number > 3 => home.stop(case),
                0..=3 => came += usize::from(home.bring_in(case, &mut dice)),
                4..=6 => kept += usize::from(home.keep(case, &mut dice)),
                kind => {
                    let Some(Left { out, password }) = home.leave(case, number, kind - 7) else { continue };
                    left += 1;
                    handed += usize::from(password.is_some());
                    let withheld = home.withheld();
                    let named = home.pictures.iter().enumerate().filter(|(n, _)| withheld.contains(n));
                    let search = named.fold(Search::new(), |search, (n, picture)| {
                        search.for_picture(&format!("picture {n}"), picture)
                    });
                    for path in files_under(&out) {
                        searched += usize::from(!withheld.is_empty());
                        let found = search.found_in(&unpacked(&path, password.as_deref()));
                        assert_eq!(found, Vec::<String>::new(), "{}, sequence {seed}", path.display());
                    }
                }
            }
        }
    }
    let figures = format!("{came} came, {kept} kept, {left} left, {handed} handed over, {searched} searched");
    assert!(came > 4 && kept > 4 && left > 5 && handed > 1 && searched > 3, "{figures}");
}

const PICTURES: std::ops::Range<u8> = 10..13;
const SEQUENCES: u64 = 6;
const DEEDS: usize = 16;
