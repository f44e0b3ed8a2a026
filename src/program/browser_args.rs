//! With what pages are opened: the browser, and the school's proxy if the
//! computer's settings name one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueHint};
use countersign_browser::network::proxy::{Proxy, ProxyError};
use countersign_browser::program::find::{self, Found};
use countersign_browser::program::policy::{self, Rule, Ruling};
use countersign_case::capture::{Network, Without};
use countersign_case::durable::DiskError;

use crate::ambient::{self, BrowserAccount};
use crate::explain::{disk, no_browser, proxy};
use crate::message::Message;
use crate::say::Output;

/// With what pages are opened, and by which way.
#[derive(Debug, Clone, Default, Args)]
pub struct BrowserArgs {
    /// Use this browser
    #[arg(long, value_name = "PATH", value_hint = ValueHint::ExecutablePath)]
    pub browser: Option<PathBuf>,
    /// Reach the internet through this proxy, or direct, whatever the computer's settings say
    #[arg(long, value_name = "HOST:PORT")]
    pub proxy: Option<String>,
}

impl BrowserArgs {
    /// The browser, or why there is none; see [`find_browser`].
    pub fn browser(&self) -> Result<Result<Found, Without>, Message> {
        find_browser(self.browser.as_deref())
    }

    /// How the network is reached; what the settings say and cannot be done is
    /// told.
    pub fn network(&self, browser: Option<&Found>, output: &Output) -> Result<Network, Message> {
        let proxy = match self.proxy.as_deref() {
            Some("direct") => None,
            Some(named) => Some(named.parse().map_err(|error| proxy("--proxy", &error))?),
            None => of_settings(browser.map(|found| found.rules.as_slice()).unwrap_or_default(), output)?,
        };
        Ok(Network { proxy, own_ports: Vec::new() })
    }
}

/// The browser that was named must be one. Where none was named and none is
/// found, there is a way without, for those who can do without pictures.
pub fn find_browser(named: Option<&Path>) -> Result<Result<Found, Without>, Message> {
    let account = match ambient::browser_account() {
        Ok(BrowserAccount::Own) => None,
        Ok(BrowserAccount::Other(account)) => Some(account),
        // Where the list of accounts cannot be read, there is none to be had.
        Ok(BrowserAccount::Missing) | Err(_) => return Ok(Err(Without::NoAccount)),
    };
    let places = ambient::browser_places(account);
    match named {
        Some(path) => {
            // The browser is started in a folder of its own.
            let path = std::path::absolute(path).map_err(|error| disk(&DiskError::io(path, error)))?;
            find::given(&path, &places).map(Ok).map_err(|error| no_browser(&error))
        }
        None => Ok(find::find(&places).map_err(|error| Without::NoBrowser(Arc::new(error)))),
    }
}

fn of_settings(rules: &[Rule], output: &Output) -> Result<Option<Proxy>, Message> {
    let environment = ambient::environment();
    let named = Proxy::from_environment(&environment);
    if let Some(named) = named.map_err(|error| proxy("The proxy of the environment", &error))? {
        return Ok(Some(named));
    }
    let own = policy::proxy_of_computer();
    for Rule { ruling, source } in rules.iter().chain(&own) {
        match ruling {
            Ruling::Proxy(list) => {
                let Some(one) = policy::for_https(list) else { continue };
                return one.parse().map(Some).map_err(|error| proxy(source, &error));
            }
            Ruling::Script(script) => {
                output.tell(&by_script(source, script.as_deref()));
                return Ok(None);
            }
            _ => {}
        }
    }
    Ok(None)
}

/// What is said of a proxy that a script names.
fn by_script(source: &str, script: Option<&str>) -> String {
    let script = script.map(|script| format!(" ({script})")).unwrap_or_default();
    format!(
        "This computer finds its proxy by a script{script}, says {source}. Countersign does not run such a script, \
         and goes without a proxy. If pages do not open, ask IT for the proxy's address, and give it: \
         --proxy HOST:PORT"
    )
}

/// The proxy that the settings name, and whether it can be gone through.
pub fn proxy_in_words(rules: &[Rule]) -> Option<(bool, String)> {
    let said = |proxy: Result<Proxy, ProxyError>, source: &str| match proxy {
        Ok(proxy) => (true, format!("Pages come through the proxy {proxy}, says {source}.")),
        Err(error) => (
            false,
            format!(
                "The proxy that {source} names cannot be gone through: {error}. Ask IT for an HTTP proxy, and give \
                 it: --proxy HOST:PORT"
            ),
        ),
    };
    if let Some(named) = Proxy::from_environment(&ambient::environment()).transpose() {
        return Some(said(named, "the environment"));
    }
    let own = policy::proxy_of_computer();
    rules.iter().chain(&own).find_map(|Rule { ruling, source }| match ruling {
        Ruling::Proxy(list) => Some(said(policy::for_https(list)?.parse(), source)),
        Ruling::Script(script) => Some((false, by_script(source, script.as_deref()))),
        _ => None,
    })
}
