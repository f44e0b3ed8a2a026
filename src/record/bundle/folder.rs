//! An unpacked bundle: a folder as a closed set of regular files.
//!
//! It follows no link, opens nothing that is not a regular file, and does not
//! know which files a bag must have.

use std::io::Read as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::name::{self, Clash, Name, NameError};
use super::source::{Digests, Listed, ReadError};
use super::{Watch, workers, zip};
use crate::digest::Hasher;
use crate::regular_file;

/// A folder in which there are regular files with names of the profile,
/// folders for these, and nothing else.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    members: Vec<Listed>,
}

impl Folder {
    /// Lists the folder at `path`.
    pub fn open(path: &Path) -> Result<Folder, ReadError> {
        let mut members = Vec::new();
        // Folders that no file has shown to be needed yet, each within the one before it.
        let mut empty: Vec<PathBuf> = Vec::new();
        for entry in WalkDir::new(path).min_depth(1).follow_links(false).sort_by_file_name() {
            let entry = entry.map_err(|e| walk_error(path, e))?;
            let refused = |defect| ReadError::Folder { path: entry.path().to_owned(), defect };
            if let Some(folder) = empty.last()
                && !entry.path().starts_with(folder)
            {
                return Err(ReadError::Folder { path: folder.clone(), defect: Defect::EmptyFolder });
            }
            let name = name_of(path, entry.path()).map_err(|e| refused(e.into()))?;
            let kind = entry.file_type();
            if kind.is_dir() {
                empty.push(entry.path().to_owned());
                continue;
            }
            if kind.is_symlink() {
                return Err(refused(Defect::Link));
            }
            if !kind.is_file() {
                return Err(refused(Defect::Special));
            }
            empty.clear();
            if members.len() == zip::MOST_MEMBERS {
                return Err(ReadError::Folder { path: path.to_owned(), defect: Defect::TooMany });
            }
            let length = entry.metadata().map_err(|e| walk_error(path, e))?.len();
            members.push(Listed { name, length });
        }
        if let Some(folder) = empty.pop() {
            return Err(ReadError::Folder { path: folder, defect: Defect::EmptyFolder });
        }
        let refused = |defect| ReadError::Folder { path: path.to_owned(), defect };
        if members.is_empty() {
            return Err(refused(Defect::Empty));
        }
        members.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let names: Vec<&Name> = members.iter().map(|member| &member.name).collect();
        name::check_together(&names).map_err(|clash| refused(clash.into()))?;
        Ok(Folder { path: path.to_owned(), members })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The files, in byte order of their names.
    pub fn members(&self) -> &[Listed] {
        &self.members
    }

    /// The content of a file that is at most `limit` bytes long.
    pub fn read_small(&self, name: &Name, limit: u64) -> Result<Vec<u8>, ReadError> {
        let Ok(index) = self.members.binary_search_by(|member| member.name.cmp(name)) else {
            return Err(ReadError::Missing { path: self.path.clone(), name: name.clone() });
        };
        let length = self.members[index].length;
        if length > limit {
            let (path, name) = (self.path.clone(), name.clone());
            return Err(ReadError::TooLong { path, name, length, limit });
        }
        let mut content = Vec::with_capacity(length as usize);
        self.stream(index, &mut vec![0; length.min(BUFFER) as usize + 1], |bytes| {
            content.extend_from_slice(bytes);
            Ok(())
        })?;
        Ok(content)
    }

    /// The digests of all files, in their order, computed by `threads` threads.
    pub fn digest_all(&self, threads: NonZeroUsize, watch: &Watch<'_>) -> Result<Digests, ReadError> {
        let indices: Vec<usize> = (0..self.members.len()).collect();
        let size = |&index: &usize| self.members[index].length;
        workers::largest_first(&indices, threads, size, |&index, buffer| {
            let mut sha256 = Hasher::new();
            self.stream(index, buffer, |bytes| {
                sha256.update(bytes);
                if watch(bytes.len() as u64).is_break() { Err(ReadError::Stopped) } else { Ok(()) }
            })?;
            Ok(Ok(sha256.finish().0))
        })
    }

    /// Hands a file's content on, piece by piece. A file that has not the
    /// listed length any more is refused.
    fn stream(
        &self,
        index: usize,
        buffer: &mut [u8],
        mut take: impl FnMut(&[u8]) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let member = &self.members[index];
        let path = self.path.join(member.name.as_str());
        let mut file = regular_file::open(&path).map_err(|e| ReadError::io(&path, e))?;
        let mut done = 0;
        loop {
            let n = match file.read(buffer) {
                Ok(n) => n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(ReadError::io(&path, e)),
            };
            done += n as u64;
            if done > member.length || (n == 0 && done < member.length) {
                return Err(ReadError::Folder { path, defect: Defect::Changed });
            }
            if n == 0 {
                return Ok(());
            }
            take(&buffer[..n])?;
        }
    }
}

/// Why a folder is not an unpacked bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// There is nothing in it.
    #[error("the folder is empty")]
    Empty,
    /// A folder in it has no file in it, which no bundle has.
    #[error("a folder without files")]
    EmptyFolder,
    /// A link, or what Windows treats as one.
    #[error("a link")]
    Link,
    /// Neither file, folder nor link.
    #[error("neither a file nor a folder")]
    Special,
    /// More files than a bundle has.
    #[error("more than {} files", zip::MOST_MEMBERS)]
    TooMany,
    /// A name that no member has.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Two names that cannot lie in one folder.
    #[error(transparent)]
    Clash(#[from] Clash),
    /// The file's length changed while the bundle was read.
    #[error("the file changed while it was read")]
    Changed,
}

impl Defect {
    /// A short name of the rule that is broken, which stays the same between versions.
    pub fn code(&self) -> &'static str {
        match self {
            Defect::Empty => "empty",
            Defect::EmptyFolder => "empty-folder",
            Defect::Link => "link",
            Defect::Special => "special",
            Defect::TooMany => "too-many",
            Defect::Name(e) => zip::Defect::Name(e.clone()).code(),
            Defect::Clash(e) => zip::Defect::Clash(e.clone()).code(),
            Defect::Changed => "changed",
        }
    }
}

