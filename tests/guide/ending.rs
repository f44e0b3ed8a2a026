//! The end of a case, page by page: judged, acted on, on paper, sealed,
//! verified, handed over, filed, and found again in the register.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::files::Part;
use crate::opening::{OURS, guide, lock, open};
use crate::support::Browser;
use crate::work::wait;

pub const BOTH: [(&str, &str); 2] = [("first-passphrase", OURS[0]), ("second-passphrase", OURS[1])];

pub const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

#[test]
fn from_the_decision_to_the_shelf() {
    let (folder, guide) = guide();
    let home = folder.path().join("home");
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    concern(&mut browser, &case, &home, "gambling");
    judge(&mut browser, &case);
    act(&mut browser, &case);
    form(&mut browser, &case);
    let words = seal(&mut browser, &case);
    verify_here(&mut browser, &words);
    let bundle = home.join("sealed/2026-0001-seal-1.zip");
    let bytes = fs::read(&bundle).expect("the bundle");
    browser.get(&format!("{case}/sealed/1/bundle.zip"));
    assert_eq!(browser.page.body, bytes);
    assert_eq!(browser.page.header("content-disposition"), "attachment; filename=\"2026-0001-seal-1.zip\"");
    let copy = hand_over(&mut browser, &case, folder.path(), &bytes);
    archive(&mut browser, &case);
    register(&mut browser, &case);
    // By the other face, and from the copy.
    drop(browser);
    drop(guide);
    for bundle in [&bundle, &copy] {
        let verified = cli(&home, &["verify", bundle.to_str().expect("a path"), "--root", &words]);
        assert_eq!(verified.0, Some(0), "{}", verified.1);
        assert!(verified.1.contains("Unchanged since it was sealed on"), "{}", verified.1);
    }
}

#[test]
fn a_changed_bundle_that_is_dropped_in_names_the_entry() {
    let (folder, guide) = guide();
    let home = folder.path().join("home");
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    concern(&mut browser, &case, &home, "gambling");
    judge(&mut browser, &case);
    let words = seal(&mut browser, &case);
    let mut bytes = fs::read(home.join("sealed/2026-0001-seal-1.zip")).expect("the bundle");
    drop_in(&mut browser, "our bundle.zip", &bytes, "");
    browser.sees("<h1>Unchanged in itself</h1>").sees("Now compare the eight words with the paper");
    browser.answer(&[("words", "")]);
    browser.sees("Type the eight words of the paper.");
    browser.answer(&[("words", "abandon ability")]);
    browser.sees("You typed 2 words; the seal has eight.").sees("value=\"abandon ability\"");
    browser.answer(&[("words", "abandon ability able about above absent absorb abstract")]);
    browser.sees("Not the bundle on the paper");
    browser.answer(&[("words", &words.to_uppercase())]);
    browser.sees("<h1>Unchanged since it was sealed on");
    // What the square code holds, at once.
    let code = code(&home);
    drop_in(&mut browser, "our bundle.zip", &bytes, &code);
    browser.sees("<h1>Unchanged since it was sealed on");
    assert!(!browser.page.text().contains("incoming-"), "{}", browser.page.text());
    // One letter of what was written down.
    let said = b"Somebody said so.";
    let at = bytes.windows(said.len()).position(|window| window == said).expect("is there");
    bytes[at] = b'N';
    drop_in(&mut browser, &format!("{HOSTILE}.zip"), &bytes, &words);
    browser.sees("Changed after it was sealed");
    browser.sees(": entry 2");
    assert!(!browser.page.text().contains("<script>alert") && !browser.page.text().contains("<img"));
    drop_in(&mut browser, "letter.txt", b"Dear all", "");
    browser.sees("This is not a complete Countersign bundle.").sees("letter.txt");
    drop_in(&mut browser, "", b"", "");
    browser.sees("Choose the file of the bundle.");
    assert_eq!(browser.page.status, 422);
    browser.get("/verify");
    browser.send("/verify/here", &[("sealed", "../heads/2026-0001"), ("path", ""), ("paper", "")]);
    browser.sees("Choose a bundle, or type where it lies.");
    browser.send("/verify/here", &[("sealed", ""), ("path", "bundle.zip"), ("paper", "")]);
    browser.sees("Type the whole path");
    let left = fs::read_dir(&home).expect("a home").flatten();
    assert!(left.into_iter().all(|entry| !entry.file_name().to_string_lossy().starts_with("incoming")));
}

