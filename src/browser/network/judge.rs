//! Judges a host: refused, reached directly at the addresses that were judged,
//! or handed to the school's proxy.
//!
//! It connects to nothing. Whoever asks must use the very addresses of the
//! answer and look no name up again.

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use super::address::{is_local_name, is_localhost, plain_host};
use super::outcome::{Outcome, Refused};
use super::proxy::Proxy;
use super::reach::{Reach, Refusal};
use crate::text::brief;

/// Looks names up.
pub trait Names: Send + Sync {
    /// The addresses of `host`.
    fn look_up(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The names as this computer looks them up.
#[derive(Debug, Clone, Copy)]
pub struct SystemNames;

impl Names for SystemNames {
    fn look_up(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
    }
}

/// Who decides how, and whether, a host is reached.
#[derive(Clone)]
pub struct Judge {
    reach: Reach,
    proxy: Option<Proxy>,
    names: Arc<dyn Names>,
    /// Names for which the computer's resolver had no answer in time.
    silent: Arc<Mutex<HashSet<String>>>,
}

/// How a host is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// At one of these addresses, each of them judged.
    Direct(Vec<SocketAddr>),
    /// Through the proxy, which looks the name up itself.
    Proxy {
        /// The address that was judged here; none where this computer cannot
        /// look the name up.
        checked: Option<IpAddr>,
    },
}

impl From<Reach> for Judge {
    fn from(reach: Reach) -> Judge {
        Judge { reach, proxy: None, names: Arc::new(SystemNames), silent: Arc::default() }
    }
}

impl Judge {
    /// Sends what is on the internet through `proxy`, if there is one.
    #[must_use]
    pub fn behind(self, proxy: Option<Proxy>) -> Judge {
        Judge { proxy, ..self }
    }

    /// Looks names up with `names`.
    #[must_use]
    pub fn asking(self, names: Arc<dyn Names>) -> Judge {
        Judge { names, ..self }
    }

    /// How far it lets through.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// The proxy, if there is one.
    pub fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// How `host` is reached at `port`, or why it is not.
    ///
    /// One address out of reach refuses them all: a name that points both at
    /// the internet and at this computer is an attack, not a page. What is
    /// near is never asked of a proxy, for which it would be something else.
    pub fn route(&self, host: &str, port: u16) -> Result<Route, Outcome> {
        let host = plain_host(host);
        let refused = |ip, why| Outcome::Refused(Refused { ip, why });
        if is_localhost(&host) {
            self.reach.judge(Ipv4Addr::LOCALHOST.into(), port).map_err(|why| refused(None, why))?;
        }
        let proxy = self.proxy.as_ref().filter(|proxy| proxy.is_for(&host));
        let found = match (host.parse::<IpAddr>(), proxy) {
            (Ok(ip), _) => Ok(vec![ip]),
            (Err(_), None) => self.names.look_up(&host),
            (Err(_), Some(_)) => self.look_up_in_time(&host),
        };
        let found = match found {
            Ok(found) if !found.is_empty() => found,
            Ok(_) | Err(_) if proxy.is_some() => {
                return match is_local_name(&host) {
                    true => Err(refused(None, Refusal::Private)),
                    false => Ok(Route::Proxy { checked: None }),
                };
            }
            Ok(_) => return Err(Outcome::NotFound("no address".to_owned())),
            Err(error) => return Err(Outcome::NotFound(brief(&error))),
        };
        for ip in &found {
            self.reach.judge(*ip, port).map_err(|why| refused(Some(*ip), why))?;
        }
        if proxy.is_some() && !found.iter().any(|ip| Reach::is_near(*ip)) {
            return Ok(Route::Proxy { checked: found.first().copied() });
        }
        let addresses = found.into_iter().take(MOST_ADDRESSES).map(|ip| SocketAddr::new(ip, port));
        Ok(Route::Direct(addresses.collect()))
    }

