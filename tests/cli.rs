//! The command line, as transcripts (`tests/cli/*.trycmd`).

#[path = "cli/alone.rs"]
mod alone;
#[path = "cli/attacks.rs"]
mod attacks;
#[path = "cli/counts.rs"]
mod counts;
#[path = "../src/program/paths.rs"]
mod paths;
#[cfg(unix)]
#[path = "cli/private.rs"]
mod private;
#[path = "cli/processes.rs"]
mod processes;
#[path = "cli/school.rs"]
mod school;
#[cfg(unix)]
#[path = "cli/stops.rs"]
mod stops;
#[cfg(unix)]
#[path = "cli/terminal.rs"]
mod terminal;
#[path = "cli/ways_in.rs"]
mod ways_in;
#[path = "cli/ways_out.rs"]
mod ways_out;
#[cfg(unix)]
#[path = "cli/work.rs"]
mod work;

/// Read `tests/cli/*.trycmd` as stories. `[CASE]` is the year's first case.
#[test]
fn stories() {
    let tests = trycmd::TestCases::new();
    // Where the program asks for the default home it must not find a real one.
    tests.env("XDG_DATA_HOME", "/nonexistent").env("COLUMNS", "100");
    tests.insert_var("[CASE]", school::first_reference()).expect("a variable");
    tests.case("tests/cli/*.trycmd");
}
