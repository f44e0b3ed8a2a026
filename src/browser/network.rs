//! The way to servers: how far a recording may reach, and the wall that holds
//! it there.

pub mod address;
pub mod headers;
pub mod judge;
pub mod outcome;
pub mod proxy;
pub mod reach;
mod socks;
mod tunnel;
pub mod wall;
