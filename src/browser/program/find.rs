//! Finds the browser on this computer: Chromium, Chrome or Edge.
//!
//! It reads no environment: the places to look are handed in. It starts
//! nothing but, where that is the way to learn it, the browser's own
//! `--version`.

use std::cmp::Ordering;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use super::account::Account;
use super::policy::{self, Family, Rule};
use crate::text::at_most;

/// Where to look, as the program knows it from its surroundings.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The folders of `PATH`.
    pub search: Vec<PathBuf>,
    /// The person's home folder.
    pub home: Option<PathBuf>,
    /// Windows: `ProgramFiles`, `ProgramFiles(x86)`, `LocalAppData`.
    pub programs: Vec<PathBuf>,
    /// A folder in which a browser that is asked for its version may write.
    pub temporary: PathBuf,
    /// Where the computer's files begin, for the rules that lie among them;
    /// without it no rules are looked for.
    pub root: Option<PathBuf>,
    /// As whom browsers are started, where not as whoever runs the program.
    pub account: Option<Account>,
}

/// A browser that can record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The program.
    pub path: PathBuf,
    /// Its name as it says, or as its path says.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// What the school's management rules about it; none of it forbids
    /// recording.
    pub rules: Vec<Rule>,
    /// As whom it is to be started, where not as whoever runs the program.
    pub account: Option<Account>,
}

/// The first browser on this computer that is new enough and allowed to record.
pub fn find(places: &Places) -> Result<Found, FindError> {
    let mut reason = None;
    for path in candidates(places) {
        match given(&path, places) {
            Ok(found) => return Ok(found),
            Err(e) => reason = reason.or(Some(e)),
        }
    }
    Err(reason.unwrap_or(FindError::None))
}

/// The browser at `path`, if it is one, new enough, and allowed to record.
pub fn given(path: &Path, places: &Places) -> Result<Found, FindError> {
    let at = || path.to_owned();
    let there = fs::metadata(path).map_err(|source| FindError::NotThere { path: at(), source })?;
    if !there.is_file() {
        let source = io::Error::from(io::ErrorKind::IsADirectory);
        return Err(FindError::NotThere { path: at(), source });
    }
    let (name, version) = version_of(path, places)?;
    if version.major() < OLDEST {
        return Err(FindError::TooOld { path: at(), version });
    }
    let rules = places.root.as_deref().map(|root| policy::rules(Family::of(&name, path), root));
    let rules = rules.unwrap_or_default();
    let (forbidding, rules): (Vec<Rule>, Vec<Rule>) =
        rules.into_iter().partition(|rule| rule.ruling.forbids_recording());
    match forbidding.is_empty() {
        true => Ok(Found { path: at(), name, version, rules, account: places.account.clone() }),
        false => Err(FindError::Forbidden { path: at(), rules: forbidding }),
    }
}

/// A browser's version: four numbers, or fewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(Vec<u32>);

impl Version {
    /// The number that people mean by version.
    pub fn major(&self) -> u32 {
        self.0.first().copied().unwrap_or(0)
    }
}

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Version, NotAVersion> {
        let numbers: Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
        match numbers {
            Ok(numbers) if (2..=4).contains(&numbers.len()) => Ok(Version(numbers)),
            _ => Err(NotAVersion),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        self.0.cmp(&other.0)
    }
}

/// A text that is not a version like `156.0.8078.79`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a version like 156.0.8078.79")]
pub struct NotAVersion;

/// Why there is no browser to record with.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// Neither Chromium nor Chrome nor Edge is where they usually are.
    #[error("no Chromium, Chrome or Edge was found on this computer")]
    None,
    /// Nothing that can be started is at the path.
    #[error("{path}: no program is there: {source}", path = path.display())]
    NotThere {
        /// The path.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It does not say which version it is.
    #[error("{path}: it does not say its version: {reason}", path = path.display())]
    NoVersion {
        /// The path.
        path: PathBuf,
        /// What happened instead.
        reason: String,
    },
    /// Older than the recorder can use.
    #[error("{path}: version {version} is too old; {OLDEST} is the oldest that can record", path = path.display())]
    TooOld {
        /// The path.
        path: PathBuf,
        /// Its version.
        version: Version,
    },
    /// The school's management of this computer does not let it record.
    #[error("{path}: the computer's rules forbid recording ({})", policies(rules), path = path.display())]
    Forbidden {
        /// The path.
        path: PathBuf,
        /// The rules that forbid it.
        rules: Vec<Rule>,
    },
}

