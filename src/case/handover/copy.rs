//! A copy of a bundle: written, read back from the medium, and compared.
//!
//! It knows files and bytes. What the copy means, who gets it and whether it
//! may be made is [`super::hand_over`]'s business.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::Path;

use zeroize::Zeroizing;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{AesSalt, CompressionMethod, ZipArchive, ZipWriter};

use countersign_record::bundle::Watch;
use countersign_record::clock::Random;
use countersign_record::digest::{Digest, Hasher};
use countersign_record::regular_file;
use countersign_record::words;

/// What a file holds.
pub(super) type Content = (Digest, u64);

/// Why a copy failed, without the path: the caller knows which side is which.
#[derive(Debug)]
pub(super) enum Broken {
    /// The file that is being read.
    Reading(io::Error),
    /// The file that is being written.
    Writing(io::Error),
    /// The watch stopped it.
    Stopped,
}

/// The passphrase of a locked copy. It has no `Debug`, and is wiped when it
/// goes.
pub struct CopyPassphrase(Zeroizing<String>);

impl CopyPassphrase {
    /// Six words, drawn. They MUST be shown and saved before the copy is made:
    /// nothing keeps them afterwards.
    ///
    /// # Errors
    /// What the source of random numbers says.
    pub fn draw(random: &dyn Random) -> io::Result<CopyPassphrase> {
        Ok(CopyPassphrase(Zeroizing::new(words::passphrase(random)?)))
    }

    /// Six words that were drawn before: in small letters, with one space
    /// between each two. Nothing else is one.
    pub fn drawn(words: &str) -> Option<CopyPassphrase> {
        let listed = words.split(' ').map(words::is_listed).collect::<Vec<_>>();
        let is_one = listed.len() == 6 && listed.iter().all(|listed| *listed);
        is_one.then(|| CopyPassphrase(Zeroizing::new(words.to_owned())))
    }

    /// Whether these are the same words, as a person types them: in any case,
    /// with any white space.
    pub fn is_typed_as(&self, typed: &str) -> bool {
        let typed: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
        Zeroizing::new(typed.join(" ")).as_str() == self.as_str()
    }

    /// The six words, as they are typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What `from` gives until its end.
pub(super) fn content(from: &mut impl Read, watch: &Watch<'_>) -> Result<Content, Broken> {
    pump(from, &mut io::sink(), watch)
}

/// Writes what `from` gives as it is.
pub(super) fn write_plain(to: &File, from: &mut impl Read, watch: &Watch<'_>) -> Result<Content, Broken> {
    let mut to = to;
    pump(from, &mut to, watch)
}

/// Writes what `from` gives into a zip as one member of this name, locked with
/// AES-256 (WinZip's AE, which 7-Zip opens). Not deflated: a bundle is not.
pub(super) fn write_locked(
    to: &File,
    name: &str,
    length: u64,
    key: (&CopyPassphrase, [u8; 16]),
    from: &mut impl Read,
    watch: &Watch<'_>,
) -> Result<Content, Broken> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .large_file(length > LARGEST_SHORT)
        .with_aes_encryption_and_salt(key.0.as_str().as_bytes(), AesSalt::Aes256(key.1));
    let mut zip = ZipWriter::new(BufWriter::with_capacity(BUFFER, Once { to, at: 0, end: 0, failed: false }));
    zip.start_file(name, options).map_err(writing)?;
    let content = pump(from, &mut zip, watch)?;
    let mut rest = zip.finish().map_err(writing)?;
    rest.flush().map_err(Broken::Writing)?;
    Ok(content)
}

/// Fails once, and from then on takes everything and writes nothing: a zip
/// that is dropped half-way tries to end itself, and prints that it cannot.
///
/// From then on it stands behind everything that was written, wherever it was
/// when it failed: the zip's writer, when it tries to end itself, takes it for
/// granted that it stands behind the member, and would panic.
struct Once<'a> {
    to: &'a File,
    at: u64,
    end: u64,
    failed: bool,
}

impl Once<'_> {
    fn fail<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        let retried = |error: &io::Error| error.kind() == io::ErrorKind::Interrupted;
        if !self.failed && result.as_ref().is_err_and(|error| !retried(error)) {
            self.failed = true;
            self.at = self.end;
        }
        result
    }
}

impl Write for Once<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = if self.failed { Ok(bytes.len()) } else { self.to.write(bytes) };
        self.at += *written.as_ref().unwrap_or(&0) as u64;
        self.end = self.end.max(self.at);
        self.fail(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Once<'_> {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        if !self.failed {
            let sought = self.to.seek(place);
            self.at = *sought.as_ref().unwrap_or(&self.at);
            return self.fail(sought);
        }
        self.at = match place {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
            SeekFrom::End(_) => self.at,
        };
        Ok(self.at)
    }
}

/// Reads a copy as it is on the medium.
pub(super) fn read_plain(path: &Path, watch: &Watch<'_>) -> Result<Content, Broken> {
    content(&mut reopen(path).map_err(Broken::Reading)?, watch)
}

/// Opens a locked copy again and reads what is in it. A wrong passphrase and
/// any changed bit are an error: the zip's own code is checked at its end.
pub(super) fn read_locked(
    path: &Path,
    name: &str,
    passphrase: &CopyPassphrase,
    watch: &Watch<'_>,
) -> Result<Content, Broken> {
    let file = reopen(path).map_err(Broken::Reading)?;
    let mut zip = ZipArchive::new(io::BufReader::with_capacity(BUFFER, file)).map_err(reading)?;
    if zip.len() != 1 {
        return Err(Broken::Reading(io::ErrorKind::InvalidData.into()));
    }
    let mut member = zip.by_index_decrypt(0, passphrase.as_str().as_bytes()).map_err(reading)?;
    if member.name().map_err(reading)? != name || !member.encrypted() {
        return Err(Broken::Reading(io::ErrorKind::InvalidData.into()));
    }
    content(&mut member, watch)
}

/// Opens a file that was made durable so that what is read comes from the
/// medium where the system can be told so. A copy that only the memory holds
/// is none.
fn reopen(path: &Path) -> io::Result<File> {
    let file = regular_file::open(path)?;
    forget(&file);
    Ok(file)
}

#[cfg(target_os = "linux")]
fn forget(file: &File) {
    use std::os::fd::AsRawFd;
    // SAFETY: the descriptor is open for the length of the call, which
    // touches no memory of ours. It is advice: where it is not taken, what the
    // system itself holds of the file is compared.
    let _ = unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
}

// Elsewhere there is no such advice.
#[cfg(not(target_os = "linux"))]
fn forget(_: &File) {}

fn pump(from: &mut impl Read, to: &mut impl Write, watch: &Watch<'_>) -> Result<Content, Broken> {
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Broken::Reading(error)),
        };
        hasher.update(&buffer[..read]);
        to.write_all(&buffer[..read]).map_err(Broken::Writing)?;
        if let ControlFlow::Break(()) = watch(read as u64) {
            return Err(Broken::Stopped);
        }
    }
}

fn writing(error: ZipError) -> Broken {
    Broken::Writing(error.into())
}

fn reading(error: ZipError) -> Broken {
    Broken::Reading(error.into())
}

const BUFFER: usize = 1 << 20;

/// Up to here a length fits into the short fields, with the lock's own bytes.
const LARGEST_SHORT: u64 = u32::MAX as u64 - 1024;
