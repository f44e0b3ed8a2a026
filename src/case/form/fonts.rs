//! The typefaces of the form: DejaVu, which comes with the program, and the
//! computer's own fonts for the scripts that DejaVu lacks.
//!
//! It looks for no fonts by itself: whoever calls hands in folders or the
//! bytes of font files, and the folders are read only when a text needs them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parley::FontContext;
use parley::fontique::{
    Blob, CharmapIndex, Collection, CollectionOptions, FontInfo, FontInfoOverride, FontStyle, SourceCache,
};

/// What a form may be set in, beside DejaVu.
#[derive(Clone, Default)]
pub struct Fonts {
    files: Vec<Arc<[u8]>>,
    folders: Vec<PathBuf>,
}

impl Fonts {
    /// DejaVu alone: Latin, Greek, Cyrillic, Arabic and Hebrew.
    pub fn built_in() -> Fonts {
        Fonts::default()
    }

    /// Also the font files with these bytes, the earlier preferred.
    pub fn with_files(mut self, files: impl IntoIterator<Item = Arc<[u8]>>) -> Fonts {
        self.files.extend(files);
        self
    }

    /// Also the fonts that lie below these folders, read only when a text has
    /// a letter that nothing else has. A folder that is not there is no error.
    pub fn with_folders(mut self, folders: impl IntoIterator<Item = PathBuf>) -> Fonts {
        self.folders.extend(folders);
        self
    }

    /// The letters of `text` that these fonts cannot print; `doctor` names them.
    pub fn missing(&self, text: &str) -> Vec<char> {
        let mut shelf = Shelf::new(self);
        let wanted: BTreeSet<char> = text.chars().filter(|c| !c.is_control()).collect();
        wanted.into_iter().filter(|&c| !shelf.provide(&[c]).is_empty()).collect()
    }
}

/// Fonts below the given folders.
pub fn from_folders(folders: &[PathBuf]) -> Fonts {
    Fonts::built_in().with_folders(folders.iter().cloned())
}

/// The name under which the built-in text face is known to the layout.
pub(super) const TEXT: &str = "countersign-text";
/// The name of the built-in face with letters of one width.
pub(super) const FIXED: &str = "countersign-fixed";

/// The fonts in use for one document: what is set up, and what could be.
pub(super) struct Shelf {
    pub(super) context: FontContext,
    /// Families taken in use after DejaVu, in the order of first need.
    pub(super) families: Vec<String>,
    in_use: Vec<Face>,
    candidates: Option<Vec<Face>>,
    fonts: Fonts,
    hopeless: BTreeSet<char>,
}

impl Shelf {
    pub(super) fn new(fonts: &Fonts) -> Shelf {
        let mut context = FontContext { collection: collection(), source_cache: SourceCache::default() };
        let mut in_use = Vec::new();
        for (name, bytes) in [
            (TEXT, dejavu::sans_condensed::regular()),
            (TEXT, dejavu::sans_condensed::bold()),
            (FIXED, dejavu::sans_mono::regular()),
        ] {
            let blob = Blob::new(Arc::new(bytes));
            let named = FontInfoOverride { family_name: Some(name), ..FontInfoOverride::default() };
            let registered = context.collection.register_fonts(blob.clone(), Some(named));
            // A letter counts as provided if the regular text face has it.
            if in_use.is_empty() {
                let fonts = registered.into_iter().flat_map(|(_, fonts)| fonts);
                in_use.extend(fonts.map(|font| Face::new(&font, blob.clone(), name, Path::new(""), 0)));
            }
        }
        Shelf {
            context,
            families: Vec::new(),
            in_use,
            candidates: None,
            fonts: fonts.clone(),
            hopeless: BTreeSet::new(),
        }
    }

