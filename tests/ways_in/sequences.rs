//! Over random sequences of deeds in the cases of one home, with attachments of
//! everything that lies in it and beside it: nothing that is withheld leaves by
//! any way out.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use countersign::bundle::unwatched;
use countersign::case::{Halt, raise};
use countersign::digest::Digest;
use countersign::form::Fonts;
use countersign::handover::{FormRequest, SealRequest, make_form, seal};
use countersign::journal::{Body, Judged, Reference};
use countersign::procedure::Deed;

use crate::home::bring;
use crate::leaks::{Picture, Search, files_under, unpacked};
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
    /// Which pictures each case has taken in.
    has: Vec<BTreeSet<usize>>,
    stopped: Vec<bool>,
    fonts: Fonts,
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

    /// A form or a bundle; tells what was written.
    fn leave(&self, case: usize, number: usize, sealed: bool) -> Option<PathBuf> {
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
            seal(&mut unlocked, &request).is_ok()
        } else {
            let form = out.join("form.pdf");
            make_form(&mut unlocked, &FormRequest { fonts: &self.fonts, out: Some(&form) }).is_ok()
        };
        left.then_some(out)
    }
}

#[test]
fn no_withheld_byte_leaves_whatever_is_done_and_brought_in() {
    let (mut came, mut left, mut searched) = (0, 0, 0);
    for seed in 0..SEQUENCES {
        let world = World::seeded(seed);
        let cases = (0..3).map(|_| world.open().folder().reference()).collect();
        let mut home = Home {
            world: &world,
            cases,
            pictures: (10..13).map(Picture::seeded).collect(),
            has: vec![BTreeSet::new(); 3],
            stopped: vec![false; 3],
            fonts: Fonts::built_in(),
        };
        let mut dice = Dice(seed << 32);
        for number in 0..DEEDS {
            let case = dice.below(3);
            match dice.below(8) {
                0 if number > 3 => home.stop(case),
                0..=4 => came += usize::from(home.bring_in(case, &mut dice)),
                kind => {
                    let Some(out) = home.leave(case, number, kind == 7) else { continue };
                    left += 1;
                    let withheld = home.withheld();
                    let named = home.pictures.iter().enumerate().filter(|(n, _)| withheld.contains(n));
                    let search = named.fold(Search::new(), |search, (n, picture)| {
                        search.for_picture(&format!("picture {n}"), picture)
                    });
                    for path in files_under(&out) {
                        searched += usize::from(!withheld.is_empty());
                        let found = search.found_in(&unpacked(&path, None));
                        assert_eq!(found, Vec::<String>::new(), "{}, sequence {seed}", path.display());
                    }
                }
            }
        }
    }
    assert!(came > 5 && left > 5 && searched > 3, "{came} came, {left} left, {searched} searched");
}

const SEQUENCES: u64 = 4;
const DEEDS: usize = 14;
