//! Every bit, every length, and what chance makes of a small bag.

use std::fs;
use std::path::Path;

use countersign_record::bundle::bag::{Bag, Draft, Info};
use countersign_record::bundle::zip::{Member, Reader};
use countersign_record::bundle::{Name, Source};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::vectors::{folder, judge};

#[test]
fn every_bit_every_length_every_byte_before_and_after() {
    let good = fs::read(folder().join("ok--small-bag.zip")).expect("a vector");
    let path = Path::new("memory");
    let found = |bytes: Vec<u8>| judge(Reader::of_bytes(bytes, path).map(Source::Zip)).is_err();
    assert!(!found(good.clone()));
    for bit in 0..good.len() * 8 {
        let mut flipped = good.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(found(flipped), "bit {} of byte {}", bit % 8, bit / 8);
    }
    for length in 0..good.len() {
        assert!(found(good[..length].to_vec()), "cut off at {length}");
        assert!(found(good[good.len() - length..].to_vec()), "only the last {length}");
    }
    for byte in 0..=255 {
        let mut longer = good.clone();
        longer.push(byte);
        assert!(found(longer), "{byte:#x} appended");
        let mut longer = good.clone();
        longer.insert(0, byte);
        assert!(found(longer), "{byte:#x} before it");
    }
    assert!(found([good.clone(), good.clone()].concat()), "twice");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// Several changes at once: offsets, sizes and counts of any value, pieces
    /// moved, doubled and dropped. Nothing panics, and nothing but the bundle
    /// itself is taken for it.
    #[test]
    fn what_is_changed_in_several_places_is_found(edits in vec(edit(), 1..6)) {
        let good = fs::read(folder().join("ok--small-bag.zip")).expect("a vector");
        let mut bytes = good.clone();
        for edit in &edits {
            edit.apply(&mut bytes);
        }
        let judged = judge(Reader::of_bytes(bytes.clone(), Path::new("memory")).map(Source::Zip));
        prop_assert_eq!(judged.is_ok(), bytes == good, "{:?}", judged);
    }
}

/// A change of a file.
#[derive(Debug, Clone)]
enum Edit {
    Set { at: Index, value: u32, length: usize },
    Drop { at: Index, length: usize },
    Double { at: Index, length: usize },
    Swap { first: Index, second: Index, length: usize },
}

fn edit() -> impl Strategy<Value = Edit> {
    let value = prop_oneof![any::<u32>(), 0_u32..300, Just(0xffff), Just(0xffff_ffff), Just(0x0403_4b50)];
    prop_oneof![
        (any::<Index>(), value, 1_usize..5).prop_map(|(at, value, length)| Edit::Set { at, value, length }),
        (any::<Index>(), 1_usize..200).prop_map(|(at, length)| Edit::Drop { at, length }),
        (any::<Index>(), 1_usize..200).prop_map(|(at, length)| Edit::Double { at, length }),
        (any::<Index>(), any::<Index>(), 1_usize..80).prop_map(|(first, second, length)| Edit::Swap {
            first,
            second,
            length
        }),
    ]
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let part = |at: &Index, length: usize| {
            let from = at.index(bytes.len());
            from..(from + length).min(bytes.len())
        };
        match self {
            Edit::Set { at, value, length } => {
                let part = part(at, *length);
                let value = &value.to_le_bytes()[..part.len()];
                bytes[part].copy_from_slice(value);
            }
            Edit::Drop { at, length } => drop(bytes.drain(part(at, *length))),
            Edit::Double { at, length } => {
                let part = part(at, *length);
                let copy = bytes[part.clone()].to_vec();
                bytes.splice(part.start..part.start, copy);
            }
            Edit::Swap { first, second, length } => {
                let (first, second) = (part(first, *length), part(second, *length));
                for (a, b) in first.zip(second) {
                    bytes.swap(a, b);
                }
            }
        }
    }
}

/// The bag of `ok--small-bag.zip`.
pub fn small_bag() -> Bag {
    let name = |name: &str| name.parse::<Name>().expect("a name");
    let payload = vec![
        Member::of_bytes(name("data/journal/000001.json"), b"{}\n".to_vec()),
        Member::of_bytes(name("data/files/a.txt"), b"What was kept.\n".to_vec()),
    ];
    let fields = [
        ("Bag-Software-Agent", "vectors"),
        ("Bagging-Date", "2026-11-22"),
        ("External-Identifier", "2026-0001-seal-1"),
    ];
    let info = Info::new(fields.map(|(label, value)| (label.into(), value.into())).into()).expect("fields");
    let draft = Draft::new(name("2026-0001-seal-1"), payload, info).expect("a draft");
    draft.finish(vec![(name("READ-ME-FIRST.txt"), b"Read me first.\n".to_vec())]).expect("a bag")
}