    /// Takes in use what is needed to print `wanted`; gives back the letters
    /// that no font has.
    pub(super) fn provide(&mut self, wanted: &[char]) -> Vec<char> {
        let mut open: Vec<char> =
            wanted.iter().copied().filter(|&c| !self.in_use.iter().any(|face| face.has(c))).collect();
        let mut missing: Vec<char> = Vec::new();
        open.retain(|c| {
            let lost = self.hopeless.contains(c);
            if lost {
                missing.push(*c);
            }
            !lost
        });
        while !open.is_empty() {
            let candidates = self.candidates.get_or_insert_with(|| candidates(&self.fonts));
            let best = candidates
                .iter()
                .enumerate()
                .map(|(place, face)| (face.count(&open), face, place))
                .filter(|(count, ..)| *count > 0)
                .min_by_key(|(count, face, place)| {
                    (std::cmp::Reverse(*count), face.distance(wanted), *place)
                });
            let Some((_, face, place)) = best else { break };
            open.retain(|&c| !face.has(c));
            let face = candidates.remove(place);
            self.context.collection.register_fonts(face.blob.clone(), None);
            if !self.families.contains(&face.family) {
                self.families.push(face.family.clone());
            }
            self.in_use.push(face);
        }
        self.hopeless.extend(&open);
        missing.extend(open);
        missing
    }
}

/// One face of a font file.
struct Face {
    blob: Blob<u8>,
    charmap: CharmapIndex,
    family: String,
    weight: f32,
    slanted: bool,
    order: (PathBuf, u32),
}

impl Face {
    fn new(font: &FontInfo, blob: Blob<u8>, family: &str, path: &Path, nth: u32) -> Face {
        Face {
            blob,
            charmap: font.charmap_index(),
            family: family.to_owned(),
            weight: font.weight().value(),
            slanted: font.style() != FontStyle::Normal,
            order: (path.to_owned(), nth),
        }
    }

    fn has(&self, c: char) -> bool {
        self.charmap.charmap(self.blob.data()).and_then(|map| map.map(c)).is_some_and(|glyph| glyph != 0)
    }

    fn count(&self, wanted: &[char]) -> usize {
        let Some(map) = self.charmap.charmap(self.blob.data()) else { return 0 };
        wanted.iter().filter(|&&c| map.map(c).is_some_and(|glyph| glyph != 0)).count()
    }

    /// How far the face is from the plain upright sans serif of the form.
    fn distance(&self, wanted: &[char]) -> u32 {
        let name = self.family.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        let mut distance = (self.weight - 400.0).abs() as u32;
        distance += if self.slanted { 1_000 } else { 0 };
        distance += if has(&["serif", "ming", "song", "batang"]) && !has(&["sans"]) { 300 } else { 0 };
        distance += if has(&["mono", "symbol"]) { 400 } else { 0 };
        distance += if has(&["ui"]) { 5 } else { 0 };
        // The same Han letter is drawn differently by region. Kana and Hangul
        // tell the region; without them the most common form is taken.
        let within = |range: std::ops::RangeInclusive<char>| wanted.iter().any(|c| range.contains(c));
        let region: &[&str] = if within('\u{3040}'..='\u{30ff}') {
            &[" jp", "gothic", "hiragino", "meiryo"]
        } else if within('\u{ac00}'..='\u{d7a3}') {
            &[" kr", "malgun"]
        } else {
            &[" sc", " cn", "yahei", "pingfang"]
        };
        distance + if has(region) { 0 } else { 50 }
    }
}

fn collection() -> Collection {
    Collection::new(CollectionOptions { shared: false, system_fonts: false })
}

/// Every face that may be embedded, those handed in as bytes first, then by
/// path, so that the choice does not depend on how a folder lists its files.
fn candidates(fonts: &Fonts) -> Vec<Face> {
    let mut faces = Vec::new();
    for (place, file) in fonts.files.iter().enumerate() {
        let blob = Blob::new(Arc::new(file.clone()));
        let mut scratch = collection();
        let registered = scratch.register_fonts(blob.clone(), None);
        for (family, infos) in registered {
            let name = scratch.family_name(family).unwrap_or_default().to_owned();
            let path = PathBuf::from(format!("{place:08}"));
            faces.extend(infos.iter().map(|info| Face::new(info, blob.clone(), &name, &path, info.index())));
        }
    }
    let mut paths: Vec<PathBuf> = fonts
        .folders
        .iter()
        .flat_map(|folder| walkdir::WalkDir::new(folder).max_depth(6))
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file() && is_font_name(entry.path()))
        .map(walkdir::DirEntry::into_path)
        .collect();
    paths.sort();
    paths.dedup();
    for path in &paths {
        faces.extend(faces_of(path));
    }
    faces.retain(may_be_embedded);
    faces
}

