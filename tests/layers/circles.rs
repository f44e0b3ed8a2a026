//! No circle of imports: files that use each other can only be read, and
//! changed, together.
//!
//! A file imports what its paths name: in `use`, in code, and in a module that
//! it declares and names. A declaration alone (`mod x;`) is none. Tests at a
//! file's end are left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::{SourceFile, sources, src};

/// The most files that import each other, crate by crate. A number may only
/// fall; at [`ENOUGH`] it is done.
const LARGEST: [(&str, usize); 4] = [("record", 13), ("browser", ENOUGH), ("case", 21), ("program", ENOUGH)];

/// A file and the two that it is split into.
const ENOUGH: usize = 3;

#[test]
fn no_more_than_three_files_import_each_other() {
    let files = sources(&src());
    let mut wrong = Vec::new();
    for (name, allowed) in LARGEST {
        let files: Vec<&SourceFile> = files.iter().filter(|file| file.room() == name).collect();
        assert!(files.len() > 10, "{name}: only {} files were found", files.len());
        let circle = largest_circle(&imports(&files));
        if circle.len() > allowed {
            let files: Vec<&str> = circle.into_iter().collect();
            wrong.push(format!("{name}: {} files import each other: {}", files.len(), files.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Which file imports which.
pub type Imports<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

pub fn imports<'a>(files: &[&'a SourceFile]) -> Imports<'a> {
    let modules: BTreeMap<Vec<&str>, &str> =
        files.iter().map(|file| (module_of(&file.name), file.name.as_str())).collect();
    let of = |file: &&'a SourceFile| {
        let own = module_of(&file.name);
        let code = file.code.split("#[cfg(test)]").next().unwrap_or_default();
        let mut found = BTreeSet::new();
        for path in paths(code) {
            let up = path.iter().take_while(|step| **step == "super").count();
            let (base, rest) = match path[0] {
                "crate" => (&own[..0], &path[1..]),
                "self" => (&own[..], &path[1..]),
                _ if up > 0 => (&own[..own.len().saturating_sub(up)], &path[up..]),
                _ => (&own[..], &path[..]),
            };
            let full: Vec<&str> = base.iter().chain(rest).copied().collect();
            let named = (0..=full.len()).rev().find_map(|length| modules.get(&full[..length]));
            found.extend(named.copied().filter(|name| *name != file.name));
        }
        (file.name.as_str(), found)
    };
    files.iter().map(of).collect()
}

fn module_of(name: &str) -> Vec<&str> {
    let steps = name.trim_end_matches(".rs").split('/').skip(1);
    steps.filter(|step| !matches!(*step, "lib" | "main")).collect()
}

/// Every path in `code` of two steps and more, groups taken apart.
fn paths(code: &str) -> Vec<Vec<&str>> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(is_name) {
        let before = &rest[..at];
        rest = &rest[at..];
        if before.ends_with("::") {
            rest = rest.trim_start_matches(is_name);
            continue;
        }
        let mut path = Vec::new();
        rest = path_at(rest, &mut path, &mut found);
    }
    found.retain(|path| path.len() > 1);
    found
}

/// Reads one path, and what stands in its group; what follows it.
fn path_at<'a>(mut rest: &'a str, path: &mut Vec<&'a str>, found: &mut Vec<Vec<&'a str>>) -> &'a str {
    let before = path.len();
    loop {
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        if end > 0 {
            path.push(&rest[..end]);
        }
        rest = &rest[end..];
        match rest.strip_prefix("::") {
            Some(inner) if inner.starts_with('{') => {
                rest = &inner[1..];
                while !rest.starts_with('}') && !rest.is_empty() {
                    rest = match rest.starts_with(is_name) {
                        true => path_at(rest, path, found),
                        false => &rest[rest.chars().next().map_or(0, char::len_utf8)..],
                    };
                }
                rest = rest.get(1..).unwrap_or_default();
                break;
            }
            Some(next) if next.starts_with(is_name) => rest = next,
            _ => {
                found.push(path.clone());
                break;
            }
        }
    }
    path.truncate(before);
    rest
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn largest_circle<'a>(imports: &Imports<'a>) -> BTreeSet<&'a str> {
    let reached: Imports<'a> = imports.keys().map(|file| (*file, reached_from(file, imports))).collect();
    let circle = |file: &&'a str| -> BTreeSet<&'a str> {
        reached[file].iter().filter(|other| reached[*other].contains(file)).copied().collect()
    };
    reached.keys().map(circle).max_by_key(BTreeSet::len).unwrap_or_default()
}

fn reached_from<'a>(file: &str, imports: &Imports<'a>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = imports[file].iter().copied().collect();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(&imports[next]);
        }
    }
    reached
}

#[test]
fn a_circle_is_found_by_whichever_path_closes_it() {
    let file = |name: &str, code: &str| SourceFile {
        name: name.to_owned(),
        text: String::new(),
        code: code.to_owned(),
    };
    for closing in [
        "use super::a::X;",
        "use crate::a::{self, X};",
        "use crate::{b::Y, a::{X, Z}};",
        "fn f() { crate::a::g() }",
        "fn f() -> super::a::X {}",
    ] {
        let files = [
            file("x/lib.rs", "mod a; mod b; mod c;"),
            file("x/a.rs", "mod d; fn f() { d::g() }"),
            file("x/a/d.rs", "use crate::b::Y;"),
            file("x/b.rs", "use crate::c::Z;"),
            file("x/c.rs", closing),
        ];
        let files: Vec<&SourceFile> = files.iter().collect();
        let circle: Vec<&str> = largest_circle(&imports(&files)).into_iter().collect();
        assert_eq!(circle, ["x/a.rs", "x/a/d.rs", "x/b.rs", "x/c.rs"], "{closing}");
    }
    let apart =
        [file("x/a.rs", "use crate::b::Y;"), file("x/b.rs", "mod tests; #[cfg(test)] use crate::a::X;")];
    assert!(largest_circle(&imports(&apart.iter().collect::<Vec<_>>())).is_empty());
}