#[test]
fn after_a_stop_no_earlier_seal_and_no_earlier_form_leaves() {
    let (folder, guide) = guide();
    let home = folder.path().join("home");
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    concern(&mut browser, &case, &home, "gambling");
    judge(&mut browser, &case);
    form(&mut browser, &case);
    seal(&mut browser, &case);
    browser.get(&case);
    browser.post(&format!("{case}/stop"), &[]);
    for file in ["sealed/1/bundle.zip", "sealed/1/form.pdf"] {
        browser.get(&format!("{case}/{file}"));
        assert_eq!(browser.page.status, 409, "{file}");
        assert!(browser.page.header("content-type").starts_with("text/html"), "{file}");
    }
    browser.get(&format!("{case}/sealed/1"));
    let text = browser.page.text();
    assert!(
        text.contains("left where it is") && !text.contains("seal-words") && !text.contains("bundle.zip\"")
    );
    // The stop is put on record, and still nothing leaves.
    browser.get(&format!("{case}/unlock"));
    browser.answer(&BOTH);
    browser.get(&format!("{case}/sealed/1/bundle.zip"));
    assert_eq!(browser.page.status, 409);
    browser.get(&format!("{case}/hand-over"));
    assert_eq!(browser.page.status, 409);
    let made = browser.get(&format!("{case}/form")).text();
    assert!(made.contains("The form has no pictures."), "{made}");
    // Sealed again it holds words only, and may leave.
    browser.get(&format!("{case}/seal"));
    browser.answer(&[]);
    browser.answer(&BOTH);
    wait(&mut browser);
    browser.sees("seal 2").sees("seal-words");
    browser.get(&format!("{case}/sealed/2/bundle.zip"));
    assert_eq!(browser.page.status, 200);
}

