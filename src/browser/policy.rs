//! What the school's management of a computer rules about its browsers, as far
//! as it matters for recording.
//!
//! It reads the rules that lie on the computer: files on Linux and macOS, the
//! registry on Windows. Rules that a browser fetches from the cloud are not
//! seen here; the browser itself then says no.

use std::path::Path;

use serde_json::{Map, Value};

/// Which rules a browser follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Chromium.
    Chromium,
    /// Google Chrome.
    Chrome,
    /// Microsoft Edge.
    Edge,
}

impl Family {
    /// The family of a browser by its name and path.
    pub fn of(name: &str, path: &Path) -> Family {
        let said = format!("{name} {}", path.display()).to_ascii_lowercase();
        match said {
            said if said.contains("edge") => Family::Edge,
            said if said.contains("chromium") => Family::Chromium,
            said if said.contains("chrome") => Family::Chrome,
            _ => Family::Chromium,
        }
    }
}

/// A rule, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it rules.
    pub ruling: Ruling,
    /// The file or the key of the registry.
    pub source: String,
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// `RemoteDebuggingAllowed` is off: the browser ends at once.
    NoDebugging,
    /// `DeveloperToolsAvailability` is 2: the browser starts, and no page can
    /// be followed.
    NoTools,
    /// `IncognitoModeAvailability` is 2: the browser opens no page off the
    /// record that the recorder asks for. (1, which forbids people the private
    /// window, does not concern the recorder.)
    PrivateOnly,
    /// Pages come through this proxy.
    Proxy(String),
    /// Pages come through a proxy that a script names (PAC), or one to be
    /// detected; the script's address, where it is said.
    Script(Option<String>),
}

impl Ruling {
    /// Whether nothing can be recorded under it.
    pub fn forbids_recording(&self) -> bool {
        matches!(self, Ruling::NoDebugging | Ruling::NoTools | Ruling::PrivateOnly)
    }

    /// The policy's name, as IT knows it.
    pub fn policy(&self) -> &'static str {
        match self {
            Ruling::NoDebugging => "RemoteDebuggingAllowed",
            Ruling::NoTools => "DeveloperToolsAvailability",
            Ruling::PrivateOnly => "IncognitoModeAvailability",
            Ruling::Proxy(_) => "ProxyServer",
            Ruling::Script(_) => "ProxyPacUrl",
        }
    }

    /// The setting of the policy under which recording is possible.
    pub fn wanted(&self) -> &'static str {
        match self {
            Ruling::NoDebugging => "true (1)",
            Ruling::NoTools | Ruling::PrivateOnly => "0 or 1",
            Ruling::Proxy(_) | Ruling::Script(_) => "any",
        }
    }
}

/// The rules for `family` on a computer whose files begin at `root`, which on
/// a real one is `/` (and on Windows has no meaning).
pub fn rules(family: Family, root: &Path) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for (source, policies) in system::policies(family, root) {
        rules.extend(rulings(&policies).into_iter().map(|ruling| Rule { ruling, source: source.clone() }));
    }
    rules
}

fn rulings(policies: &Map<String, Value>) -> Vec<Ruling> {
    let number = |name: &str| match policies.get(name) {
        Some(Value::Bool(said)) => Some(i64::from(*said)),
        Some(said) => said.as_i64(),
        None => None,
    };
    let mut rulings = Vec::new();
    if number("RemoteDebuggingAllowed") == Some(0) {
        rulings.push(Ruling::NoDebugging);
    }
    if number("DeveloperToolsAvailability") == Some(2) {
        rulings.push(Ruling::NoTools);
    }
    if number("IncognitoModeAvailability") == Some(2) {
        rulings.push(Ruling::PrivateOnly);
    }
    // All in one, or on Windows as text; or one policy for each part.
    let whole = match policies.get("ProxySettings") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(Value::Object(parts)) => parts.clone(),
        _ => Map::new(),
    };
    rulings.extend(proxy(&whole).or_else(|| proxy(policies)));
    rulings
}

fn proxy(parts: &Map<String, Value>) -> Option<Ruling> {
    let text = |name: &str| parts.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (server, script) = (text("ProxyServer"), text("ProxyPacUrl").map(str::to_owned));
    match (text("ProxyMode"), server) {
        (Some("direct" | "system"), _) => None,
        (Some("pac_script" | "auto_detect"), _) => Some(Ruling::Script(script)),
        (_, Some(server)) => Some(Ruling::Proxy(server.to_owned())),
        (_, None) => script.map(|script| Ruling::Script(Some(script))),
    }
}

