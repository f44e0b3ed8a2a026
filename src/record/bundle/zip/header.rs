//! The three kinds of records, as tables of fields with their one value.
//!
//! It knows single records, not how they lie in the file.

use super::defect::{Defect, Record};

/// What a member's two headers say beside the fields that are always the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts<'a> {
    /// The name's bytes, not yet judged.
    pub(super) name: &'a [u8],
    /// CRC-32 of the content.
    pub(super) crc: u32,
    /// Length of the content.
    pub(super) length: u32,
    /// Where the local header begins.
    pub(super) offset: u32,
}

/// What the end record says beside the fields that are always the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub(super) members: u16,
    pub(super) directory_length: u32,
    pub(super) directory_offset: u32,
}

/// Appends the local header of a member.
pub(super) fn write_local(facts: &Facts<'_>, out: &mut Vec<u8>) {
    let mut fixed = blank::<LOCAL_LENGTH>(LOCAL);
    put(&mut fixed, 14, facts.crc);
    put(&mut fixed, 18, facts.length);
    put(&mut fixed, 22, facts.length);
    put16(&mut fixed, 26, facts.name.len() as u16);
    out.extend_from_slice(&fixed);
    out.extend_from_slice(facts.name);
}

/// Appends the central header of a member.
pub(super) fn write_central(facts: &Facts<'_>, out: &mut Vec<u8>) {
    let mut fixed = blank::<CENTRAL_LENGTH>(CENTRAL);
    put(&mut fixed, 16, facts.crc);
    put(&mut fixed, 20, facts.length);
    put(&mut fixed, 24, facts.length);
    put16(&mut fixed, 28, facts.name.len() as u16);
    put(&mut fixed, 42, facts.offset);
    out.extend_from_slice(&fixed);
    out.extend_from_slice(facts.name);
}

/// Appends the end record.
pub(super) fn write_end(end: &End, out: &mut Vec<u8>) {
    let mut fixed = blank::<END_LENGTH>(END);
    put16(&mut fixed, 8, end.members);
    put16(&mut fixed, 10, end.members);
    put(&mut fixed, 12, end.directory_length);
    put(&mut fixed, 16, end.directory_offset);
    out.extend_from_slice(&fixed);
}

/// Reads the central header at the beginning of `bytes`; it takes
/// `CENTRAL_LENGTH` bytes and the name.
pub(super) fn read_central(bytes: &[u8]) -> Result<Facts<'_>, Defect> {
    let fixed = bytes.get(..CENTRAL_LENGTH).ok_or(Defect::CutOff(Record::Central))?;
    check_signature(fixed, CENTRAL, Record::Central)?;
    if [20, 24, 42].iter().any(|&at| word(fixed, at) == ZIP64) {
        return Err(Defect::Zip64);
    }
    check_fixed(fixed, CENTRAL, Record::Central)?;
    let (packed, length) = (word(fixed, 20), word(fixed, 24));
    if packed != length {
        return Err(Defect::SizesDiffer { record: Record::Central, packed, length });
    }
    let name_length = usize::from(word16(fixed, 28));
    let name =
        bytes.get(CENTRAL_LENGTH..CENTRAL_LENGTH + name_length).ok_or(Defect::CutOff(Record::Central))?;
    Ok(Facts { name, crc: word(fixed, 16), length, offset: word(fixed, 42) })
}

/// Compares the local header at the beginning of `bytes`, which are
/// `LOCAL_LENGTH` and the name's length long, with what the directory said.
pub(super) fn check_local(bytes: &[u8], facts: &Facts<'_>) -> Result<(), Defect> {
    let fixed = bytes.get(..LOCAL_LENGTH).ok_or(Defect::CutOff(Record::Local))?;
    check_signature(fixed, LOCAL, Record::Local)?;
    check_fixed(fixed, LOCAL, Record::Local)?;
    for (at, field, expected) in
        [(14, "CRC-32", facts.crc), (18, "compressed size", facts.length), (22, "size", facts.length)]
    {
        let found = word(fixed, at);
        if found != expected {
            return Err(Defect::HeadersDiffer { field, central: expected, local: found });
        }
    }
    let name_length = u32::from(word16(fixed, 26));
    if name_length != facts.name.len() as u32 {
        let central = facts.name.len() as u32;
        return Err(Defect::HeadersDiffer { field: "name length", central, local: name_length });
    }
    match bytes.get(LOCAL_LENGTH..) {
        Some(name) if name == facts.name => Ok(()),
        Some(name) => Err(Defect::NamesDiffer { local: crate::bundle::name::shown(name) }),
        None => Err(Defect::CutOff(Record::Local)),
    }
}

/// Reads an end record.
pub(super) fn read_end(fixed: &[u8; END_LENGTH]) -> Result<End, Defect> {
    check_signature(fixed, END, Record::End)?;
    let (here, total) = (word16(fixed, 8), word16(fixed, 10));
    if here == 0xffff || total == 0xffff || word(fixed, 12) == ZIP64 || word(fixed, 16) == ZIP64 {
        return Err(Defect::Zip64);
    }
    check_fixed(fixed, END, Record::End)?;
    if here != total {
        return Err(Defect::Split { here, total });
    }
    Ok(End { members: total, directory_length: word(fixed, 12), directory_offset: word(fixed, 16) })
}

/// The signature that begins each kind of record.
pub(super) const LOCAL_SIGNATURE: [u8; 4] = *b"PK\x03\x04";
pub(super) const CENTRAL_SIGNATURE: [u8; 4] = *b"PK\x01\x02";
pub(super) const END_SIGNATURE: [u8; 4] = *b"PK\x05\x06";
/// What begins the locator of a zip64 end record, and its length.
pub(super) const ZIP64_LOCATOR: ([u8; 4], u64) = (*b"PK\x06\x07", 20);

