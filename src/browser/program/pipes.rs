//! Starts a program with two pipes at which a Chromium speaks DevTools:
//! descriptors 3 and 4 on Unix, inherited handles on Windows.
//!
//! It knows nothing of the protocol, and nothing of what the program does.

use std::io::{self, PipeReader, PipeWriter};
use std::process::{Child, Command};

/// A started program and the two ends of its pipes that are ours.
pub(crate) struct Piped {
    pub(crate) child: Child,
    pub(crate) to_child: PipeWriter,
    pub(crate) from_child: PipeReader,
}

/// Starts `command` in a process group of its own, without core dumps.
#[cfg(unix)]
pub(crate) fn spawn(mut command: Command) -> io::Result<Piped> {
    use std::os::fd::AsRawFd;
    use std::os::unix::process::CommandExt;

    let (child_in, to_child) = io::pipe()?;
    let (from_child, child_out) = io::pipe()?;
    let (read, write) = (child_in.as_raw_fd(), child_out.as_raw_fd());
    command.args(switches()).process_group(0);
    // SAFETY: between fork and exec only system calls that are safe there, on
    // descriptors that both pipes keep open until after the spawn. The copies
    // are made above 4 first, so that neither is overwritten by the other.
    unsafe {
        command.pre_exec(move || {
            let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            libc::setrlimit(libc::RLIMIT_CORE, &raw const none);
            let read = checked(libc::fcntl(read, libc::F_DUPFD_CLOEXEC, 10))?;
            let write = checked(libc::fcntl(write, libc::F_DUPFD_CLOEXEC, 10))?;
            checked(libc::dup2(read, 3))?;
            checked(libc::dup2(write, 4))?;
            Ok(())
        });
    }
    let child = command.spawn()?;
    Ok(Piped { child, to_child, from_child })
}

/// Kills the child's whole process group and waits for the child.
#[cfg(unix)]
pub(crate) fn kill(child: &mut Child) {
    use std::time::{Duration, Instant};

    let Ok(group) = libc::pid_t::try_from(child.id()) else { return };
    // SAFETY: plain system calls. The child is not reaped before the kill, so
    // the number names its group and nobody else's.
    unsafe { libc::kill(-group, libc::SIGKILL) };
    let _ = child.wait();
    // Its profile can be removed once no process of the group writes to it.
    let until = Instant::now() + Duration::from_millis(150);
    // SAFETY: signal 0 only asks.
    while unsafe { libc::kill(-group, 0) } == 0 && is_alive(group) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether a process of `group` can still do something. The dead ones keep a
/// group from emptying for as long as nobody reaps them.
#[cfg(target_os = "linux")]
fn is_alive(group: libc::pid_t) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else { return true };
    processes.flatten().any(|process| {
        if !process.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit) {
            return false;
        }
        // A process that is gone has no such file. proc_pid_stat(5): the name
        // in brackets may be anything, then the state, the parent, the group.
        let Ok(stat) = std::fs::read(process.path().join("stat")) else { return false };
        let name = stat.iter().rposition(|&byte| byte == b')').map_or(0, |end| end + 1);
        let mut columns = stat[name..].split(|&byte| byte == b' ').skip(1);
        let (state, group_of) = (columns.next(), columns.nth(1));
        !matches!(state, Some(b"Z" | b"X")) && group_of == Some(group.to_string().as_bytes())
    })
}

#[cfg(all(unix, not(target_os = "linux")))]
fn is_alive(_: libc::pid_t) -> bool {
    true
}

#[cfg(unix)]
pub(crate) fn switches() -> Vec<String> {
    vec!["--remote-debugging-pipe".to_owned()]
}

#[cfg(unix)]
fn checked(outcome: libc::c_int) -> io::Result<libc::c_int> {
    if outcome < 0 { Err(io::Error::last_os_error()) } else { Ok(outcome) }
}

/// Starts `command` with two inheritable handles, named on its command line.
#[cfg(windows)]
pub(crate) fn spawn(mut command: Command) -> io::Result<Piped> {
    use std::os::windows::io::{AsRawHandle, RawHandle};

    use windows_sys::Win32::Foundation::{HANDLE_FLAG_INHERIT, SetHandleInformation};

    let inheritable = |handle: RawHandle| -> io::Result<usize> {
        // SAFETY: the handle is open: its pipe is held by the caller.
        let done = unsafe { SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT) };
        if done == 0 { Err(io::Error::last_os_error()) } else { Ok(handle as usize) }
    };
    let (child_in, to_child) = io::pipe()?;
    let (from_child, child_out) = io::pipe()?;
    let read = inheritable(child_in.as_raw_handle())?;
    let write = inheritable(child_out.as_raw_handle())?;
    command.args(switches()).arg(format!("--remote-debugging-io-pipes={read},{write}"));
    let child = command.spawn()?;
    // The child's ends close here, so that its death is seen as end of file.
    drop((child_in, child_out));
    Ok(Piped { child, to_child, from_child })
}

/// Ends the browser; its other processes end when they lose it.
#[cfg(windows)]
pub(crate) fn kill(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(windows)]
pub(crate) fn switches() -> Vec<String> {
    vec!["--remote-debugging-pipe".to_owned()]
}
