//! SQLite as Tenure's store: nothing to install, one writer, every acknowledged change synced to disk.

mod checkpoint;
mod clock;
mod connection;
mod fault;
mod head;
mod lock;
mod migrate;
mod open;
mod port;
mod prepare;
mod read;
mod state;
mod word;
mod write;

pub use clock::MachineClock;
pub use open::{Options, SqliteStore};
