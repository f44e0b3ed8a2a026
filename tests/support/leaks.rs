//! Canaries to be brought into a case, and the search for them in what leaves
//! it, with everything unpacked that is packed. Needs `qpdf` and `7z`.
#![allow(dead_code)]

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use countersign_record::digest::Digest;
use memchr::memmem::Finder;

/// The words in the canary text, in the page and in the name of neither.
pub const WORDS: &str = "canary-7f3a: what only the withheld file says, and nothing else in the case";

/// A harmless picture of noise that nobody else has: known pixels, known bytes.
pub struct Picture {
    pub width: u32,
    /// Red, green, blue, row by row.
    pub pixels: Vec<u8>,
    pub png: Vec<u8>,
}

impl Picture {
    pub fn seeded(seed: u8) -> Picture {
        let width = 64;
        let row = |y: u32| (0..width / 8).flat_map(move |x| noise(seed, y, x));
        let pixels: Vec<u8> = (0..width).flat_map(row).collect();
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, width, width);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().expect("begins");
        writer.write_image_data(&pixels).expect("is encoded");
        writer.finish().expect("ends");
        Picture { width, pixels, png }
    }
}

/// Eight pixels.
fn noise(seed: u8, y: u32, x: u32) -> Vec<u8> {
    let digest = Digest::of(&[&[seed][..], &y.to_be_bytes(), &x.to_be_bytes()].concat());
    digest.as_bytes()[..24].to_vec()
}

/// What to search for, and what to call it when it is found.
pub struct Search {
    needles: Vec<(String, Finder<'static>)>,
}

impl Search {
    pub fn new() -> Search {
        Search { needles: Vec::new() }
    }

    pub fn for_words(mut self, words: &str) -> Search {
        self.add(format!("the words {words:?}"), words.as_bytes());
        self
    }

    /// Pieces of a file from all over it, as they are and as base64.
    pub fn for_file(mut self, name: &str, bytes: &[u8]) -> Search {
        let most = bytes.len().saturating_sub(PIECE + 3);
        for at in (0..8).map(|n| 40.min(most) + n * most.saturating_sub(40) / 8) {
            let end = bytes.len().min(at + PIECE);
            self.add(format!("{name} from byte {at}"), &bytes[at..end]);
            for shift in 0..3 {
                let piece = &bytes[(at + shift).min(end)..(at + shift + PIECE).min(bytes.len())];
                let coded = BASE64.encode(&piece[..piece.len() / 3 * 3]);
                self.add(format!("{name} from byte {at} as base64"), coded.as_bytes());
            }
        }
        self
    }

    /// The pixels, three or four bytes each, and the file.
    pub fn for_picture(self, name: &str, picture: &Picture) -> Search {
        let mut search = self.for_file(name, &picture.png);
        let row = picture.width as usize * 3;
        for (y, row) in picture.pixels.chunks(row).enumerate().step_by(7) {
            let some = &row[30..30 + PIECE];
            search.add(format!("row {y} of the pixels of {name}"), some);
            let four: Vec<u8> = some.chunks(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
            search.add(format!("row {y} of the pixels of {name}, with opacity"), &four);
        }
        search
    }

    fn add(&mut self, name: String, bytes: &[u8]) {
        assert!(bytes.len() >= 16, "{name} is too short to be told from chance");
        self.needles.push((name, Finder::new(bytes).into_owned()));
    }

    /// What of it is in `parts`.
    pub fn found_in(&self, parts: &[(String, Vec<u8>)]) -> Vec<String> {
        let mut found = Vec::new();
        for (part, bytes) in parts {
            // Base64 is cut into lines.
            let joined: Vec<u8> = bytes.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
            for (name, needle) in &self.needles {
                if needle.find(bytes).or_else(|| needle.find(&joined)).is_some() {
                    found.push(format!("{name}, in {part}"));
                }
            }
        }
        found
    }
}

const PIECE: usize = 48;

/// A file and everything that is packed in it, to the bottom.
pub fn unpacked(path: &Path, password: Option<&str>) -> Vec<(String, Vec<u8>)> {
    let mut parts = Vec::new();
    unpack(path.display().to_string(), fs::read(path).expect("reads"), password, &mut parts);
    parts
}

fn unpack(name: String, bytes: Vec<u8>, password: Option<&str>, parts: &mut Vec<(String, Vec<u8>)>) {
    let folder = tempfile::tempdir().expect("a folder");
    let [packed, plain] = ["packed", "plain"].map(|name| folder.path().join(name));
    let run = |program: &str, arguments: &[&str]| {
        fs::write(&packed, &bytes).expect("writes");
        let output = Command::new(program)
            .args(arguments)
            .args([&packed, &plain].into_iter().take(if program == "7z" { 1 } else { 2 }))
            .output()
            .expect(program);
        assert!(output.status.success(), "{program} {name}: {}", String::from_utf8_lossy(&output.stderr));
    };
    if bytes.starts_with(b"%PDF-") {
        run("qpdf", &["--qdf", "--object-streams=disable", "--decode-level=all", "--warning-exit-0"]);
        parts.push((format!("{name}{UNPACKED}"), fs::read(&plain).expect("reads")));
    } else if bytes.starts_with(b"PK\x03\x04") {
        let (to, with) = (format!("-o{}", plain.display()), format!("-p{}", password.unwrap_or_default()));
        run("7z", &["x", "-y", &to, &with]);
        let members = files_under(&plain);
        assert!(!members.is_empty(), "{name} is empty");
        for member in members {
            let within = member.strip_prefix(&plain).expect("lies there").display();
            unpack(format!("{name}: {within}"), fs::read(&member).expect("reads"), password, parts);
        }
    } else if bytes.starts_with(b"\x89PNG") {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(&bytes));
        decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
        let mut reader = decoder.read_info().expect("a picture");
        let mut pixels = vec![0; reader.output_buffer_size().expect("fits")];
        reader.next_frame(&mut pixels).expect("decodes");
        parts.push((format!("{name} (pixels)"), pixels));
    }
    if bytes.starts_with(b"\x1f\x8b") {
        let mut plain = Vec::new();
        flate2::read::MultiGzDecoder::new(&*bytes).read_to_end(&mut plain).expect("gzip");
        parts.push((format!("{name}{UNPACKED}"), plain));
    }
    parts.push((name, bytes));
}

/// How many pictures the PDFs among the parts have.
pub fn pictures_in(parts: &[(String, Vec<u8>)]) -> usize {
    let kinds = ["/Subtype /Image", "/Subtype/Image"].map(Finder::new);
    // Each stands there packed, too.
    let plain = parts.iter().filter(|(name, _)| name.ends_with(UNPACKED));
    plain.map(|(_, bytes)| kinds.iter().map(|kind| kind.find_iter(bytes).count()).sum::<usize>()).sum()
}

const UNPACKED: &str = " (unpacked)";

/// Every file below a folder.
pub fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    entries.filter(|entry| entry.file_type().is_file()).map(|entry| entry.into_path()).collect()
}
