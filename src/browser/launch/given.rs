//! What every browser is given: a few variables of the environment, and
//! switches that keep it to itself.

use std::ffi::OsStr;

/// Whether a browser gets this variable.
pub(super) fn is_passed_on(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    name.starts_with("LC_") || PASSED_ON.iter().any(|passed| name.eq_ignore_ascii_case(passed))
}

/// What a browser needs to find its parts, its screen and its language. No
/// proxy, no key log, no preloaded library, no switches by variable.
const PASSED_ON: [&str; 23] = [
    "PATH",
    "LANG",
    "LANGUAGE",
    "TZ",
    "USER",
    "LOGNAME",
    "DISPLAY",
    "XAUTHORITY",
    "WAYLAND_DISPLAY",
    "XDG_RUNTIME_DIR",
    "XDG_SESSION_TYPE",
    "SystemRoot",
    "SystemDrive",
    "windir",
    "ComSpec",
    "ProgramData",
    "ProgramFiles",
    "ProgramFiles(x86)",
    "CommonProgramFiles",
    "PROCESSOR_ARCHITECTURE",
    "NUMBER_OF_PROCESSORS",
    "USERNAME",
    "USERPROFILE",
];

/// Beside those of the window, the wall and the pipe.
pub(super) const SWITCHES: [&str; 26] = [
    "--no-first-run",
    "--no-default-browser-check",
    "--no-service-autorun",
    "--no-pings",
    "--disable-background-networking",
    "--disable-auto-reload",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-extensions-with-background-pages",
    "--disable-component-update",
    "--disable-crash-reporter",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-field-trial-config",
    // A window that the browser itself keeps shut would be in no record.
    "--disable-popup-blocking",
    "--disable-search-engine-choice-screen",
    "--disable-sync",
    // Sign-in and updates of the browser itself, sent to a port that it
    // refuses to use. Pages at those addresses are not touched by it.
    "--allow-browser-signin=false",
    "--gaia-url=http://127.0.0.1:9",
    "--component-updater=url-source=http://127.0.0.1:9/",
    "--metrics-recording-only",
    "--password-store=basic",
    "--use-mock-keychain",
    "--disable-features=AutofillServerCommunication,CertificateTransparencyComponentUpdater,\
     DialMediaRouteProvider,HttpsUpgrades,InterestFeedContentSuggestions,MediaRouter,\
     NetworkTimeServiceQuerying,OptimizationHints,Translate",
    "--disk-cache-size=1",
];
