//! The traffic of a page as it stands, told as exchanges and put into a
//! package.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Instant;

use super::hop::{Hop, Post};
use super::{Gap, Traffic};
use crate::network::wall::Wall;
use crate::warc::{self, Answer, Content, Cut, Departure, Exchange, Outcome, Request, Spelling};
use countersign_record::clock::{Clock, Time};

/// The content of the page's own answer, where it was followed elsewhere.
pub(crate) struct MainContent {
    pub(crate) request: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) spelling: Spelling,
}

impl Traffic {
    /// Where the answer to a request came from in the end.
    pub(crate) fn answered_at(&self, request: &str) -> Option<String> {
        let of = |hop: &&Hop| hop.request == request && hop.answer.is_some() && !hop.is_redirect;
        self.hops.iter().rev().find(of).map(|hop| hop.url.clone())
    }

    pub(crate) fn told(
        &self,
        wall: &Wall,
        clock: &dyn Clock,
        mut main: Option<MainContent>,
    ) -> (Vec<Exchange>, Vec<Gap>) {
        let mut seen = HashSet::new();
        let mut exchanges = Vec::with_capacity(self.hops.len());
        let mut room = self.limits.all;
        for (place, hop) in self.hops.iter().enumerate() {
            // What came out of the browser's own store is there already.
            if !seen.insert((hop.method.as_str(), hop.url.as_str())) && hop.is_cached {
                continue;
            }
            let mut exchange = self.exchange(place, hop, wall, clock);
            if let Outcome::Answered(answer) = &mut exchange.outcome {
                let is_missing = !hop.is_redirect && !hop.is_streamed();
                if let Some(main) = main.take_if(|main| is_missing && main.request == hop.request) {
                    answer.content = content_of(main, self.limits.each, answer.content.cut);
                }
                let content = &mut answer.content;
                if content.bytes.len() > room {
                    content.bytes.truncate(room);
                    content.cut = Some(Cut::Length);
                }
                room -= content.bytes.len();
            }
            exchanges.push(exchange);
        }
        let gaps = self.gaps(&exchanges);
        (exchanges, gaps)
    }

    fn exchange(&self, place: usize, hop: &Hop, wall: &Wall, clock: &dyn Clock) -> Exchange {
        let (sent, came) = self.wire(place, hop);
        let departure =
            if hop.answer.is_some() || sent.is_some() { Departure::Sent } else { Departure::Never };
        let content = match &hop.post {
            Post::Bytes(bytes) => Content { bytes: bytes.clone(), ..Content::default() },
            Post::Nothing => Content::default(),
            Post::Awaited(_) | Post::Unknown => Content { cut: Some(Cut::Unspecified), ..Content::default() },
        };
        let outcome = match &hop.answer {
            Some(answer) => Outcome::Answered(Answer {
                status: answer.status,
                reason: answer.reason.clone(),
                headers: came.unwrap_or_else(|| answer.headers.clone()),
                content: hop.content(),
            }),
            None => Outcome::Failed(hop.failure.clone().unwrap_or_else(|| "no answer yet".to_owned())),
        };
        let address: Option<SocketAddr> = hop.answer.as_ref().and_then(|_| wall.server_at(&hop.url));
        Exchange {
            url: hop.url.clone(),
            asked: at(hop.at, clock),
            remote: address.map(|address| address.ip()),
            protocol: hop.answer.as_ref().and_then(|answer| answer.protocol.clone()),
            request: Request {
                method: hop.method.clone(),
                headers: sent.unwrap_or_else(|| hop.headers.clone()),
                content,
                departure,
            },
            outcome,
        }
    }

    /// The headers that went over the wire with this hop, both ways: they are
    /// told in order, one for each hop that went there.
    fn wire(&self, place: usize, hop: &Hop) -> (Option<Vec<warc::Field>>, Option<Vec<warc::Field>>) {
        let Some(extras) = self.extras.get(&hop.request) else { return (None, None) };
        let has_extra = |hop: &&Hop| hop.answer.as_ref().is_none_or(|answer| answer.has_extra);
        if !has_extra(&hop) {
            return (None, None);
        }
        let of =
            |hops: &[Hop]| hops.iter().filter(|other| other.request == hop.request).filter(has_extra).count();
        let (before, all) = (of(&self.hops[..place]), of(&self.hops));
        // One of them may have been lost: then nobody knows whose they are.
        let complete = extras.came.len() <= all && extras.sent.len() <= all;
        let sent = extras.sent.get(before).filter(|_| complete).cloned();
        let status = hop.answer.as_ref().map(|answer| answer.status);
        let came = extras.came.get(before).filter(|(said, _)| complete && Some(*said) == status);
        (sent, came.map(|(_, headers)| headers.clone()))
    }

    fn gaps(&self, exchanges: &[Exchange]) -> Vec<Gap> {
        let contents = || {
            exchanges.iter().filter_map(|exchange| match &exchange.outcome {
                Outcome::Answered(answer) => Some(&answer.content),
                Outcome::Failed(_) => None,
            })
        };
        let count = |of: &dyn Fn(&Content) -> bool| contents().filter(|content| of(content)).count() as u64;
        let (each, all) = (self.limits.each as u64, self.limits.all as u64);
        let cut = count(&|content| content.cut == Some(Cut::Length));
        let open = count(&|content| matches!(content.cut, Some(Cut::Time | Cut::Disconnect)));
        let lost = count(&|content| content.cut == Some(Cut::Unspecified));
        let text = count(&|content| content.spelling == Spelling::Utf8);
        let some = |n: u64, gap: Gap| (n > 0).then_some(gap);
        [
            some(cut, Gap::Cut { answers: cut, each, all }),
            some(open, Gap::NotWhole(open)),
            some(lost, Gap::NoContent(lost)),
            some(text, Gap::AsText(text)),
            some(self.left_out, Gap::LeftOut(self.left_out)),
            some(self.sockets, Gap::Sockets(self.sockets)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn content_of(main: MainContent, each: usize, open: Option<Cut>) -> Content {
    let MainContent { mut bytes, spelling, .. } = main;
    let is_cut = bytes.len() > each;
    bytes.truncate(each);
    // What it lacked before it lacks no more, unless it never ended.
    let open = open.filter(|cut| matches!(cut, Cut::Time | Cut::Disconnect));
    Content { bytes, spelling, cut: if is_cut { Some(Cut::Length) } else { open } }
}

/// When it was, by the clock that was handed in.
fn at(moment: Instant, clock: &dyn Clock) -> Time {
    let now = clock.now();
    let ago = i64::try_from(moment.elapsed().as_millis()).unwrap_or(0);
    Time::from_unix_ms(now.unix_ms() - ago).unwrap_or(now)
}