/// Lengths of the records without the name.
pub(super) const LOCAL_LENGTH: usize = 30;
pub(super) const CENTRAL_LENGTH: usize = 46;
pub(super) const END_LENGTH: usize = 22;

/// A field whose value is always the same.
struct Fixed {
    at: usize,
    length: usize,
    name: &'static str,
    value: u32,
}

const fn fixed(at: usize, length: usize, name: &'static str, value: u32) -> Fixed {
    Fixed { at, length, name, value }
}

const LOCAL: &[Fixed] = &[
    fixed(0, 4, "signature", u32::from_le_bytes(LOCAL_SIGNATURE)),
    fixed(4, 2, VERSION_NEEDED, VERSION_1_0),
    fixed(6, 2, FLAGS, 0),
    fixed(8, 2, METHOD, STORED),
    fixed(10, 2, TIME, MIDNIGHT),
    fixed(12, 2, DATE, DAY_1980_01_01),
    fixed(28, 2, EXTRA, 0),
];

const CENTRAL: &[Fixed] = &[
    fixed(0, 4, "signature", u32::from_le_bytes(CENTRAL_SIGNATURE)),
    fixed(4, 2, "version made by", VERSION_1_0),
    fixed(6, 2, VERSION_NEEDED, VERSION_1_0),
    fixed(8, 2, FLAGS, 0),
    fixed(10, 2, METHOD, STORED),
    fixed(12, 2, TIME, MIDNIGHT),
    fixed(14, 2, DATE, DAY_1980_01_01),
    fixed(30, 2, EXTRA, 0),
    fixed(32, 2, COMMENT, 0),
    fixed(34, 2, DISK, 0),
    fixed(36, 2, "internal attributes", 0),
    fixed(38, 4, "external attributes", 0),
];

const END: &[Fixed] = &[
    fixed(0, 4, "signature", u32::from_le_bytes(END_SIGNATURE)),
    fixed(4, 2, DISK, 0),
    fixed(6, 2, "disk of the directory", 0),
    fixed(20, 2, COMMENT, 0),
];

pub(super) const VERSION_NEEDED: &str = "version needed";
pub(super) const FLAGS: &str = "flags";
pub(super) const METHOD: &str = "compression method";
pub(super) const TIME: &str = "time";
pub(super) const DATE: &str = "date";
pub(super) const EXTRA: &str = "extra field length";
pub(super) const COMMENT: &str = "comment length";
pub(super) const DISK: &str = "disk";

/// Version 1.0; as "version made by" also: attributes as on MS-DOS, of which there are none.
const VERSION_1_0: u32 = 10;
const STORED: u32 = 0;
const MIDNIGHT: u32 = 0;
const DAY_1980_01_01: u32 = 0x0021;
/// What stands in a field whose value is to be found in a zip64 extra field.
const ZIP64: u32 = 0xffff_ffff;

fn blank<const LENGTH: usize>(fields: &[Fixed]) -> [u8; LENGTH] {
    let mut record = [0; LENGTH];
    for field in fields {
        record[field.at..field.at + field.length].copy_from_slice(&field.value.to_le_bytes()[..field.length]);
    }
    record
}

fn check_signature(record: &[u8], fields: &[Fixed], kind: Record) -> Result<(), Defect> {
    if value(record, &fields[0]) == fields[0].value { Ok(()) } else { Err(Defect::NoRecord(kind)) }
}

fn check_fixed(record: &[u8], fields: &[Fixed], kind: Record) -> Result<(), Defect> {
    for field in fields {
        let found = value(record, field);
        if found != field.value {
            return Err(Defect::Field { record: kind, field: field.name, expected: field.value, found });
        }
    }
    Ok(())
}

fn value(record: &[u8], field: &Fixed) -> u32 {
    if field.length == 2 { word16(record, field.at).into() } else { word(record, field.at) }
}

fn word(record: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]])
}

fn word16(record: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([record[at], record[at + 1]])
}

fn put(record: &mut [u8], at: usize, value: u32) {
    record[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

fn put16(record: &mut [u8], at: usize, value: u16) {
    record[at..at + 2].copy_from_slice(&value.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: Facts<'_> = Facts { name: b"a/b", crc: 0x0102_0304, length: 5, offset: 0x1122_3344 };

    #[test]
    fn every_byte_of_every_record_is_looked_at() {
        let mut local = Vec::new();
        write_local(&FACTS, &mut local);
        check_local(&local, &FACTS).expect("our own");
        let mut central = Vec::new();
        write_central(&FACTS, &mut central);
        assert_eq!(read_central(&central), Ok(FACTS));
        let end = End { members: 3, directory_length: 147, directory_offset: 1000 };
        let mut record = Vec::new();
        write_end(&end, &mut record);
        for (bit, bytes) in flips(&local) {
            assert!(check_local(&bytes, &FACTS).is_err(), "local, bit {bit}");
        }
        for (bit, bytes) in flips(&central) {
            assert_ne!(read_central(&bytes), Ok(FACTS), "central, bit {bit}");
        }
        for (bit, bytes) in flips(&record) {
            let bytes: [u8; END_LENGTH] = bytes.try_into().expect("its length");
            assert_ne!(read_end(&bytes), Ok(end), "end, bit {bit}");
        }
    }

    fn flips(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
        (0..bytes.len() * 8).map(move |bit| {
            let mut flipped = bytes.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            (bit, flipped)
        })
    }
}
