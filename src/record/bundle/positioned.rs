//! Reading at an offset, the same on every system.
//!
//! It does not decide what is done about an error.

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

#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::FileExt as _;

    pub(super) fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        file.read_exact_at(buffer, offset)
    }
}

#[cfg(windows)]
mod system {
    use std::fs::File;
    use std::io;
    use std::os::windows::fs::FileExt as _;

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

/// Where there are no files, what is read is in memory.
#[cfg(not(any(unix, windows)))]
mod system {
    use std::fs::File;
    use std::io;

    pub(super) fn read_exact_at(_: &File, _: &mut [u8], _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
