//! What lies in a home, and what can lie there instead.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::school::first_reference;

/// A file or a folder, from the folder on in which the home lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub path: PathBuf,
    pub is_folder: bool,
}

impl Place {
    pub fn file(path: &Path) -> Place {
        Place { path: path.to_owned(), is_folder: false }
    }

    pub fn folder(path: &Path) -> Place {
        Place { path: path.to_owned(), is_folder: true }
    }
}

/// What lies there instead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Odd {
    Missing,
    Fifo,
    LinkToItself,
    LinkToZero,
    Folder,
    Sparse,
    NoAccess,
    Immutable,
}

impl Odd {
    pub const ALL: [Odd; 8] = [
        Odd::Missing,
        Odd::Fifo,
        Odd::LinkToItself,
        Odd::LinkToZero,
        Odd::Folder,
        Odd::Sparse,
        Odd::NoAccess,
        Odd::Immutable,
    ];
}

/// Everything in the home but the other case, and what may come to lie there.
/// Of the entries, the first, the second and the last stand for all.
pub fn all(top: &Path, other: &str) -> Vec<Place> {
    let mut places = vec![Place::folder(Path::new("home"))];
    walk(top, Path::new("home"), other, &mut places);
    let case = Path::new("home/cases").join(first_reference());
    let hex = "0123456789abcdef".repeat(4);
    let head = fs::read_dir(top.join(&case).join("data/journal")).expect("lists").count() / 3;
    let next = format!("{:06}", head + 1);
    for stray in [
        "halt-raised".to_owned(),
        format!("draft/{next}-1.entry.json"),
        "draft/file-1.part".to_owned(),
        format!("data/journal/{next}.json"),
        format!("data/journal/{next}.json.a.sig"),
        format!("data/files/{hex}.bin"),
        format!("data/void/{next}-01234567.json"),
        "data/void/x".to_owned(),
        "data/stamps".to_owned(),
    ] {
        places.push(Place::file(&case.join(stray)));
    }
    let unknown = first_reference().replace("-0001", "-0009");
    for stray in [
        format!("cases/{unknown}"),
        format!("heads/{unknown}"),
        "guide".to_owned(),
        "guide.lock".to_owned(),
        "incoming-00112233445566778899aabbccddeeff".to_owned(),
    ] {
        places.push(Place::file(&Path::new("home").join(stray)));
    }
    let is_between = |place: &Place| {
        let name = place.path.file_name().unwrap_or_default().to_string_lossy();
        let number = name.split('.').next().unwrap_or_default().parse::<usize>();
        place.path.starts_with(case.join("data/journal")) && number.is_ok_and(|n| n > 2 && n < head)
    };
    places.retain(|place| !is_between(place));
    places.sort();
    places.dedup_by(|one, other| one.path == other.path);
    places
}

fn walk(top: &Path, folder: &Path, other: &str, places: &mut Vec<Place>) {
    for entry in fs::read_dir(top.join(folder)).expect("lists") {
        let name = entry.expect("an entry").file_name();
        let path = folder.join(&name);
        if name == OsStr::new(other) {
            continue;
        }
        match top.join(&path).is_dir() {
            true => {
                places.push(Place::folder(&path));
                walk(top, &path, other, places);
            }
            false => places.push(Place::file(&path)),
        }
    }
}

/// Puts it there. Not everything can be made by everybody, or everywhere: then
/// it says no.
pub fn make(place: &Place, odd: Odd, trial: &Path) -> bool {
    let at = &trial.join(&place.path);
    let is_there = fs::symlink_metadata(at).is_ok();
    if !is_there {
        if odd == Odd::Missing {
            return false;
        }
        fs::create_dir_all(at.parent().expect("a folder")).expect("makes");
    }
    if matches!(odd, Odd::NoAccess | Odd::Immutable) {
        if !is_there {
            fs::write(at, "").expect("writes");
        }
        // An ordinary user, who has everything but this.
        return match odd {
            Odd::NoAccess => done("chown", &["root".as_ref(), at.as_os_str()]) && set(at, "000"),
            _ => done("chattr", &["+i".as_ref(), at.as_os_str()]),
        };
    }
    if is_there {
        if at.is_dir() { fs::remove_dir_all(at) } else { fs::remove_file(at) }.expect("removes");
    }
    match odd {
        Odd::Missing => true,
        Odd::Fifo => done("mkfifo", &[at.as_os_str()]),
        Odd::LinkToItself => symlink(at, at).is_ok(),
        Odd::LinkToZero => symlink("/dev/zero", at).is_ok(),
        // A folder is one already: then it is an empty one.
        Odd::Folder => fs::create_dir(at).is_ok(),
        Odd::Sparse => fs::File::create(at).and_then(|file| file.set_len(50_000_000_000)).is_ok(),
        Odd::NoAccess | Odd::Immutable => false,
    }
}

/// So that everything can be looked at and removed again.
pub fn undo(place: &Place, odd: Odd, trial: &Path) {
    let at = &trial.join(&place.path);
    match odd {
        Odd::Immutable => drop(done("chattr", &["-i".as_ref(), at.as_os_str()])),
        Odd::NoAccess => drop(set(at, "700")),
        _ => {}
    }
}

/// Gives the trial to an ordinary user, where the oddity is one only for such.
pub fn hand_over(odd: Odd, trial: &Path) -> bool {
    odd != Odd::NoAccess || done("chown", &["-R".as_ref(), "nobody".as_ref(), trial.as_os_str()])
}

/// The program as that user runs it.
pub fn command(odd: Odd, program: &Path) -> Command {
    match odd {
        Odd::NoAccess => {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
            command
        }
        _ => Command::new(program),
    }
}

/// Signs of a stop on the disk: marks, and lines in the note outside.
pub fn signs(trial: &Path) -> usize {
    let home = trial.join("home");
    let listed = fs::read_dir(home.join("cases").join(first_reference())).into_iter().flatten().flatten();
    let is_mark = |name: &OsStr| name.to_string_lossy().starts_with("halt-raised");
    let marks = listed.filter(|entry| is_mark(&entry.file_name())).count();
    let head = home.join("heads").join(first_reference());
    let is_note = fs::symlink_metadata(&head).is_ok_and(|there| there.is_file() && there.len() < 1 << 20);
    let note = is_note.then(|| fs::read_to_string(&head).ok()).flatten().unwrap_or_default();
    marks + note.lines().filter(|line| line.starts_with("halt ")).count()
}

fn set(at: &Path, mode: &str) -> bool {
    done("chmod", &[mode.as_ref(), at.as_os_str()])
}

fn done(program: &str, arguments: &[&OsStr]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
