//! Pictures made ready for paper: bounded, read to their end, cut into parts
//! where they are too tall for one page.
//!
//! Nothing that a picture holds can make the form fail: what cannot be
//! printed becomes a sentence. It opens no files.

use std::io::Cursor;

use krilla::image::Image;
use png::{BitDepth, ColorType, Transformations};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::page::Turn;

/// The room for a picture, in points: on its first page, and on those after.
pub(super) struct Frame {
    pub(super) width: f32,
    pub(super) first: f32,
    pub(super) rest: f32,
}

/// A picture, or as much of it as stands on one page.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) image: Image,
    pub(super) turn: Turn,
    /// In points.
    pub(super) width: f32,
    /// In points.
    pub(super) height: f32,
}

/// Why a picture is not printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unprintable {
    TooLarge,
    NoRoom,
    Unreadable,
    OtherKind,
}

impl Unprintable {
    /// What the page says in its place.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Unprintable::TooLarge => "This picture is too large to print. It is in the sealed file.",
            Unprintable::NoRoom => "No more pictures fit into this form. It is in the sealed file.",
            Unprintable::Unreadable => {
                "This picture could not be read to its end, so it is not printed. It is in the sealed file."
            }
            Unprintable::OtherKind => {
                "This kind of picture cannot be printed here. It is in the sealed file."
            }
        }
    }
}

/// How many pixels may still be printed in this form.
pub(super) struct Budget(u64);

impl Default for Budget {
    fn default() -> Budget {
        Budget(800_000_000)
    }
}

/// The parts of the picture in `file`, in order.
pub(super) fn prepare(file: &[u8], frame: &Frame, budget: &mut Budget) -> Result<Vec<Part>, Unprintable> {
    if file.starts_with(b"\x89PNG\r\n\x1a\n") {
        from_png(file, frame, budget)
    } else if file.starts_with(b"\xff\xd8\xff") {
        from_jpeg(file, frame, budget)
    } else {
        Err(Unprintable::OtherKind)
    }
}

/// A file larger than this is not even looked at.
pub(super) const MOST_BYTES: u64 = 64 << 20;
/// All pictures of a form together, because a document is made in memory.
pub(super) const MOST_BYTES_IN_ALL: u64 = 256 << 20;
const MOST_SIDE: u32 = 20_000;
const MOST_PIXELS: u64 = 50_000_000;
/// One pixel of a screen, in points: nothing is printed larger than that.
const SCREEN_PIXEL: f32 = 0.75;
/// A picture is scaled down to one page as long as it keeps this much of the
/// size that it would have in parts.
const LEGIBLE: f32 = 0.65;

impl Budget {
    fn spend(&mut self, width: u32, height: u32) -> Result<(), Unprintable> {
        let pixels = u64::from(width) * u64::from(height);
        if width == 0 || height == 0 {
            return Err(Unprintable::Unreadable);
        }
        if width.max(height) > MOST_SIDE || pixels > MOST_PIXELS {
            return Err(Unprintable::TooLarge);
        }
        if pixels > self.0 {
            return Err(Unprintable::NoRoom);
        }
        self.0 -= pixels;
        Ok(())
    }
}

fn from_png(file: &[u8], frame: &Frame, budget: &mut Budget) -> Result<Vec<Part>, Unprintable> {
    let unreadable = |_| Unprintable::Unreadable;
    let limits = png::Limits { bytes: 256 << 20 };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(file), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.ignore_checksums(false);
    let header = decoder.read_header_info().map_err(unreadable)?;
    let (width, height, interlaced) = (header.width, header.height, header.interlaced);
    budget.spend(width, height)?;
    let mut reader = decoder.read_info().map_err(unreadable)?;
    let (color, _) = reader.output_color_type();
    let mut rows =
        Rows { color, width: width as usize, grey: color == ColorType::Grayscale, pixels: Vec::new() };

    let plan = Plan::of(width, height, frame);
    let whole = if interlaced {
        let size = reader.output_buffer_size().ok_or(Unprintable::TooLarge)?;
        let mut whole = vec![0; size];
        reader.next_frame(&mut whole).map_err(unreadable)?;
        Some(whole)
    } else {
        None
    };
    let stride = rows.width * color.samples();
    let mut parts = Vec::new();
    let mut row = 0;
    for lines in plan.lines {
        rows.pixels.clear();
        for _ in 0..lines {
            match &whole {
                Some(whole) => {
                    rows.push(whole.get(row * stride..(row + 1) * stride).ok_or(Unprintable::Unreadable)?)
                }
                None => {
                    rows.push(reader.next_row().map_err(unreadable)?.ok_or(Unprintable::Unreadable)?.data())
                }
            }
            row += 1;
        }
        let image = rows.image(lines).ok_or(Unprintable::Unreadable)?;
        let (width, height) = (width as f32 * plan.scale, lines as f32 * plan.scale);
        parts.push(Part { image, turn: Turn::None, width, height });
    }
    // What stands after the last printed row must be sound too.
    while whole.is_none() && reader.next_row().map_err(unreadable)?.is_some() {}
    Ok(parts)
}

