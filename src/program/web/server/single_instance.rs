//! Two starts, one guide: whoever starts Countersign again gets a new link
//! into the guide that already runs for this home.
//!
//! The running guide keeps a file that only its owner can read, with a port
//! and a secret. Who knows the secret may read that file anyway. It is no HTTP,
//! so that no web page can speak it. A file of another user's, or one that
//! others can read or write, is none: its link would be into *their* guide.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use countersign_case::case::Home;
use countersign_case::durable::Disk;
use countersign_record::digest::Digest;

use crate::web::html::Problem;
use crate::web::server::guard::Access;
use crate::web::server::origin;
use crate::web::session::Secret;

/// This process is the one guide of the home, for as long as it holds this.
pub struct InstanceLock {
    note: PathBuf,
    lock: File,
}

/// Who is the guide of this home.
pub enum Instance {
    /// This process.
    This(InstanceLock),
    /// Another; it has given a new link.
    Other(String),
}

/// Asks whether a guide runs for this home already.
pub fn who(home: &Home) -> Result<Instance, Problem> {
    Disk::new().folder(home.path())?;
    let path = home.path().join("guide.lock");
    let failed = |error| countersign_case::durable::DiskError::io(&path, error);
    let lock = Disk::new().open_private(&path)?;
    let note = home.path().join("guide");
    // The other one may be about to begin or to end. Whatever it does, and
    // whoever answers in its place, a start has one end.
    let end = Instant::now() + START;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(Instance::This(InstanceLock { note, lock })),
            Err(fs::TryLockError::Error(error)) => return Err(failed(error).into()),
            Err(fs::TryLockError::WouldBlock) => {}
        }
        if let Ok(link) = ask_for_link(&note, end) {
            return Ok(Instance::Other(link));
        }
        match left(end) {
            Ok(left) => thread::sleep(left.min(Duration::from_millis(100))),
            Err(_) => break,
        }
    }
    Err(Problem::surroundings("Another guide runs for these cases and does not answer. End it first."))
}

impl InstanceLock {
    /// Answers other starts from now on.
    pub fn answer(&self, access: Arc<Access>) -> Result<(), Problem> {
        let at = |error| countersign_case::durable::DiskError::io(&self.note, error);
        let secret = Secret::draw().map_err(Problem::random)?;
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).map_err(at)?;
        let port = listener.local_addr().map_err(at)?.port();
        let _ = fs::remove_file(&self.note);
        private(&self.note)
            .and_then(|mut file| writeln!(file, "{FORMAT} {port} {}", secret.as_str()))
            .map_err(at)?;
        access.guide.listens_at(port);
        let expected = Digest::of(secret.as_str().as_bytes());
        let answering = move || {
            for stream in listener.incoming().flatten() {
                let _ = hear(stream, &expected, &access);
            }
        };
        thread::Builder::new().name("single instance".to_owned()).spawn(answering).map_err(at)?;
        Ok(())
    }
}

impl Drop for InstanceLock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.note);
        let _ = self.lock.unlock();
    }
}

fn hear(stream: TcpStream, expected: &Digest, access: &Access) -> io::Result<()> {
    let end = Instant::now() + LINE_TAKES;
    stream.set_write_timeout(Some(LINE_TAKES))?;
    let mut said = [0; 65];
    read_until(&stream, end, &mut said, |_| false)?;
    let said = said.strip_suffix(b"\n").unwrap_or_default();
    if Digest::of(said) != *expected {
        return Ok(());
    }
    writeln!(&stream, "{}", access.link()?)
}

fn ask_for_link(note: &Path, end: Instant) -> io::Result<String> {
    let not_one = || io::Error::from(io::ErrorKind::InvalidData);
    let text = countersign_case::durable::read_private(note, NOTE)?;
    let text = String::from_utf8(text).map_err(|_| not_one())?;
    let mut words = text.split_whitespace();
    let (Some(FORMAT), Some(port), Some(secret)) = (words.next(), words.next(), words.next()) else {
        return Err(not_one());
    };
    let port: u16 = port.parse().map_err(|_| not_one())?;
    let stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), left(end)?)?;
    stream.set_write_timeout(Some(left(end)?))?;
    writeln!(&stream, "{secret}")?;
    let mut said = [0; 200];
    let length = read_until(&stream, end, &mut said, |byte| byte == b'\n')?;
    let link = String::from_utf8(said[..length].to_vec()).map_err(|_| not_one())?;
    let link = link.trim_end().to_owned();
    if origin::is_link(&link) { Ok(link) } else { Err(not_one()) }
}

/// Reads until `enough` says so of a byte, or `into` is full, and not beyond
/// `end`: somebody who sends a byte now and then is given no more time for it.
fn read_until(
    mut stream: &TcpStream,
    end: Instant,
    into: &mut [u8],
    enough: impl Fn(u8) -> bool,
) -> io::Result<usize> {
    let mut length = 0;
    while length < into.len() {
        stream.set_read_timeout(Some(left(end)?))?;
        match stream.read(&mut into[length..=length]) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => length += 1,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if enough(into[length - 1]) {
            break;
        }
    }
    Ok(length)
}

/// What is left of the time until `end`.
fn left(end: Instant) -> io::Result<Duration> {
    let left = end.saturating_duration_since(Instant::now());
    // A time-out of nothing would be none at all.
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

#[cfg(unix)]
fn private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

/// On Windows a person's own folders let nobody else in.
#[cfg(not(unix))]
fn private(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).open(path)
}

const FORMAT: &str = "countersign/guide/v1";

/// How long the other side may take for all of its one line.
const LINE_TAKES: Duration = Duration::from_secs(2);

/// How long a start looks for a guide that answers, in all.
const START: Duration = Duration::from_secs(3);

/// The note's one line is shorter.
const NOTE: u64 = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_who_drips_bytes_is_given_no_more_time() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("binds");
        let address = listener.local_addr().expect("is bound");
        let drips = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("comes");
            while stream.write_all(b"h").is_ok() {
                thread::sleep(Duration::from_millis(50));
            }
        });
        let stream = TcpStream::connect(address).expect("connects");
        let end = Instant::now() + Duration::from_millis(400);
        let read = read_until(&stream, end, &mut [0; 200], |byte| byte == b'\n');
        assert!(read.is_err() && Instant::now() >= end, "{read:?}");
        drop(stream);
        drips.join().expect("ends when nobody listens");
    }
}
