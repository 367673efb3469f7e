//! The application over a real store, with feeds in memory and systems that are never called; and one whole directory.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test cannot set up fails the test")]

mod at_once;
mod clock;
mod concurrent;
mod contradicted;
mod cut_offs;
mod estate;
mod leases;
mod long_feed;
mod pairs;
mod reading;
mod system_brake;
mod what_if;
mod world;
