//! Starts a browser for recording, watches it, and leaves nothing of it.
//!
//! The browser has a private profile in a folder that goes away, speaks
//! DevTools over a pipe and never over a socket, loads no extensions, and
//! reaches the network through the [`Wall`] only. This module knows no switch
//! that turns the browser's sandbox off.

mod given;
mod keeper;
mod said;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

pub use super::cancel::Cancel;
pub use super::error::LaunchError;
use serde::Deserialize;
use serde_json::json;

use self::given::{ANOTHERS, HEADLESS, SHOWN, SWITCHES, is_passed_on};
use self::keeper::Keeper;
use self::said::Said;
use super::account::Account;
use super::pipes;
pub use super::profile::sweep;
use super::profile::{Profile, Runtime};
use super::tool::Tool;
use crate::devtools::client::Client;
use crate::network::wall::Wall;
use crate::text::cut;

/// Whether people see the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// No window: a page is kept without anyone looking.
    Headless,
    /// A window of its own.
    Shown,
}

/// What a browser is started with.
pub struct Launch<'a> {
    /// The browser, from [`super::find`].
    pub program: &'a Path,
    /// An existing folder for its profile, best on a disk that is encrypted.
    /// Its path must be short on Unix, see [`LaunchError::FolderTooLong`].
    pub folder: &'a Path,
    /// The program's environment, of which the browser gets the few variables
    /// that it needs.
    pub environment: &'a [(OsString, OsString)],
    /// As whom it runs; as whoever runs the program where it is none. As root
    /// it MUST be one: a browser has no sandbox there, and refuses to run.
    pub account: Option<&'a Account>,
    /// Whether people see it.
    pub window: Window,
    /// The wall through which it reaches the network.
    pub wall: Arc<Wall>,
    /// Asked every 20 ms; once it says yes, the browser is killed.
    pub cancel: Cancel,
}

/// A running browser. Dropping it kills its processes and removes its profile.
pub struct Browser {
    client: Client,
    window: Window,
    wall: Arc<Wall>,
    cancel: Cancel,
    program: PathBuf,
    account: Option<Account>,
    arguments: Vec<String>,
    version: BrowserVersion,
    keeper: Keeper,
}

impl Launch<'_> {
    /// Starts the browser and waits until it answers.
    pub fn start(self) -> Result<Browser, LaunchError> {
        let profile = Profile::create(self.folder, self.account)?;
        let mut arguments = self.arguments(&profile);
        let mut command = Command::new(self.program);
        command
            .args(&arguments)
            .env_clear()
            .envs(self.environment.iter().filter(|(name, _)| is_passed_on(name)).cloned())
            .envs(profile.environment(self.runtime()))
            .current_dir(&profile.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        if let Some(account) = self.account {
            for name in ANOTHERS {
                command.env_remove(name);
            }
            command.envs(profile.environment_as(account, self.environment)?);
            account.take_on(&mut command);
        }
        arguments.extend(pipes::switches());
        let mut piped = pipes::spawn(command)
            .map_err(|source| LaunchError::NotStarted { path: self.program.to_owned(), source })?;
        let said = Said::listen(piped.child.stderr.take());
        let client = match Client::new(piped.to_child, piped.from_child) {
            Ok(client) => client,
            Err(source) => {
                pipes::kill(&mut piped.child);
                return Err(LaunchError::NotStarted { path: self.program.to_owned(), source });
            }
        };
        let keeper = Keeper::watch(piped.child, client.clone(), self.cancel.clone(), profile)
            .map_err(|source| LaunchError::NotStarted { path: self.program.to_owned(), source })?;
        match client.call::<BrowserVersion>(None, "Browser.getVersion", json!({}), START_LIMIT) {
            Ok(version) => Ok(Browser {
                client,
                window: self.window,
                wall: self.wall,
                cancel: self.cancel,
                program: self.program.to_owned(),
                account: self.account.cloned(),
                arguments,
                version,
                keeper,
            }),
            Err(_) if self.cancel.is_raised() => Err(LaunchError::Cancelled),
            Err(error) => {
                drop(keeper);
                Err(said.explain(self.program, error))
            }
        }
    }

    /// A shown window may need the session's own sockets, which are closed to
    /// another account.
    fn runtime(&self) -> Runtime {
        match self.window {
            Window::Shown if self.account.is_none() => Runtime::OfSession,
            Window::Shown | Window::Headless => Runtime::Private,
        }
    }

    fn arguments(&self, profile: &Profile) -> Vec<String> {
        let mut arguments: Vec<String> = SWITCHES.map(str::to_owned).to_vec();
        let window: &[&str] = match self.window {
            Window::Headless => &HEADLESS,
            Window::Shown => &SHOWN,
        };
        arguments.extend(window.iter().map(|&switch| switch.to_owned()));
        arguments.push(format!("--user-data-dir={}", profile.folder.join("p").display()));
        arguments.extend(self.wall.switches());
        arguments.push("--no-startup-window".to_owned());
        arguments
    }
}

impl Browser {
    /// The connection to it.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The wall through which it reaches the network.
    pub fn wall(&self) -> &Wall {
        &self.wall
    }

    /// The same, for whoever outlives the look at it.
    pub(crate) fn wall_shared(&self) -> Arc<Wall> {
        Arc::clone(&self.wall)
    }

    /// Whether people see it.
    pub fn window(&self) -> Window {
        self.window
    }

    /// What it is, for the record.
    pub fn tool(&self) -> Tool {
        Tool::Browser {
            product: cut(&self.version.product),
            user_agent: cut(&self.version.user_agent),
            path: self.program.display().to_string(),
            arguments: self.arguments.clone(),
            account: self.account.as_ref().map(|account| account.name().to_owned()),
        }
    }

    /// The question whether the recording has been stopped.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// The path of the program, for the record.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Its whole command line after the path, for the record.
    pub fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// What it says it is.
    pub fn version(&self) -> &BrowserVersion {
        &self.version
    }

    /// The identifier of its first process, which leads their group.
    pub fn process(&self) -> u32 {
        self.keeper.process
    }

    /// Kills the browser now; calls that wait fail at once.
    pub fn kill(&self) {
        self.keeper.kill();
    }
}

/// What the browser says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BrowserVersion {
    /// `Chrome/156.0.8078.79`, `HeadlessChrome/…`.
    pub product: String,
    /// The source's revision.
    pub revision: String,
    /// How it names itself to servers.
    pub user_agent: String,
    /// The DevTools protocol's version.
    pub protocol_version: String,
}

const START_LIMIT: Duration = Duration::from_secs(30);
