//! Whether bytes are a PNG picture and nothing else, chunk by chunk.
//!
//! It decodes no pixel. What passes has the chunks that our own recorder
//! writes, each with its checksum, and not a byte beside them.

/// Width and height, in pixels.
pub type Size = (u32, u32);

/// The size of a PNG, from its first bytes; none where it is none that may be
/// shown.
pub fn size(head: &[u8]) -> Option<Size> {
    let rest = head.strip_prefix(&SIGNATURE)?;
    let (kind, data, _) = chunk(rest)?;
    if kind != b"IHDR" || data.len() != 13 {
        return None;
    }
    let (width, height) = (number(&data[..4])?, number(&data[4..8])?);
    let fits = |side: u32| (1..=LONGEST_SIDE).contains(&side);
    let is_small = u64::from(width) * u64::from(height) <= MOST_PIXELS;
    (fits(width) && fits(height) && is_small).then_some((width, height))
}

/// Whether the whole of it is a PNG and nothing else.
pub fn is_png(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(&SIGNATURE) else { return false };
    if size(bytes).is_none() {
        return false;
    }
    let mut has_pixels = false;
    loop {
        let Some((kind, _, after)) = chunk(rest) else { return false };
        match kind {
            b"IDAT" => has_pixels = true,
            b"IEND" => return has_pixels && after.is_empty(),
            // Words, and pictures within, are not for a browser to read.
            b"IHDR" | b"PLTE" | b"tRNS" | b"sRGB" | b"gAMA" | b"cHRM" | b"pHYs" | b"sBIT" => {}
            _ => return false,
        }
        rest = after;
    }
}

type Chunk<'b> = (&'b [u8; 4], &'b [u8], &'b [u8]);

/// A chunk whose checksum is right: its kind, its data, and what follows.
fn chunk(bytes: &[u8]) -> Option<Chunk<'_>> {
    let (length, rest) = bytes.split_at_checked(4)?;
    let length = usize::try_from(number(length)?).ok()?;
    let (body, rest) = rest.split_at_checked(length.checked_add(4)?)?;
    let (sum, rest) = rest.split_at_checked(4)?;
    if number(sum)? != crc32fast::hash(body) {
        return None;
    }
    let (kind, data) = body.split_first_chunk::<4>()?;
    Some((kind, data, rest))
}

fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// As long as a picture of a tall page is cut into tiles of.
const LONGEST_SIDE: u32 = 16_384;

/// What a browser can draw without trouble.
const MOST_PIXELS: u64 = 64 * 1024 * 1024;

/// The bytes that [`size`] needs.
pub const HEAD: usize = 8 + 4 + 4 + 13 + 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let mut writer = encoder.write_header().expect("a header");
        let row = width.div_ceil(8) as usize;
        writer.write_image_data(&vec![0; row * height as usize]).expect("pixels");
        drop(writer);
        bytes
    }

    fn with_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let picture = png(3, 2);
        let body = [kind.as_slice(), data].concat();
        let mut bytes = picture[..HEAD].to_vec();
        bytes.extend((data.len() as u32).to_be_bytes());
        bytes.extend(&body);
        bytes.extend(crc32fast::hash(&body).to_be_bytes());
        bytes.extend(&picture[HEAD..]);
        bytes
    }

    #[test]
    fn a_picture_is_one_to_its_last_byte() {
        let picture = png(3, 2);
        assert_eq!(size(&picture[..HEAD]), Some((3, 2)));
        assert!(is_png(&picture));
        assert!(is_png(&with_chunk(b"sRGB", &[0])));
        for end in 0..picture.len() {
            assert!(!is_png(&picture[..end]), "{end}");
        }
        for at in 0..picture.len() {
            let mut changed = picture.clone();
            changed[at] ^= 1;
            assert!(!is_png(&changed), "{at}");
        }
        assert!(!is_png(&[picture.as_slice(), b"<script>"].concat()));
        assert!(!is_png(&with_chunk(b"tEXt", b"Comment\0<script>")));
        assert!(!is_png(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"));
    }

    #[test]
    fn a_picture_that_is_too_big_is_told_by_its_head() {
        let head = |width: u32, height: u32| {
            let mut bytes = SIGNATURE.to_vec();
            bytes.extend(13_u32.to_be_bytes());
            let body =
                [b"IHDR".as_slice(), &width.to_be_bytes(), &height.to_be_bytes(), &[1, 0, 0, 0, 0]].concat();
            bytes.extend(&body);
            bytes.extend(crc32fast::hash(&body).to_be_bytes());
            bytes
        };
        assert_eq!(size(&head(1280, 16_384)), Some((1280, 16_384)));
        for (width, height) in [(30_000, 30_000), (0, 5), (16_384, 16_384), (u32::MAX, 1)] {
            assert_eq!(size(&head(width, height)), None, "{width} × {height}");
        }
    }
}
