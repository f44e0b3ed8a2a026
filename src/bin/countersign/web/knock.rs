//! Two starts, one guide: whoever starts Countersign again gets a new link
//! into the guide that already runs for this home.
//!
//! The running guide keeps a file that only its owner can read, with a port
//! and a secret. Who knows the secret may read that file anyway. It is no HTTP,
//! so that no web page can speak it.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use countersign::case::Home;
use countersign::digest::Digest;
use countersign::durable::Disk;

use super::door::Secret;
use super::problem::Problem;
use super::{Guide, origin};

/// This process is the one guide of the home, for as long as it holds this.
pub struct Only {
    note: PathBuf,
    lock: File,
}

/// Who is the guide of this home.
pub enum Guides {
    /// This process.
    Us(Only),
    /// Another; it has given a new link.
    Them(String),
}

/// Asks whether a guide runs for this home already.
pub fn who(home: &Home) -> Result<Guides, Problem> {
    Disk::new().folder(home.path())?;
    let path = home.path().join("guide.lock");
    let failed = |error| countersign::durable::DiskError::io(&path, error);
    let lock =
        File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    let note = home.path().join("guide");
    // The other one may be about to begin or to end.
    for _ in 0..20 {
        match lock.try_lock() {
            Ok(()) => return Ok(Guides::Us(Only { note, lock })),
            Err(fs::TryLockError::Error(error)) => return Err(failed(error).into()),
            Err(fs::TryLockError::WouldBlock) => {}
        }
        if let Ok(link) = knock(&note) {
            return Ok(Guides::Them(link));
        }
        thread::sleep(Duration::from_millis(100));
    }
    Err(Problem::surroundings("Another guide runs for these cases and does not answer. End it first."))
}

impl Only {
    /// Answers knocks from now on.
    pub fn answer(&self, guide: Arc<Guide>) -> Result<(), Problem> {
        let at = |error| countersign::durable::DiskError::io(&self.note, error);
        let secret = Secret::draw().map_err(Problem::random)?;
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).map_err(at)?;
        let port = listener.local_addr().map_err(at)?.port();
        let _ = fs::remove_file(&self.note);
        private(&self.note)
            .and_then(|mut file| writeln!(file, "{FORMAT} {port} {}", secret.as_str()))
            .map_err(at)?;
        guide.listens_at(port);
        let expected = Digest::of(secret.as_str().as_bytes());
        let answering = move || {
            for stream in listener.incoming().flatten() {
                let _ = hear(stream, &expected, &guide);
            }
        };
        thread::Builder::new().name("knock".to_owned()).spawn(answering).map_err(at)?;
        Ok(())
    }
}

impl Drop for Only {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.note);
        let _ = self.lock.unlock();
    }
}

fn hear(stream: TcpStream, expected: &Digest, guide: &Guide) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut said = [0; 65];
    (&stream).read_exact(&mut said)?;
    let said = said.strip_suffix(b"\n").unwrap_or_default();
    if Digest::of(said) != *expected {
        return Ok(());
    }
    let link = guide.origin().link(guide.door().link()?.as_str());
    writeln!(&stream, "{link}")
}

fn knock(note: &Path) -> io::Result<String> {
    let not_one = || io::Error::from(io::ErrorKind::InvalidData);
    let text = fs::read_to_string(note)?;
    let mut words = text.split_whitespace();
    let (Some(FORMAT), Some(port), Some(secret)) = (words.next(), words.next(), words.next()) else {
        return Err(not_one());
    };
    let port: u16 = port.parse().map_err(|_| not_one())?;
    let stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    writeln!(&stream, "{secret}")?;
    let mut link = String::new();
    BufReader::new((&stream).take(200)).read_line(&mut link)?;
    let link = link.trim_end().to_owned();
    if origin::is_link(&link) { Ok(link) } else { Err(not_one()) }
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

/// How long the other side may take for its one line.
const PATIENCE: Duration = Duration::from_secs(2);
