//! The form as a step of the case: drawn from the record, stored with it, and
//! written where the two can print it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::HandoverError;
use crate::case::{PendingHalt, Reading, Unfinished, Unlocked, Watch};
use crate::durable::{Disk, Part, unless};
use crate::form::{Files, Fonts, Form, FormError, Pdf, ReferralSheet, draw, draw_referral};
use crate::procedure::Deed;
use countersign_record::clock::{Clock, Time};
use countersign_record::digest::Digest;
use countersign_record::journal::{Body, Extension, File, FormMade, Role};
use countersign_record::regular_file;

/// A form that is wanted.
pub struct FormRequest<'a> {
    /// What it may be set in.
    pub fonts: &'a Fonts,
    /// Where it goes beside the case, if anywhere.
    pub out: Option<&'a Path>,
}

/// A form that was made.
#[derive(Debug)]
pub struct MadeForm {
    /// Its entry.
    pub entry: u64,
    /// Its digest.
    pub sha256: Digest,
    /// How many pages it has.
    pub pages: u32,
    /// Where it was written, beside the case; none where it could not be.
    pub out: Option<PathBuf>,
}

/// Makes the form of the case as it stands, stores it in the case, and writes
/// it to `request.out`.
pub fn make_form(case: &mut Unlocked<'_>, request: &FormRequest<'_>) -> Result<MadeForm, HandoverError> {
    if let Some(out) = request.out {
        case.folder().check_way_out(out)?;
        if fs::symlink_metadata(out).is_ok() {
            return Err(HandoverError::Taken(out.to_owned()));
        }
    }
    let mut halted = case.watch();
    let mut permit = case.permit(Deed::Form)?;
    if halted.is_halted() {
        // Raised before the permit, which put it on record: the form is one of
        // a case that is stopped, and only a later halt stands against it.
        halted = case.watch();
        permit = case.permit(Deed::Form)?;
    }
    case.reading().check_held_elsewhere()?;
    let form = form_unless(case.reading(), case.surroundings().clock.now(), &halted);
    let pdf = drawn_unless(&halted, request.fonts, form.map_err(dropped)?, draw).map_err(dropped)?;
    let disk = Disk::new();
    // First, because this can fail for reasons outside the case; without its
    // name, because the case can be stopped until the last moment.
    let part = request.out.map(|out| written(&disk, out, &pdf.bytes, &halted)).transpose();
    let part = part.map_err(dropped)?;
    if halted.is_halted() {
        return Err(HandoverError::FormDropped);
    }
    let file = store(case, &pdf)?;
    let (sha256, pages) = (file.sha256, pdf.pages as u32);
    let entry = case.append(permit, Body::FormMade(FormMade { file, pages }))?;
    // The form is on record: what fails from here on is no failure of it.
    let mut written = None;
    if let Some((mut part, out)) = part.zip(request.out) {
        if halted.is_halted() {
            return Err(HandoverError::FormHalted { entry });
        }
        match part.name(out) {
            Ok(()) => written = Some(out.to_owned()),
            Err(error) => {
                let (path, lies) = (out.to_owned(), None);
                case.leave_unfinished(Unfinished::Copy { path, lies, error: Arc::new(error) });
            }
        }
        if halted.is_halted() {
            // Raised before the name was made, perhaps: it goes again.
            if written.is_some() {
                case.remove_what_must_go(out);
            }
            return Err(HandoverError::FormHalted { entry });
        }
    }
    Ok(MadeForm { entry, sha256, pages, out: written })
}

/// A stop while a form was made.
fn dropped(error: HandoverError) -> HandoverError {
    match error {
        HandoverError::Halted => HandoverError::FormDropped,
        error => error,
    }
}

/// Writes the sheet for the police to `out`: words only. It needs no
/// passphrase and leaves the case as it is, so that either person can print it
/// at once.
pub fn make_referral_sheet(
    case: &Reading,
    fonts: &Fonts,
    clock: &dyn Clock,
    out: &Path,
) -> Result<u32, HandoverError> {
    case.folder().check_way_out(out)?;
    let pdf = referral_sheet(case, fonts, clock)?;
    Disk::new().create_whole(out, &pdf.bytes)?;
    Ok(pdf.pages as u32)
}

