//! Five hundred visits: none is lost, and the recorder does not grow.

use std::fs;
use std::time::Instant;

use crate::desk::serving;
use crate::program::{Program, entries, opened};
use crate::site::html;

#[test]
fn five_hundred_visits_and_none_lost() {
    let site = serving(|request, to| {
        let number: u32 = request.path.strip_prefix("/visit-")?.parse().ok()?;
        let next = number + 1;
        let on = if number < LAST { format!("location.href = '/visit-{next}'") } else { String::new() };
        Some(html(
            to,
            &format!(
                "<title>Visit {number}</title><img src=/red.bmp><script>onload = () => {{ {on} }}</script>"
            ),
        ))
    });
    // In a process of its own, so that nothing else is measured.
    let folder = opened();
    let started = Instant::now();
    let mut program = Program::record(folder.path(), &site.url("/visit-1"));
    let mut memory = Vec::new();
    for number in (50..=LAST).step_by(50) {
        program.wait_visit(&site.url(&format!("/visit-{number}")));
        memory.push(resident(program.process()));
    }
    let seconds = started.elapsed().as_secs_f64();
    program.say("end");
    assert_eq!(program.end(), Some(0));
    let entries = entries(folder.path());
    let visits = entries.iter().filter_map(|entry| entry["body"]["visits"].as_array()).flatten();
    let seen: Vec<&str> = visits.filter_map(|visit| visit["final_url"].as_str()).collect();
    for number in 1..=LAST {
        let url = site.url(&format!("/visit-{number}"));
        assert_eq!(seen.iter().filter(|seen| **seen == url).count(), 1, "visit {number}");
    }
    let visits = entries.iter().filter_map(|entry| entry["body"]["visits"].as_array()).flatten();
    let titled = visits.filter(|visit| visit["title"].is_string()).count();
    println!("{titled} of them say their titles");
    println!(
        "{LAST} visits in {seconds:.1} s, {:.1} a second, 0 lost; KiB resident every 50 visits: {memory:?}",
        f64::from(LAST) / seconds
    );
    let growth = memory.last().expect("measured").saturating_sub(memory[1]);
    assert!(growth < 8 * 1024, "grew by {growth} KiB: {memory:?}");
}

/// KiB of a process in memory.
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("reads");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
    line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
}

const LAST: u32 = 500;