/// How a picture is spread over pages.
struct Plan {
    /// Points for each pixel.
    scale: f32,
    /// Rows of pixels on each page.
    lines: Vec<u32>,
}

impl Plan {
    fn of(width: u32, height: u32, frame: &Frame) -> Plan {
        let across = (frame.width / width as f32).min(SCREEN_PIXEL);
        let fitting = across.min(frame.first / height as f32);
        if fitting >= LEGIBLE * across {
            return Plan { scale: fitting, lines: vec![height] };
        }
        let mut lines = Vec::new();
        let mut left = height;
        while left > 0 {
            let room = if lines.is_empty() { frame.first } else { frame.rest };
            let now = ((room / across).floor() as u32).clamp(1, left);
            lines.push(now);
            left -= now;
        }
        Plan { scale: across, lines }
    }
}

/// Rows of one part, on white where the picture is transparent.
struct Rows {
    color: ColorType,
    width: usize,
    grey: bool,
    pixels: Vec<u8>,
}

impl Rows {
    fn push(&mut self, row: &[u8]) {
        match self.color {
            ColorType::Grayscale | ColorType::Rgb => self.pixels.extend_from_slice(row),
            ColorType::GrayscaleAlpha => {
                for pixel in row.chunks_exact(2) {
                    self.pixels.extend([on_white(pixel[0], pixel[1]); 3]);
                }
            }
            ColorType::Rgba => {
                for pixel in row.chunks_exact(4) {
                    self.pixels.extend(pixel[..3].iter().map(|&sample| on_white(sample, pixel[3])));
                }
            }
            // Palettes are expanded before rows come here.
            ColorType::Indexed => {}
        }
    }

    /// The rows as an image, packed meanwhile, because a document keeps all
    /// its pictures until it is finished.
    fn image(&self, height: u32) -> Option<Image> {
        let mut packed = Vec::new();
        let mut encoder = png::Encoder::new(&mut packed, u32::try_from(self.width).ok()?, height);
        encoder.set_color(if self.grey { ColorType::Grayscale } else { ColorType::Rgb });
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&self.pixels).ok()?;
        writer.finish().ok()?;
        Image::from_png(packed.into(), false).ok()
    }
}

fn on_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u32::from(sample), u32::from(alpha));
    ((sample * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

fn from_jpeg(file: &[u8], frame: &Frame, budget: &mut Budget) -> Result<Vec<Part>, Unprintable> {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(MOST_SIDE as usize)
        .set_max_height(MOST_SIDE as usize)
        .jpeg_set_max_scans(100);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(|_| Unprintable::Unreadable)?;
    let info = decoder.info().ok_or(Unprintable::Unreadable)?;
    budget.spend(u32::from(info.width), u32::from(info.height))?;
    if !matches!(decoder.input_colorspace(), Some(ColorSpace::Luma | ColorSpace::YCbCr | ColorSpace::RGB)) {
        return Err(Unprintable::OtherKind);
    }
    let turn = decoder.exif().and_then(|exif| turn_of(exif)).unwrap_or(Turn::None);
    decoder.decode().map_err(|_| Unprintable::Unreadable)?;

    let bare = without_attachments(file).ok_or(Unprintable::Unreadable)?;
    let image = Image::from_jpeg(bare.into(), false).map_err(|_| Unprintable::Unreadable)?;
    let (width, height) = (f32::from(info.width), f32::from(info.height));
    let (width, height) = match turn {
        Turn::None | Turn::Half => (width, height),
        Turn::Quarter | Turn::ThreeQuarters => (height, width),
    };
    let scale = (frame.width / width).min(frame.first / height).min(SCREEN_PIXEL);
    Ok(vec![Part { image, turn, width: width * scale, height: height * scale }])
}

/// The same photograph, pixel for pixel, without what cameras attach to it:
/// places, thumbnails, second pictures.
fn without_attachments(file: &[u8]) -> Option<Vec<u8>> {
    let mut bare = file.get(..2)?.to_vec();
    let mut at = 2;
    loop {
        if *file.get(at)? != 0xff {
            return None;
        }
        let marker = *file.get(at + 1)?;
        match marker {
            0xff => at += 1,
            0xd9 => {
                bare.extend([0xff, 0xd9]);
                return Some(bare);
            }
            _ => {
                let length = usize::from(u16::from_be_bytes([*file.get(at + 2)?, *file.get(at + 3)?]));
                let segment = file.get(at..at + 2 + length.max(2))?;
                // JFIF's and Adobe's say how to read the colours.
                if !matches!(marker, 0xe1..=0xed | 0xef | 0xfe) {
                    bare.extend(segment);
                }
                at += segment.len();
                if marker == 0xda {
                    let data = scan_length(file.get(at..)?)?;
                    bare.extend(file.get(at..at + data)?);
                    at += data;
                }
            }
        }
    }
}

/// How far the picture data goes: to the next marker that is no restart.
fn scan_length(data: &[u8]) -> Option<usize> {
    data.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff))
}

