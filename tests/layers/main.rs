//! Reads `src/` and holds what the compiler does not: the layers inside each
//! crate, what no layer may ask of the system, and which crates are the
//! program's alone.

mod circles;
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates of the library, from the ground up, each with its layers, from
/// the ground up. The manifests hold the order of the crates; a module uses
/// only those above it in its list.
const CRATES: [(&str, &[&str]); 3] = [
    (
        "record",
        &["clock", "digest", "regular_file", "words", "key", "signature", "journal", "bundle", "verify"],
    ),
    ("browser", &["text", "network", "devtools", "program", "warc", "traffic", "watch", "page", "session"]),
    (
        "case",
        &[
            "durable",
            "held_folder",
            "secret",
            "procedure",
            "case",
            "capture",
            "form",
            "handover",
            "register",
            "rehearsal",
        ],
    ),
];

/// What the library never asks of the system or of people.
const FORBIDDEN: [&str; 16] = [
    "println!",
    "eprintln!",
    "print!",
    "eprint!",
    "dbg!",
    "std::env",
    "option_env!",
    "process::exit",
    "process::abort",
    "SystemTime::now",
    "Utc::now",
    "Local::now",
    "io::stdin",
    "io::stdout",
    "io::stderr",
    "OsRng",
];

/// How a file is opened that may be none. `regular_file` looks first.
const OPENS: [&str; 5] =
    ["fs::read(", "fs::read_to_string(", "File::open(", "File::options(", "OpenOptions::new("];

/// Who may open files otherwise, and why.
const MAY_OPEN: [(&str, &str); 10] = [
    ("record/regular_file.rs", "it looks first"),
    ("case/held_folder.rs", "it looks first, step by step"),
    ("case/held_folder/windows.rs", "it looks first, step by step"),
    ("case/durable.rs", "what it wrote itself, which Windows flushes only where it may be written"),
    ("case/durable/private.rs", "files that it makes, exclusively"),
    ("case/case/staging.rs", "files that it makes, exclusively"),
    ("browser/program/pipes.rs", "the system's list of processes"),
    ("browser/program/profile.rs", "a lock in a folder that it made"),
    ("program/ambient.rs", "the program's own file"),
    ("program/web/server/single_instance.rs", "a file that it makes, exclusively"),
];

const PROGRAM_ONLY: [&str; 9] = [
    "anyhow",
    "clap",
    "clap_complete",
    "getrandom",
    "gethostname",
    "indicatif",
    "machine-uid",
    "rpassword",
    "zxcvbn",
];

