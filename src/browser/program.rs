//! The browser as a program of the computer: found, started, ended, and nothing
//! left of it.

pub mod account;
pub mod cancel;
pub mod error;
pub mod find;
pub mod launch;
mod pipes;
pub mod policy;
mod profile;
pub mod tool;