/// The sheet for the police, written nowhere.
pub fn referral_sheet(case: &Reading, fonts: &Fonts, clock: &dyn Clock) -> Result<Pdf, HandoverError> {
    let folder =
        std::path::absolute(case.folder().path()).unwrap_or_else(|_| case.folder().path().to_owned());
    let sheet = ReferralSheet::of(
        case.ledger(),
        case.written_alone(),
        &case.state(),
        folder.display().to_string(),
        clock.now(),
    );
    let form = form_of(case, clock)?;
    let form = form.with_written(case.written_alone(), case.ledger(), case.pack());
    Ok(draw_referral(&form, &sheet, fonts)?)
}

/// What the form says of the case as it stands.
pub(super) fn form_of(reading: &Reading, clock: &dyn Clock) -> Result<Form, HandoverError> {
    form_at(reading, clock.now())
}

/// The same, as it was made at that time.
pub(super) fn form_at(reading: &Reading, made: Time) -> Result<Form, HandoverError> {
    of_files(reading, made, &Stored(reading))
}

/// The same, short of a stop: it is looked for before each picture is read.
///
/// # Errors
/// [`HandoverError::Halted`] where there was one.
pub(super) fn form_unless(reading: &Reading, made: Time, halted: &Watch) -> Result<Form, HandoverError> {
    let form = of_files(reading, made, &Watched { stored: Stored(reading), halted });
    if halted.is_halted() { Err(HandoverError::Halted) } else { form }
}

fn of_files(reading: &Reading, made: Time, files: &dyn Files) -> Result<Form, HandoverError> {
    let form = Form::of(reading.ledger(), &reading.released(), reading.pack(), files, made)?;
    Ok(form.with_raised(reading.pending_halts().iter().map(PendingHalt::to_body), reading.ledger()))
}

/// Draws a form, short of a stop. Pictures take seconds, and nothing can end
/// the drawing of one.
///
/// # Errors
/// [`HandoverError::Halted`] where there was one.
pub(super) fn drawn_unless(
    halted: &Watch,
    fonts: &Fonts,
    form: Form,
    draw: impl FnOnce(&Form, &Fonts) -> Result<Pdf, FormError> + Send + 'static,
) -> Result<Pdf, HandoverError> {
    let fonts = fonts.clone();
    let drawn = unless(&|| halted.is_halted(), move || draw(&form, &fonts));
    Ok(drawn.map_err(HandoverError::Thread)?.ok_or(HandoverError::Halted)??)
}

/// A part beside `out`, whole and durable, short of a stop.
pub(super) fn written<'d>(
    disk: &'d Disk,
    out: &Path,
    bytes: &[u8],
    halted: &Watch,
) -> Result<Part<'d>, HandoverError> {
    let mut part = disk.part(out)?;
    for piece in bytes.chunks(PIECE) {
        if halted.is_halted() {
            return Err(HandoverError::Halted);
        }
        part.write(piece)?;
    }
    match part.settle_unless(&|| halted.is_halted())? {
        true => Ok(part),
        false => Err(HandoverError::Halted),
    }
}

/// Bytes that are written between two looks for a stop.
const PIECE: usize = 4 << 20;

fn store(case: &Unlocked<'_>, pdf: &Pdf) -> Result<File, HandoverError> {
    let file = File {
        role: Role::Form,
        sha256: Digest::of(&pdf.bytes),
        bytes: pdf.bytes.len() as u64,
        extension: Extension::of_name("form.pdf"),
        name: None,
    };
    let folder = case.folder();
    let mut part = case.disk().part_for_elsewhere(&folder.draft().join("form"))?;
    part.write(&pdf.bytes)?;
    let names = case.disk().names(&folder.files())?;
    folder.place(&mut part, &file, &names)?;
    names.sync()?;
    Ok(file)
}

/// The same, as long as there is no stop.
struct Watched<'a> {
    stored: Stored<'a>,
    halted: &'a Watch,
}

impl Files for Watched<'_> {
    fn read(&self, file: &File) -> io::Result<Vec<u8>> {
        match self.halted.is_halted() {
            true => Err(io::ErrorKind::Interrupted.into()),
            false => self.stored.read(file),
        }
    }
}

/// The files of a case, for the form. It gives only what may leave.
pub(super) struct Stored<'a>(pub(super) &'a Reading);

impl Files for Stored<'_> {
    fn read(&self, file: &File) -> io::Result<Vec<u8>> {
        if !self.0.released().allows(file) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let bytes = regular_file::read(&self.0.folder().file(file), file.bytes)?;
        // Nothing goes onto paper that is not what both signed for.
        match Digest::of(&bytes) == file.sha256 {
            true => Ok(bytes),
            false => Err(io::Error::new(io::ErrorKind::InvalidData, "is not the file that the record names")),
        }
    }
}
