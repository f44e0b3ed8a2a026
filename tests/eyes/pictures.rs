//! Forced colours and less motion; and the pictures of the main pages that the
//! documents show, made by
//! `cargo test --test eyes pictures -- --ignored`.

use std::fs;
use std::path::Path;

use crate::chromium::{Key, Tab, Whole};
use crate::people::{BOTH, Office, answer_the_questions, sign};

/// With the colours of the system alone, what can be pressed or typed into
/// still has an edge, and the focus is still seen.
#[test]
fn forced_colours_leave_edges_and_focus() {
    let (office, case) = Office::with_case();
    let tab = &office.tab;
    tab.prefer("forced-colors", "active");
    assert_eq!(tab.eval("matchMedia('(forced-colors: active)').matches"), true);
    for page in
        ["/", &case, &format!("{case}/note"), &format!("{case}/concern"), &format!("{case}/refer"), "/verify"]
    {
        office.go(page);
        let bare = tab.eval("[...document.querySelectorAll('button:not(.plain):not([hidden]), .button, input[type=text], textarea, .status.todo')].filter(e => e.checkVisibility()).filter(e => { const s = getComputedStyle(e); return !(parseFloat(s.borderTopWidth) >= 1 && s.borderTopStyle !== 'none' && s.borderTopColor !== s.backgroundColor); }).map(e => e.outerHTML.slice(0, 120))");
        assert_eq!(bare.as_array().map(Vec::len), Some(0), "{page}: {bare}");
        let name = page.rsplit('/').next().unwrap_or_default();
        for_eyes(tab, &format!("forced-{name}"));
        for _ in 0..6 {
            tab.press(Key::Tab);
            let outline = tab.eval("parseFloat(getComputedStyle(document.activeElement).outlineWidth) * (getComputedStyle(document.activeElement).outlineStyle !== 'none')");
            assert!(outline.as_f64() >= Some(2.0), "{page}: {:?}", tab.focus());
        }
    }
}

#[test]
fn less_motion_is_none() {
    let office = Office::open();
    office.tab.prefer("prefers-reduced-motion", "reduce");
    office.go("/");
    let moving = office.tab.eval("[...document.querySelectorAll('*')].filter(e => { const s = getComputedStyle(e); return parseFloat(s.transitionDuration) > 0 || parseFloat(s.animationDuration) > 0; }).length");
    assert_eq!(moving, 0);
}

/// To be looked at, beside the build.
pub fn for_eyes(tab: &Tab, name: &str) {
    let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
    fs::write(picture, tab.picture(Whole::Page)).expect("writes");
}

/// Both widths of a page, in few colours: they are to be small.
fn picture(tab: &Tab, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    fs::create_dir_all(&folder).expect("a folder");
    tab.eval("(document.activeElement.blur(), window.scrollTo(0, 0), 0)");
    for (width, height) in [(1280, 800), (320, 640)] {
        tab.size(width, height, 1.0);
        let png = smaller(&tab.picture(Whole::Page));
        fs::write(folder.join(format!("{name}-{width}.png")), png).expect("writes");
    }
    tab.size(1280, 800, 1.0);
}

/// The same picture in 256 colours at most: pages have few.
fn smaller(png: &[u8]) -> Vec<u8> {
    [17, 51].into_iter().find_map(|step| in_steps(png, step)).expect("216 colours at most")
}

fn in_steps(png: &[u8], step: u16) -> Option<Vec<u8>> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("fits")];
    let info = reader.next_frame(&mut pixels).expect("a picture");
    let mut palette: Vec<[u8; 3]> = Vec::new();
    let mut indices = Vec::with_capacity(pixels.len() / 3);
    // Long pages go on like that.
    let height = info.height.min(1_500);
    let line = info.line_size;
    for pixel in pixels[..line * height as usize].chunks_exact(info.color_type.samples()) {
        let level = |value: u8| ((u16::from(value) + step / 2) / step * step) as u8;
        let colour = [level(pixel[0]), level(pixel[1]), level(pixel[2])];
        let index = palette.iter().position(|known| *known == colour).unwrap_or_else(|| {
            palette.push(colour);
            palette.len() - 1
        });
        indices.push(u8::try_from(index).ok()?);
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, info.width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.concat());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().expect("writes");
    writer.write_image_data(&indices).expect("writes");
    writer.finish().expect("writes");
    Some(out)
}

#[test]
#[ignore = "writes docs/pictures"]
fn of_the_main_pages() {
    let office = Office::open();
    let tab = &office.tab;
    picture(tab, "start");
    office.go("/open?practise=yes");
    picture(tab, "gate");
    let case = answer_the_questions(tab, "no", |tab| {
        let step = tab.path().rsplit('/').next().unwrap_or_default().to_owned();
        if matches!(step.as_str(), "first-passphrase" | "reason") {
            picture(tab, &step);
        }
    });
    office.go(&format!("{case}/note"));
    tab.answer(&[]);
    picture(tab, "mistake");
    tab.answer(&[("text", "We both looked at the message board of class 7.")]);
    picture(tab, "check");
    sign(tab, |_| {});
    office.go(&format!("{case}/keep"));
    tab.reach("the message board", |focus| focus.tag == "BUTTON" && focus.words.contains("message board"));
    tab.leave(|tab| tab.press(Key::Enter));
    picture(tab, "exhibit");
    office.go(&format!("{case}/concern"));
    tab.answer(&[("at", "typed"), ("typed", "https://example.org/comments")]);
    picture(tab, "concern");
    tab.answer(&[("category", "bullying"), ("description", "Insults in the comments.")]);
    sign(tab, |_| {});
    office.go(&format!("{case}/review"));
    picture(tab, "review");
    office.go(&format!("{case}/attach"));
    picture(tab, "attach");
    office.go(&format!("{case}/record"));
    picture(tab, "record");
    office.go(&case);
    picture(tab, "tasks");
    office.go(&format!("{case}/judge"));
    tab.answer(&[("substance", "yes"), ("because", "Three messages say the same.")]);
    sign(tab, |_| {});
    office.go(&format!("{case}/form"));
    picture(tab, "form");
    office.go(&format!("{case}/seal"));
    tab.answer(&[]);
    tab.answer(&BOTH);
    picture(tab, "sealed");
    let words =
        tab.text("[...document.querySelectorAll('.seal-words li')].map(e => e.textContent.trim()).join(' ')");
    office.go("/verify");
    picture(tab, "verify");
    tab.answer(&[("paper", &words)]);
    picture(tab, "verified");
    office.go("/register");
    picture(tab, "register");
    office.go(&case);
    tab.push("Stop");
    picture(tab, "stop");
    office.go(&format!("{case}/unlock"));
    tab.answer(&BOTH);
    office.go(&format!("{case}/isolate"));
    picture(tab, "isolate");
}
