//! A bag as it comes in: a closed set of files, each listed once.
//!
//! It reads the tag files of BagIt and hashes nothing; [`SealedBag::check`]
//! compares digests that others have computed.

use super::{
    BAG_INFO, BAGIT, BAGIT_TXT, FETCH, Info, InfoError, MANIFEST, Manifest, ManifestError, Oxum, STAMPS,
    TAGMANIFEST, is_payload,
};
use crate::bundle::name::Name;
use crate::bundle::source::{Digests, ReadError, Source};
use crate::bundle::zip;
use crate::digest::Digest;

/// A bag in which the manifests list exactly the files that are there. Whether
/// these have the listed digests, and lengths that make up its `Payload-Oxum`,
/// is for [`check`](SealedBag::check) to say.
#[derive(Debug)]
pub struct SealedBag {
    top: Option<Name>,
    root: Digest,
    info: Info,
    said: Oxum,
    entries: Vec<Entry>,
}

/// A file of a bag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, from the top folder on: `data/…` for the payload.
    pub name: Name,
    /// Its name in the [`Source`].
    pub member: Name,
    /// Its length.
    pub length: u64,
    /// The digest that it must have.
    pub digest: Digest,
}

impl SealedBag {
    /// Reads the bag that `source` is. The members of a zip file lie in one
    /// top folder; an unpacked bag is that folder.
    pub fn read(source: &Source) -> Result<SealedBag, BagError> {
        let top = top_folder(source)?;
        let mut files = Vec::with_capacity(source.members().len());
        for member in source.members() {
            let name = match (&top, member.name.split_first()) {
                (Some(_), Some((_, rest))) => rest,
                _ => member.name.clone(),
            };
            check_place(&name)?;
            files.push((name, member));
        }
        let read = |name: &'static str, limit: u64| {
            let Ok(index) = files.binary_search_by(|(other, _)| other.as_str().cmp(name)) else {
                return Err(BagError::Missing(name));
            };
            Ok(source.read_small(&files[index].1.name, limit)?)
        };
        if read(BAGIT, MOST_TEXT)? != BAGIT_TXT.as_bytes() {
            return Err(BagError::Bagit);
        }
        let (info, oxum) = Info::parse(&read(BAG_INFO, MOST_TEXT)?).map_err(BagError::Info)?;
        let listed = |name: &'static str| {
            let text = read(name, MOST_MANIFEST)?;
            let manifest = Manifest::parse(&text).map_err(|source| BagError::Manifest { name, source })?;
            Ok::<_, BagError>((manifest, Digest::of(&text)))
        };
        let (payload, payload_digest) = listed(MANIFEST)?;
        let (tags, root) = listed(TAGMANIFEST)?;
        // What was read of the manifest is what the tagmanifest lists, even if
        // the source changes between this reading and the hashing of it.
        if tags.digest(MANIFEST).is_some_and(|digest| digest != payload_digest) {
            return Err(BagError::ManifestDigest);
        }

        let mut lines = [(MANIFEST, payload.lines().iter()), (TAGMANIFEST, tags.lines().iter())];
        let mut entries = Vec::with_capacity(files.len());
        for (name, member) in files {
            if name.as_str() == TAGMANIFEST {
                entries.push(Entry {
                    name,
                    member: member.name.clone(),
                    length: member.length,
                    digest: root,
                });
                continue;
            }
            let of_payload = is_payload(&name);
            let (manifest, lines) = &mut lines[usize::from(!of_payload)];
            // Files and lines are in the same order: each file is the next line's.
            match lines.next() {
                Some(line) if line.name == name => {
                    let (member, length, digest) = (member.name.clone(), member.length, line.digest);
                    entries.push(Entry { name, member, length, digest });
                }
                Some(line) if line.name < name => {
                    return Err(BagError::NotThere { name: line.name.clone(), manifest });
                }
                _ => return Err(BagError::NotListed { name, manifest }),
            }
        }
        for (manifest, mut lines) in lines {
            if let Some(line) = lines.next() {
                return Err(BagError::NotThere { name: line.name.clone(), manifest });
            }
        }
        Ok(SealedBag { top, root, info, said: oxum, entries })
    }

    /// The one top folder of a zip file; nothing of an unpacked bag, whose
    /// folder can have been renamed. ROOT does not cover its name.
    pub fn top(&self) -> Option<&Name> {
        self.top.as_ref()
    }

    /// ROOT: the digest of `tagmanifest-sha256.txt` as it was read.
    pub fn root(&self) -> Digest {
        self.root
    }

    /// The fields of `bag-info.txt`.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// All files, in the order of the source's members.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of a file by its name from the top folder on.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        let found = self.entries.binary_search_by(|entry| entry.name.as_str().cmp(name)).ok()?;
        Some(&self.entries[found])
    }

    /// Compares the digests of the source's members, as
    /// [`Source::digest_all`] gives them, with those that the bag lists, and
    /// their lengths with its `Payload-Oxum`. All differences come back, in
    /// the order of the members: a file that grew is named, and does not make
    /// the bag unreadable.
    ///
    /// # Panics
    ///
    /// If `digests` are not as many as the source has members.
    pub fn check(&self, digests: &Digests) -> Vec<Unlike> {
        assert_eq!(digests.len(), self.entries.len(), "one digest for each member");
        let unlike = |(entry, digest): (&Entry, &Result<Digest, zip::Defect>)| match digest {
            Ok(found) if *found == entry.digest => None,
            Ok(found) => {
                let (expected, found) = (entry.digest, *found);
                Some(Unlike::Digest { name: entry.name.clone(), expected, found })
            }
            Err(defect) => Some(Unlike::Damaged { name: entry.name.clone(), defect: defect.clone() }),
        };
        let mut found: Vec<Unlike> = self.entries.iter().zip(digests).filter_map(unlike).collect();
        let payload = || self.entries.iter().filter(|entry| is_payload(&entry.name));
        let octets = payload().map(|entry| entry.length).fold(0, u64::saturating_add);
        let there = Oxum { octets, files: payload().count() as u64 };
        if there != self.said {
            found.push(Unlike::Oxum { said: self.said, found: there });
        }
        found
    }
}