/// Which way up a camera says that it was held (TIFF tag 0x0112).
fn turn_of(exif: &[u8]) -> Option<Turn> {
    let little = exif.starts_with(b"II");
    let short = |at: usize| -> Option<usize> {
        let bytes: [u8; 2] = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(usize::from(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) }))
    };
    let long = |at: usize| -> Option<usize> {
        let bytes: [u8; 4] = exif.get(at..at.checked_add(4)?)?.try_into().ok()?;
        usize::try_from(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }).ok()
    };
    let directory = long(4)?;
    let count = short(directory)?;
    let fields = (0..count).filter_map(|i| directory.checked_add(2 + 12 * i));
    let mut found = fields.filter(|&field| short(field) == Some(0x0112));
    match short(found.next()?.checked_add(8)?)? {
        3 => Some(Turn::Half),
        6 => Some(Turn::Quarter),
        8 => Some(Turn::ThreeQuarters),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { width: 480.0, first: 470.0, rest: 640.0 };

    fn png(width: u32, height: u32, color: ColorType) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(color);
        let mut writer = encoder.write_header().expect("a header");
        let pixels: Vec<u8> =
            (0..width as usize * height as usize * color.samples()).map(|i| (i % 251) as u8).collect();
        writer.write_image_data(&pixels).expect("pixels");
        writer.finish().expect("an end");
        file
    }

    #[test]
    fn a_tall_picture_is_cut_without_losing_a_row() {
        let file = png(1280, 16_384, ColorType::Rgb);
        let parts = prepare(&file, &FRAME, &mut Budget::default()).expect("a picture");
        let rows: u32 = parts.iter().map(|part| part.image.size().1).sum();
        assert_eq!((rows, parts.len()), (16_384, 10));
        assert!(
            parts.iter().all(|part| part.width <= FRAME.width + 0.01 && part.height <= FRAME.rest + 0.01)
        );
        assert!(parts[0].height <= FRAME.first);
    }

    #[test]
    fn every_kind_of_png_is_read() {
        for color in [ColorType::Grayscale, ColorType::GrayscaleAlpha, ColorType::Rgb, ColorType::Rgba] {
            let parts = prepare(&png(100, 50, color), &FRAME, &mut Budget::default()).expect("a picture");
            assert_eq!(parts[0].image.size(), (100, 50), "{color:?}");
        }
    }

    #[test]
    fn what_cannot_be_printed_is_said() {
        let file = png(64, 64, ColorType::Rgb);
        let mut bomb = file.clone();
        bomb[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
        // The length stays, so the header's own check sum must be made right.
        let sum = crc32fast::hash(&bomb[12..29]).to_be_bytes();
        bomb[29..33].copy_from_slice(&sum);
        let budget = &mut Budget::default();
        assert_eq!(prepare(&bomb, &FRAME, budget).err(), Some(Unprintable::TooLarge));
        assert_eq!(prepare(b"GIF89a", &FRAME, budget).err(), Some(Unprintable::OtherKind));
        for length in 8..file.len() - 12 {
            assert_eq!(
                prepare(&file[..length], &FRAME, budget).err(),
                Some(Unprintable::Unreadable),
                "{length}"
            );
        }
        assert_eq!(prepare(b"\xff\xd8\xff\xe0\0", &FRAME, budget).err(), Some(Unprintable::Unreadable));
        let mut small = Budget(64 * 64 * 2);
        assert!(prepare(&file, &FRAME, &mut small).is_ok() && prepare(&file, &FRAME, &mut small).is_ok());
        assert_eq!(prepare(&file, &FRAME, &mut small).err(), Some(Unprintable::NoRoom));
    }

    #[test]
    fn a_camera_says_which_way_up() {
        let exif = |order: &[u8], fields: &[u8]| [order, fields].concat();
        let big = exif(b"MM\0*", &[0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]);
        let little = exif(b"II*\0", &[8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 8, 0, 0, 0]);
        assert_eq!((turn_of(&big), turn_of(&little)), (Some(Turn::Quarter), Some(Turn::ThreeQuarters)));
        assert!(
            (0..big.len()).all(|length| turn_of(&big[..length.min(18)]).is_none_or(|t| t == Turn::Quarter))
        );
    }
}
