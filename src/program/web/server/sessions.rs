//! One-time links, the sessions that they become, and the token of the form for
//! browsers without one.
//!
//! It knows nothing of HTTP; the guard asks it.

use std::io;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use countersign_record::digest::Digest;

use crate::web::session::{Secret, Session};

/// Who may come in.
pub struct Sessions {
    inside: Mutex<Inside>,
    outside: Secret,
}

#[derive(Default)]
struct Inside {
    links: Vec<Link>,
    sessions: Vec<Session>,
}

struct Link {
    secret: Digest,
    made: Instant,
}

impl Sessions {
    pub fn new() -> io::Result<Sessions> {
        Ok(Sessions { inside: Mutex::default(), outside: Secret::draw()? })
    }

    /// The secret of a new one-time link.
    pub fn link(&self) -> io::Result<Secret> {
        let secret = Secret::draw()?;
        let mut inside = self.inside.lock().unwrap_or_else(|e| e.into_inner());
        // No start takes another's link or session away: whoever came first and
        // presses Stop is let in. A link goes with its minute; a session is a
        // few bytes, and each takes a link that only this person can get.
        inside.links.retain(|link| link.made.elapsed() < LINK_LIVES);
        inside.links.push(Link { secret: Digest::of(secret.as_bytes()), made: Instant::now() });
        Ok(secret)
    }

    /// Swaps a link for a session. A link MUST work once, and for 60 seconds.
    pub fn enter(&self, link: &str) -> io::Result<Option<Session>> {
        let asked = Digest::of(link.as_bytes());
        let mut inside = self.inside.lock().unwrap_or_else(|e| e.into_inner());
        let Some(at) = inside.links.iter().position(|link| link.secret == asked) else { return Ok(None) };
        if inside.links.swap_remove(at).made.elapsed() >= LINK_LIVES {
            return Ok(None);
        }
        let session = Session::begin()?;
        inside.sessions.push(session.clone());
        Ok(Some(session))
    }

    /// The token of the form for browsers without a session. It is no secret
    /// from whoever is shown the page, and says that they were shown it.
    pub fn outside_token(&self) -> &str {
        self.outside.as_str()
    }

    /// Whether `token` is that token.
    pub fn accepts_outside(&self, token: &str) -> bool {
        Digest::of(self.outside.as_bytes()) == Digest::of(token.as_bytes())
    }

    /// The session of that cookie.
    pub fn session(&self, cookie: &str) -> Option<Session> {
        // Digests are compared, so that the time it takes tells nothing of
        // the secret.
        let asked = Digest::of(cookie.as_bytes());
        let inside = self.inside.lock().unwrap_or_else(|e| e.into_inner());
        inside.sessions.iter().find(|session| Digest::of(session.cookie().as_bytes()) == asked).cloned()
    }
}

/// How long a link can be used.
const LINK_LIVES: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_works_once() {
        let sessions = Sessions::new().expect("random");
        let link = sessions.link().expect("random");
        assert_eq!(link.as_str().len(), 64);
        let session = sessions.enter(link.as_str()).expect("random").expect("the first time");
        assert!(sessions.enter(link.as_str()).expect("random").is_none());
        assert!(sessions.session(session.cookie()).is_some());
        assert!(sessions.session("").is_none() && sessions.session(link.as_str()).is_none());
    }

    #[test]
    fn a_link_is_too_old_after_a_minute() {
        let sessions = Sessions::new().expect("random");
        let link = sessions.link().expect("random");
        let long_ago = Instant::now().checked_sub(LINK_LIVES);
        sessions.inside.lock().expect("not poisoned").links[0].made =
            long_ago.expect("this computer runs longer");
        assert!(sessions.enter(link.as_str()).expect("random").is_none());
    }

    #[test]
    fn a_token_is_of_one_form_and_one_session() {
        let sessions = Sessions::new().expect("random");
        let [one, two] = [0, 1].map(|_| {
            let link = sessions.link().expect("random");
            sessions.enter(link.as_str()).expect("random").expect("a session")
        });
        assert!(one.accepts("/a", &one.token("/a")));
        assert!(!one.accepts("/b", &one.token("/a")));
        assert!(!two.accepts("/a", &one.token("/a")));
        assert!(!one.accepts("/a", "") && !one.accepts("/a", one.cookie()));
    }

    #[test]
    fn no_start_crowds_out_another() {
        let sessions = Sessions::new().expect("random");
        let links: Vec<Secret> = (0..100).map(|_| sessions.link().expect("random")).collect();
        let came_in: Vec<Session> = links
            .iter()
            .map(|link| sessions.enter(link.as_str()).expect("random").expect("waits its minute"))
            .collect();
        assert!(came_in.iter().all(|session| sessions.session(session.cookie()).is_some()));
    }
}
