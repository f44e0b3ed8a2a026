//! Records what the reviewers look at.

pub mod answer;
