//! Seals a case: one bundle that a stranger can check, and the paper that
//! holds it.
//!
//! The order: the form, if none is newer than the last word of the record; the
//! bundle and its paper in the home's own folder for them, durable under names
//! that are not their own; the entry that says that the case was sealed; then
//! the names; then copies, where people want them. A crash before the entry
//! leaves nothing that anyone was told of. A crash after it leaves both files
//! complete, with `.part` at the end of their names, and the next unlocking
//! gives them their own, or says on record that the seal has no bundle.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::copy::{self, Broken};
use super::form::{FormRequest, drawn_unless, form_unless, make_form, written};
use super::places::Places;
use super::{HandoverError, read_me};
use crate::case::{CaseError, SealFiles, Unlocked};
use crate::durable::{At, Disk, DiskError, Positioned};
use crate::form::{Fonts, Form, SealSheet, draw_sealed};
use crate::procedure::Deed;
use countersign_record::bundle::bag::{Bag, Draft, Info};
use countersign_record::bundle::name::NameError;
use countersign_record::bundle::seal::{
    ALLOWED_SIGNERS, Place, READ_ME, SEAL, SEAL_SIGNATURES, SEALED_TAG_FILES, TagFile, allowed_signers, top,
};
use countersign_record::bundle::zip::{Content, Member, Writer};
use countersign_record::bundle::{Name, Seal, Watch};
use countersign_record::clock::Time;
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Entry, File, Ledger, Line, Released, Sealed, Standing, entry_name};
use countersign_record::regular_file;
use countersign_record::words::SealWords;

/// A seal that is wanted.
pub struct SealRequest<'a> {
    /// The folder that copies of the bundle and its paper go to; none are made
    /// where it is the home's own for them.
    pub out: &'a Path,
    /// What the form may be set in.
    pub fonts: &'a Fonts,
    /// How many threads may hash and copy.
    pub threads: NonZeroUsize,
    /// What is told of the progress.
    pub watch: &'a Watch<'a>,
}

/// A case that was sealed.
#[derive(Debug)]
pub struct SealedCase {
    /// The entry that says so.
    pub entry: u64,
    /// The number of the seal.
    pub seal: u32,
    /// The bundle, where people wanted it; where it could not be put there,
    /// where it lies ([`Unlocked::unfinished`] says why).
    pub bundle: PathBuf,
    /// The form with the seal sheet, likewise.
    pub form: PathBuf,
    /// The root.
    pub root: Digest,
    /// Its words.
    pub words: SealWords,
    /// How many entries the bundle holds.
    pub entries: u64,
    /// How many files stayed behind.
    pub withheld: u64,
    /// The length of the bundle.
    pub bytes: u64,
}

