//! What the two sign when they seal: `SEAL.json`, and the tag files that
//! follow from it and from entry 1.
//!
//! It neither signs nor checks signatures.

use serde::{Deserialize, Serialize};

use crate::clock::Time;
use crate::digest::Digest;
use crate::journal::{CaseId, Links, Opened, Reference, Standing, Withheld, spell};
use crate::signature::Namespace;

/// The seal of a case, in its one spelling like an entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    format: Format,
    /// The case.
    pub case: CaseId,
    /// Its reference.
    pub reference: Reference,
    /// Real or practice.
    pub standing: Standing,
    /// The number of the seal, from 1.
    pub seal: u32,
    /// ROOT of the seal before.
    pub previous_root: Option<Digest>,
    /// How many entries the bundle holds.
    pub entries: u64,
    /// The digest of the last of them.
    pub head: Digest,
    /// The digest of its first signature.
    pub head_sig_a: Digest,
    /// The digest of its second signature.
    pub head_sig_b: Digest,
    /// The tag files beside this one and its signatures.
    pub tag_files: Vec<TagFile>,
    /// The files that stayed on the designated computer.
    pub withheld: Vec<Left>,
    /// When it was sealed, as the computer said.
    pub time: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "countersign/seal/v1")]
    V1,
}

/// A tag file and its digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TagFile {
    /// Its name.
    pub name: String,
    /// Its digest.
    pub sha256: Digest,
}

/// A file that stayed behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Where it would lie in the bundle.
    pub path: String,
    /// Its digest.
    pub sha256: Digest,
    /// Its length.
    pub bytes: u64,
    /// The entry that brought it in.
    pub entry: u64,
}

impl Left {
    /// What a seal says of a withheld file.
    pub fn of(withheld: &Withheld) -> Left {
        let file = &withheld.file;
        Left {
            path: format!("data/{}", file.path()),
            sha256: file.sha256,
            bytes: file.bytes,
            entry: withheld.entry,
        }
    }
}

/// Where a seal stands in its case.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The number of the seal.
    pub seal: u32,
    /// ROOT of the seal before.
    pub previous_root: Option<Digest>,
    /// How many entries it holds.
    pub entries: u64,
    /// The digests of the last of them.
    pub head: Links,
}

impl Seal {
    /// The seal of the case that `opened` opened.
    pub fn new(
        case: CaseId,
        opened: &Opened,
        place: Place,
        mut tag_files: Vec<TagFile>,
        withheld: &[Withheld],
        time: Time,
    ) -> Seal {
        tag_files.sort();
        Seal {
            format: Format::V1,
            case,
            reference: opened.reference,
            standing: opened.standing,
            seal: place.seal,
            previous_root: place.previous_root,
            entries: place.entries,
            head: place.head.entry,
            head_sig_a: place.head.sig_a,
            head_sig_b: place.head.sig_b,
            tag_files,
            withheld: withheld.iter().map(Left::of).collect(),
            time,
        }
    }

    /// The one spelling.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Its numbers are counts and those of entries, which have been spelled.
        spell(self).unwrap_or_default()
    }

    /// Reads it back, and refuses every other spelling.
    pub fn parse(bytes: &[u8]) -> Result<Seal, SealError> {
        let seal: Seal = serde_json::from_slice(bytes).map_err(|e| SealError::Json(e.to_string()))?;
        let spelled = spell(&seal).map_err(|e| SealError::Json(e.to_string()))?;
        if spelled == bytes { Ok(seal) } else { Err(SealError::Spelling) }
    }

    /// The one top folder of the bundle, and the name of its file without the
    /// ending: `2026-0001-seal-1`.
    pub fn top(&self) -> String {
        top(self.reference, self.seal)
    }
}

/// The top folder of a seal.
pub fn top(reference: Reference, seal: u32) -> String {
    format!("{reference}-seal-{seal}")
}

/// Why bytes are no seal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not the JSON of a seal.
    #[error("not a seal: {0}")]
    Json(String),
    /// A seal, but not in its one spelling.
    #[error("not in the one spelling of a seal")]
    Spelling,
}

/// The one content of `allowed_signers` for these two keys: who may sign what,
/// for `ssh-keygen -Y verify`.
pub fn allowed_signers(opened: &Opened) -> String {
    let purposes = [Namespace::Journal, Namespace::Seal, Namespace::Receipt].map(Namespace::name).join(",");
    let [a, b] = opened.keys();
    format!("a namespaces=\"{purposes}\" {a}\nb namespaces=\"{purposes}\" {b}\n")
}

/// The name of the seal's file in the bag.
pub const SEAL: &str = "SEAL.json";
/// Its two signatures.
pub const SEAL_SIGNATURES: [&str; 2] = ["SEAL.json.a.sig", "SEAL.json.b.sig"];
/// Who may sign.
pub const ALLOWED_SIGNERS: &str = "allowed_signers";
/// How to check the bundle without this program.
pub const READ_ME: &str = "READ-ME-FIRST.txt";
/// The tag files whose digests the seal names.
pub const SEALED_TAG_FILES: [&str; 5] =
    [READ_ME, ALLOWED_SIGNERS, "bag-info.txt", "bagit.txt", "manifest-sha256.txt"];
