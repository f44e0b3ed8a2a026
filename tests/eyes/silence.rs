//! Ten minutes in which nobody does anything, in real time: nothing in the
//! program makes them shorter.

use std::time::{Duration, Instant};

use crate::looks::Findings;
use crate::recording::{Room, until};

/// Looks so long, without touching anything.
fn wait(room: &Room, words: &str) -> Duration {
    let began = Instant::now();
    while !room.tab().words().contains(words) {
        assert!(began.elapsed() < Duration::from_secs(15 * 60), "{}", room.tab().words());
        std::thread::sleep(Duration::from_secs(1));
    }
    began.elapsed()
}

#[test]
#[ignore = "takes eight minutes"]
fn it_is_said_before_the_recording_ends_and_a_button_goes_on() {
    let room = Room::enter(|_| {});
    let tab = room.tab();
    room.record("/board", |_| {});
    room.until("Class 7 message board");
    println!("said after {:?}", wait(&room, "The recording ends by itself at "));
    assert!(tab.text("document.title").starts_with("The recording ends soon"));
    let mut findings = Findings::default();
    findings.look(tab);
    tab.push("Go on recording");
    assert!(!tab.words().contains("The recording ends by itself at "), "{}", tab.words());
    tab.sees("RECORDING – page 1 visited");
    findings.none();
}

#[test]
#[ignore = "takes eight minutes"]
fn whoever_moves_the_mouse_in_the_window_goes_on() {
    let room = Room::enter(|_| {});
    room.record("/board", |_| {});
    room.until("Class 7 message board");
    wait(&room, "The recording ends by itself at ");
    room.screen.point(&["mousemove", "300", "400", "sleep", "0.2", "mousemove", "340", "440"]);
    let began = Instant::now();
    while room.tab().words().contains("The recording ends by itself at ") {
        assert!(began.elapsed() < Duration::from_secs(60), "{}", room.tab().words());
        std::thread::sleep(Duration::from_millis(100));
    }
    room.tab().sees("RECORDING – page 1 visited");
}

#[test]
#[ignore = "takes ten minutes"]
fn nobody_for_ten_minutes_ends_it_and_locks_the_case() {
    let room = Room::enter(|_| {});
    let tab = room.tab();
    room.record("/board", |_| {});
    room.until("Class 7 message board");
    let took = wait(&room, "NOT RECORDING – nobody did anything for ten minutes");
    println!("ended after {took:?}");
    assert!(took > Duration::from_secs(9 * 60), "{took:?}");
    until(tab, "Start recording", || {});
    assert!(!tab.words().contains("The recording ends by itself at "), "{}", tab.words());
    room.office.go(&room.case);
    tab.sees("The case is locked");
}