/// Seals the case as it stands.
///
/// # Errors
/// The case is not sealed; with [`HandoverError::HaltedAfter`] the record says
/// that it was, and that the seal has no bundle.
pub fn seal(case: &mut Unlocked<'_>, request: &SealRequest<'_>) -> Result<SealedCase, HandoverError> {
    // From before the case is asked on, so that no halt falls between.
    let halted = case.watch();
    case.permit(Deed::Seal)?;
    case.folder().check_way_out(request.out)?;
    let disk = Disk::new();
    let places = Places::of(case, &disk, request.out)?;
    if !has_newest_form(case.ledger()) {
        let made = make_form(case, &FormRequest { fonts: request.fonts, out: None });
        made.map_err(|error| match error {
            HandoverError::FormDropped => HandoverError::Halted,
            error => error,
        })?;
    }
    let permit = case.permit(Deed::Seal)?;
    case.reading().check_held_elsewhere()?;
    let time = case.surroundings().clock.now();
    let number = places.seal;
    let name = top(case.ledger().opened().reference, number);
    let bag = bag(case, number, time)?;
    let root = bag.root;
    let drafts = case.folder().seal_drafts(number, &root).ok_or(HandoverError::NoHome)?;
    let (mut part, bytes) = {
        let writer = Writer::new(bag.members)?;
        let part = disk.part(&drafts.bundle)?;
        let watch = |done: u64| match halted.is_halted() {
            true => ControlFlow::Break(()),
            false => (request.watch)(done),
        };
        let file = Positioned::new(part.file().ok_or(HandoverError::Halted)?);
        file.writing_back(|| writer.write(&file, part.path(), request.threads, &watch)).map_err(|error| {
            match halted.is_halted() {
                true => HandoverError::Halted,
                false => error.into(),
            }
        })?;
        (part, writer.length())
    };
    if !part.settle_unless(&|| halted.is_halted())? {
        return Err(HandoverError::Halted);
    }
    let bundle_sha256 = digest_of(part.path(), &|done| match halted.is_halted() {
        true => ControlFlow::Break(()),
        false => (request.watch)(done),
    })?;
    let withheld = case.reading().released().withheld().len() as u64;
    let entries = case.ledger().head();
    let bundle = line(&format!("{name}.zip"))?;
    let sheet = SealSheet {
        case: case.ledger().case(),
        seal: number,
        sealed: time,
        root,
        entries,
        left: withheld,
        bundle: bundle.to_string(),
    };
    let form = form_unless(case.reading(), time, &halted)?;
    let draw = move |form: &Form, fonts: &Fonts| draw_sealed(form, &sheet, fonts);
    let pdf = drawn_unless(&halted, request.fonts, form, draw)?;
    let mut paper_part = written(&disk, &drafts.form, &pdf.bytes, &halted)?;
    let sealed = Sealed {
        seal: number,
        root,
        entries,
        withheld,
        sealed_at: time,
        bundle,
        bytes,
        bundle_sha256,
        form_sha256: Digest::of(&pdf.bytes),
    };
    // Whole under the names that they have, before the record speaks of them.
    part.settle_name()?;
    // The last moment before it counts: a bundle of a case that was stopped
    // meanwhile may hold what must not leave.
    if halted.is_halted() {
        return Err(HandoverError::Halted);
    }
    // From before the entry: whatever ends this program once it is on record,
    // the next unlocking gives them their names.
    part.stay();
    paper_part.stay();
    let entry = match case.append(permit, Body::Sealed(sealed)) {
        Ok(entry) => entry,
        // It may be on record.
        Err(error @ CaseError::Uncertain { .. }) => return Err(error.into()),
        Err(error) => {
            part.go();
            paper_part.go();
            return Err(if halted.is_halted() { HandoverError::Halted } else { error.into() });
        }
    };
    // The entry is kept: from here on nothing is a failure of the seal but a
    // halt, and that is put on record.
    let made = [part.path().to_owned(), paper_part.path().to_owned()];
    if halted.is_halted() {
        return Err(halted_after(case, entry, number, &made));
    }
    let files = places.name(case, &mut part, &mut paper_part);
    if halted.is_halted() {
        // Raised before the names were made, perhaps: they go again. A halt
        // that comes after this look comes after the seal.
        return Err(halted_after(case, entry, number, &[files.bundle, files.form]));
    }
    let files = places.copy_out(case, &disk, files, &halted);
    let words = SealWords::of(&root);
    let SealFiles { bundle, form } = files;
    Ok(SealedCase { entry, seal: number, bundle, form, root, words, entries, withheld, bytes })
}

fn halted_after(case: &mut Unlocked<'_>, entry: u64, seal: u32, made: &[PathBuf]) -> HandoverError {
    let said = case.withdraw_seal(seal, made);
    let left = made.iter().filter(|path| !matches!(path.try_exists(), Ok(false))).cloned().collect();
    HandoverError::HaltedAfter { entry, seal, on_record: said.is_ok(), left }
}

/// What the seal sheet says of a seal that is on record.
pub(super) fn sheet(ledger: &Ledger, sealed: &Sealed) -> SealSheet {
    SealSheet {
        case: ledger.case(),
        seal: sealed.seal,
        sealed: sealed.sealed_at,
        root: sealed.root,
        entries: sealed.entries,
        left: sealed.withheld,
        bundle: sealed.bundle.to_string(),
    }
}

/// What the bundle is as a file.
fn digest_of(path: &Path, watch: &Watch<'_>) -> Result<Digest, HandoverError> {
    let mut file = regular_file::open(path).at(path)?;
    match copy::content(&mut file, watch) {
        Ok((digest, _)) => Ok(digest),
        Err(Broken::Stopped) => Err(HandoverError::Halted),
        Err(Broken::Reading(error) | Broken::Writing(error)) => Err(DiskError::io(path, error).into()),
    }
}

/// Whether the last word of the record is a form, but for what the program
/// itself had to say after it.
fn has_newest_form(ledger: &Ledger) -> bool {
    let own = |body: &Body| matches!(body, Body::ClockJumped(_) | Body::Recovered(_));
    let last = ledger.entries().iter().rev().find(|entry| !own(&entry.body));
    matches!(last.map(|entry| &entry.body), Some(Body::FormMade(_)))
}

