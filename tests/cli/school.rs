//! A school as the command line sees it: a home, a case, its passphrases.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use countersign_case::case::Home;
use countersign_record::journal::Reference;
use serde_json::Value;
use tempfile::TempDir;

/// A home with one open case, and its passphrases.
pub struct School {
    pub folder: TempDir,
}

/// What the program said.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }

    /// Refused with `code`, and every one of `parts` is said.
    #[track_caller]
    pub fn refuses(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in: {}", self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
    }
}

impl School {
    pub fn new() -> School {
        School { folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn with_a_case() -> School {
        let school = School::new();
        let said = school.open(&[]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert_eq!(said.out, format!("{}\n", first_reference()));
        school
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    pub fn case(&self) -> PathBuf {
        Home::at(self.home()).case(reference()).path().to_owned()
    }

    pub fn entry(&self, number: u64) -> PathBuf {
        self.case().join(format!("data/journal/{number:06}.json"))
    }

    pub fn entries(&self) -> usize {
        let listed = fs::read_dir(self.case().join("data/journal")).expect("lists");
        listed.filter(|e| e.as_ref().is_ok_and(|e| e.path().extension().is_some_and(|e| e == "json"))).count()
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        let mut command = Command::cargo_bin("countersign").expect("is built");
        let output =
            command.current_dir(self.folder.path()).arg("--home").arg(self.home()).args(arguments).output();
        let output = output.expect("runs");
        Said {
            code: output.status.code().expect("not killed"),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    /// With both passphrases.
    pub fn both(&self, arguments: &[&str]) -> Said {
        self.run(&[arguments, &["--passphrases", "case.txt"]].concat())
    }

    pub fn open(&self, more: &[&str]) -> Said {
        self.open_with(more, "case.txt")
    }

    /// With another value for one of the usual arguments.
    pub fn open_as(&self, flag: &str, value: &str) -> Said {
        self.open_as_and(flag, value, &[])
    }

    pub fn open_as_and(&self, flag: &str, value: &str, more: &[&str]) -> Said {
        let mut arguments = usual("case.txt");
        let at = arguments.iter().position(|argument| *argument == flag).expect("is usual");
        arguments[at + 1] = value;
        self.run(&[&arguments[..], more].concat())
    }

    pub fn open_with(&self, more: &[&str], passphrases: &str) -> Said {
        self.run(&[&usual(passphrases)[..], more].concat())
    }
}

/// The arguments that open a case.
pub fn usual(passphrases: &str) -> [&str; 20] {
    [
        "open",
        "--suspected-illegal",
        "no",
        "--reason",
        "Complaint",
        "--reported-by",
        "Form tutor",
        "--concerns",
        "pupil",
        "--subject",
        "P-1234",
        "--first",
        "Jane Smith, Headteacher",
        "--second",
        "Ali Khan, Safeguarding lead",
        "--computer",
        "ADMIN-07, Office",
        "--confirm-all",
        "--passphrases",
        passphrases,
    ]
}

pub fn reference() -> Reference {
    use std::time::{SystemTime, UNIX_EPOCH};
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let now = countersign_record::clock::Time::from_unix_ms(since.as_millis() as i64).expect("a time");
    Reference::new(now.year(), 1).expect("a reference")
}

/// The reference of the year's first case.
pub fn first_reference() -> String {
    reference().to_string()
}

pub fn write_private(path: &Path, text: &str) {
    fs::write(path, text).expect("writes");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("sets");
    }
}