fn faces_of(path: &Path) -> Vec<Face> {
    let mut scratch = collection();
    scratch.load_fonts_from_paths([path]);
    let mut cache = SourceCache::default();
    let families: Vec<_> = scratch.family_ids().collect();
    let mut faces = Vec::new();
    for id in families {
        let Some(family) = scratch.family(id) else { continue };
        for info in family.fonts() {
            let Some(blob) = info.load(Some(&mut cache)) else { continue };
            faces.push(Face::new(info, blob, family.name(), path, info.index()));
        }
    }
    faces.sort_by(|a, b| a.order.cmp(&b.order).then_with(|| a.family.cmp(&b.family)));
    faces
}

fn is_font_name(path: &Path) -> bool {
    path.extension().and_then(|e| e.to_str()).is_some_and(|extension| {
        ["ttf", "otf", "ttc", "otc"].iter().any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// Whether the face has outlines, no colour, and a licence (OpenType `fsType`)
/// that lets a subset be embedded.
fn may_be_embedded(face: &Face) -> bool {
    let Some(tables) = tables(face.blob.data(), face.order.1) else { return false };
    let has = |tag: &[u8; 4]| tables.iter().any(|(name, _)| name == tag);
    let coloured = [b"COLR", b"CBDT", b"sbix", b"SVG "].into_iter().any(has);
    let outlined = [b"glyf", b"CFF ", b"CFF2"].into_iter().any(has);
    let licence = tables
        .iter()
        .find(|(name, _)| name == b"OS/2")
        .and_then(|(_, at)| number::<2>(face.blob.data(), at.checked_add(8)?))
        .unwrap_or(0);
    outlined && !coloured && licence & 0x000f != 2 && licence & 0x0300 == 0
}

/// The table directory of the `nth` face: names and offsets.
fn tables(file: &[u8], nth: u32) -> Option<Vec<([u8; 4], usize)>> {
    let start = match file.get(..4)? {
        b"ttcf" => number::<4>(file, 12 + 4 * nth as usize)?,
        _ => 0,
    };
    let count = number::<2>(file, start.checked_add(4)?)?;
    (0..count)
        .map(|i| {
            let record = file.get(start.checked_add(12 + 16 * i)?..)?;
            Some((record.get(..4)?.try_into().ok()?, number::<4>(record, 8)?))
        })
        .collect()
}

/// The big-endian number in `N` bytes at `at`.
fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = bytes.get(at..at.checked_add(N)?)?;
    Some(digits.iter().fold(0, |number, &byte| number << 8 | usize::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dejavu_prints_the_scripts_that_it_says() {
        let fonts = Fonts::built_in();
        assert_eq!(fonts.missing("Żółć Gęślą Ωμέγα Київ محمد علي שלום – “quoted” ✓"), Vec::<char>::new());
        assert_eq!(fonts.missing("王小明"), ['小', '明', '王']);
    }

    #[test]
    fn a_folder_that_is_not_there_is_no_error() {
        let fonts = from_folders(&[PathBuf::from("no/such/folder")]);
        assert_eq!(fonts.missing("王"), ['王']);
    }

    #[test]
    fn files_that_are_no_fonts_are_passed_over() {
        let rubbish: [Arc<[u8]>; 3] = [
            Arc::from(&b""[..]),
            Arc::from(&b"ttcf\0\0\0\0\xff\xff\xff\xff"[..]),
            Arc::from(&[0xff; 64][..]),
        ];
        assert_eq!(Fonts::built_in().with_files(rubbish).missing("a王"), ['王']);
    }
}
