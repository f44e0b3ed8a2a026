//! The bag and the zip profile from outside: vectors, every bit of a small
//! bundle, stock tools.
//!
//! It needs python3 with bagit, unzip, 7z and sha256sum, and fails without them.

mod changes;
mod members;
mod tools;
mod vectors;