/// The bag of the case as it stands, with its seal signed by both.
fn bag(case: &Unlocked<'_>, number: u32, time: Time) -> Result<Bag, HandoverError> {
    let reading = case.reading();
    let ledger = reading.ledger();
    let released = reading.released();
    let name: Name = top(ledger.opened().reference, number).parse()?;
    let draft = Draft::new(name, payload(case, &released)?, info(ledger, number, time)?)?;
    let read_me = read_me::text(ledger, number, time, released.withheld().len());
    let signers = allowed_signers(ledger.opened());
    let mut tag_files: Vec<TagFile> = vec![
        TagFile { name: READ_ME.to_owned(), sha256: Digest::of(read_me.as_bytes()) },
        TagFile { name: ALLOWED_SIGNERS.to_owned(), sha256: Digest::of(signers.as_bytes()) },
    ];
    tag_files.extend(
        draft.tags().iter().map(|tag| TagFile { name: tag.name.as_str().to_owned(), sha256: tag.digest }),
    );
    debug_assert_eq!(tag_files.len(), SEALED_TAG_FILES.len());
    let place = Place {
        seal: number,
        previous_root: ledger.last_seal().map(|(_, sealed)| sealed.root),
        entries: ledger.head(),
        head: reading.links(),
    };
    let seal = Seal::new(ledger.case(), ledger.opened(), place, tag_files, released.withheld(), time);
    let bytes = seal.to_bytes();
    let [sig_a, sig_b] = case.sign_seal(&bytes);
    let others = [
        (READ_ME, read_me.into_bytes()),
        (ALLOWED_SIGNERS, signers.into_bytes()),
        (SEAL, bytes),
        (SEAL_SIGNATURES[0], sig_a),
        (SEAL_SIGNATURES[1], sig_b),
    ];
    let others = others.into_iter().map(|(name, bytes)| Ok((name.parse::<Name>()?, bytes)));
    Ok(draft.finish(others.collect::<Result<Vec<_>, NameError>>()?)?)
}

/// Everything of the case's `data` folder that the record names and that may
/// leave. What else lies there stays.
fn payload(case: &Unlocked<'_>, released: &Released) -> Result<Vec<Member>, HandoverError> {
    let ledger = case.ledger();
    let data = case.folder().data();
    let mut members = Vec::new();
    // Each entry holds the digests of the one before it, so that nothing need
    // be read here: what is copied later MUST be what was replayed.
    let after = ledger.entries().iter().skip(1).filter_map(Entry::links);
    for (number, links) in (1..).zip(after.chain([case.reading().links()])) {
        let name = entry_name(number);
        let parts = [("", links.entry), (".a.sig", links.sig_a), (".b.sig", links.sig_b)];
        for (ending, digest) in parts {
            let name = format!("journal/{name}{ending}");
            let path = data.join(&name);
            let length = regular_file::length(&path).at(&path)?;
            let content = Content::File { path, length };
            members.push(Member { name: format!("data/{name}").parse()?, digest, content });
        }
    }
    for (letter, key) in ["a", "b"].into_iter().zip(ledger.opened().keys()) {
        let name = format!("data/keys/{letter}.pub").parse()?;
        members.push(Member::of_bytes(name, format!("{key}\n").into_bytes()));
    }
    for (file, _) in ledger.files().filter(|(file, _)| released.allows(file)) {
        members.push(member(&data, file)?);
    }
    for entry in ledger.entries() {
        if let Body::Recovered(recovered) = &entry.body {
            for void in &recovered.void {
                let name = format!("void/{}", void.name);
                let path = data.join(&name);
                let length = regular_file::length(&path).at(&path)?;
                let content = Content::File { path, length };
                members.push(Member { name: format!("data/{name}").parse()?, digest: void.sha256, content });
            }
        }
    }
    Ok(members)
}

fn member(data: &Path, file: &File) -> Result<Member, HandoverError> {
    let content = Content::File { path: data.join(file.path()), length: file.bytes };
    Ok(Member { name: format!("data/{}", file.path()).parse()?, digest: file.sha256, content })
}

fn info(ledger: &Ledger, number: u32, time: Time) -> Result<Info, HandoverError> {
    let opened = ledger.opened();
    let mut fields = vec![
        ("Bag-Software-Agent".to_owned(), format!("Countersign {}", opened.program.version)),
        ("Bagging-Date".to_owned(), time.day().to_string()),
        ("External-Identifier".to_owned(), format!("{} seal {number}", opened.reference)),
    ];
    if opened.standing == Standing::Rehearsal {
        fields.push(("External-Description".to_owned(), "REHEARSAL: practice, not a real case".to_owned()));
    }
    Ok(Info::new(fields)?)
}

/// Our own names are short and plain.
fn line(text: &str) -> Result<Line, HandoverError> {
    Line::typed(text).map_err(HandoverError::Text)
}
