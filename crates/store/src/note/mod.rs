//! Notes: values of which there is one, or one for each subject, read by their name alone.
//!
//! Each kind of note has a line in `key.rs`: its word, its parameters, the type of its value. The text under which it is stored is made
//! and parsed there and nowhere else, and its value is stored as every other payload is: versioned, by [`crate::codec`]. What is
//! searched, listed or counted has a table with columns instead (docs/adr/0138).

mod key;
mod read;
mod value;

pub use key::{Note, NoteKey, NoteOf, kinds};
pub use read::{NoteBytes, NoteRead, read_note};
pub use value::{DamageNote, DismissedRows, EarlierBrake, ReportNote, SingleConfirmation, UnreviewedCutOff};