#[test]
fn work_that_was_checked_once_is_done_once() {
    let (folder, guide) = guide();
    let home = folder.path().join("home");
    let mut browser = Browser::enter(&guide);
    let case = open(&mut browser);
    concern(&mut browser, &case, &home, "gambling");
    judge(&mut browser, &case);
    browser.get(&format!("{case}/seal"));
    browser.answer(&[]);
    let check = browser.path.clone();
    browser.answer(&[("first-passphrase", OURS[0]), ("second-passphrase", "wrong")]);
    browser.sees("One of the passphrases is not right.");
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let mut tab = browser.tab();
            scope.spawn(move || drop(tab.answer(&BOTH).clone()));
        }
    });
    for _ in 0..600 {
        browser.get(&check);
        if browser.path.contains("/sealed/") {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    browser.sees("seal 1").sees("The eight words of this seal");
    let sealed: Vec<_> = fs::read_dir(home.join("sealed")).expect("is there").flatten().collect();
    assert_eq!(sealed.len(), 2, "{sealed:?}");
}

/// A concern, by the command line: the review's pages have tests of their own.
pub fn concern(browser: &mut Browser<'_>, case: &str, home: &Path, category: &str) {
    lock(browser, case);
    let file = home.join("passphrases");
    fs::write(&file, format!("{}\n{}\n", OURS[0], OURS[1])).expect("writes");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("private");
    }
    let described = [
        "concern",
        "2026-0001",
        "--at",
        "https://example.org/<b>bet</b>",
        "--category",
        category,
        "--describe",
        "Somebody said so.",
        "--passphrases",
        file.to_str().expect("a path"),
    ];
    for _ in 0..50 {
        let (code, words) = cli(home, &described);
        // The guide lets go of the case in its own time.
        if code == Some(0) {
            return;
        }
        assert!(words.contains("open in another"), "{words}");
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("the case stays locked");
}

pub fn cli(home: &Path, words: &[&str]) -> (Option<i32>, String) {
    let ran = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(words)
        .arg("--home")
        .arg(home)
        .output()
        .expect("runs");
    let all = [ran.stdout, ran.stderr].concat();
    (ran.status.code(), String::from_utf8_lossy(&all).into_owned())
}

pub fn judge(browser: &mut Browser<'_>, case: &str) {
    browser.get(&format!("{case}/judge"));
    browser.sees("Somebody said so.");
    browser.answer(&[("substance", "yes"), ("because", HOSTILE)]);
    browser.sees("The concern has substance").sees("&lt;script&gt;").sees("type your passphrase");
    browser.answer(&BOTH);
    browser.sees("is kept, signed by both of you");
}

fn act(browser: &mut Browser<'_>, case: &str) {
    for (route, what) in [("internal", "Parents told."), ("local-authority", HOSTILE)] {
        browser.get(&format!("{case}/act"));
        browser.answer(&[
            ("route", route),
            ("what", what),
            ("action", "taken"),
            ("by", "Jane Smith"),
            ("when", ""),
        ]);
        browser.sees("Check before you both sign");
        browser.answer(&[]);
        browser.sees("is kept");
    }
    browser.get(&format!("{case}/act"));
    browser.sees("Actions so far").sees("Parents told.").sees("&lt;script&gt;");
}

fn form(browser: &mut Browser<'_>, case: &str) {
    browser.get(&format!("{case}/form"));
    browser.sees("Reviewing persons").sees("P-1234").sees("&lt;b&gt;&amp; more&lt;/b&gt;");
    browser.answer(&[]);
    browser.sees("Check before you both sign");
    browser.answer(&[]);
    wait(browser);
    browser.sees("The form is made").sees("sign it in ink");
    let at = browser.path.clone();
    browser.get(&format!("{at}/form.pdf"));
    assert_eq!(browser.page.header("content-type"), "application/pdf");
    assert!(browser.page.header("content-disposition").starts_with("attachment"));
    assert_eq!(browser.page.header("x-content-type-options"), "nosniff");
    assert!(browser.page.body.starts_with(b"%PDF-"));
}

/// Seals, and gives the eight words.
pub fn seal(browser: &mut Browser<'_>, case: &str) -> String {
    browser.get(&format!("{case}/seal"));
    browser.answer(&[]);
    browser.sees("type your passphrase");
    browser.answer(&BOTH);
    wait(browser);
    browser.sees("is sealed: seal 1").sees("Keep this sheet apart from the bundle");
    let text = browser.page.text();
    let list = text.split("<ol class=\"seal-words\">").nth(1).expect("words");
    let words: Vec<&str> = list
        .split("</ol>")
        .next()
        .expect("an end")
        .split("<li>")
        .skip(1)
        .map(|word| word.split('<').next().expect("a word"))
        .collect();
    assert_eq!(words.len(), 8, "{words:?}");
    let at = browser.path.clone();
    browser.get(&format!("{at}/form.pdf"));
    assert!(browser.page.body.starts_with(b"%PDF-"));
    assert_eq!(browser.page.header("content-length"), browser.page.body.len().to_string());
    words.join(" ")
}

fn verify_here(browser: &mut Browser<'_>, words: &str) {
    browser.get("/verify");
    browser.send("/verify/here", &[("sealed", "2026-0001-seal-1.zip"), ("path", ""), ("paper", words)]);
    wait(browser);
    browser.sees("<h1>Unchanged since it was sealed on").sees("Jane Smith and Ali Khan signed every entry");
}

fn hand_over(browser: &mut Browser<'_>, case: &str, folder: &Path, bundle: &[u8]) -> std::path::PathBuf {
    let stick = folder.join("stick & <b>co");
    fs::create_dir(&stick).expect("a folder");
    let to = stick.to_str().expect("a path");
    for (lock, name) in [("plain", "2026-0001-seal-1.zip"), ("locked", "2026-0001-seal-1-locked.zip")] {
        browser.get(&format!("{case}/hand-over"));
        browser.answer_each(&[
            &[],
            &[("to", "PC 1234 Brown"), ("organisation", "Anytown Police"), ("role", "Officer")],
            &[("how", "In person"), ("when", "")],
            &[("medium", "USB stick, bag 7"), ("folder", to)],
            &[("lock", lock)],
        ]);
        if lock == "locked" {
            save_passphrase(browser, folder);
        }
        browser.sees("Check before you both sign").sees("PC 1234 Brown");
        browser.answer(&[]);
        wait(browser);
        browser.sees("The copy is handed over").sees("read back from the medium");
        assert!(stick.join(name).is_file(), "{name}");
        let at = browser.path.split('?').next().expect("a path").to_owned();
        assert!(!browser.page.text().contains("ol class=\"words\""), "told before, and not kept");
        browser.get(&format!("{at}/receipt.pdf"));
        assert!(browser.page.body.starts_with(b"%PDF-"));
        browser.get(&format!("{at}/passphrase.pdf"));
        assert_eq!(browser.page.status, 404);
    }
    let left: Vec<_> = fs::read_dir(folder.join("home/sealed")).expect("lists").flatten().collect();
    assert!(left.iter().all(|entry| !entry.file_name().to_string_lossy().contains("passphrase")), "{left:?}");
    let copy = stick.join("2026-0001-seal-1.zip");
    assert_eq!(fs::read(&copy).expect("the copy"), bundle);
    copy
}

/// The passphrase is shown, can be saved as a sheet, and is typed back before
/// anything can be signed.
fn save_passphrase(browser: &mut Browser<'_>, folder: &Path) {
    browser.sees("Save the passphrase of the copy").sees("href=\"passphrase.pdf\"");
    let page = browser.page.text();
    let list =
        page.split("<ol class=\"words\">").nth(1).expect("words").split("</ol>").next().expect("an end");
    let words: Vec<&str> =
        list.split("<li>").skip(1).map(|word| word.split('<').next().expect("a word")).collect();
    assert_eq!(words.len(), 6, "{words:?}");
    let (here, words) = (browser.path.clone(), words.join(" "));
    browser.get(&here.replace("/passphrase", "/passphrase.pdf"));
    assert!(browser.page.body.starts_with(b"%PDF-"));
    browser.get(&here);
    for wrong in ["", "river stone candy lamp oyster velvet"] {
        browser.answer(&[("typed", wrong)]);
        browser.sees("There is a problem").sees("six words");
    }
    assert!(!folder.join("stick & <b>co/2026-0001-seal-1-locked.zip").exists());
    browser.answer(&[("typed", &words)]);
}

fn archive(browser: &mut Browser<'_>, case: &str) {
    browser.get(&format!("{case}/archive"));
    browser.answer_each(&[&[], &[("retention", "child-protection")], &[("birth", "9/3/2014")]]);
    browser.sees("By the rule on <strong>9 March 2039</strong>");
    browser.answer_each(&[&[("review", "")], &[("hold", "yes")], &[("because", "The police ask for it.")]]);
    browser.sees("9 March 2039");
    browser.answer(&[]);
    wait(browser);
    browser.sees("This case is filed").sees("Held for the law");
    assert!(!browser.page.text().contains("2014"), "{}", browser.page.text());
}

fn register(browser: &mut Browser<'_>, case: &str) {
    browser.get("/register");
    browser.sees(&format!("href=\"{case}\"")).sees("Filed").sees("PC 1234 Brown").sees("2039-03-09");
    browser.get("/register?show=open");
    browser.sees("There is none.");
    browser.get("/register/register.csv");
    assert!(browser.page.header("content-type").starts_with("text/csv"));
    assert!(browser.page.text().starts_with("\u{feff}reference,opened,phase"));
}

/// Drops a file into the page, with these words of the paper.
fn drop_in(browser: &mut Browser<'_>, name: &str, bytes: &[u8], words: &str) {
    browser.get("/verify");
    let quoted = name.replace('"', "%22");
    browser.bring("/verify", &[Part::File("bundle", &quoted, bytes), Part::Words("words", words)]);
}

/// What the square code of the first seal holds.
fn code(home: &Path) -> String {
    let (_, words) =
        cli(home, &["verify", home.join("sealed/2026-0001-seal-1.zip").to_str().expect("a path"), "--json"]);
    let value = |name: &str| {
        let rest = words.split(&format!("\"{name}\": \"")).nth(1).unwrap_or_else(|| panic!("{words}"));
        rest.split('"').next().expect("an end").to_owned()
    };
    format!("countersign:1:{}:1:{}", value("case"), value("root"))
}
