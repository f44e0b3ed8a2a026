//! Writing at an offset from several threads, while the system is already
//! sending to the disk what has been written.
//!
//! It creates no file and makes nothing durable.

use std::fs::File;
use std::io;

use countersign_record::bundle::zip::Sink;

/// An open file that is written at any offset.
#[derive(Debug, Clone, Copy)]
pub struct Positioned<'a>(&'a File);

impl<'a> Positioned<'a> {
    /// `file`, which MUST be open for writing.
    pub fn new(file: &'a File) -> Positioned<'a> {
        Positioned(file)
    }

    /// Does `work`, which fills the file, while the system is already sending
    /// to the disk what has been written, so that little is left for the sync
    /// at the end.
    ///
    /// This makes nothing durable and hides no error: writing back is only
    /// begun, never waited for, and a failure of it is what the sync at the end
    /// reports. Elsewhere than on Linux there is no call that only begins it.
    pub fn writing_back<T>(&self, work: impl FnOnce() -> T) -> T {
        write_back::writing_back(self.0, work)
    }
}

impl Sink for Positioned<'_> {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        at_offset::write_all_at(self.0, bytes, offset)
    }
}

#[cfg(target_os = "linux")]
mod write_back {
    use std::fs::File;
    use std::os::fd::AsRawFd as _;
    use std::sync::mpsc::{RecvTimeoutError, channel};
    use std::time::Duration;

    pub(super) fn writing_back<T>(file: &File, work: impl FnOnce() -> T) -> T {
        let (stop, stopped) = channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
                    // SAFETY: the descriptor is open, since `file` is borrowed; no memory is passed.
                    unsafe { libc::sync_file_range(file.as_raw_fd(), 0, 0, libc::SYNC_FILE_RANGE_WRITE) };
                }
            });
            let result = work();
            drop(stop);
            result
        })
    }

    /// Measured with 1 GiB: from 20 to 50 ms the sync at the end takes some
    /// 10 ms in place of 430; half of the time is lost again at 200.
    const EVERY: Duration = Duration::from_millis(25);
}

#[cfg(not(target_os = "linux"))]
mod write_back {
    use std::fs::File;

    pub(super) fn writing_back<T>(_: &File, work: impl FnOnce() -> T) -> T {
        work()
    }
}

#[cfg(unix)]
mod at_offset {
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::FileExt as _;

    pub(super) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        file.write_all_at(bytes, offset)
    }
}

#[cfg(windows)]
mod at_offset {
    use std::fs::File;
    use std::io;
    use std::os::windows::fs::FileExt as _;

    pub(super) fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
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
}
