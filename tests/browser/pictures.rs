//! The pictures of a page, to the end or said where they stop.

use std::sync::Arc;
use std::time::Duration;

use countersign_browser::page::Limits;
use countersign_browser::page::facts::{Absence, Piece};

use crate::desk::{keep, keep_within, rehearsal, start, temporary};
use crate::pages::size;
use crate::site::{Site, answer, html, standard};

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
    // So that it is the picture that stops, and not the patience to scroll.
    let limits =
        Limits { scroll: Duration::from_secs(60), take: Duration::from_secs(60), ..Limits::default() };
    let (page, pieces) = keep_within(&mut browser, &site.url("/deep"), &limits).expect("kept");
    let (at, of) = (8 * 16_384, 140_000);
    assert!(page.absences.contains(&Absence::PictureStops { at, of }), "{:?}", page.absences);
    let tiles: Vec<u32> = (1..=8).map(|tile| size(&pieces[&Piece::Picture { tile, of: 8 }]).1).collect();
    assert_eq!(tiles, [16_384; 8]);
    let (page, pieces) = keep_within(&mut browser, &site.url("/wide"), &limits).expect("kept");
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
    let limits = Limits { scroll: Duration::from_secs(2), ..Limits::default() };
    let (page, _) = keep_within(&mut browser, &site.url("/growing"), &limits).expect("kept");
    assert!(page.absences.iter().any(|a| matches!(a, Absence::Endless { .. })), "{:?}", page.absences);
}

/// A page that fetches more at its end, from a server that takes its time.
#[test]
fn a_page_that_fetches_more_at_its_end_is_scrolled_on() {
    let feed = |most: u32| {
        format!(
            "<title>Feed</title><body style='margin:0'><main><p style='height:1500px'>First</main><footer>.</footer><script> \
             let n = 0, busy = false, near = false; const more = async () => {{ \
             if (busy || !near || n >= {most}) return; \
             busy = true; n += 1; const words = await (await fetch('/more-' + n)).text(); \
             document.querySelector('main').insertAdjacentHTML('beforeend', words); busy = false; more(); }}; \
             new IntersectionObserver(seen => {{ near = seen.at(-1).isIntersecting; more(); }}).observe(document.querySelector('footer')) \
             </script>"
        )
    };
    let site = Site::serving(Arc::new(move |request, to| match request.path.as_str() {
        "/feed" => html(to, &feed(3)),
        "/feed-for-ever" => html(to, &feed(10_000)),
        path => match path.strip_prefix("/more-") {
            Some(n) => {
                std::thread::sleep(Duration::from_millis(400));
                html(
                    to,
                    &format!(
                        "<p style='margin:0;height:4000px'>Part {n}</p><img loading=lazy width=9 height=9 src=/lazy-{n}.bmp>"
                    ),
                )
            }
            None => standard(request, to),
        },
    }));
    let folder = temporary();
    let mut browser = start(folder.path(), rehearsal());
    let (page, pieces) = keep(&mut browser, &site.url("/feed"));
    assert_eq!(page.absences, []);
    let archive = String::from_utf8_lossy(&pieces[&Piece::Archive]).into_owned();
    for n in 1..=3 {
        assert!(archive.contains(&format!("Part {n}")), "part {n}");
        assert!(site.asked().contains(&format!("/lazy-{n}.bmp")), "the picture below part {n}");
    }
    let height = page.view.expect("measured").page_height;
    assert!(height > 13_500, "{height}");
    assert_eq!(size(&pieces[&Piece::Picture { tile: 1, of: 1 }]).1, height);

    let limits = Limits { scroll: Duration::from_secs(3), ..Limits::default() };
    let (page, _) = keep_within(&mut browser, &site.url("/feed-for-ever"), &limits).expect("kept");
    let stops = page.absences.iter().find_map(|absence| match absence {
        Absence::Endless { at } => Some(*at),
        _ => None,
    });
    assert!(stops.is_some_and(|at| at > 1500), "{:?}", page.absences);
}

