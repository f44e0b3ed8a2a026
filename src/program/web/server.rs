//! How requests come in, and how answers leave.

mod assets;
mod connections;
pub mod guard;
pub mod instead;
pub mod jobs;
pub mod listener;
pub mod origin;
mod outside;
pub mod routes;
pub mod sessions;
pub mod single_instance;
pub mod upload;
pub mod visit;
