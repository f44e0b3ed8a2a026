//! What is on the screen becomes an exhibit, as it is there.

use countersign_case::capture::{Area, Command, Event};
use countersign_record::journal::{File, Kept, Role};

use crate::desk::{Remote, recording, serving};
use crate::site::{Site, html};
use crate::world::World;

fn of(kept: &Kept, role: Role) -> Vec<&File> {
    kept.files.iter().filter(|file| file.role == role).collect()
}

fn bytes(remote: &Remote<'_>, file: &File) -> Vec<u8> {
    std::fs::read(remote.case.file(file)).expect("reads")
}

fn size(png: &[u8]) -> (u32, u32) {
    let reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG");
    (reader.info().width, reader.info().height)
}

#[test]
fn the_page_on_the_screen_is_kept_as_it_is_there() {
    // Each time it is asked for, the page says something else.
    let asked = std::sync::atomic::AtomicU32::new(0);
    let site = serving(move |request, to| {
        (request.path == "/once").then(|| {
            let times = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
            html(to, &format!("<title>Time {times}</title><p>asked {times} times</p>"))
        })
    });
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, Some(&site.url("/once")), |remote| {
        remote.visit(&site.url("/once"));
        let kept = remote.keep();
        assert_eq!(kept.title.as_ref().map(|title| title.as_str()), Some("Time 1"));
        assert_eq!(kept.final_url.as_str(), site.url("/once"));
        assert_eq!((kept.status, kept.exhibit.label.as_str()), (Some(200), "JS/1"));
        assert!(kept.remote_address.is_some() && kept.server_date.is_some());
        for role in [Role::Screen, Role::Picture, Role::Page, Role::Response, Role::Record] {
            assert_eq!(of(&kept, role).len(), 1, "{role:?}: {kept:?}");
        }
        let response = bytes(remote, of(&kept, Role::Response)[0]);
        assert!(String::from_utf8_lossy(&response).contains("asked 1 times"), "of that very navigation");
    });
    assert_eq!(ended.expect("recorded").kept, 1);
    assert_eq!(site.asked().iter().filter(|path| *path == "/once").count(), 1, "not loaded again");
}

#[test]
fn a_tall_page_and_a_part_of_it() {
    let site = Site::start();
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, Some(&site.url("/tall")), |remote| {
        remote.visit(&site.url("/tall"));
        let kept = remote.keep();
        let tiles = of(&kept, Role::Picture);
        let heights: u32 = tiles.iter().map(|tile| size(&bytes(remote, tile)).1).sum();
        assert_eq!((tiles.len(), heights), (2, 20_000), "{kept:?}");

        remote.say(Command::Area(Area { x: 20, y: 150, width: 120, height: 40 }));
        let part = remote.wait_for(|events| {
            let mut kept = events.iter().filter_map(|event| match event {
                Event::Kept { kept, .. } => Some(Kept::clone(kept)),
                _ => None,
            });
            kept.nth(1)
        });
        let picture = bytes(remote, of(&part, Role::Area)[0]);
        assert_eq!(size(&picture), (120, 40));
        let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        reader.next_frame(&mut pixels).expect("pixels");
        // The second band: see the page.
        assert_eq!(pixels[..3], [0, 16, 128], "the right place");
        remote.say(Command::Area(Area { x: 0, y: 0, width: 100_000, height: 4 }));
        assert!(remote.refused("area").contains("not inside"));
    });
    ended.expect("recorded");
}

#[test]
fn message_boxes_and_pages_that_never_end_or_answer_are_kept_with_what_is_missing() {
    let site = Site::start();
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, Some(&site.url("/dialogs")), |remote| {
        remote.visit(&site.url("/dialogs"));
        let kept = remote.keep();
        let said: Vec<&str> = kept.absences.iter().map(|absence| absence.as_str()).collect();
        assert!(said.contains(&"message box closed (prompt): three"), "{said:?}");
        remote.go(&site.url("/endless"));
        remote.visit(&site.url("/endless"));
        let kept = remote.keep();
        assert!(kept.absences.iter().any(|absence| absence.as_str().contains("still loading")), "{kept:?}");
        remote.go(&site.url("/busy"));
        remote.visit(&site.url("/busy"));
        remote.say(Command::Keep);
        let said = remote.wait_for(|events| {
            let kept = events.iter().filter(|event| matches!(event, Event::Kept { .. })).count();
            let refused = events.iter().any(|event| matches!(event, Event::Refused { .. }));
            (kept > 2 || refused).then_some(events.len())
        });
        assert!(said > 0);
        // Another site has a process of its own, which is not held up.
        remote.go(&format!("http://localhost:{}/404", site.port()));
        remote.visit(&format!("http://localhost:{}/404", site.port()));
    });
    ended.expect("recorded");
}

#[test]
fn what_is_visited_while_a_page_is_kept_is_on_record_before_it() {
    let site = serving(|request, to| {
        (request.path == "/moves").then(|| {
            html(
                to,
                "<title>Moves</title><div style='height:20000px'></div><script>let n = 0; const \
                 more = setInterval(() => history.pushState(0, '', '/moved-' + ++n), 50)</script>",
            )
        })
    });
    let world = World::new();
    let mut case = world.open();
    let (ended, events) = recording(&world, &mut case, Some(&site.url("/moves")), |remote| {
        remote.visit(&site.url("/moves"));
        remote.keep();
    });
    assert_eq!(ended.expect("recorded").kept, 1);
    let kept = events.iter().position(|event| matches!(event, Event::Kept { .. })).expect("kept");
    let Event::Kept { entry: number, kept: page } = &events[kept] else { panic!("no page") };
    let meanwhile = events[..kept].iter().filter_map(|event| match event {
        Event::Visit { entry, visit } if visit.time > page.started => Some(*entry),
        _ => None,
    });
    let entries: Vec<u64> = meanwhile.collect();
    assert!(!entries.is_empty() && entries.iter().all(|entry| entry < number), "{entries:?} and {number}");
    println!("{} visits while a page was kept in {} ms", entries.len(), page.took_ms);
}

#[test]
fn a_page_that_goes_on_while_it_is_kept_is_not_kept() {
    let site = serving(|request, to| {
        (request.path == "/leaves").then(|| {
            html(to, "<title>x</title><script>onscroll = () => { location.href = '/' }</script><div style='height:50000px'>")
        })
    });
    let world = World::new();
    let mut case = world.open();
    let (ended, _) = recording(&world, &mut case, Some(&site.url("/leaves")), |remote| {
        remote.visit(&site.url("/leaves"));
        remote.say(Command::Keep);
        assert!(remote.refused("keep").contains("changed"));
    });
    assert_eq!(ended.expect("recorded").kept, 0);
    let draft = case.folder().draft();
    assert_eq!(std::fs::read_dir(draft).map(Iterator::count).unwrap_or(0), 0, "nothing of it is left");
}
