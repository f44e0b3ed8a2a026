//! What the school's management of a computer rules about its browsers, as far
//! as it matters for recording.
//!
//! It reads the rules that lie on the computer: files on Linux and macOS, the
//! registry on Windows. Rules that a browser fetches from the cloud are not
//! seen here; the browser itself then says no.

#[cfg(not(windows))]
mod files;
#[cfg(windows)]
mod registry;

use std::path::Path;

use serde_json::{Map, Value};

#[cfg(not(windows))]
use self::files as system;
#[cfg(windows)]
use self::registry as system;

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
