//! No text, number of files, name, or moment of a stop or a kill.

use std::cell::Cell;

use countersign_record::journal::{At, Concern, Noted, Seen};
use proptest::prelude::*;

use super::*;

/// Texts of what takes room in JSON, and of what cannot be seen.
fn words() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "\"",
        "\\",
        "\n",
        "a",
        "é",
        "😀",
        "\u{200d}",
        "<b>",
        "\" \\ \n",
        "\t\u{202e}",
    ]);
    (piece, 1..60_000_usize).prop_map(|(piece, bytes)| piece.repeat(bytes / piece.len() + 1))
}

/// The longest part of it that can be typed: a face refuses the rest.
fn typed(words: &str) -> Text {
    let mut words: String = words.chars().filter(|c| !matches!(c, '\t' | '\u{202e}')).collect();
    words.insert(0, 'x');
    while Text::typed(&words).is_err() {
        words = words.chars().take(words.chars().count() * 3 / 4).collect();
    }
    text(&words)
}

#[derive(Debug, Clone)]
struct Stray {
    place: &'static str,
    name: Vec<u8>,
    kind: u8,
}

fn stray() -> impl Strategy<Value = Stray> {
    let place = prop::sample::select(vec![
        "",
        "keys",
        "draft",
        "data",
        "data/files",
        "data/journal",
        "data/void",
        "data/keys",
    ]);
    let byte = any::<u8>().prop_map(|byte| if matches!(byte, 0 | b'/') { b'_' } else { byte });
    // Not what the program itself is asked to take for a stop.
    let name = prop::collection::vec(byte, 1..250).prop_map(|mut name| {
        name.insert(0, b'~');
        name
    });
    (place, name, 0..4_u8).prop_map(|(place, name, kind)| Stray { place, name, kind })
}

#[cfg(unix)]
fn put(root: &Path, stray: &Stray) {
    use std::os::unix::ffi::OsStrExt;
    let path = root.join(stray.place).join(std::ffi::OsStr::from_bytes(&stray.name));
    let _ = match stray.kind {
        0 => fs::create_dir(&path),
        1 => fs::write(&path, "x"),
        2 => std::os::unix::fs::symlink("/dev/zero", &path),
        _ => {
            strays::fifo(&path);
            Ok(())
        }
    };
}

#[cfg(not(unix))]
fn put(root: &Path, stray: &Stray) {
    let name: String = stray.name.iter().map(|byte| char::from(b'a' + byte % 26)).collect();
    let _ = fs::create_dir(root.join(stray.place).join(name));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn no_text_number_name_or_moment_makes_a_case_that_cannot_be_ended(
        said in prop::collection::vec(words(), 3),
        files in 0..900_usize,
        links in 0..400_usize,
        stopped_at in prop::option::of(any::<prop::sample::Index>()),
        killed in any::<prop::sample::Index>(),
        strays in prop::collection::btree_map(any::<u16>(), stray(), 0..12),
    ) {
        let world = World::new();
        let from = folder(&world, "folder", files, links);
        let mut case = world.open();
        let reference = case.folder().reference();
        let permit = case.permit(Deed::Note).expect("may");
        let note = Noted { text: typed(&said[0]) };
        case.append(permit, Body::Noted(note)).expect("is kept");
        let category = world::pack().category("bullying").expect("is there").recorded();
        let permit = case.permit(Deed::Concern(category.id.clone())).expect("may");
        let at = At::Url(Seen::of(&said[1]));
        let concern = Concern { at, category, description: typed(&said[1]) };
        case.append(permit, Body::Concern(concern)).expect("is kept");
        let moment = stopped_at.map(|index| index.index(files + 1));
        let copied = Cell::new(0);
        let outcome = bring_in(&mut case, &from, &typed(&said[2]), &|_| {
            copied.set(copied.get() + 1);
            if Some(copied.get()) == moment {
                stop(&world, reference);
            }
        });
        let expected = files > 0 && !moment.is_some_and(|at| (1..=files).contains(&at));
        prop_assert_eq!(outcome.is_ok(), expected, "{:?}", outcome);
        let head = case.ledger().head();
        drop(case);
        killed_after(&world, reference, 1 + killed.index(head as usize) as u64);
        let root = world.home().case(reference).path().to_owned();
        strays.values().for_each(|stray| put(&root, stray));
        ends_well(&world, reference, &format!("{files} files {links} links"));
    }
}
