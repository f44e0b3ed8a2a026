//! The rules that lie in files: policies on Linux, preferences on macOS.
//!
//! It does not say what a rule means.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Family, Policies, Rule};
use countersign_record::regular_file;

pub(super) fn policies(family: Family, root: &Path) -> Policies {
    if cfg!(target_os = "macos") { of_preferences(family, root) } else { of_folder(family, root) }
}

pub(super) fn proxy_of_computer() -> Option<Rule> {
    None
}

/// Linux: each file of a folder, in the order of their names.
pub(super) fn of_folder(family: Family, root: &Path) -> Policies {
    let folder = root.join(match family {
        Family::Chromium => "etc/chromium/policies/managed",
        Family::Chrome => "etc/opt/chrome/policies/managed",
        Family::Edge => "etc/opt/edge/policies/managed",
    });
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    let read = |file: PathBuf| {
        let mut text = Vec::new();
        regular_file::open_typed(&file).ok()?.take(LARGEST).read_to_end(&mut text).ok()?;
        Some((file.display().to_string(), serde_json::from_slice(&text).ok()?))
    };
    files.into_iter().filter_map(read).collect()
}

/// macOS: what management has put into the preferences, for the computer
/// and for each person.
fn of_preferences(family: Family, root: &Path) -> Policies {
    let folder = root.join("Library/Managed Preferences");
    let name = match family {
        Family::Chromium => "org.chromium.Chromium.plist",
        Family::Chrome => "com.google.Chrome.plist",
        Family::Edge => "com.microsoft.Edge.plist",
    };
    let people = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        people.filter(|path| path.is_dir()).map(|folder| folder.join(name)).collect();
    files.push(folder.join(name));
    files.retain(|file| file.is_file());
    let read = |file: PathBuf| {
        // The system's own reader of its binary lists.
        let said = Command::new("/usr/bin/plutil")
            .args(["-convert", "json", "-o", "-", "--"])
            .arg(&file)
            .env_clear()
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()?;
        Some((file.display().to_string(), serde_json::from_slice(&said.stdout).ok()?))
    };
    files.into_iter().filter_map(read).collect()
}

const LARGEST: u64 = 1 << 20;