fn name_of(folder: &Path, path: &Path) -> Result<Name, NameError> {
    let parts = path.strip_prefix(folder).unwrap_or(path).components();
    let parts: Vec<_> = parts.map(|part| part.as_os_str().as_encoded_bytes()).collect();
    Name::parse(&parts.join(&b'/'))
}

fn walk_error(folder: &Path, error: walkdir::Error) -> ReadError {
    let path = error.path().unwrap_or(folder).to_owned();
    let source = error.into_io_error().unwrap_or_else(|| std::io::Error::other("the folder contains itself"));
    ReadError::Io { path, source }
}

const BUFFER: u64 = workers::BUFFER as u64;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::bundle::unwatched;
    use crate::digest::Digest;

    #[test]
    fn lists_and_digests_what_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("a/c")).expect("a folder");
        let large = vec![7; 3 * workers::BUFFER + 1];
        for (name, content) in [("a-b", &b"1"[..]), ("a/c/d", b"22"), ("a.b", b""), ("large", &large)] {
            fs::write(folder.path().join(name), content).expect("a file");
        }
        let read = Folder::open(folder.path()).expect("a closed set");
        let names: Vec<&str> = read.members().iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["a-b", "a.b", "a/c/d", "large"]);
        let two = NonZeroUsize::new(2).expect("not zero");
        let digests = read.digest_all(two, &unwatched).expect("digests");
        assert_eq!(digests, [&b"1"[..], b"", b"22", &large].map(|content| Ok(Digest::of(content))));
        let name = "a/c/d".parse().expect("a name");
        assert_eq!(read.read_small(&name, 2).expect("two bytes"), b"22");
        assert_eq!(read.read_small(&name, 1).expect_err("too long").code(), Some("too-long"));
        fs::write(folder.path().join("a/c/d"), "333").expect("a file");
        assert_eq!(read.read_small(&name, 2).expect_err("changed").code(), Some("changed"));
        assert_eq!(read.digest_all(two, &unwatched).expect_err("changed").code(), Some("changed"));
    }

    #[test]
    fn refuses_what_a_zip_file_could_not_hold() {
        let check = |code: &str, make: &dyn Fn(&Path)| {
            let folder = tempfile::tempdir().expect("a folder");
            make(folder.path());
            let error = Folder::open(folder.path()).expect_err(code);
            assert_eq!(error.code(), Some(code), "{error}");
        };
        let write = |path: PathBuf| fs::write(path, "x").expect("a file");
        check("empty", &|_| {});
        check("empty-folder", &|folder| fs::create_dir_all(folder.join("a/b")).expect("a folder"));
        check("empty-folder", &|folder| {
            fs::create_dir(folder.join("a")).expect("a folder");
            write(folder.join("b"));
        });
        check("name-character", &|folder| write(folder.join("a b")));
        check("name-device", &|folder| write(folder.join("aux.txt")));
        #[cfg(unix)]
        {
            check("case", &|folder| {
                write(folder.join("a"));
                write(folder.join("A"));
            });
            check("link", &|folder| {
                write(folder.join("a"));
                std::os::unix::fs::symlink("a", folder.join("b")).expect("a link");
            });
            check("special", &|folder| {
                std::os::unix::net::UnixListener::bind(folder.join("s")).expect("a socket");
            });
        }
    }
}