    /// Behind a proxy a computer's resolver may know no name of the internet,
    /// and may take long to say so.
    fn look_up_in_time(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let late = || io::Error::from(io::ErrorKind::TimedOut);
        let silent = || self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        if silent().contains(host) {
            return Err(late());
        }
        let (sender, receiver) = mpsc::channel();
        let (names, asked) = (Arc::clone(&self.names), host.to_owned());
        thread::Builder::new().name("wall-names".to_owned()).spawn(move || {
            let _ = sender.send(names.look_up(&asked));
        })?;
        receiver.recv_timeout(LOOK_UP_LIMIT).unwrap_or_else(|_| {
            let mut silent = silent();
            if silent.len() < MOST_SILENT {
                silent.insert(host.to_owned());
            }
            Err(late())
        })
    }
}

const LOOK_UP_LIMIT: Duration = Duration::from_secs(3);
const MOST_ADDRESSES: usize = 16;
const MOST_SILENT: usize = 4096;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Names of a table; a name that is not in it is not found.
    struct Table(&'static [(&'static str, &'static [&'static str])]);

    impl Names for Table {
        fn look_up(&self, host: &str) -> io::Result<Vec<IpAddr>> {
            let (_, found) = self.0.iter().find(|(name, _)| *name == host).ok_or(io::ErrorKind::NotFound)?;
            Ok(found.iter().map(|ip| ip.parse().expect("an IP address")).collect())
        }
    }

    const TABLE: Table = Table(&[
        ("public.example", &["9.9.9.9", "2620:fe::9"]),
        ("near.example", &["10.0.0.1"]),
        ("both.example", &["9.9.9.9", "127.0.0.1"]),
        ("sample.example", &["127.0.0.1"]),
        ("empty.example", &[]),
        ("bypassed.example", &["9.9.9.9"]),
    ]);

    fn judge(reach: Reach, proxy: Option<&str>) -> Judge {
        let proxy = proxy.map(|p| p.parse::<Proxy>().expect("a proxy").except("bypassed.example"));
        Judge::from(reach).behind(proxy).asking(Arc::new(TABLE))
    }

    fn refused(ip: Option<&str>, why: Refusal) -> Result<Route, Outcome> {
        Err(Outcome::Refused(Refused { ip: ip.map(|ip| ip.parse().expect("an IP address")), why }))
    }

    #[test]
    fn without_a_proxy_every_address_is_judged() {
        let judge = judge(Reach::Public, None);
        let direct = ["9.9.9.9:443", "[2620:fe::9]:443"].map(|a| a.parse().expect("an address"));
        assert_eq!(judge.route("Public.Example.", 443), Ok(Route::Direct(direct.to_vec())));
        assert_eq!(judge.route("near.example", 80), refused(Some("10.0.0.1"), Refusal::Private));
        assert_eq!(judge.route("both.example", 80), refused(Some("127.0.0.1"), Refusal::Loopback));
        assert_eq!(judge.route("localhost", 80), refused(None, Refusal::Loopback));
        assert_eq!(judge.route("[::1]", 80), refused(Some("::1"), Refusal::Loopback));
        assert!(matches!(judge.route("empty.example", 80), Err(Outcome::NotFound(_))));
        assert!(matches!(judge.route("none.example", 80), Err(Outcome::NotFound(_))));
    }

    #[test]
    fn behind_a_proxy_what_can_be_judged_is() {
        let judge = judge(Reach::Public, Some("10.0.0.1:8080"));
        let checked = Some("9.9.9.9".parse().expect("an IP address"));
        assert_eq!(judge.route("public.example", 443), Ok(Route::Proxy { checked }));
        assert_eq!(judge.route("9.9.9.9", 443), Ok(Route::Proxy { checked }));
        assert_eq!(judge.route("unknown.example", 443), Ok(Route::Proxy { checked: None }));
        assert_eq!(judge.route("empty.example", 443), Ok(Route::Proxy { checked: None }));
        for (host, ip, why) in [
            ("10.0.0.1", Some("10.0.0.1"), Refusal::Private),
            ("127.0.0.1", Some("127.0.0.1"), Refusal::Loopback),
            ("::ffff:192.168.0.1", Some("::ffff:192.168.0.1"), Refusal::Private),
            ("localhost", None, Refusal::Loopback),
            ("a.localhost", None, Refusal::Loopback),
            ("near.example", Some("10.0.0.1"), Refusal::Private),
            ("both.example", Some("127.0.0.1"), Refusal::Loopback),
            ("intranet", None, Refusal::Private),
            ("nas.local", None, Refusal::Private),
            ("2130706433", None, Refusal::Private),
        ] {
            assert_eq!(judge.route(host, 8080), refused(ip, why), "{host}");
        }
        let direct = vec!["9.9.9.9:443".parse().expect("an address")];
        assert_eq!(judge.route("bypassed.example", 443), Ok(Route::Direct(direct)));
    }

    #[test]
    fn a_rehearsals_own_site_is_no_matter_for_the_proxy() {
        let judge = judge(Reach::Rehearsal { refused_ports: vec![8123] }, Some("10.0.0.1:8080"));
        let direct = vec!["127.0.0.1:80".parse().expect("an address")];
        assert_eq!(judge.route("127.0.0.1", 80), Ok(Route::Direct(direct.clone())));
        assert_eq!(judge.route("sample.example", 80), Ok(Route::Direct(direct)));
        assert_eq!(judge.route("sample.example", 8123), refused(Some("127.0.0.1"), Refusal::Port));
        assert!(matches!(judge.route("public.example", 80), Ok(Route::Proxy { .. })));
    }

    #[test]
    fn a_resolver_that_never_answers_is_not_waited_for_twice() {
        #[derive(Default)]
        struct Never(AtomicUsize);
        impl Names for Never {
            fn look_up(&self, _: &str) -> io::Result<Vec<IpAddr>> {
                self.0.fetch_add(1, Ordering::SeqCst);
                thread::sleep(Duration::from_secs(600));
                Ok(Vec::new())
            }
        }
        let never = Arc::new(Never::default());
        let judge = Judge::from(Reach::Public)
            .behind(Some("10.0.0.1:8080".parse().expect("a proxy")))
            .asking(Arc::clone(&never) as Arc<dyn Names>);
        assert_eq!(judge.route("slow.example", 443), Ok(Route::Proxy { checked: None }));
        let again = std::time::Instant::now();
        assert_eq!(judge.route("slow.example", 443), Ok(Route::Proxy { checked: None }));
        assert!(again.elapsed() < LOOK_UP_LIMIT);
        assert_eq!(never.0.load(Ordering::SeqCst), 1, "asked once");
    }
}
