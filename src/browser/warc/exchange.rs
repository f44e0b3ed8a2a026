//! What a page exchanged with servers, as it is to be written.

use std::net::IpAddr;

use countersign_record::clock::Time;

/// A page whose traffic it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The address of its own answer.
    pub url: String,
    /// Its title.
    pub title: String,
    /// When it was asked for.
    pub started: Time,
    /// Who wrote this: program and browser with their versions.
    pub software: String,
}

/// One request, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The address, without the part after `#`.
    pub url: String,
    /// When it was asked for.
    pub asked: Time,
    /// The server's own address, where it is known.
    pub remote: Option<IpAddr>,
    /// The protocol that was spoken, such as `h2`, where it is known.
    pub protocol: Option<String>,
    /// What was sent.
    pub request: Request,
    /// What came back.
    pub outcome: Outcome,
}

/// What was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The headers in the order in which they are to be written.
    pub headers: Vec<Field>,
    /// The content, if it had any.
    pub content: Content,
    /// Whether it went out at all.
    pub departure: Departure,
}

/// Whether a request went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Departure {
    /// The browser sent it.
    Sent,
    /// It was stopped before, or nobody was there to take it.
    Never,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An answer.
    Answered(Answer),
    /// None, and why.
    Failed(String),
}

/// What a server sent back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Such as 200.
    pub status: u16,
    /// The words after it, often none.
    pub reason: String,
    /// The headers in the order in which they are to be written.
    pub headers: Vec<Field>,
    /// The content.
    pub content: Content,
}

/// One header.
pub type Field = (String, String);

/// What a message carried, as far as it is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The bytes, any compression for the way undone.
    pub bytes: Vec<u8>,
    /// What they are.
    pub spelling: Spelling,
    /// Why there are no more of them, if there were.
    pub cut: Option<Cut>,
}

/// What the bytes of a content are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Spelling {
    /// As they were sent.
    #[default]
    AsSent,
    /// The browser's text of them, as UTF-8.
    Utf8,
}

/// Why a content is not whole. The names are WARC's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// It was more than is kept.
    Length,
    /// It had not ended.
    Time,
    /// The connection ended before it did.
    Disconnect,
    /// The browser has none of it.
    Unspecified,
}
