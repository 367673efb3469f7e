//! The engine's promises as properties over random identities.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has to stop")]

mod by_people;
mod properties;
mod seats;
mod world;
