//! Systems that no program can reach: their owner does the work, and an uploaded export shows what was done.

mod connector;
mod export;
mod setup;

pub use setup::connect;
