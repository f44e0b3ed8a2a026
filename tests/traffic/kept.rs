//! What is in it, and what is said not to be.

use countersign_browser::page::facts::REDACTED;
use countersign_case::capture::{KeptExhibit, Without};
use countersign_case::case::Unlocked;
use countersign_record::journal::Role;

use crate::pages::{self, BULKY, FRAME, LARGE, PAGE, red};
use crate::reader::{Package, Record};
use crate::world::World;
use crate::{keep_traffic, keep_with, package};

#[test]
fn everything_that_the_page_exchanged_is_in_it() {
    let (site, world) = (pages::start(), World::new());
    let mut case = world.open();
    let exhibit = keep_traffic(&mut case, &site.url("/"));
    let bytes = package(&case, &exhibit.kept.files);
    let package = Package::read(&bytes);
    assert_eq!(package.page(), site.url("/page?n=1"));
    let redirect = package.answer(&site.url("/"));
    assert!(redirect.head().starts_with("HTTP/1.1 302 Found\r\n"), "{}", redirect.head());
    assert!(redirect.head().to_ascii_lowercase().contains("\r\nlocation: /page?n=1\r\n"));
    assert_eq!(redirect.content(), b"");
    let page = package.answer("/page?n=1");
    assert_eq!(String::from_utf8_lossy(page.content()), PAGE);
    assert_eq!((page.field("WARC-IP-Address"), page.field("WARC-Truncated")), ("127.0.0.1", ""));
    let head = page.head().to_ascii_lowercase();
    assert!(head.contains("\r\nx-orig-content-encoding: gzip\r\n") && !head.contains("\r\ncontent-encoding"));
    assert!(head.contains(&format!("\r\ncontent-length: {}\r\n", PAGE.len())), "{head}");
    assert_eq!(package.answer("/red.png").content(), red());
    assert!(package.answer("/frame").has_latin(FRAME), "{:?}", package.answer("/frame"));
    assert!(package.answer("/missing.png").head().starts_with("HTTP/1.1 404 "));
    assert_eq!(package.answer("/dropped").content(), b"only this");
    assert_eq!(package.answer("/dropped").field("WARC-Truncated"), "disconnect");

    let failed = package.of("metadata", "/refused.png");
    assert!(String::from_utf8_lossy(&failed[0].block).contains("failure: net::ERR_"), "{failed:?}");
    assert_eq!(package.of("response", "/refused.png").len(), 0);

    let posts = package.of("request", "/echo");
    let mut contents: Vec<&[u8]> = posts.iter().map(|post| post.content()).collect();
    contents.sort();
    assert_eq!(contents, [&b"a=b&c=d+e"[..], br#"{"q":"words"}"#]);
    for post in posts {
        assert!(post.head().starts_with("POST /echo HTTP/1.1\r\n"), "{}", post.head());
        assert!(package.of("response", "/echo").iter().any(|answer| {
            answer.field("WARC-Record-ID") == post.field("WARC-Concurrent-To")
                && answer.content() == [b"echo of ", post.content()].concat()
        }));
    }
    let said: Vec<&str> = exhibit.kept.absences.iter().map(|absence| absence.as_str()).collect();
    assert!(said.contains(&"in the traffic: the content of 1 answer had not come to its end"), "{said:?}");
}

#[test]
fn what_may_let_someone_in_is_not() {
    let (site, world) = (pages::start(), World::new());
    let mut case = world.open();
    let exhibit = keep_traffic(&mut case, &site.url("/"));
    let package = Package::read(&package(&case, &exhibit.kept.files));
    // The page itself holds two of them in its script, which is its content.
    let in_page = |record: &&Record| record.block.ends_with(PAGE.as_bytes());
    for record in package.records.iter().filter(|record| !in_page(record)) {
        assert!(!String::from_utf8_lossy(&record.block).contains("SECRET"), "{record:?}");
    }
    let page = package.answer("/page?n=1");
    assert!(!page.head().contains("SECRET"));
    for (kind, ending, name) in [
        ("response", "/page?n=1", "set-cookie"),
        ("response", "/page?n=1", "x-csrf-token"),
        ("request", "/red.png", "cookie"),
        ("request", "/echo", "authorization"),
    ] {
        let head = package.of(kind, ending)[0].head().to_ascii_lowercase();
        assert!(head.contains(&format!("\r\n{name}: {REDACTED}\r\n")), "{kind} {ending}: {head}");
    }
}

#[test]
fn what_is_too_much_is_cut_and_said() {
    let (site, world) = (pages::start(), World::new());
    let mut case = world.open();
    let heavy = keep_traffic(&mut case, &site.url("/heavy"));
    let package_of =
        |exhibit: &KeptExhibit, case: &Unlocked<'_>| Package::read(&package(case, &exhibit.kept.files));
    let package = package_of(&heavy, &case);
    let large = package.answer("/large");
    assert_eq!((large.content().len(), large.field("WARC-Truncated")), (16 << 20, "length"));
    assert!(large.head().to_ascii_lowercase().contains(&format!("\r\nx-orig-content-length: {LARGE}\r\n")));
    let said =
        |exhibit: &KeptExhibit| exhibit.kept.absences.iter().map(ToString::to_string).collect::<Vec<_>>();
    let cut = "in the traffic: the content of 1 answer is cut, at 16777216 bytes each or 67108864 in all";
    assert!(said(&heavy).contains(&cut.to_owned()), "{:?}", said(&heavy));

    let bulk = keep_traffic(&mut case, &site.url("/bulk"));
    let package = package_of(&bulk, &case);
    let all: usize = package
        .records
        .iter()
        .filter(|r| r.field("WARC-Type") == "response")
        .map(|r| r.content().len())
        .sum();
    assert!(all <= 64 << 20 && all > 4 * BULKY, "{all}");
    let cut = package.records.iter().filter(|record| record.field("WARC-Truncated") == "length");
    let (cut, said) = (cut.count(), said(&bulk));
    assert!(
        cut > 0
            && said
                .iter()
                .any(|said| said.starts_with(&format!("in the traffic: the content of {cut} answer"))),
        "{said:?}"
    );
}

#[test]
fn where_there_is_none_that_is_said() {
    let (site, world) = (pages::start(), World::new());
    let mut case = world.open();
    let exhibit = keep_with(
        &mut case,
        &site.url("/"),
        Err(Without::NoBrowser(std::sync::Arc::new(countersign_browser::program::find::FindError::None))),
    );
    assert!(exhibit.kept.files.iter().all(|file| file.role != Role::Traffic));
    let said = |words: &str| exhibit.kept.absences.iter().any(|absence| absence.as_str() == words);
    assert!(said("no traffic: no browser was used on this computer"), "{:?}", exhibit.kept.absences);
}

#[test]
fn what_is_seldom_is_in_it_too() {
    let (site, world) = (pages::start(), World::new());
    let mut case = world.open();
    let exhibit = keep_traffic(&mut case, &site.url("/odd"));
    let package = Package::read(&package(&case, &exhibit.kept.files));
    let posts =
        |ending: &str| package.of("request", ending).iter().map(|r| r.content().to_vec()).collect::<Vec<_>>();
    assert_eq!(posts("/echo?long"), [vec![b'P'; 300_000]], "too long to be told with the request");
    assert_eq!(posts("/echo?binary"), [[0, 255, 13, 10, 1]]);
    assert_eq!(package.answer("/echo?binary").content(), b"echo of \x00\xff\r\n\x01");
    assert_eq!(package.answer("/echo?worker").content(), b"echo of by a worker");
    assert_eq!(
        package.answer("/echo?after").content(),
        b"echo of not made up",
        "by the server, not by a script"
    );
    let stream = package.answer("/stream");
    assert_eq!((stream.content(), stream.field("WARC-Truncated")), (&b"data: first\n\n"[..], "time"));
    let head = package.answer("/red.png?1");
    assert!(
        head.content().is_empty() && head.head().contains(&format!("{}\r\n", red().len())),
        "{}",
        head.head()
    );
    for words in [
        "in the traffic: the content of 1 answer had not come to its end",
        "in the traffic: what went over 1 web socket is not in it",
    ] {
        assert!(
            exhibit.kept.absences.iter().any(|said| said.as_str() == words),
            "{:?}",
            exhibit.kept.absences
        );
    }
}

#[test]
fn frames_of_other_sites_and_pages_on_the_way_are_in_it() {
    let (site, world) = (pages::start(), World::new());
    let mut case = world.open();
    let exhibit = keep_traffic(&mut case, &site.url(&format!("/frame-of?{}", site.port())));
    let of_frame = Package::read(&package(&case, &exhibit.kept.files));
    let frame = of_frame.answer("/frame");
    assert!(frame.field("WARC-Target-URI").starts_with("http://localhost:"), "{frame:?}");
    assert!(frame.has_latin(FRAME), "{frame:?}");

    let exhibit = keep_traffic(&mut case, &site.url("/by-script"));
    let of_way = Package::read(&package(&case, &exhibit.kept.files));
    assert_eq!(of_way.page(), site.url("/next"));
    assert!(String::from_utf8_lossy(of_way.answer("/next").content()).contains("The next page"));
    assert!(of_way.answer("/by-script").head().starts_with("HTTP/1.1 200 "));
    assert_eq!(of_way.answer("/red.png").content(), red());
    for exhibit in [&of_frame, &of_way] {
        assert!(exhibit.of("response", "/frame").len() + exhibit.of("response", "/next").len() == 1);
    }
}