#[test]
fn each_layer_uses_only_those_above_it() {
    let files = library();
    let mut wrong = Vec::new();
    for (name, layers) in CRATES.iter().filter(|(_, layers)| !layers.is_empty()) {
        for file in files.iter().filter(|file| file.room() == *name) {
            let Some(layer) = file.layer() else { continue };
            let Some(own) = layers.iter().position(|other| *other == layer) else {
                wrong.push(format!("{}: \"{layer}\" is no layer of the list", file.name));
                continue;
            };
            for used in file.uses() {
                match layers.iter().position(|other| *other == used) {
                    Some(place) if place <= own => {}
                    Some(_) => wrong.push(format!("{}: {layer} uses {used}, which stands on it", file.name)),
                    None => wrong.push(format!("{}: uses crate::{used}, which is no layer", file.name)),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_layer_is_declared_in_order() {
    for (name, layers) in CRATES.iter().filter(|(_, layers)| !layers.is_empty()) {
        let lib = fs::read_to_string(src().join(name).join("lib.rs")).expect("reads");
        let declared: Vec<&str> = lib
            .lines()
            .filter_map(|line| line.strip_prefix("pub mod ").or(line.strip_prefix("mod "))?.strip_suffix(';'))
            .collect();
        assert_eq!(
            declared, *layers,
            "{name}/lib.rs declares the layers from the ground up, and nothing else"
        );
    }
}

/// Cargo refuses a circle of crates; this holds the direction.
#[test]
fn each_crate_knows_only_those_before_it() {
    for (at, (name, _)) in CRATES.iter().enumerate() {
        let manifest = fs::read_to_string(src().join(name).join("Cargo.toml")).expect("reads");
        for (later, _) in &CRATES[at..] {
            assert!(!manifest.contains(&format!("\ncountersign-{later} =")), "{name} uses {later}");
        }
    }
}

#[test]
fn the_library_asks_nothing_of_the_system() {
    let mut wrong = Vec::new();
    for file in library() {
        for word in FORBIDDEN {
            for (number, line) in file.code.lines().enumerate() {
                // Joins what it was handed: it reads nothing.
                let line = line.replace("std::env::join_paths", "");
                if has_word(&line, word) {
                    wrong.push(format!("{}:{}: {word}", file.name, number + 1));
                }
            }
        }
        let may_wait = file.room() == "browser" || file.layer() == Some("capture");
        if has_word(&file.code, "Instant::now") && !may_wait {
            wrong.push(format!("{}: Instant, which is for limits in browser and capture alone", file.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A pipe, a device or a link where a file should be holds up nothing.
#[test]
fn files_are_opened_by_who_looks_at_them_first() {
    let mut wrong = Vec::new();
    for file in sources(&src()) {
        if MAY_OPEN.iter().any(|(name, _)| *name == file.name) || file.name.ends_with("tests.rs") {
            continue;
        }
        let code = file.code.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            for opens in OPENS.iter().filter(|opens| has_word(line, opens)) {
                wrong.push(format!("{}:{}: {opens}…): see regular_file", file.name, number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (name, _) in MAY_OPEN {
        let code = without_words(&fs::read_to_string(src().join(name)).expect(name));
        assert!(
            name.starts_with("record/regular_file") || OPENS.iter().any(|opens| code.contains(opens)),
            "{name}"
        );
    }
}

#[test]
fn the_program_s_crates_stay_in_the_program() {
    for (name, _) in CRATES {
        let manifest = fs::read_to_string(src().join(name).join("Cargo.toml")).expect("reads");
        for crate_name in PROGRAM_ONLY.iter().chain(&["rand", "rand_core"]) {
            assert!(!manifest.contains(&format!("\n{crate_name} =")), "{name} uses {crate_name}");
        }
    }
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let manifests = CRATES.map(|(name, _)| src().join(name).join("Cargo.toml"));
    for path in manifests.iter().chain(&[root().join("Cargo.toml")]) {
        let manifest = fs::read_to_string(path).expect("reads");
        let (mut section, mut above, mut seen) = (String::new(), "", 0);
        for line in manifest.lines() {
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_end_matches(']').to_owned();
            } else if section.ends_with("dependencies") && line.contains('=') && !line.starts_with('#') {
                let says = above.strip_prefix("# ").is_some_and(|text| text.ends_with('.'));
                assert!(says, "{}: [{section}] {line}: no sentence above it", path.display());
                seen += 1;
            }
            above = line;
        }
        assert!(seen > 8, "{}: only {seen} dependencies were found", path.display());
    }
}

/// Who wants to verify a bundle builds this, and not a browser or a form.
#[test]
fn the_record_s_crate_needs_few_others() {
    let tree = Command::new(env!("CARGO"))
        .args([
            "tree",
            "-p",
            "countersign-record",
            "-e",
            "normal",
            "--prefix",
            "none",
            "--locked",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8(tree.stdout).expect("is text");
    let crates: BTreeSet<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!((30..=60).contains(&crates.len()), "{} crates: {crates:?}", crates.len());
}

#[test]
fn no_file_holds_too_many_nouns() {
    let mut long = Vec::new();
    for file in sources(&src()).into_iter().chain(sources(&root().join("tests"))) {
        let lines = file.text.lines().count();
        if lines > 400 {
            long.push(format!("{}: {lines} lines", file.name));
        }
    }
    assert!(long.is_empty(), "at most 400 lines: {}", long.join(", "));
}

#[test]
fn every_module_begins_with_a_sentence_about_itself() {
    for file in library() {
        assert!(file.text.starts_with("//! "), "{} does not say what it is", file.name);
    }
}

/// A source file, and the same without comments and literals.
struct SourceFile {
    name: String,
    text: String,
    code: String,
}

impl SourceFile {
    /// The folder of `src` that it lies in.
    fn room(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// The layer that it belongs to; none for `lib.rs`.
    fn layer(&self) -> Option<&str> {
        let layer = self.name.split(['/', '.']).nth(1)?;
        (layer != "lib").then_some(layer)
    }

    /// The modules that it names from the top of the crate.
    fn uses(&self) -> Vec<&str> {
        let mut used = Vec::new();
        for (at, _) in self.code.match_indices("crate::") {
            if self.code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let rest = &self.code[at + "crate::".len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            assert!(end > 0, "{}: write `use crate::layer::…`, one layer to a line", self.name);
            used.push(&rest[..end]);
        }
        used
    }
}

/// Everything in `src` but the program.
fn library() -> Vec<SourceFile> {
    let files: Vec<SourceFile> =
        sources(&src()).into_iter().filter(|file| !file.name.starts_with("program/")).collect();
    assert!(files.len() > 40, "only {} files were found", files.len());
    files
}

fn sources(top: &Path) -> Vec<SourceFile> {
    let mut found = BTreeMap::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("lists") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("reads");
                let name = path.strip_prefix(top).expect("within").to_string_lossy().replace('\\', "/");
                found.insert(name, text);
            }
        }
    }
    found.into_iter().map(|(name, text)| SourceFile { name, code: without_words(&text), text }).collect()
}

/// The code without comments, strings and characters; lines stay lines.
fn without_words(text: &str) -> String {
    let (mut code, mut rest) = (String::new(), text);
    while let Some(next) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |at| at + 2)
        } else if let Some(length) = raw_string(rest, &code) {
            length
        } else if next == '"' {
            quoted(rest)
        } else if rest.starts_with("'\"'") {
            3
        } else if let Some(escaped) = rest.strip_prefix("'\\") {
            2 + escaped.char_indices().skip(1).find(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 1)
        } else {
            code.push(next);
            rest = &rest[next.len_utf8()..];
            continue;
        };
        code.extend(rest[..skipped].chars().filter(|c| *c == '\n'));
        rest = &rest[skipped..];
    }
    code
}

fn raw_string(rest: &str, before: &str) -> Option<usize> {
    if before.ends_with(|c: char| c.is_alphanumeric() || c == '_') && !before.ends_with('b') {
        return None;
    }
    let hashes = rest.strip_prefix('r')?.chars().take_while(|c| *c == '#').count();
    let open = 1 + hashes;
    let inner = rest.get(open..)?.strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    Some(open + 1 + inner.find(&close).map_or(inner.len(), |at| at + close.len()))
}

fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Whether `word` stands in `text` and is not the end of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let joined = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| !text[..at].ends_with(joined))
}

fn src() -> PathBuf {
    root().join("src")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn words_are_told_from_code() {
    let text = "a // println!\n\"print!(\\\"\" b r#\"dbg!\"# '\"' c '\\n' /* x */ d 'l";
    let code: String = without_words(text).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(code, "a b c d 'l");
    assert!(has_word("x println!(", "println!") && !has_word("eprintln!(", "println!"));
}
