//! The README's commands, run as they are written.
//!
//! Three things are put in their places, because a test sends nothing to the
//! internet and knows neither year nor seal: the address of a page on this
//! computer, and so a rehearsal; the reference; the eight words. Pages are
//! kept as this computer can: with its browser, or the server's answer.

#![cfg(unix)]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

#[test]
fn the_main_job_leaves_what_it_says() {
    let command = blocks().into_iter().find(|block| block.starts_with("cargo run")).expect("the main job");
    let arguments = command.trim().strip_prefix("cargo run --release -- ").expect("one command");
    let place = Place::new();
    let output = place.run(&format!("countersign {arguments}"));
    assert_done(&output, arguments);
    let out = arguments.split_whitespace().last().expect("a folder");
    let names = names_in(&place.folder().join(out));
    for ending in [".zip", "-form.pdf"] {
        assert!(names.iter().any(|name| name.ends_with(ending)), "{ending}: {names:?}");
    }
    assert!(names.iter().any(|name| name.contains("passphrases")), "{names:?}");
    let said = said(&output);
    assert!(said.contains("REHEARSAL") && said.contains("nchanged"), "{said}");
}

#[test]
fn the_test_command_is_what_the_build_machine_runs() {
    let command = blocks().into_iter().find(|block| block.contains(".ci/test")).expect("the test command");
    let run = fs::read_to_string(root().join(".ci/run")).expect(".ci/run");
    assert!(run.lines().any(|line| line == command.trim()), "{run}");
    let workflow = fs::read_to_string(root().join(".github/workflows/ci.yml")).expect("the workflow");
    assert!(workflow.contains("bash .ci/run"));
}

#[test]
fn a_case_goes_as_it_says() {
    let place = Place::new();
    let page = serve();
    fs::write(place.folder().join("monitoring-log.csv"), "09:14,http://example.org/page\n").expect("writes");
    let blocks: Vec<String> = blocks()
        .into_iter()
        .filter(|block| block.lines().any(|line| line.starts_with("countersign ")))
        .collect();
    let (open, rest) = blocks.split_first().expect("blocks");
    let output = place.run(&open.replace("countersign open", "countersign open --rehearsal"));
    assert_done(&output, open);
    let stdout = String::from_utf8_lossy(&output.stdout);
    let reference = stdout.split_whitespace().find(|word| is_reference(word)).expect("prints the reference");
    let (verify, rest) = rest.split_last().expect("blocks");
    for block in rest {
        let block = block.replace("2026-0001", reference).replace("https://example.org/page", &page);
        assert_done(&place.run(&block), &block);
    }
    let private = place.folder().join("case.pass");
    assert_eq!(fs::read_to_string(private).expect("both passphrases").lines().count(), 2);

    let verify = verify.replace("2026-0001", reference);
    let (alone, _) = verify.split_once(" --root").expect("compares with the paper");
    let output = place.run(&format!("{alone} --json"));
    assert_eq!(output.status.code(), Some(3), "not compared with the paper: {}", said(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["verdict"], "unchanged-not-compared");
    let words = report["words"].as_str().expect("eight words");
    let verify = verify.replace("the eight words from the signed paper", words);
    let output = place.run(&verify);
    assert_done(&output, &verify);
    let other = ["abandon"; 8].join(" ");
    let output = place.run(&verify.replace(words, &other));
    assert_eq!(output.status.code(), Some(1), "another paper: {}", said(&output));
    let output = place.run("countersign no-such-verb");
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}

#[test]
fn every_verb_that_it_names_is_there() {
    let place = Place::new();
    let output = place.run("countersign --help");
    assert_done(&output, "--help");
    let help = said(&output);
    let verbs: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .collect();
    let mut named = 0;
    for rest in readme().split("countersign ").skip(1) {
        let verb: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
        // After the name of the program in code, not in a sentence.
        if verb.is_empty() || verb.starts_with('-') {
            continue;
        }
        named += 1;
        assert!(verbs.contains(&verb.as_str()), "{verb} is none of {verbs:?}");
    }
    assert!(named > 15, "only {named} verbs were found");
    for verb in verbs {
        let help = said(&place.run(&format!("countersign {verb} --help")));
        assert!(help.contains("Example:"), "countersign {verb} --help shows no example");
    }
}

/// A folder in which the program is found by its name, with a home of its own.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().expect("a folder"))
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, script: &str) -> Output {
        let program = Path::new(env!("CARGO_BIN_EXE_countersign")).parent().expect("a folder");
        let mut search = vec![program.to_owned()];
        search.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        Command::new("sh")
            .args(["-ec", script])
            .current_dir(self.folder())
            .env("PATH", std::env::join_paths(search).expect("paths"))
            .env("HOME", self.folder())
            .env_remove("XDG_DATA_HOME")
            .stdin(std::process::Stdio::null())
            .output()
            .expect("sh")
    }
}

/// What stands in the README's `sh` blocks, in order.
fn blocks() -> Vec<String> {
    let text = readme();
    let blocks = text.split("```sh\n").skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

/// One small page, for whoever asks, as long as the test runs.
fn serve() -> String {
    const PAGE: &str = "<!doctype html><title>A page</title><p>Words about nobody.";
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/page", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut stream = stream;
                let mut request = [0; 4096];
                let _ = stream.read(&mut request);
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
                let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{PAGE}", PAGE.len());
            });
        }
    });
    url
}

fn is_reference(word: &str) -> bool {
    word.split_once('-').is_some_and(|(year, number)| {
        let digits = |part: &str| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit());
        digits(year) && digits(number)
    })
}

#[track_caller]
fn assert_done(output: &Output, command: &str) {
    assert!(output.status.success(), "{command}\n{:?}\n{}", output.status, said(output));
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("README.md")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
