//! Systems that no program can reach: their owner does the work, and an uploaded export shows what was done.

mod connector;
mod declared;
mod export;
mod setup;

pub use declared::SETTINGS;
pub use setup::connect;
