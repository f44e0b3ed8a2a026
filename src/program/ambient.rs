//! Everything that comes from outside: the clock, random numbers, the
//! computer, this program, and where the cases lie.
//!
//! The only place that asks the system or reads its environment. No flag and
//! no variable changes what it says of time, randomness or the computer.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use countersign_browser::program::account::Account;
use countersign_browser::program::find::{Found, Places};
use countersign_case::capture::Starter;
use countersign_case::case::Surroundings;
use countersign_case::form::Fonts;
use countersign_record::clock::{Clock, Random, Time};
use countersign_record::digest::Digest;
use countersign_record::journal::{Line, Machine, Program, Seen};

/// What the library is handed.
pub struct Ambient {
    clock: SystemClock,
    random: SystemRandom,
    machine: Machine,
    program: Program,
}

impl Ambient {
    /// Looks around.
    pub fn look() -> io::Result<Ambient> {
        let clock = SystemClock::start();
        let machine = machine(clock.now());
        Ok(Ambient { clock, random: SystemRandom, machine, program: program()? })
    }

    pub fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            clock: &self.clock,
            random: &self.random,
            machine: &self.machine,
            program: &self.program,
        }
    }
}

/// The computer's clock.
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    pub fn start() -> SystemClock {
        SystemClock { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        // A clock outside the years that can be written counts as not set;
        // opening a case says so, and so does `doctor`.
        Time::from_unix_ms(ms).or_else(|| Time::from_unix_ms(0)).expect("1970 is a year")
    }

    fn since_start(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The operating system's random numbers.
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::fill(bytes).map_err(io::Error::other)
    }
}

/// What is known of this computer at `now`.
pub fn machine(now: Time) -> Machine {
    Machine {
        name: Seen::brief(&gethostname::gethostname().to_string_lossy(), 400),
        system: Seen::of(std::env::consts::OS),
        architecture: Seen::of(std::env::consts::ARCH),
        // The identifier itself stays where it is: it would tell one computer
        // from all others wherever the bundle goes.
        identity: machine_uid::get().ok().map(|uid| Digest::of(uid.trim().as_bytes())),
        utc_offset_minutes: system::utc_offset_minutes(now),
    }
}

/// This program: its version and its own file's digest.
pub fn program() -> io::Result<Program> {
    let mut file = File::open(std::env::current_exe()?)?;
    let (sha256, _) = Digest::of_reader(&mut file)?;
    let version = Line::typed(env!("CARGO_PKG_VERSION")).map_err(io::Error::other)?;
    Ok(Program { version, sha256 })
}

/// The platform's folder for a person's own data.
pub fn default_home() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        set("LOCALAPPDATA").map(|data| data.join("Countersign"))
    } else if cfg!(target_os = "macos") {
        set("HOME").map(|home| home.join("Library/Application Support/Countersign"))
    } else {
        let data = set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")));
        data.map(|data| data.join("countersign"))
    }
}

/// As whom a browser is started.
pub enum BrowserAccount {
    /// As whoever runs the program.
    Own,
    /// As another, because the program has all rights.
    Other(Account),
    /// The program has all rights, and there is nobody else to start it as.
    Missing,
}

/// As whom a browser is started: where the program has all rights, as the
/// person who called it by `sudo`, else as `nobody`.
pub fn browser_account() -> io::Result<BrowserAccount> {
    if !is_administrator() {
        return Ok(BrowserAccount::Own);
    }
    let number = |name| std::env::var(name).ok()?.parse::<u32>().ok();
    let caller = match number("SUDO_UID") {
        Some(user) => Account::of_user(user)?,
        None => None,
    };
    let caller = match number("SUDO_GID") {
        Some(group) => caller.and_then(|account| account.in_group(group)),
        None => caller,
    };
    let other = match caller {
        Some(caller) => Some(caller),
        None => Account::named("nobody")?,
    };
    Ok(other.map_or(BrowserAccount::Missing, BrowserAccount::Other))
}

/// A browser and what it is started with.
pub struct Startup {
    found: Found,
    folder: PathBuf,
    environment: Vec<(OsString, OsString)>,
}

impl Startup {
    /// For that browser: a folder for its private one, which the account as
    /// which it runs can reach, and the environment.
    pub fn of(found: Found) -> Startup {
        let own = temporary();
        let folder = match &found.account {
            Some(account) if !account.can_reach(&own) => {
                let known = ["/tmp", "/var/tmp"].map(PathBuf::from);
                known.into_iter().find(|folder| account.can_reach(folder)).unwrap_or(own)
            }
            _ => own,
        };
        Startup { found, folder, environment: environment() }
    }

    pub fn starter(&self) -> Starter<'_> {
        Starter {
            program: &self.found.path,
            folder: &self.folder,
            environment: &self.environment,
            account: self.found.account.as_ref(),
        }
    }
}

/// Where a browser may lie on this computer, and as whom it is started.
pub fn browser_places(account: Option<Account>) -> Places {
    let folder = |name| std::env::var_os(name).map(PathBuf::from);
    Places {
        search: std::env::var_os("PATH")
            .map(|path| std::env::split_paths(&path).collect())
            .unwrap_or_default(),
        home: folder("HOME"),
        programs: ["ProgramFiles", "ProgramFiles(x86)", "LocalAppData"]
            .into_iter()
            .filter_map(folder)
            .collect(),
        temporary: temporary(),
        root: Some(PathBuf::from("/")),
        account,
    }
}

