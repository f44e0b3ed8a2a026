//! The procedure from outside: packs that must be refused, and a state machine
//! that no order of steps gets round.

mod case;
mod corrections;
mod deeds;
mod due;
mod opening;
mod order;
mod packs;
mod properties;
