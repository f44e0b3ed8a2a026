//! BagIt 1.0 (RFC 8493), one spelling of it: out, and strictly in.
//!
//! It knows names and digests. It does not know what the tag files say beside
//! its own four, and it neither reads nor hashes the payload.

mod info;
mod manifest;
mod sealed;

use super::name::{Name, NameError};
use super::zip::Member;
use crate::digest::Digest;

pub use info::{Info, InfoError, Oxum};
pub use manifest::{Line, Manifest, ManifestError};
pub use sealed::{BagError, Entry, SealedBag, Unlike};

/// The one content of `bagit.txt`.
pub const BAGIT_TXT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// A bag whose payload is fixed and whose tag files are not.
#[derive(Debug)]
pub struct Draft {
    top: Name,
    payload: Vec<Member>,
    tags: Vec<Member>,
}

impl Draft {
    /// A bag in the folder `top`, of a payload whose names begin with `data/`.
    /// `info` MUST NOT have a `Payload-Oxum`; the bag has the one of its payload.
    pub fn new(top: Name, mut payload: Vec<Member>, info: Info) -> Result<Draft, DraftError> {
        if !top.is_single() {
            return Err(DraftError::Top(top));
        }
        if payload.is_empty() {
            return Err(DraftError::NoPayload);
        }
        if let Some(member) = payload.iter().find(|member| !is_payload(&member.name)) {
            return Err(DraftError::Place(member.name.clone()));
        }
        payload.sort_by(|a, b| a.name.cmp(&b.name));
        let oxum = Oxum {
            octets: payload.iter().map(Member::length).fold(0, u64::saturating_add),
            files: payload.len() as u64,
        };
        let tags = [
            (BAGIT, BAGIT_TXT.to_owned()),
            (BAG_INFO, info.with_oxum(oxum)),
            (MANIFEST, Manifest::of(&payload).to_string()),
        ];
        let tags = tags.map(|(name, text)| Member::of_bytes(fixed_name(name), text.into_bytes()));
        Ok(Draft { top, payload, tags: tags.into() })
    }

    /// The tag files so far with their digests: `bag-info.txt`, `bagit.txt`
    /// and `manifest-sha256.txt`.
    pub fn tags(&self) -> &[Member] {
        &self.tags
    }

    /// The whole bag, with these other tag files.
    pub fn finish(mut self, others: Vec<(Name, Vec<u8>)>) -> Result<Bag, DraftError> {
        for (name, content) in others {
            if is_payload(&name) || is_reserved(&name) || self.tags.iter().any(|tag| tag.name == name) {
                return Err(DraftError::Place(name));
            }
            self.tags.push(Member::of_bytes(name, content));
        }
        self.tags.sort_by(|a, b| a.name.cmp(&b.name));
        let tagmanifest = Manifest::of(&self.tags).to_string();
        let tagmanifest = Member::of_bytes(fixed_name(TAGMANIFEST), tagmanifest.into_bytes());
        let root = tagmanifest.digest;
        let mut members = self.payload;
        members.append(&mut self.tags);
        members.push(tagmanifest);
        for member in &mut members {
            member.name = member.name.within(&self.top)?;
        }
        members.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Bag { root, members })
    }
}

/// A whole bag as members for [`zip::Writer`](super::zip::Writer).
#[derive(Debug)]
pub struct Bag {
    /// ROOT: the digest of `tagmanifest-sha256.txt`.
    pub root: Digest,
    /// All members, under the top folder, in byte order of their names.
    pub members: Vec<Member>,
}

/// Why a bag cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The top folder is more than one folder.
    #[error("the top folder \"{0}\" is more than one folder")]
    Top(Name),
    /// There is no payload.
    #[error("no payload")]
    NoPayload,
    /// A payload file outside `data/`, or a tag file where none can be.
    #[error("\"{0}\" cannot be in that place of a bag")]
    Place(Name),
    /// The name is too long under the top folder.
    #[error(transparent)]
    Name(#[from] NameError),
}

fn is_payload(name: &str) -> bool {
    name.starts_with("data/")
}

/// Names that a tag file which is handed in cannot have.
fn is_reserved(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let first = lower.split('/').next().unwrap_or_default();
    let of_bagit = first.starts_with("manifest-") || first.starts_with("tagmanifest-");
    of_bagit || matches!(first, "data" | "stamps" | FETCH | BAGIT | BAG_INFO)
}

fn fixed_name(name: &'static str) -> Name {
    name.parse().expect("our own names are names")
}

const BAGIT: &str = "bagit.txt";
const BAG_INFO: &str = "bag-info.txt";
const MANIFEST: &str = "manifest-sha256.txt";
const TAGMANIFEST: &str = "tagmanifest-sha256.txt";
const FETCH: &str = "fetch.txt";
const STAMPS: &str = "stamps";
