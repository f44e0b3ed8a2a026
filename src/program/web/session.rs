//! The secrets of the guide: what a browser's session is known by, and the
//! token of each form.

use std::io;

use countersign_record::clock::Random;
use countersign_record::digest::Digest;

use crate::ambient::SystemRandom;

/// One browser that came in by a link.
#[derive(Clone)]
pub struct Session {
    secret: Secret,
}

impl Session {
    /// A new one.
    pub fn begin() -> io::Result<Session> {
        Ok(Session { secret: Secret::draw()? })
    }

    /// What the cookie says.
    pub fn cookie(&self) -> &str {
        &self.secret.0
    }

    /// By which drafts and jobs know their session; it opens nothing.
    pub fn id(&self) -> Digest {
        Digest::of(format!("session {}", self.secret.0).as_bytes())
    }

    /// The token of the form that is sent to `path`.
    pub fn token(&self, path: &str) -> String {
        Digest::of(format!("form {} {path}", self.secret.0).as_bytes()).to_string()
    }

    /// Whether `token` is that of the form that is sent to `path`.
    pub fn accepts(&self, path: &str, token: &str) -> bool {
        Digest::of(self.token(path).as_bytes()) == Digest::of(token.as_bytes())
    }
}

/// 256 bits that nobody can guess, in hex.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Drawn from the operating system.
    pub fn draw() -> io::Result<Secret> {
        let mut bytes = [0; 32];
        SystemRandom.fill(&mut bytes)?;
        Ok(Secret(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
