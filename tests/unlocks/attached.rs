//! Files that were being brought in when the case was stopped or the program
//! was killed.

use countersign_case::form::Form;
use countersign_record::journal::{Body, Line, List, Progress, Seen};

use super::*;

/// Seen: 260 files were enough for an entry above 64 KiB at every unlocking.
#[test]
fn a_stop_or_a_kill_while_hundreds_of_files_come_in_locks_no_case() {
    for files in [1, 259, 260, 700] {
        let world = World::new();
        let from = folder(&world, "folder", files, 0);
        // A stop after the last byte, before the first is stored: none is.
        let mut case = world.open();
        let reference = case.folder().reference();
        let left = std::cell::Cell::new(files);
        let copied = |_: u64| {
            left.set(left.get() - 1);
            if left.get() == 0 {
                stop(&world, reference);
            }
        };
        bring_in(&mut case, &from, &text("Files"), &copied).expect_err("is stopped");
        drop(case);
        let case = world.unlock(reference).expect("unlocks");
        let told: u64 = recovered(case.ledger()).iter().map(|told| told.left.count).sum();
        assert_eq!(told, 0, "nothing of them is left");
        let stored = case.folder().files().read_dir().expect("lists").count();
        assert_eq!(stored, case.ledger().files().count(), "nor stored");
        drop(case);
        ends_well(&world, reference, &format!("{files} files stopped"));

        // A kill at the same place.
        let mut case = world.open();
        let reference = case.folder().reference();
        bring_in(&mut case, &from, &text("Files"), &|_| {}).expect("comes in");
        drop(case);
        killed_after(&world, reference, 1);
        let case = world.unlock(reference).expect("unlocks");
        let [told] = recovered(case.ledger())[..] else { panic!("one entry") };
        assert_eq!((told.left.count, told.left.list.is_some()), (files as u64, files > 90));
        if let Some(file) = &told.left.list {
            let bytes = fs::read(case.folder().file(file)).expect("reads");
            assert_eq!(List::parse(&bytes).expect("a list").left_out.len(), files);
            assert!(case.reading().released().allows(file), "names, not bytes");
        }
        drop(case);
        assert_eq!(ends_well(&world, reference, &format!("{files} files killed")), 1);
    }
}

#[test]
fn files_that_broke_off_in_the_middle_are_named_as_that() {
    let world = World::new();
    let from = folder(&world, "folder", 900, 60);
    let mut case = world.open();
    let reference = case.folder().reference();
    let brought = bring_in(&mut case, &from, &text("Files"), &|_| {}).expect("comes in");
    let entries = brought.entries.len() as u64;
    assert!(entries > 3, "{entries}");
    let whole = case.ledger().brought_in("JS/1").expect("is there");
    assert_eq!((whole.files, whole.of_files, whole.left_out.count), (900, 900, 60));
    assert_eq!((whole.progress, whole.unfinished()), (Progress::Whole, None));
    drop(case);

    killed_after(&world, reference, 3);
    let before = countersign_case::case::Reading::of(&world.home(), reference).expect("reads");
    let part = before.ledger().brought_in("JS/1").expect("is there");
    assert_eq!((part.progress, part.entries.len()), (Progress::Underway, 2));
    let of = format!("{} of 900 files", part.files);
    assert!(part.unfinished_in_words().expect("some").contains(&of));

    let case = world.unlock(reference).expect("unlocks");
    let [told] = recovered(case.ledger())[..] else { panic!("one entry") };
    let broken = told.broken_off.clone().expect("broke off");
    let part = case.ledger().brought_in("JS/1").expect("is there");
    assert_eq!((part.progress, part.unfinished()), (Progress::BrokeOff, Some(broken.clone())));
    assert_eq!((broken.parts, u64::from(broken.of), broken.of_files), (2, entries, 900));
    assert_eq!(told.left.count, 900 - broken.files, "the others");
    assert_eq!(part.left_out.count, 60, "said with the first part");
    let words = format!("Bringing in exhibit JS/1 broke off: {of} are on record.");
    assert_eq!(part.unfinished_in_words(), Some(words.clone()));
    let released = case.reading().released();
    let now = countersign_record::clock::Clock::now(&world.clock);
    let form = Form::in_words(case.ledger(), &released, case.reading().pack(), now);
    let exhibit = &form.expect("fills").exhibits[0];
    assert_eq!((exhibit.unfinished.as_ref(), exhibit.absences_in_all), (Some(&words), 60));
    drop(case);
    assert_eq!(ends_well(&world, reference, "broken off"), 1);
}

