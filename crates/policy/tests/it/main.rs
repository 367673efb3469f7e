//! The crate from outside: folders in, set-ups, answers and diagnostics out.

mod bad_input;
mod conditions;
mod folder;
mod index;
mod mutated;
mod sample;