/// A file of a bag that is not what the bag lists.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unlike {
    /// Its content has another digest.
    #[error("\"{name}\": SHA-256 is {found}, not {expected}")]
    Digest {
        /// The file.
        name: Name,
        /// The digest that is listed.
        expected: Digest,
        /// The digest that it has.
        found: Digest,
    },
    /// Its content is not what its own headers say.
    #[error("\"{name}\": {defect}")]
    Damaged {
        /// The file.
        name: Name,
        /// What is wrong.
        defect: zip::Defect,
    },
    /// The payload has another length or number of files than `bag-info.txt` says.
    #[error("Payload-Oxum is {found}, {BAG_INFO} says {said}")]
    Oxum {
        /// What it says.
        said: Oxum,
        /// What there is.
        found: Oxum,
    },
}

impl Unlike {
    /// The file at which it shows.
    pub fn name(&self) -> &str {
        match self {
            Unlike::Digest { name, .. } | Unlike::Damaged { name, .. } => name.as_str(),
            Unlike::Oxum { .. } => BAG_INFO,
        }
    }

    /// A short name of the rule that is broken, which stays the same between versions.
    pub fn code(&self) -> &'static str {
        match self {
            Unlike::Digest { .. } => "digest",
            Unlike::Damaged { defect, .. } => defect.code(),
            Unlike::Oxum { .. } => "bag-oxum",
        }
    }
}

