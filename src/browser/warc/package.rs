//! The package: records, index, list of pages, and what is in it with its
//! digests, as a zip file without compression.

use std::io::{self, Cursor, Write as _};

use serde::Serialize;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::exchange::{Exchange, Outcome, Page};
use super::index::index;
use super::record::{records, spelled};
use countersign_record::digest::Digest;

/// A package of a page's exchanges, which stand in the order in which they
/// began.
pub fn package(page: &Page, exchanges: &[Exchange]) -> Result<Vec<u8>, PackageError> {
    let records = records(page, RECORDS, exchanges)?;
    let index = index(RECORDS, exchanges, &records.answers)?;
    let pages = pages(page, exchanges)?;
    let files = [
        (format!("archive/{RECORDS}"), records.bytes),
        ("indexes/index.cdx".to_owned(), index.into_bytes()),
        ("pages/pages.jsonl".to_owned(), pages.into_bytes()),
    ];
    let description = json(&Description {
        profile: "data-package",
        wacz_version: "1.1.1",
        title: &page.title,
        software: &page.software,
        created: page.started.to_string(),
        main_page_url: &page.url,
        main_page_date: shown_at(page, exchanges),
        resources: files.iter().map(|(path, bytes)| Resource::of(path, bytes)).collect(),
    })?;
    let hash = spelled(Digest::of(&description));
    let seal = json(&Seal { path: "datapackage.json", hash })?;

    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // Readers take ranges out of it, and the time of day is in the records.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default());
    let last = [("datapackage.json", &description), ("datapackage-digest.json", &seal)];
    let members = files.iter().map(|(path, bytes)| (path.as_str(), bytes)).chain(last);
    for (path, bytes) in members {
        zip.start_file(path, options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Why there is no package.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// It could not be compressed.
    #[error("the records could not be written: {0}")]
    Records(#[from] io::Error),
    /// It could not be described.
    #[error("the package could not be described: {0}")]
    Description(#[from] serde_json::Error),
    /// It does not fit into a zip file.
    #[error("the package could not be written: {0}")]
    Zip(#[from] zip::result::ZipError),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Description<'a> {
    profile: &'a str,
    #[serde(rename = "wacz_version")]
    wacz_version: &'a str,
    title: &'a str,
    software: &'a str,
    created: String,
    #[serde(rename = "mainPageURL")]
    main_page_url: &'a str,
    main_page_date: String,
    resources: Vec<Resource<'a>>,
}

#[derive(Serialize)]
struct Resource<'a> {
    name: &'a str,
    path: &'a str,
    hash: String,
    bytes: usize,
}

impl<'a> Resource<'a> {
    fn of(path: &'a str, bytes: &[u8]) -> Resource<'a> {
        let name = path.rsplit('/').next().unwrap_or(path);
        Resource { name, path, hash: spelled(Digest::of(bytes)), bytes: bytes.len() }
    }
}

#[derive(Serialize)]
struct Seal<'a> {
    path: &'a str,
    hash: String,
}

fn pages(page: &Page, exchanges: &[Exchange]) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Header<'a> {
        format: &'a str,
        id: &'a str,
        title: &'a str,
    }
    #[derive(Serialize)]
    struct Line<'a> {
        id: &'a str,
        url: &'a str,
        title: &'a str,
        ts: String,
    }
    let header = Header { format: "json-pages-1.0", id: "pages", title: "Pages" };
    let line = Line { id: "page-1", url: &page.url, title: &page.title, ts: shown_at(page, exchanges) };
    Ok(format!("{}\n{}\n", serde_json::to_string(&header)?, serde_json::to_string(&line)?))
}

/// When the answer that the page is was asked for, by which readers find it.
fn shown_at(page: &Page, exchanges: &[Exchange]) -> String {
    let of = exchanges
        .iter()
        .rev()
        .find(|exchange| exchange.url == page.url && matches!(exchange.outcome, Outcome::Answered(_)));
    of.map_or(page.started, |exchange| exchange.asked).to_string()
}

fn json(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

const RECORDS: &str = "data.warc.gz";
