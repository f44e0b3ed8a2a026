//! A reader of packages that shares nothing with the writer: members of the zip
//! file, gzip members, records and their fields.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use countersign_record::digest::Digest;
use flate2::bufread::GzDecoder;
use serde_json::Value;

pub struct Package {
    pub files: BTreeMap<String, Vec<u8>>,
    pub records: Vec<Record>,
}

#[derive(Debug)]
pub struct Record {
    pub fields: BTreeMap<String, String>,
    pub block: Vec<u8>,
    pub offset: usize,
    pub length: usize,
}

impl Package {
    /// Reads all of it, and checks every digest and every place that it names.
    pub fn read(bytes: &[u8]) -> Package {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip file");
        let mut files = BTreeMap::new();
        for at in 0..archive.len() {
            let mut file = archive.by_index(at).expect("a member");
            let name = file.name().expect("a name").into_owned();
            assert_eq!(file.compression(), zip::CompressionMethod::Stored, "{name}");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("reads");
            files.insert(name, bytes);
        }
        let records = records(&files["archive/data.warc.gz"]);
        let package = Package { files, records };
        package.check();
        package
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&self.files[name]).expect("JSON")
    }

    fn check(&self) {
        let description = self.json("datapackage.json");
        let resources = description["resources"].as_array().expect("resources");
        assert_eq!(resources.len() + 2, self.files.len());
        for resource in resources {
            let bytes = &self.files[resource["path"].as_str().expect("a path")];
            assert_eq!(resource["hash"], format!("sha256:{}", Digest::of(bytes)));
            assert_eq!(resource["bytes"], bytes.len());
        }
        let seal = self.json("datapackage-digest.json");
        assert_eq!(seal["hash"], format!("sha256:{}", Digest::of(&self.files["datapackage.json"])));
        for record in &self.records {
            let digest = &record.fields["WARC-Block-Digest"];
            assert_eq!(*digest, format!("sha256:{}", Digest::of(&record.block)), "{record:?}");
            if let Some(payload) = record.fields.get("WARC-Payload-Digest") {
                assert_eq!(*payload, format!("sha256:{}", Digest::of(record.content())));
            }
        }
        let ids: std::collections::BTreeSet<&str> =
            self.records.iter().map(|record| record.field("WARC-Record-ID")).collect();
        assert_eq!(ids.len(), self.records.len(), "no two have one name");
        for line in self.index() {
            let number =
                |name: &str| line[name].as_str().and_then(|n| n.parse::<usize>().ok()).expect("a number");
            let of =
                |record: &&Record| record.offset == number("offset") && record.length == number("length");
            let record = self.records.iter().find(of).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(
                (record.field("WARC-Type"), record.field("WARC-Target-URI")),
                ("response", line["url"].as_str().expect("a URL"))
            );
            assert_eq!(line["digest"], record.fields["WARC-Payload-Digest"]);
        }
        let answers = self.records.iter().filter(|record| record.field("WARC-Type") == "response").count();
        assert_eq!(self.index().len(), answers, "every answer is in the index");
    }

    /// The lines of the index, without their keys.
    pub fn index(&self) -> Vec<Value> {
        let index = std::str::from_utf8(&self.files["indexes/index.cdx"]).expect("UTF-8");
        assert!(index.lines().is_sorted());
        let json =
            |line: &str| line.splitn(3, ' ').nth(2).map(|json| serde_json::from_str(json).expect("JSON"));
        index.lines().map(|line| json(line).expect("three parts")).collect()
    }

    /// The address of the page that readers open.
    pub fn page(&self) -> String {
        let pages = String::from_utf8_lossy(&self.files["pages/pages.jsonl"]).into_owned();
        let page: Value = serde_json::from_str(pages.lines().nth(1).expect("a page")).expect("JSON");
        assert_eq!(self.json("datapackage.json")["mainPageURL"], page["url"]);
        page["url"].as_str().expect("a URL").to_owned()
    }

    /// Records of a kind of an address, which ends like this.
    pub fn of(&self, kind: &str, ending: &str) -> Vec<&Record> {
        let fits = |record: &&Record| {
            record.field("WARC-Type") == kind && record.field("WARC-Target-URI").ends_with(ending)
        };
        self.records.iter().filter(fits).collect()
    }

    pub fn answer(&self, ending: &str) -> &Record {
        match self.of("response", ending).as_slice() {
            [one] => one,
            several => panic!("{ending}: {several:#?}"),
        }
    }
}

impl Record {
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// The lines before the content.
    pub fn head(&self) -> String {
        String::from_utf8_lossy(&self.block[..self.end_of_head()]).into_owned()
    }

    pub fn content(&self) -> &[u8] {
        &self.block[self.end_of_head()..]
    }

    /// Whether the content is this, in Latin-1: as it was sent, or, where the
    /// browser was faster than we, as its own text, and the header says so.
    pub fn has_latin(&self, text: &str) -> bool {
        let sent: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
        let head = self.head().to_ascii_lowercase();
        let is_named = head.contains("\r\ncontent-type: text/html; charset=utf-8\r\n")
            && head.contains("\r\nx-orig-content-type: text/html; charset=iso-8859-1\r\n");
        let as_sent = head.contains("\r\ncontent-type: text/html; charset=iso-8859-1\r\n");
        self.content() == sent && as_sent || self.content() == text.as_bytes() && is_named
    }

    fn end_of_head(&self) -> usize {
        self.block.windows(4).position(|four| four == b"\r\n\r\n").expect("an end") + 4
    }
}

fn records(file: &[u8]) -> Vec<Record> {
    let (mut rest, mut records) = (file, Vec::new());
    while !rest.is_empty() {
        let offset = file.len() - rest.len();
        let mut bytes = Vec::new();
        GzDecoder::new(&mut rest).read_to_end(&mut bytes).expect("one gzip member");
        let length = file.len() - rest.len() - offset;
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an end");
        let head = std::str::from_utf8(&bytes[..end]).expect("UTF-8");
        let mut lines = head.split("\r\n");
        assert_eq!(lines.next(), Some("WARC/1.1"));
        let field =
            |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        let fields: BTreeMap<String, String> = lines.map(|line| field(line).expect("a field")).collect();
        let block = bytes[end + 4..].strip_suffix(b"\r\n\r\n").expect("two empty lines").to_vec();
        assert_eq!(fields["Content-Length"], block.len().to_string());
        records.push(Record { fields, block, offset, length });
    }
    records
}
