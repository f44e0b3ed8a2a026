//! Five hundred visits: none is lost, and the recorder does not grow.

use std::fs;
use std::time::Instant;

use crate::desk::{read, recording, serving, visits};
use crate::site::html;
use crate::world::World;

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
    let world = World::new();
    let mut case = world.open();
    let started = Instant::now();
    let mut memory = Vec::new();
    let (ended, _) = recording(&world, &mut case, Some(&site.url("/visit-1")), |remote| {
        for number in (50..=LAST).step_by(50) {
            remote.visit(&site.url(&format!("/visit-{number}")));
            memory.push(resident());
        }
    });
    let seconds = started.elapsed().as_secs_f64();
    ended.expect("recorded");
    let folder = case.folder().clone();
    drop(case);
    let seen = visits(&read(&world, &folder));
    for number in 1..=LAST {
        let url = site.url(&format!("/visit-{number}"));
        assert_eq!(seen.iter().filter(|visit| visit.final_url.as_str() == url).count(), 1, "visit {number}");
    }
    println!(
        "{LAST} visits in {seconds:.1} s, {:.1} a second, 0 lost; KiB resident every 50 visits: {memory:?}",
        f64::from(LAST) / seconds
    );
    let growth = memory.last().expect("measured").saturating_sub(memory[1]);
    assert!(growth < 32 * 1024, "grew by {growth} KiB: {memory:?}");
}

/// KiB of this process in memory: the recorder runs in it.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("reads");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
    line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
}

const LAST: u32 = 500;