/// In a process that goes on, as the guide does, it is said at once.
#[test]
fn a_stop_between_two_parts_is_followed_by_what_broke_off() {
    for _ in 0..5 {
        let world = World::new();
        let from = folder(&world, "folder", 2500, 0);
        let mut case = world.open();
        let reference = case.folder().reference();
        let third = case.folder().data().join("journal/000003.json");
        let outcome = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !third.exists() {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
                stop(&world, reference);
            });
            bring_in(&mut case, &from, &text("Files"), &|_| {})
        });
        if outcome.is_ok() {
            // The stop came after the last part.
            continue;
        }
        let last: Vec<&Body> =
            case.ledger().entries().iter().rev().take(2).map(|entry| &entry.body).collect();
        let [Body::Recovered(told), Body::Halted(_)] = last[..] else { panic!("{last:?}") };
        assert!(told.broken_off.is_some() && told.left.is_empty());
        assert_eq!(case.ledger().halts().count(), 1, "one stop is one entry");
        drop(case);
        assert_eq!(ends_well(&world, reference, "between parts"), 2, "and once what was left");
        return;
    }
    panic!("no stop came between two parts");
}

/// Input 5 and 6: 219 letters of path, and 50 links beside one file.
#[test]
fn names_and_counts_of_what_came_in_are_whole() {
    let world = World::new();
    let from = folder(&world, "phone", 1, 50);
    let mut deep = from.clone();
    for n in 0..16 {
        deep.push(format!("{n}{}", "f".repeat(199)));
    }
    fs::create_dir_all(&deep).expect("is made");
    for n in 1..=3 {
        fs::write(deep.join(format!("photo-{n}.jpg")), [n]).expect("writes");
    }
    let mut case = world.open();
    let brought = bring_in(&mut case, &from, &text("The phone"), &|_| {}).expect("comes in");
    let names = || {
        let entries = case.ledger().entries().iter();
        entries
            .flat_map(|entry| entry.body.files())
            .filter_map(|file| file.name.clone())
            .collect::<Vec<Seen>>()
    };
    let within = deep.strip_prefix(world.folder.path()).expect("within").to_str().expect("text");
    for n in 1..=3 {
        let name = format!("{within}/photo-{n}.jpg");
        assert!(name.len() > 3200);
        assert_eq!(names().iter().filter(|seen| seen.as_str() == name).count(), 1);
    }
    assert_eq!(brought.left_out.count, 50);
    let said = case.ledger().brought_in("JS/1").expect("is there").left_out.clone();
    assert_eq!(said, brought.left_out, "the screen and the record say the same");
    let list = said.list.map(|file| fs::read(case.folder().file(&file)).expect("reads"));
    let all = list.map_or(said.named, |bytes| List::parse(&bytes).expect("a list").left_out);
    assert_eq!(all.len(), 50, "every name is on record");
    assert!(all.iter().all(|left| left.name.as_str().starts_with("phone/link-0")));
    let reference = case.folder().reference();
    drop(case);
    assert_eq!(ends_well(&world, reference, "names"), 0);
}

#[test]
fn the_longest_description_leaves_room_for_the_longest_names() {
    let world = World::new();
    let mut deep = folder(&world, "folder", 0, 0);
    for _ in 0..15 {
        deep.push("\"".repeat(250));
    }
    fs::create_dir_all(&deep).expect("is made");
    for n in 0..12 {
        fs::write(deep.join(format!("{n}")), [n]).expect("writes");
    }
    let description = text(&"\"".repeat(Text::MAX / 2));
    let mut case = world.open();
    let from = world.folder.path().join("folder");
    let brought = bring_in(&mut case, &from, &description, &|_| {}).expect("comes in");
    assert_eq!(brought.files, 12);
    assert!(Line::typed(&"x".repeat(Line::MAX)).is_ok());
    let reference = case.folder().reference();
    drop(case);
    assert_eq!(ends_well(&world, reference, "long words"), 0);
}
