//! The pictures of a page, to the end or said where they stop.

use countersign::browser::facts::{Absence, Piece};

use crate::desk::{keep, rehearsal, start, temporary};
use crate::pages::size;
use crate::site::Site;

#[test]
fn tall_pages_are_kept_in_tiles_that_show_the_right_places() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    let (page, pieces) = keep(&mut browser, &site.url("/tall"));
    assert_eq!(page.view.map(|view| view.page_height), Some(20_000));
    assert_eq!(page.absences, []);
    let tiles = [&pieces[&Piece::Picture { tile: 1, of: 2 }], &pieces[&Piece::Picture { tile: 2, of: 2 }]];
    assert_eq!([size(tiles[0]), size(tiles[1])], [(1280, 16_384), (1280, 3_616)]);
    let mut top = 0;
    for tile in tiles {
        let mut reader = png::Decoder::new(std::io::Cursor::new(tile)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("fits")];
        let info = reader.next_frame(&mut pixels).expect("decoded");
        for y in (0..info.height).step_by(50) {
            let at = y as usize * info.line_size + 600 * info.color_type.samples();
            let band = (top + y) / 100;
            let expected = [(band / 16 * 16) as u8, (band % 16 * 16) as u8, 128];
            assert_eq!(pixels[at..at + 3], expected, "{} px from the top", top + y);
        }
        top += info.height;
    }
}

#[test]
fn a_picture_that_does_not_go_to_the_end_says_where_it_stops() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    // It is the picture that stops, and not the patience to scroll.
    let (page, pieces) = keep(&mut browser, &site.url("/deep"));
    let (at, of) = (8 * 16_384, 140_000);
    assert!(page.absences.contains(&Absence::PictureStops { at, of }), "{:?}", page.absences);
    let tiles: Vec<u32> = (1..=8).map(|tile| size(&pieces[&Piece::Picture { tile, of: 8 }]).1).collect();
    assert_eq!(tiles, [16_384; 8]);
    let (page, pieces) = keep(&mut browser, &site.url("/wide"));
    let (at, of) = (16_384, 20_000);
    assert!(page.absences.contains(&Absence::PictureNarrow { at, of }), "{:?}", page.absences);
    assert_eq!(size(&pieces[&Piece::Picture { tile: 1, of: 1 }]).0, at);
}

#[test]
fn lazy_parts_are_scrolled_in_and_endless_pages_are_left() {
    let (site, folder) = (Site::start(), temporary());
    let mut browser = start(folder.path(), rehearsal());
    for lazy in ["lazy", "observed"] {
        let (page, pieces) = keep(&mut browser, &site.url(&format!("/{lazy}")));
        assert_eq!(page.absences, []);
        let asked = site.asked();
        let archive = String::from_utf8_lossy(&pieces[&Piece::Archive]).into_owned();
        for n in 0..20 {
            assert!(asked.contains(&format!("/{lazy}-{n}.bmp")), "{lazy} {n}");
            assert!(archive.contains(&format!("/{lazy}-{n}.bmp")), "{lazy} {n} in the archive");
        }
    }
    let (page, _) = keep(&mut browser, &site.url("/growing"));
    assert!(page.absences.iter().any(|a| matches!(a, Absence::Endless { .. })), "{:?}", page.absences);
}
