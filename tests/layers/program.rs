//! The layers inside the program, which is one crate and two faces: what both
//! stand on lies below both.

use crate::circles::imports;
use crate::{SourceFile, sources, src};

/// The program's modules from the ground up. A module uses only those above it
/// in this list.
const PROGRAM: [&str; 21] = [
    "paths",
    "amounts",
    "message",
    "progress",
    "at_once",
    "ambient",
    "say",
    "waiting",
    "explain",
    "describe",
    "stop_page",
    "ask",
    "passphrase",
    "args",
    "browser_args",
    "procedure_source",
    "context",
    "commands",
    "web",
    "cli",
    "main",
];

/// The rooms of the guide, from the ground up.
const WEB: [&str; 6] = ["session", "html", "cases", "server", "pages", ""];

#[test]
fn the_program_s_modules_use_only_those_above_them() {
    let wrong = against(&PROGRAM, "program/");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_rooms_of_the_guide_use_only_those_above_them() {
    let wrong = against(&WEB, "program/web");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What in `folder` uses a layer that stands on it. A file of the folder's own
/// name is of the layer without a name.
fn against(layers: &[&str], folder: &str) -> Vec<String> {
    let files = sources(&src());
    let files: Vec<&SourceFile> = files.iter().filter(|file| file.room() == "program").collect();
    let layer = |file: &str| {
        let rest = file.strip_prefix(folder)?.trim_start_matches('/');
        rest.split(['/', '.']).find(|step| !step.is_empty() && *step != "rs").or(Some("")).map(str::to_owned)
    };
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (file, used) in imports(&files) {
        let Some(own) = layer(file) else { continue };
        let Some(at) = layers.iter().position(|other| *other == own) else {
            wrong.push(format!("{file}: \"{own}\" is no layer of the list"));
            continue;
        };
        seen += 1;
        let above = |used: &&&str| {
            layer(used).is_some_and(|used| layers.iter().skip(at + 1).any(|other| *other == used))
        };
        wrong.extend(used.iter().filter(above).map(|used| format!("{file} uses {used}, which stands on it")));
    }
    assert!(seen > 20, "{folder}: only {seen} files were found");
    wrong
}
