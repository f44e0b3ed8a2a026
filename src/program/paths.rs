//! Every option and argument that takes a path, and what is done there: the
//! one list, to which a test in `cli` holds the command line and which other
//! tests walk.

/// What is done at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// Something for people is written there: it MUST NOT lead into the home.
    Writes,
    /// What is there is read.
    Reads,
    /// What is there is brought into a case: it MUST NOT be of a home.
    BringsIn,
    /// It says where the cases are.
    Home,
}

/// The verb, or all of them; the option or argument; what is done.
pub const PATHS: [(&str, &str, Does); 16] = [
    ("attach", "arguments", Does::BringsIn),
    ("check", "file", Does::Reads),
    ("form", "out", Does::Writes),
    ("hand-over", "bundle", Does::Reads),
    ("hand-over", "out", Does::Writes),
    ("hand-over", "passphrase_to", Does::Writes),
    ("hand-over", "sheets", Does::Writes),
    // Written where it is not there yet.
    ("open", "passphrases", Does::Writes),
    ("refer", "sheet", Does::Writes),
    ("rehearse", "out", Does::Writes),
    ("seal", "out", Does::Writes),
    ("verify", "bundle", Does::Reads),
    ("*", "browser", Does::Reads),
    ("*", "home", Does::Home),
    ("*", "passphrases", Does::Reads),
    // It comes into the case that is opened with it.
    ("*", "procedure", Does::BringsIn),
];
