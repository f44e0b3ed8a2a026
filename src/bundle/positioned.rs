//! Reading and writing at an offset, the same on every system.
//!
//! It creates no file, and it does not decide what is done about an error.

use std::fs::File;
use std::io;

/// Bytes that can be read at any offset from several threads at once.
#[derive(Debug)]
pub(super) enum Store {
    /// An open file.
    File(File),
    /// Bytes in memory.
    Memory(Vec<u8>),
}

impl Store {
    /// How many bytes there are.
    pub(super) fn length(&self) -> io::Result<u64> {
        match self {
            Store::File(file) => Ok(file.metadata()?.len()),
            Store::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// Fills `buffer` from `offset` on; an early end is `UnexpectedEof`.
    pub(super) fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        match self {
            Store::File(file) => system::read_exact_at(file, buffer, offset),
            Store::Memory(bytes) => {
                let from = usize::try_from(offset).ok().and_then(|from| bytes.get(from..));
                let part = from.and_then(|from| from.get(..buffer.len()));
                buffer.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }
}

pub(super) use system::write_all_at;

/// Does `work`, which fills `file`, while the system is already sending to the
/// disk what has been written, so that little is left for the sync at the end.
///
/// This makes nothing durable and hides no error: writing back is only begun,
/// never waited for, and a failure of it is what the sync at the end reports.
#[cfg(target_os = "linux")]
pub(super) fn writing_back<T>(file: &File, work: impl FnOnce() -> T) -> T {
    use std::os::fd::AsRawFd as _;
    use std::sync::mpsc;

    let (stop, stopped) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while let Err(mpsc::RecvTimeoutError::Timeout) = stopped.recv_timeout(WRITE_BACK_EVERY) {
                // SAFETY: the descriptor is open, since `file` is borrowed; no memory is passed.
                unsafe { libc::sync_file_range(file.as_raw_fd(), 0, 0, libc::SYNC_FILE_RANGE_WRITE) };
            }
        });
        let result = work();
        drop(stop);
        result
    })
}

/// As on Linux, but without the sending: elsewhere there is no call that only begins it.
#[cfg(not(target_os = "linux"))]
pub(super) fn writing_back<T>(_: &File, work: impl FnOnce() -> T) -> T {
    work()
}

/// Measured with 1 GiB: from 20 to 50 ms the sync at the end takes some
/// 10 ms in place of 430; half of the time is lost again at 200.
#[cfg(target_os = "linux")]
const WRITE_BACK_EVERY: std::time::Duration = std::time::Duration::from_millis(25);

#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::FileExt as _;

    pub(in super::super) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        file.write_all_at(bytes, offset)
    }

    pub(super) fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        file.read_exact_at(buffer, offset)
    }
}

#[cfg(windows)]
mod system {
    use std::fs::File;
    use std::io;
    use std::os::windows::fs::FileExt as _;

    pub(in super::super) fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            match file.seek_write(bytes, offset) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => {
                    bytes = &bytes[n..];
                    offset += n as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    pub(super) fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
        while !buffer.is_empty() {
            match file.seek_read(buffer, offset) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => {
                    buffer = &mut buffer[n..];
                    offset += n as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}
