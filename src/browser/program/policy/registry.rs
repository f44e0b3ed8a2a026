//! The rules that lie in the registry of Windows.
//!
//! It does not say what a rule means.

use std::path::Path;
use std::ptr;

use serde_json::Map;
use windows_sys::Win32::Foundation::ERROR_SUCCESS;
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, RRF_RT_REG_DWORD, RRF_RT_REG_SZ, RegGetValueW,
};

use super::{Family, Policies, Rule, Ruling};

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
    let script = text(HKEY_CURRENT_USER, SETTINGS, "AutoConfigURL").filter(|script| !script.is_empty())?;
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
    let mut said = vec![0_u16; LONGEST_VALUE];
    let mut bytes = (LONGEST_VALUE * 2) as u32;
    // SAFETY: as above; the room is LONGEST_VALUE live u16, and the call writes
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
const LONGEST_VALUE: usize = 8192;
