//! A process whose system calls on a folder are seen one by one, and of which
//! one is made to fail: not done, or done and reported as failed.
//!
//! It knows calls and paths, not what they are for.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// A system call that touches the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub name: &'static str,
    pub path: String,
}

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The process is killed once it is done.
    Killed,
    /// It is not done, and this error is told.
    Refused(i32),
    /// It is done, and this error is told.
    DoneAndRefused(i32),
}

/// What was seen of a process from its start to its end.
#[derive(Debug, Default)]
pub struct Traced {
    pub calls: Vec<Call>,
    /// Whether the fault came about.
    pub hit: bool,
}

/// Runs `command`, and lets the call of that number on anything in `within`,
/// but not in `not`, come to its fault.
pub fn run(mut command: Command, within: &Path, not: &Path, fault: Option<(usize, Fault)>) -> Traced {
    // SAFETY: ptrace with this request takes nothing and touches no memory; it
    // may be called between fork and exec.
    unsafe {
        command.pre_exec(|| match libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
    // Waited for by the tracer, thread by thread, until its leader has ended.
    #[allow(clippy::zombie_processes)]
    let child = command.spawn().expect("starts");
    let leader = i32::try_from(child.id()).expect("a process");
    let mut tracer = Tracer {
        within: within.to_string_lossy().into_owned(),
        not: not.to_string_lossy().into_owned(),
        fault,
        threads: BTreeMap::new(),
        traced: Traced::default(),
    };
    tracer.follow(leader);
    tracer.traced
}

struct Tracer {
    within: String,
    not: String,
    fault: Option<(usize, Fault)>,
    /// What is to become of the call that a thread is in.
    threads: BTreeMap<i32, Option<Fault>>,
    traced: Traced,
}

impl Tracer {
    fn follow(&mut self, leader: i32) {
        let mut begun = false;
        loop {
            let mut status = 0;
            // SAFETY: `status` is ours; no other thread's children are taken.
            let thread = unsafe { libc::waitpid(-1, &mut status, libc::__WALL | libc::__WNOTHREAD) };
            assert!(thread > 0, "{}", io::Error::last_os_error());
            if libc::WIFEXITED(status) || libc::WIFSIGNALED(status) {
                self.threads.remove(&thread);
                if thread == leader {
                    return;
                }
                continue;
            }
            let signal = libc::WSTOPSIG(status);
            let mut passed = 0;
            if !begun {
                begun = true;
                let options =
                    libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_TRACECLONE | libc::PTRACE_O_EXITKILL;
                ask(libc::PTRACE_SETOPTIONS, thread, options as usize);
                self.threads.insert(thread, None);
            } else if signal == libc::SIGTRAP | 0x80 {
                self.stopped_at_a_call(thread, leader);
            } else if status >> 16 != 0 || !self.threads.contains_key(&thread) {
                // A thread that began: it stops once by itself.
                self.threads.entry(thread).or_insert(None);
            } else if signal != libc::SIGSTOP {
                passed = signal as usize;
            }
            ask(libc::PTRACE_SYSCALL, thread, passed);
        }
    }

    fn stopped_at_a_call(&mut self, thread: i32, leader: i32) {
        let mut info = [0u64; 16];
        // SAFETY: the buffer is ours and as long as is said; the kernel fills
        // no more of it.
        let told = unsafe {
            libc::ptrace(GET_SYSCALL_INFO, thread, std::mem::size_of_val(&info), info.as_mut_ptr())
        };
        if told < 0 {
            return;
        }
        match info[0] as u8 {
            ENTRY => {
                let (number, arguments) = (info[3], &info[4..10]);
                let Some(call) = self.touching(thread, number, arguments) else { return };
                let index = self.traced.calls.len();
                self.traced.calls.push(call);
                if let Some((_, fault)) = self.fault.filter(|(wanted, _)| *wanted == index) {
                    self.traced.hit = true;
                    self.threads.insert(thread, Some(fault));
                    if let Fault::Refused(_) = fault {
                        change(thread, |registers| registers.orig_rax = u64::MAX);
                    }
                }
            }
            EXIT => match self.threads.insert(thread, None).flatten() {
                None => {}
                // SAFETY: it takes two numbers.
                Some(Fault::Killed) => drop(unsafe { libc::kill(leader, libc::SIGKILL) }),
                Some(Fault::Refused(error) | Fault::DoneAndRefused(error)) => {
                    change(thread, |registers| registers.rax = (-i64::from(error)) as u64);
                }
            },
            _ => {}
        }
    }

    fn touching(&self, thread: i32, number: u64, arguments: &[u64]) -> Option<Call> {
        let (name, places) =
            CALLS.iter().find(|(known, ..)| *known == number).map(|(_, name, at)| (*name, *at))?;
        let mut paths = places.iter().filter_map(|place| match place {
            At::Path(at) => {
                let path = text(thread, arguments[*at])?;
                // An empty one means the descriptor before it.
                if path.is_empty() { described(thread, arguments[at - 1]) } else { Some(path) }
            }
            At::Descriptor(at) => described(thread, arguments[*at]),
        });
        let ours = |path: &String| path.starts_with(&self.within) && !path.starts_with(&self.not);
        let path = paths.rfind(ours)?;
        Some(Call { name, path: path[self.within.len()..].to_owned() })
    }
}

fn ask(request: libc::c_uint, thread: i32, data: usize) {
    // SAFETY: of these requests none reads or writes memory of ours. A thread
    // that was killed meanwhile is no longer there to be asked.
    unsafe { libc::ptrace(request, thread, 0, data) };
}

fn change(thread: i32, with: impl FnOnce(&mut libc::user_regs_struct)) {
    // SAFETY: the structure is plain numbers, ours, and what both requests
    // expect.
    unsafe {
        let mut registers: libc::user_regs_struct = std::mem::zeroed();
        if libc::ptrace(libc::PTRACE_GETREGS, thread, 0, &mut registers) == 0 {
            with(&mut registers);
            libc::ptrace(libc::PTRACE_SETREGS, thread, 0, &registers);
        }
    }
}

/// The text at an address of the process.
fn text(thread: i32, address: u64) -> Option<String> {
    let memory = File::open(format!("/proc/{thread}/mem")).ok()?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 256];
    while bytes.len() < 4096 {
        let read = memory.read_at(&mut buffer, address + bytes.len() as u64).ok()?;
        match buffer[..read].iter().position(|byte| *byte == 0) {
            Some(end) => {
                bytes.extend(&buffer[..end]);
                return String::from_utf8(bytes).ok();
            }
            None if read == 0 => return None,
            None => bytes.extend(&buffer[..read]),
        }
    }
    None
}

fn described(thread: i32, descriptor: u64) -> Option<String> {
    let link = std::fs::read_link(format!("/proc/{thread}/fd/{}", descriptor as i32)).ok()?;
    Some(link.to_string_lossy().into_owned())
}

const GET_SYSCALL_INFO: libc::c_uint = 0x420e;
const ENTRY: u8 = 1;
const EXIT: u8 = 2;

/// Which argument leads to a file.
#[derive(Clone, Copy)]
enum At {
    Path(usize),
    Descriptor(usize),
}

use At::{Descriptor, Path as Name};

/// By their numbers on this processor.
const CALLS: &[(u64, &str, &[At])] = &[
    (0, "read", &[Descriptor(0)]),
    (1, "write", &[Descriptor(0)]),
    (3, "close", &[Descriptor(0)]),
    (5, "fstat", &[Descriptor(0)]),
    (8, "lseek", &[Descriptor(0)]),
    (17, "pread64", &[Descriptor(0)]),
    (18, "pwrite64", &[Descriptor(0)]),
    (72, "fcntl", &[Descriptor(0)]),
    (73, "flock", &[Descriptor(0)]),
    (74, "fsync", &[Descriptor(0)]),
    (77, "ftruncate", &[Descriptor(0)]),
    (217, "getdents64", &[Descriptor(0)]),
    (326, "copy_file_range", &[Descriptor(0), Descriptor(2)]),
    (4, "stat", &[Name(0)]),
    (6, "lstat", &[Name(0)]),
    (82, "rename", &[Name(0), Name(1)]),
    (83, "mkdir", &[Name(0)]),
    (84, "rmdir", &[Name(0)]),
    (86, "link", &[Name(0), Name(1)]),
    (87, "unlink", &[Name(0)]),
    (257, "openat", &[Name(1)]),
    (258, "mkdirat", &[Name(1)]),
    (262, "newfstatat", &[Name(1)]),
    (263, "unlinkat", &[Name(1)]),
    (264, "renameat", &[Name(1), Name(3)]),
    (265, "linkat", &[Name(1), Name(3)]),
    (316, "renameat2", &[Name(1), Name(3)]),
    (332, "statx", &[Name(1)]),
];