/// Why a source is no bag.
#[derive(Debug, thiserror::Error)]
pub enum BagError {
    /// It cannot be read at all.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The members of a zip file lie in several folders, or in none.
    #[error("\"{0}\" is not in the one top folder")]
    Top(Name),
    /// A file that every bag has is not there.
    #[error("no {0}")]
    Missing(&'static str),
    /// `fetch.txt` says that parts of the payload are elsewhere.
    #[error("{FETCH} is not allowed: a bundle is complete")]
    Fetch,
    /// Stamps have no place in this version of the format.
    #[error("\"{0}\": stamps are not supported by this version")]
    Stamps(Name),
    /// A manifest of another algorithm, which nobody would check.
    #[error("\"{0}\": manifests are of SHA-256 only")]
    Algorithm(Name),
    /// `bagit.txt` is not the one that it can be.
    #[error("{BAGIT} is not that of BagIt 1.0 in UTF-8")]
    Bagit,
    /// `bag-info.txt` is malformed.
    #[error("{BAG_INFO}: {0}")]
    Info(InfoError),
    /// A manifest is malformed.
    #[error("{name}: {source}")]
    Manifest {
        /// Which one.
        name: &'static str,
        /// What is wrong.
        source: ManifestError,
    },
    /// `manifest-sha256.txt` is not what the tagmanifest lists.
    #[error("{MANIFEST} has not the digest that {TAGMANIFEST} lists")]
    ManifestDigest,
    /// A file that no manifest lists.
    #[error("\"{name}\" is not listed in {manifest}")]
    NotListed {
        /// The file.
        name: Name,
        /// Where it should be listed.
        manifest: &'static str,
    },
    /// A listed file that is not there.
    #[error("\"{name}\" is listed in {manifest} and is not there")]
    NotThere {
        /// The file.
        name: Name,
        /// Where it is listed.
        manifest: &'static str,
    },
}

impl BagError {
    /// A short name of the rule that is broken, which stays the same between
    /// versions; none where the system refused.
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            BagError::Read(e) => return e.code(),
            BagError::Top(_) => "bag-top",
            BagError::Missing(_) => "bag-missing",
            BagError::Fetch => "bag-fetch",
            BagError::Stamps(_) => "bag-stamps",
            BagError::Algorithm(_) => "bag-algorithm",
            BagError::Bagit => "bag-bagit",
            BagError::Info(_) => "bag-info",
            BagError::Manifest { .. } => "bag-manifest",
            BagError::ManifestDigest => "bag-manifest-digest",
            BagError::NotListed { .. } => "bag-not-listed",
            BagError::NotThere { .. } => "bag-not-there",
        })
    }
}

fn top_folder(source: &Source) -> Result<Option<Name>, BagError> {
    if let Source::Folder(_) = source {
        return Ok(None);
    }
    let mut top: Option<Name> = None;
    for member in source.members() {
        let Some((first, _)) = member.name.split_first() else {
            return Err(BagError::Top(member.name.clone()));
        };
        match &top {
            None => top = Name::parse(first.as_bytes()).ok(),
            Some(top) if top.as_str() == first => {}
            Some(_) => return Err(BagError::Top(member.name.clone())),
        }
    }
    Ok(top)
}

fn check_place(name: &Name) -> Result<(), BagError> {
    let first = name.split('/').next().unwrap_or_default();
    let manifest = (name.starts_with("manifest-") || name.starts_with("tagmanifest-"))
        && !matches!(name.as_str(), MANIFEST | TAGMANIFEST);
    if first.eq_ignore_ascii_case(FETCH) {
        Err(BagError::Fetch)
    } else if first.eq_ignore_ascii_case(STAMPS) {
        Err(BagError::Stamps(name.clone()))
    } else if manifest {
        Err(BagError::Algorithm(name.clone()))
    } else {
        Ok(())
    }
}

/// `bagit.txt` and `bag-info.txt` are short.
const MOST_TEXT: u64 = 64 * 1024;
/// A line for each of the most members that there can be.
const MOST_MANIFEST: u64 = zip::MOST_MEMBERS as u64 * (64 + 2 + 200 + 1);
