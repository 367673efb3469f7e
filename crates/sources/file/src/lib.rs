//! Feeds from files: CSV and JSON Lines, read twice. The first reading decides whether the file as a whole can be trusted, the second
//! returns its rows.

mod decode;
mod feed;
mod flat;
mod header;
mod input;
mod inspect;
mod json;
mod rows;
mod separated;

pub use feed::{Feed, Refused, open};
pub use input::Input;
pub use inspect::inspect;
