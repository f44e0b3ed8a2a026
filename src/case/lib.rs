//! Two people, one designated computer, one procedure.
//!
//! [`mod@case`] is what both sign, [`procedure`] what may be done when,
//! [`capture`] how it comes onto the record, [`form`] and [`handover`] how it
//! leaves.
//!
//! It never prints, prompts, exits, reads the environment, or asks the system
//! for time or randomness except through what it was handed
//! ([`clock`](countersign_record::clock)).

pub mod durable;
pub mod held_folder;
pub mod secret;

pub mod procedure;

pub mod case;

pub mod capture;

pub mod form;

pub mod handover;

pub mod register;

pub mod rehearsal;
