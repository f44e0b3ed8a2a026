//! Pictures: good ones, hostile ones, too many of them.

use std::io;
use std::time::{Duration, Instant};

use countersign_case::form::{FormError, Picture, Pictures, Source, draw};
use countersign_record::digest::Digest;
use countersign_record::journal::*;

use crate::readers::*;
use crate::sample::*;

#[test]
fn hostile_pictures_become_a_sentence() {
    let mut form = sample().form();
    let good = picture(64, 64);
    let mut bomb = good.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let sum = crc32fast::hash(&bomb[12..29]).to_be_bytes();
    bomb[29..33].copy_from_slice(&sum);
    let source = |bytes: &[u8]| Picture {
        exhibit: "JS/1".to_owned(),
        what: "A picture".to_owned(),
        source: Source::Bytes(bytes.to_vec()),
    };
    let too_large = Picture { source: Source::TooLarge, ..source(b"") };
    form.pictures = Pictures::Lawful(vec![
        source(&bomb),
        source(&good[..good.len() / 2]),
        source(b"GIF89a"),
        source(b""),
        source(b"\xff\xd8\xff\xe0\x00\x10JFIF"),
        source(&PHOTO[..PHOTO.len() / 2]),
        too_large,
        Picture { source: Source::NoRoom, ..source(b"") },
    ]);
    let started = Instant::now();
    let pdf = draw(&form, &fonts()).expect("a form");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    save("hostile-pictures", &pdf);
    check(&pdf);
    let text = text_of(&pdf);
    assert_eq!(flat(&text).matches("It is in the sealed file.").count(), 7, "{text}");
    assert_eq!(flat(&text).matches("These are in the sealed file.").count(), 1, "{text}");
    assert_eq!(images(&pdf), 0);
}

#[test]
fn a_tall_page_is_printed_in_parts() {
    let mut form = sample().form();
    form.pictures = Pictures::Lawful(vec![Picture {
        exhibit: "JS/1".to_owned(),
        what: "Picture of the whole page".to_owned(),
        source: Source::Bytes(picture(1280, 6_000)),
    }]);
    let pdf = draw(&form, &fonts()).expect("a form");
    save("tall", &pdf);
    check(&pdf);
    assert!(text_of(&pdf).contains("part 2 of 4"), "{}", text_of(&pdf));
    assert_eq!(images(&pdf), 4);
}

#[test]
fn a_photograph_stands_upright_and_keeps_nothing_of_the_camera() {
    let mut form = sample().form();
    form.pictures = Pictures::Lawful(vec![Picture {
        exhibit: "MA/1".to_owned(),
        what: "photo.jpg".to_owned(),
        source: Source::Bytes(PHOTO.to_vec()),
    }]);
    assert!(contains(PHOTO, b"Exif"));
    let pdf = draw(&form, &fonts()).expect("a form");
    save("photo", &pdf);
    check(&pdf);
    assert_eq!(images(&pdf), 1);
    assert!(!contains(&pdf.bytes, b"Exif"));
}

#[test]
fn pictures_without_number_are_neither_read_nor_printed() {
    let mut sample = Sample::opened(Standing::Case, Gate::Nothing);
    let small = picture(8, 8);
    let files: Vec<File> = (0..8_u8)
        .map(|n| File {
            bytes: 60 << 20,
            ..file(Role::Attached, &[small.clone(), vec![n]].concat(), "png", None)
        })
        .collect();
    sample.bytes =
        (0..8_u8).map(|n| [small.clone(), vec![n]].concat()).map(|b| (Digest::of(&b), b)).collect();
    let exhibit = sample.ledger.next_exhibit(Side::A);
    let part = Part { number: 1, of: 1, files: files.len() as u64 };
    let description = text("Eight pictures.");
    sample.say(Body::Attached(Attached {
        exhibit,
        part,
        description,
        files,
        left_out: AllLeftOut::default(),
    }));
    let Pictures::Lawful(pictures) = sample.form().pictures else { panic!("a lawful case") };
    let read = pictures.iter().filter(|picture| matches!(picture.source, Source::Bytes(_))).count();
    assert_eq!((read, pictures.len()), (4, 8));
}

#[test]
fn a_file_that_is_not_what_the_record_names_is_not_printed() {
    let mut sample = sample();
    let key = *sample.bytes.keys().next().expect("a picture");
    sample.bytes.insert(key, picture(10, 10));
    assert!(matches!(sample.try_form(), Err(FormError::Changed { .. })));
    sample.bytes.remove(&key);
    assert!(matches!(sample.try_form(), Err(FormError::File { why: io::ErrorKind::NotFound, .. })));
}

/// 160 by 120 pixels, with a camera's note that it was held sideways.
const PHOTO: &[u8] = include_bytes!("../../fixtures/form/photo.jpg");
