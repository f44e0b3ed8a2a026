//! What is brought into a case is what was there, and nothing of a home.
//! Needs `7z`.

mod files;
mod home;
mod sequences;

#[path = "../support/copied.rs"]
mod copied;
#[path = "../support/leaks.rs"]
mod leaks;
#[path = "../support/site.rs"]
mod site;
#[path = "../support/world.rs"]
mod world;