fn policies(rules: &[Rule]) -> String {
    let one = |rule: &Rule| format!("{} in {}", rule.ruling.policy(), rule.source);
    rules.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn candidates(places: &Places) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    if cfg!(windows) {
        for program in WINDOWS {
            found.extend(places.programs.iter().map(|folder| folder.join(program)));
        }
    } else if cfg!(target_os = "macos") {
        for program in MAC {
            found.push(Path::new("/Applications").join(program));
            found.extend(places.home.iter().map(|home| home.join("Applications").join(program)));
        }
    } else {
        // A relative folder in PATH would let the current folder choose.
        let folders = places.search.iter().filter(|folder| folder.is_absolute());
        let folders: Vec<PathBuf> = folders.cloned().chain(LINUX_FOLDERS.map(PathBuf::from)).collect();
        for name in LINUX_NAMES {
            found.extend(folders.iter().map(|folder| folder.join(name)));
        }
        found.extend(LINUX_PATHS.map(PathBuf::from));
    }
    found.retain(|path| path.is_file());
    found.dedup();
    found
}

#[cfg(windows)]
fn version_of(path: &Path, _places: &Places) -> Result<(String, Version), FindError> {
    // `chrome.exe --version` opens a window on Windows; the program's own
    // folder holds one folder for each installed version, named after it.
    let none = |reason: String| FindError::NoVersion { path: path.to_owned(), reason };
    let folder = path.parent().ok_or_else(|| none("it is in no folder".to_owned()))?;
    let listing = fs::read_dir(folder).map_err(|e| none(e.to_string()))?;
    let versions = listing.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<Version>().ok());
    let version = versions.max().ok_or_else(|| none("no folder beside it names a version".to_owned()))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok((name, version))
}

#[cfg(not(windows))]
fn version_of(path: &Path, places: &Places) -> Result<(String, Version), FindError> {
    use std::io::Read;
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    let none = |reason: String| FindError::NoVersion { path: path.to_owned(), reason };
    let search = std::env::join_paths(&places.search).unwrap_or_default();
    let mut command = Command::new(path);
    command
        .arg("--version")
        .env_clear()
        .env("PATH", search)
        .env("HOME", &places.temporary)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0);
    if let Some(account) = &places.account {
        account.take_on(&mut command);
    }
    let mut child = command.spawn().map_err(|e| none(e.to_string()))?;
    let (sender, receiver) = std::sync::mpsc::channel();
    let said = child.stdout.take();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(said) = said {
            let _ = said.take(4096).read_to_end(&mut text);
        }
        let _ = sender.send(text);
    });
    let text = receiver.recv_timeout(VERSION_LIMIT);
    // The group, because a launcher script may have left the browser behind.
    if let Ok(group) = libc::pid_t::try_from(child.id()) {
        // SAFETY: a plain system call; the child is not reaped yet, so the
        // number still names its group.
        unsafe { libc::kill(-group, libc::SIGKILL) };
    }
    let _ = child.wait();
    let text = text.map_err(|_| none(format!("no answer within {} s", VERSION_LIMIT.as_secs())))?;
    let text = String::from_utf8_lossy(&text);
    parse_version(&text).ok_or_else(|| {
        let said: String = at_most(text.trim(), 80);
        none(format!("it says {said:?}"))
    })
}

/// `Chromium 156.0.8078.79 built on …`: the name, and the first version.
#[cfg_attr(windows, allow(dead_code))]
fn parse_version(text: &str) -> Option<(String, Version)> {
    text.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (place, version) =
            words.iter().enumerate().find_map(|(i, word)| Some((i, word.parse::<Version>().ok()?)))?;
        (place > 0).then(|| (words[..place].join(" "), version))
    })
}

/// The first with `Network.streamResourceContent`, the newest call that is
/// needed: without it the main answer's bytes cannot be had as they came.
/// (`--headless=new` is of 109, pipes and contexts off the record are older.)
const OLDEST: u32 = 122;
#[cfg_attr(windows, allow(dead_code))]
const VERSION_LIMIT: Duration = Duration::from_secs(15);

