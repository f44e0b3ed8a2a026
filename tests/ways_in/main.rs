//! What is brought into a case is what was there, and nothing of a home.

mod files;

#[path = "../support/world.rs"]
mod world;