/// The environment, of which a browser is given the few variables it needs.
pub fn environment() -> Vec<(OsString, OsString)> {
    std::env::vars_os().collect()
}

/// Where a browser's private folder can stand while it runs.
fn temporary() -> PathBuf {
    std::env::temp_dir()
}

/// What a form may be set in on this computer.
pub fn fonts() -> Fonts {
    Fonts::built_in().with_folders(font_folders())
}

/// Where this computer keeps its fonts, for names in scripts that the form's
/// own fonts do not have.
fn font_folders() -> Vec<PathBuf> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let own = |name, rest: &str| folder(name).map(|folder| folder.join(rest));
    let found = if cfg!(windows) {
        vec![own("SystemRoot", "Fonts"), own("LOCALAPPDATA", "Microsoft/Windows/Fonts")]
    } else if cfg!(target_os = "macos") {
        vec![
            Some("/System/Library/Fonts".into()),
            Some("/Library/Fonts".into()),
            own("HOME", "Library/Fonts"),
        ]
    } else {
        vec![
            Some("/usr/share/fonts".into()),
            Some("/usr/local/share/fonts".into()),
            own("HOME", ".local/share/fonts"),
        ]
    };
    found.into_iter().flatten().collect()
}

/// How many bytes are left for this user on the disk of `path`, or of its
/// nearest folder that is there.
pub fn disk_left(path: &Path) -> Option<u64> {
    path.ancestors().find(|path| path.exists()).and_then(system::disk_left)
}

pub use system::{is_administrator, others_can_read};

#[cfg(unix)]
mod system {
    use std::ffi::CString;
    use std::io;
    use std::mem::MaybeUninit;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use countersign_record::clock::Time;

    pub(super) fn utc_offset_minutes(now: Time) -> i32 {
        let seconds = (now.unix_ms() / 1000) as libc::time_t;
        let mut local = MaybeUninit::<libc::tm>::zeroed();
        // SAFETY: both pointers are to live values of the right type, and the
        // struct is plain data for which all zeros are a value.
        let offset = unsafe {
            libc::localtime_r(&seconds, local.as_mut_ptr());
            local.assume_init().tm_gmtoff
        };
        (offset / 60) as i32
    }

    #[allow(clippy::unnecessary_cast, reason = "the fields' widths differ between systems")]
    pub(super) fn disk_left(path: &Path) -> Option<u64> {
        let path = CString::new(path.as_os_str().as_bytes()).ok()?;
        let mut found = MaybeUninit::<libc::statvfs>::zeroed();
        // SAFETY: the path ends in NUL, and the struct is plain data that the
        // call fills where it returns 0.
        let found =
            unsafe { (libc::statvfs(path.as_ptr(), found.as_mut_ptr()) == 0).then(|| found.assume_init()) }?;
        Some(found.f_bavail as u64 * found.f_frsize as u64)
    }

    /// Whether other people of this computer can read the file.
    pub fn others_can_read(path: &Path) -> io::Result<bool> {
        let metadata = std::fs::metadata(path)?;
        let me = user();
        let anothers = metadata.uid() != me && metadata.uid() != 0 && me != 0;
        Ok(metadata.mode() & 0o077 != 0 || anothers)
    }

    /// Whether the program runs with all rights.
    pub fn is_administrator() -> bool {
        user() == 0
    }

    fn user() -> u32 {
        // SAFETY: it takes nothing and cannot fail.
        unsafe { libc::geteuid() }
    }
}

#[cfg(windows)]
mod system {
    use std::io;
    use std::os::windows::ffi::OsStrExt;
    use std::path::Path;

    use countersign_record::clock::Time;
    use windows_sys::Win32::Storage::FileSystem::GetDiskFreeSpaceExW;
    use windows_sys::Win32::System::Time::{GetTimeZoneInformation, TIME_ZONE_INFORMATION};

    pub(super) fn utc_offset_minutes(_: Time) -> i32 {
        // SAFETY: plain data for which all zeros are a value.
        let mut zone: TIME_ZONE_INFORMATION = unsafe { std::mem::zeroed() };
        // SAFETY: the pointer is to a live value of the right type.
        let season = unsafe { GetTimeZoneInformation(&mut zone) };
        // 2 is TIME_ZONE_ID_DAYLIGHT, 1 and 0 are standard time.
        -(zone.Bias + if season == 2 { zone.DaylightBias } else { zone.StandardBias })
    }

    pub(super) fn disk_left(path: &Path) -> Option<u64> {
        let wide: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
        let mut left = 0;
        // SAFETY: the path ends in NUL, and the others may be null.
        let done = unsafe {
            GetDiskFreeSpaceExW(wide.as_ptr(), &mut left, std::ptr::null_mut(), std::ptr::null_mut())
        };
        (done != 0).then_some(left)
    }

    /// Files in a person's own folders take over its access list, which lets
    /// nobody else in; lists set by hand are not looked into.
    pub fn others_can_read(path: &Path) -> io::Result<bool> {
        std::fs::metadata(path).map(|_| false)
    }

    /// Not told on Windows, where administrators run without their rights.
    pub fn is_administrator() -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_computer_can_be_asked() {
        assert!(disk_left(Path::new("/no/such/folder/at/all")).is_some_and(|left| left > 0));
        assert!(machine(SystemClock::start().now()).utc_offset_minutes.abs() <= 14 * 60);
        assert_eq!(program().expect("reads itself").version.as_str(), env!("CARGO_PKG_VERSION"));
    }
}