const LINUX_NAMES: [&str; 6] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "microsoft-edge-stable",
    "microsoft-edge",
];
const LINUX_FOLDERS: [&str; 2] = ["/usr/bin", "/usr/local/bin"];
const LINUX_PATHS: [&str; 3] =
    ["/opt/google/chrome/chrome", "/opt/microsoft/msedge/msedge", "/snap/bin/chromium"];
const MAC: [&str; 3] = [
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Chromium.app/Contents/MacOS/Chromium",
];
const WINDOWS: [&str; 3] = [
    r"Microsoft\Edge\Application\msedge.exe",
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_browsers_say() {
        for (text, name, version) in [
            ("Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)\n", "Chromium", "156.0.8078.79"),
            ("Google Chrome 131.0.6778.85 \n", "Google Chrome", "131.0.6778.85"),
            ("note\nMicrosoft Edge 130.0.2849.80\n", "Microsoft Edge", "130.0.2849.80"),
        ] {
            let (said, number) = parse_version(text).expect(text);
            assert_eq!((said.as_str(), number.to_string().as_str()), (name, version));
        }
        for text in ["", "Chromium", "156.0.1.2", "GNU bash, version 5", "Chromium x.y"] {
            assert_eq!(parse_version(text), None, "{text}");
        }
        let (old, new): (Version, Version) =
            ("99.0.1.2".parse().expect("a version"), "156.0.0.1".parse().expect("a version"));
        assert!(old < new);
    }

    #[cfg(unix)]
    #[test]
    fn says_what_is_wrong_with_a_given_path() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().expect("a folder");
        let places = Places { temporary: folder.path().to_owned(), ..Places::default() };
        let script = |name: &str, says: &str| {
            let path = folder.path().join(name);
            fs::write(&path, format!("#!/bin/sh\necho '{says}'\n")).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set");
            path
        };
        let missing = folder.path().join("missing");
        assert!(matches!(given(&missing, &places), Err(FindError::NotThere { .. })));
        assert!(matches!(given(folder.path(), &places), Err(FindError::NotThere { .. })));
        let other = script("other", "GNU bash");
        assert!(matches!(given(&other, &places), Err(FindError::NoVersion { .. })));
        let old = script("old", "Chromium 88.0.1.2");
        assert!(
            matches!(given(&old, &places), Err(FindError::TooOld { version, .. }) if version.major() == 88)
        );
        let new = script("new", "Chromium 150.0.1.2");
        assert_eq!(given(&new, &places).expect("new enough").name, "Chromium");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_browser_that_may_not_record_is_passed_over() {
        use std::os::unix::fs::PermissionsExt;

        let root = tempfile::tempdir().expect("a folder");
        let bin = root.path().join("bin");
        let managed = root.path().join("etc/chromium/policies/managed");
        let write = |path: PathBuf, text: &str| {
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(&path, text).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set");
        };
        write(bin.join("chromium"), "#!/bin/sh\necho Chromium 150.0.1.2\n");
        write(bin.join("microsoft-edge"), "#!/bin/sh\necho Microsoft Edge 150.0.1.2\n");
        write(managed.join("x.json"), r#"{"ProxyServer": "proxy:8080"}"#);
        let places = Places {
            search: vec![bin.clone(), "/bin".into()],
            temporary: root.path().to_owned(),
            root: Some(root.path().to_owned()),
            ..Places::default()
        };
        let found = find(&places).expect("found");
        assert_eq!((found.name.as_str(), found.rules.len()), ("Chromium", 1));
        write(managed.join("y.json"), r#"{"DeveloperToolsAvailability": 2}"#);
        assert_eq!(find(&places).expect("the other one").name, "Microsoft Edge");
        let error = given(&bin.join("chromium"), &places).expect_err("forbidden");
        assert!(matches!(&error, FindError::Forbidden { rules, .. } if rules.len() == 1), "{error}");
        let said = error.to_string();
        assert!(said.contains("DeveloperToolsAvailability in") && said.contains("y.json"), "{said}");
    }
}
