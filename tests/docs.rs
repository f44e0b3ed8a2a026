//! The documents as tests: what they name is there, and the formats' page
//! names all that the formats have.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    let mut links = 0;
    for page in pages() {
        let text = read(&page);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.starts_with("https://") {
                continue;
            }
            links += 1;
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if path.is_empty() { page.clone() } else { folder_of(&page).join(path) };
            let there = file.exists()
                && (anchor.is_empty() || headings(&read(&file)).iter().any(|heading| heading == anchor));
            if !there {
                wrong.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(links > 10, "only {links} links were found");
}

#[test]
fn every_file_that_is_named_is_there() {
    let mut wrong = Vec::new();
    let mut named = 0;
    for page in pages() {
        for word in quoted(&read(&page)) {
            let ours = ["src/", "tests/", "fixtures/", "docs/", ".ci/", ".github/"];
            // A name with a blank, a star or a placeholder is none.
            if !ours.iter().any(|folder| word.starts_with(folder)) || word.contains([' ', '*', '<', '…']) {
                continue;
            }
            named += 1;
            if !root().join(&word).exists() {
                wrong.push(format!("{}: {word}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(named > 20, "only {named} names were found");
}

/// Each line of the formats' page that says MUST names a vector or a test
/// that would notice.
#[test]
fn every_must_is_held_by_something() {
    let page = read(&root().join("docs/FORMAT.md"));
    let (vectors, tests, fields) = (vectors(), tests(), fields());
    let mut wrong = Vec::new();
    let mut held = 0;
    for (number, line) in (1..).zip(page.lines()) {
        for word in quoted(line) {
            let is_vector = word.contains("--")
                && !word.contains('…')
                && [".zip", ".toml", ".json", ".sig", ".pub"].iter().any(|ending| word.ends_with(ending));
            if is_vector && !vectors.contains(&word) {
                wrong.push(format!("line {number}: there is no vector {word}"));
            }
            if is_name_of_a_test(&word) && !tests.contains(&word) && !fields.contains(&word) {
                wrong.push(format!("line {number}: there is no test {word}"));
            }
        }
        if !line.contains("MUST") || line.contains("MUST means") {
            continue;
        }
        let by = |word: &String| vectors.contains(word) || tests.contains(word);
        match quoted(line).iter().any(by) {
            true => held += 1,
            false => wrong.push(format!("line {number}: held by nothing: {line}")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(held > 40, "only {held} rules were found");
}

/// A vector of the journal or of a signature that no rule names is one that
/// nobody finds.
#[test]
fn every_vector_stands_behind_a_rule() {
    let page = read(&root().join("docs/FORMAT.md"));
    let named: BTreeSet<String> = quoted(&page).into_iter().collect();
    let mut seen = 0;
    for (folder, ending) in [("fixtures/journal", "json"), ("fixtures/sshsig", "sig")] {
        for path in files_below(&root().join(folder), ending) {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            seen += 1;
            assert!(
                name.starts_with("accepted--") || named.contains(&name),
                "docs/FORMAT.md does not name {name}"
            );
        }
    }
    assert!(seen > 80, "only {seen} vectors were found");
}

/// What the sources can write, the page names: no field or kind is forgotten
/// when one is added.
#[test]
fn the_formats_page_names_every_field_and_kind() {
    let page = read(&root().join("docs/FORMAT.md"));
    let named: BTreeSet<String> = quoted(&page).into_iter().collect();
    let fields = fields();
    assert!(fields.len() > 60, "only {} fields were found", fields.len());
    let forgotten: Vec<&String> = fields.iter().filter(|field| !named.contains(*field)).collect();
    assert!(forgotten.is_empty(), "docs/FORMAT.md does not name {forgotten:?}");
    let body = read(&root().join("src/record/journal/body.rs"));
    let kinds: Vec<String> = body
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Body::")?.split(" => \"").nth(1))
        .map(|kind| kind.trim_end_matches("\",").to_owned())
        .collect();
    assert!(kinds.len() >= 18, "{kinds:?}");
    for kind in kinds {
        assert!(named.contains(&kind), "docs/FORMAT.md does not name the kind {kind}");
    }
}

/// Every field that the journal, the seal and a halt are written with.
fn fields() -> BTreeSet<String> {
    let mut sources: Vec<PathBuf> = files_below(&root().join("src/record/journal"), "rs");
    sources.retain(|path| !path.ends_with("chain.rs") && !path.ends_with("ledger.rs"));
    sources.extend(["src/record/bundle/seal.rs", "src/case/case/halt.rs"].map(|path| root().join(path)));
    let mut fields = BTreeSet::new();
    for source in sources {
        fields.extend(serialized_fields(&read(&source)));
    }
    fields
}

/// The fields of structs that are written as JSON.
fn serialized_fields(source: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let mut serialized = false;
    let mut inside = false;
    for line in source.lines() {
        if line.starts_with("#[derive(") {
            serialized = line.contains("Serialize");
        } else if line.starts_with("pub struct ") {
            inside = serialized && line.ends_with('{');
        } else if line.starts_with('}') {
            inside = false;
        } else if inside && let Some((name, _)) = line.trim().trim_start_matches("pub ").split_once(": ")
            && !name.starts_with(['/', '#'])
            // Flattened: it stands as `kind` and `body`.
            && !line.contains(": Body,")
        {
            fields.push(name.to_owned());
        }
    }
    fields
}

/// A word in quotes that looks like `every_bit_counts`: three words at
/// least.
fn is_name_of_a_test(word: &str) -> bool {
    word.matches('_').count() >= 2
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn vectors() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for ending in ["zip", "toml", "json", "sig", "pub"] {
        for path in files_below(&root().join("fixtures"), ending) {
            names.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    names
}

fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for folder in ["src", "tests"] {
        for path in files_below(&root().join(folder), "rs") {
            let text = read(&path);
            for rest in text.split("#[test]\n").skip(1) {
                let name = rest.split("fn ").nth(1).and_then(|rest| rest.split('(').next());
                names.extend(name.map(str::to_owned));
            }
        }
    }
    names
}

fn pages() -> Vec<PathBuf> {
    let mut pages = files_below(&root().join("docs"), "md");
    pages.extend(["README.md", "CHANGELOG.md"].map(|page| root().join(page)));
    pages
}

/// What stands between single backquotes, outside blocks of code.
fn quoted(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            words.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    words
}

fn headings(text: &str) -> Vec<String> {
    let plain = |heading: &str| {
        let kept = heading.trim().to_lowercase();
        kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_')).collect::<String>()
    };
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| plain(line.trim_start_matches('#')).replace(' ', "-"))
        .collect()
}

fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_below(&path, ending));
        } else if path.extension().is_some_and(|found| found == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn folder_of(page: &Path) -> &Path {
    page.parent().expect("a folder")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
