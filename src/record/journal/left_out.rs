//! What is not in the record, by name: as many as an entry has room for, and
//! all of them as a file where there are more.
//!
//! It stores no file, and looks into none that it names.

use serde::{Deserialize, Serialize};

use super::facts::{Extension, File, Role};
use super::spelling::spell;
use super::text::Seen;
use crate::digest::Digest;

/// Something that did not become part of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its name, from the folder on that was brought in, or from the case's.
    pub name: Seen,
    /// Its digest, where it was read.
    pub sha256: Option<Digest>,
    /// Why it is not in the record.
    pub because: Seen,
}

/// All that was left out at once: by name here, or in a file of the case.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AllLeftOut {
    /// How many, **the one place where they are counted**.
    pub count: u64,
    /// The first of them: all, unless there is a list.
    pub named: Vec<LeftOut>,
    /// All of them as a file with the role `list`, where an entry has no room.
    pub list: Option<File>,
}

impl AllLeftOut {
    /// What an entry says of `all`, and the bytes of the list that has to be
    /// stored with it, where it has not room for all: of `room` bytes, as
    /// they stand in the entry.
    ///
    /// # Errors
    /// Never of bounded names; what the spelling says.
    pub fn of(all: Vec<LeftOut>, room: usize) -> Result<(AllLeftOut, Option<Vec<u8>>), serde_json::Error> {
        let count = all.len() as u64;
        let mut taken = 0;
        let fits = |left: &&LeftOut| {
            taken += length_in_entry(*left);
            taken <= room
        };
        let named = all.iter().take_while(fits).count();
        if named == all.len() {
            return Ok((AllLeftOut { count, named: all, list: None }, None));
        }
        let first = all[..named].to_vec();
        let bytes = spell(&List { format: Format::V1, left_out: all })?;
        let list = File {
            role: Role::List,
            sha256: Digest::of(&bytes),
            bytes: bytes.len() as u64,
            extension: Extension::of_name("list.json"),
            name: None,
        };
        Ok((AllLeftOut { count, named: first, list: Some(list) }, Some(bytes)))
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many there are, in words: `51 left out`.
    pub fn in_words(&self) -> String {
        format!("{} left out", self.count)
    }

    /// How many are in the list alone.
    pub fn more(&self) -> u64 {
        self.count.saturating_sub(self.named.len() as u64)
    }
}

/// What a file with the role `list` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    format: Format,
    /// All of them, in the order in which they were found.
    pub left_out: Vec<LeftOut>,
}

impl List {
    /// Reads it in its one spelling; none where it is no list.
    pub fn parse(bytes: &[u8]) -> Option<List> {
        let list: List = serde_json::from_slice(bytes).ok()?;
        spell(&list).is_ok_and(|spelled| spelled == bytes).then_some(list)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "countersign/list/v1")]
    V1,
}

/// The bytes that `value` takes within an entry, at most.
pub fn length_in_entry<T: Serialize>(value: &T) -> usize {
    let bytes = spell(value).unwrap_or_default();
    let lines = bytes.iter().filter(|&&byte| byte == b'\n').count();
    bytes.len() + DEEPEST * (lines + 1)
}

/// The most that a value's lines are indented by in an entry, in bytes.
const DEEPEST: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_room_is_a_list_with_all_of_it() {
        let left = |n: usize| LeftOut {
            name: Seen::of(&format!("{}{n}", "\"".repeat(n))),
            sha256: None,
            because: Seen::of("is a link"),
        };
        for (many, room) in [(0, 0), (1, 0), (3, 1000), (3, 10), (500, 16 * 1024)] {
            let all: Vec<LeftOut> = (0..many).map(left).collect();
            let (said, bytes) = AllLeftOut::of(all.clone(), room).expect("spells");
            assert_eq!(said.count, many as u64);
            assert!(said.named.iter().map(length_in_entry).sum::<usize>() <= room);
            assert_eq!(said.more(), (many - said.named.len()) as u64);
            assert_eq!(said.named, all[..said.named.len()]);
            assert_eq!(said.list.is_some(), said.more() > 0);
            assert_eq!(said.list.as_ref().map(|file| file.sha256), bytes.as_deref().map(Digest::of));
            if let Some(bytes) = bytes {
                assert_eq!(List::parse(&bytes).map(|list| list.left_out), Some(all));
                assert_eq!(List::parse(&bytes[1..]), None);
            }
        }
    }
}