/// What the settings of the computer itself say of a proxy, beside those of
/// its browsers: on Windows the person's Internet settings. Elsewhere the
/// environment says it, which is not this module's to read.
pub fn proxy_of_computer() -> Option<Rule> {
    system::proxy_of_computer()
}

/// One proxy of a list such as `http=proxy:80;https=proxy:8080`.
pub fn for_https(list: &str) -> Option<&str> {
    let parts: Vec<&str> = list.split([';', ' ']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let of = |scheme: &str| parts.iter().find_map(|part| part.strip_prefix(scheme)?.strip_prefix('='));
    of("https").or_else(|| of("http")).or_else(|| parts.iter().find(|part| !part.contains('=')).copied())
}

type Policies = Vec<(String, Map<String, Value>)>;

#[cfg(not(windows))]
mod system {
    use std::fs;
    use std::io::Read;
    use std::path::PathBuf;
    use std::process::{Command, Stdio};

    use super::*;

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
            fs::File::open(&file).ok()?.take(LARGEST).read_to_end(&mut text).ok()?;
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
}

#[cfg(windows)]
mod system {
    use std::ptr;

    use windows_sys::Win32::Foundation::ERROR_SUCCESS;
    use windows_sys::Win32::System::Registry::{
        HKEY, HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, RRF_RT_REG_DWORD, RRF_RT_REG_SZ, RegGetValueW,
    };

    use super::*;

    pub(super) fn policies(family: Family, _root: &Path) -> Policies {
        let key = match family {
            Family::Chromium => r"SOFTWARE\Policies\Chromium",
            Family::Chrome => r"SOFTWARE\Policies\Google\Chrome",
            Family::Edge => r"SOFTWARE\Policies\Microsoft\Edge",
        };
        let of = |(hive, hive_name): (HKEY, &str)| {
            let mut policies = Map::new();
            for name in NUMBERS {
                policies.extend(number(hive, key, name).map(|said| (name.to_owned(), said.into())));
            }
            for name in TEXTS {
                policies.extend(text(hive, key, name).map(|said| (name.to_owned(), said.into())));
            }
            (format!(r"{hive_name}\{key}"), policies)
        };
        [(HKEY_LOCAL_MACHINE, "HKLM"), (HKEY_CURRENT_USER, "HKCU")].map(of).into()
    }

    pub(super) fn proxy_of_computer() -> Option<Rule> {
        let source = format!(r"HKCU\{SETTINGS}");
        if number(HKEY_CURRENT_USER, SETTINGS, "ProxyEnable") == Some(1)
            && let Some(server) = text(HKEY_CURRENT_USER, SETTINGS, "ProxyServer")
        {
            return Some(Rule { ruling: Ruling::Proxy(server), source });
        }
        let script =
            text(HKEY_CURRENT_USER, SETTINGS, "AutoConfigURL").filter(|script| !script.is_empty())?;
        Some(Rule { ruling: Ruling::Script(Some(script)), source })
    }

    fn number(hive: HKEY, key: &str, name: &str) -> Option<u32> {
        let (key, name) = (wide(key), wide(name));
        let mut said = 0_u32;
        let mut bytes = size_of::<u32>() as u32;
        // SAFETY: the names end in NUL, the kind of value is not asked for, and
        // the room is a live u32 of the size that is given with it.
        let outcome = unsafe {
            RegGetValueW(
                hive,
                key.as_ptr(),
                name.as_ptr(),
                RRF_RT_REG_DWORD,
                ptr::null_mut(),
                (&raw mut said).cast(),
                &mut bytes,
            )
        };
        (outcome == ERROR_SUCCESS).then_some(said)
    }

    fn text(hive: HKEY, key: &str, name: &str) -> Option<String> {
        let (key, name) = (wide(key), wide(name));
        let mut said = vec![0_u16; LONGEST];
        let mut bytes = (LONGEST * 2) as u32;
        // SAFETY: as above; the room is LONGEST live u16, and the call writes
        // no more than `bytes` and says how many it wrote.
        let outcome = unsafe {
            RegGetValueW(
                hive,
                key.as_ptr(),
                name.as_ptr(),
                RRF_RT_REG_SZ,
                ptr::null_mut(),
                said.as_mut_ptr().cast(),
                &mut bytes,
            )
        };
        let said = said.split(|unit| *unit == 0).next()?;
        (outcome == ERROR_SUCCESS).then(|| String::from_utf16_lossy(said))
    }

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().chain([0]).collect()
    }

    const SETTINGS: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings";
    const NUMBERS: [&str; 3] =
        ["RemoteDebuggingAllowed", "DeveloperToolsAvailability", "IncognitoModeAvailability"];
    const TEXTS: [&str; 4] = ["ProxyMode", "ProxyServer", "ProxyPacUrl", "ProxySettings"];
    const LONGEST: usize = 8192;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruled(policies: Value) -> Vec<Ruling> {
        rulings(policies.as_object().expect("an object"))
    }

    #[test]
    fn what_forbids_recording_and_what_does_not() {
        use serde_json::json;

        for (policies, ruling) in [
            (json!({ "RemoteDebuggingAllowed": false }), Ruling::NoDebugging),
            (json!({ "RemoteDebuggingAllowed": 0 }), Ruling::NoDebugging),
            (json!({ "DeveloperToolsAvailability": 2 }), Ruling::NoTools),
            (json!({ "IncognitoModeAvailability": 2 }), Ruling::PrivateOnly),
        ] {
            assert_eq!(ruled(policies.clone()), [ruling], "{policies}");
            assert!(ruled(policies)[0].forbids_recording());
        }
        for policies in [
            json!({}),
            json!({ "RemoteDebuggingAllowed": true }),
            json!({ "DeveloperToolsAvailability": 0 }),
            json!({ "DeveloperToolsAvailability": 1 }),
            json!({ "IncognitoModeAvailability": 1 }),
            json!({ "RemoteDebuggingAllowed": "no" }),
        ] {
            assert_eq!(ruled(policies.clone()), [], "{policies}");
        }
    }

    #[test]
    fn proxies_are_found_in_every_form() {
        use serde_json::json;

        let proxy = || Ruling::Proxy("proxy:8080".to_owned());
        let script = || Ruling::Script(Some("http://proxy/x.pac".to_owned()));
        for (policies, ruling) in [
            (json!({ "ProxyMode": "fixed_servers", "ProxyServer": "proxy:8080" }), proxy()),
            (json!({ "ProxyServer": "proxy:8080" }), proxy()),
            (
                json!({ "ProxySettings": { "ProxyMode": "fixed_servers", "ProxyServer": "proxy:8080" } }),
                proxy(),
            ),
            (json!({ "ProxySettings": r#"{"ProxyServer":"proxy:8080"}"# }), proxy()),
            (json!({ "ProxyMode": "pac_script", "ProxyPacUrl": "http://proxy/x.pac" }), script()),
            (json!({ "ProxySettings": { "ProxyPacUrl": "http://proxy/x.pac" } }), script()),
            (json!({ "ProxyMode": "auto_detect" }), Ruling::Script(None)),
        ] {
            assert_eq!(ruled(policies.clone()), [ruling], "{policies}");
            assert!(!ruled(policies)[0].forbids_recording());
        }
        assert_eq!(ruled(json!({ "ProxyMode": "direct", "ProxyServer": "proxy:8080" })), []);
        for (list, one) in [
            ("proxy:8080", Some("proxy:8080")),
            ("http=a:1;https=b:2;ftp=c:3", Some("b:2")),
            ("http=a:1", Some("a:1")),
            ("socks=a:1", None),
            ("", None),
        ] {
            assert_eq!(for_https(list), one, "{list}");
        }
    }

    #[test]
    fn each_browser_has_a_family() {
        for (name, path, family) in [
            ("Chromium", "/usr/bin/chromium", Family::Chromium),
            ("Google Chrome", "/opt/google/chrome/chrome", Family::Chrome),
            ("Microsoft Edge", "/usr/bin/microsoft-edge", Family::Edge),
            ("msedge", r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe", Family::Edge),
            ("chrome", r"C:\Program Files\Google\Chrome\Application\chrome.exe", Family::Chrome),
            ("chrome", r"C:\Program Files\Chromium\Application\chrome.exe", Family::Chromium),
        ] {
            assert_eq!(Family::of(name, Path::new(path)), family, "{path}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn files_of_the_browsers_own_folder_are_read() {
        let root = tempfile::tempdir().expect("a folder");
        assert_eq!(rules(Family::Chrome, root.path()), []);
        let folder = root.path().join("etc/opt/chrome/policies/managed");
        std::fs::create_dir_all(&folder).expect("made");
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("written");
        write("a.json", r#"{"RemoteDebuggingAllowed": true, "HomepageLocation": "https://example.org"}"#);
        write("b.json", "{");
        write("c.txt", r#"{"RemoteDebuggingAllowed": false}"#);
        assert_eq!(rules(Family::Chrome, root.path()), []);
        write("d.json", r#"{"RemoteDebuggingAllowed": false}"#);
        let source = folder.join("d.json").display().to_string();
        assert_eq!(rules(Family::Chrome, root.path()), [Rule { ruling: Ruling::NoDebugging, source }]);
        assert_eq!(rules(Family::Edge, root.path()), [], "another browser's rules");
    }
}
