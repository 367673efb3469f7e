//! The scenario book: whole organisations as data, executed by the engine alone, by the application over fake systems,
//! and by the application over a real directory.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a scenario cannot set up fails it, with the reason"
)]
#![expect(clippy::result_large_err, reason = "the port names this error")]

mod access;
mod act;
mod application;
mod book;
mod by_hand;
mod codes;
mod compare;
mod configuration;
mod counts;
mod cut_off;
mod document;
mod engine;
mod expect;
mod files;
mod forecast;
mod inputs;
mod invariant;
mod ledger;
mod pairs;
mod place;
mod plan;
mod population;
mod rows;
mod run;
mod see;
mod staged;
mod verbs;
mod vocabulary;
mod words;

pub use application::Application;
pub use book::{Book, Event, Scenario, Stage, Step};
pub use compare::differences;
pub use counts::{counts, none_is_missing};
pub use document::page;
pub use inputs::{Counting, InMemory, Settable};
pub use pairs::{Failure, Mechanism, SEEDS, fails, pairs};
pub use place::TargetSystems;
pub use rows::Row;
pub use run::{live, live_in_engine, live_twice};
pub use staged::{Staged, in_stage};
pub use verbs::Act;
pub use vocabulary::{PROMISES, ROWS};