/// What a page does of itself while it is waited for, a moment after it has
/// loaded and with nothing from the network.
#[test]
fn what_moves_while_a_page_settles_is_in_every_piece() {
    let turns = "document.title = 'Later'; document.body.innerHTML = '<h1>LATER WORDS'; \
                 document.body.style.background = 'rgb(10, 120, 30)'";
    let pages: [(&str, String); 5] = [
        ("words", format!("<title>Early</title><body><script>onload = () => setTimeout(() => {{ {turns} }}, 500)</script>")),
        ("place", "<title>Later</title><body style='background:linear-gradient(red 1500px, rgb(10, 120, 30) 0)'>\
          <p style='height:4000px'>LATER WORDS</p><script>onload = () => setTimeout(() => scrollTo(0, 2000), 500)</script>".to_owned()),
        ("fading", "<title>Later</title><style>body { background: red; animation: in 1s forwards } \
          @keyframes in { to { background: rgb(10, 120, 30) } }</style><body>LATER WORDS".to_owned()),
        ("shadow", "<title>Later</title><body>LATER WORDS<x-all></x-all><script>\
          const shadow = document.querySelector('x-all').attachShadow({ mode: 'closed' }); \
          onload = () => setTimeout(() => { shadow.innerHTML = \
          '<p style=\"position:fixed;inset:0;margin:0;background:rgb(10,120,30)\">' }, 500)</script>".to_owned()),
        ("frame", "<title>Later</title><body style='margin:0'>LATER WORDS<iframe style='position:fixed;inset:0;width:100%;height:100%;border:0' \
          srcdoc=\"<body style='background:red'><script>setTimeout(() => document.body.style.background = 'rgb(10, 120, 30)', 500)</script>\"></iframe>".to_owned()),
    ];
    let names: Vec<&str> = pages.iter().map(|(name, _)| *name).collect();
    let site = Site::serving(Arc::new(move |request, to| {
        let asked = request.path.trim_start_matches('/');
        match pages.iter().find(|(name, _)| *name == asked) {
            Some((_, page)) => html(to, page),
            None => standard(request, to),
        }
    }));
    let folder = temporary();
    let mut browser = start(folder.path(), rehearsal());
    let limits =
        Limits { quiet: Duration::from_secs(4), settle: Duration::from_secs(60), ..Limits::default() };
    for name in names {
        let (page, pieces) =
            keep_within(&mut browser, &site.url(&format!("/{name}")), &limits).expect("kept");
        assert_eq!(page.title.as_deref(), Some("Later"), "{name}");
        let archive = String::from_utf8_lossy(&pieces[&Piece::Archive]);
        assert!(archive.contains("LATER WORDS"), "{name}");
        assert_eq!(pixel(&pieces[&Piece::Screen], 640, 600), [10, 120, 30], "{name}");
    }
}

/// A page that stands still is taken while it is still waited for, with all of
/// its pictures in it.
#[test]
fn a_page_that_stands_still_is_taken_with_all_its_pictures() {
    let picture = large_picture();
    let pictures: String = (0..6).map(|n| format!("<img width=400 height=380 src=/large-{n}.png>")).collect();
    let page = format!("<title>Six</title><body style='margin:0;font-size:0'>{pictures}");
    let site = Site::serving(Arc::new(move |request, to| match request.path.as_str() {
        "/six" => html(to, &page),
        path if path.starts_with("/large-") => answer(to, "200 OK\r\nContent-Type: image/png", &picture),
        _ => standard(request, to),
    }));
    let folder = temporary();
    let mut browser = start(folder.path(), rehearsal());
    for round in 0..8 {
        let (page, pieces) = keep(&mut browser, &site.url("/six"));
        assert_eq!(page.absences, []);
        for (x, y) in [0, 1, 2].into_iter().flat_map(|x| [(x, 0), (x, 1)]) {
            let seen = pixel(&pieces[&Piece::Screen], 200 + 400 * x, 190 + 380 * y);
            assert_eq!(seen, [20, 40, 200], "round {round}, column {x}, row {y}");
        }
    }
}

/// Some pixels of noise around one colour, so that it takes a while to decode.
fn large_picture() -> Vec<u8> {
    let (width, height) = (1200_u32, 1140_u32);
    let mut state = 7_u32;
    let mut pixels = Vec::new();
    for n in 0..width * height {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (x, y) = (n % width, n / width);
        let is_middle = x.abs_diff(width / 2) < 100 && y.abs_diff(height / 2) < 100;
        pixels.extend(if is_middle { [20, 40, 200] } else { [(state >> 24) as u8, (state >> 16) as u8, 0] });
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels)).expect("a PNG");
    bytes
}

fn pixel(picture: &[u8], x: u32, y: u32) -> [u8; 3] {
    let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("fits")];
    let info = reader.next_frame(&mut pixels).expect("decoded");
    let at = y as usize * info.line_size + x as usize * info.color_type.samples();
    [pixels[at], pixels[at + 1], pixels[at + 2]]
}
