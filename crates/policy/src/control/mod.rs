//! What a changed configuration does to control: who may, what is asked, held or kept apart, who is whom, where evidence lies.

mod compare;
#[cfg(test)]
mod enumerated;
mod flat;
mod giving;
mod table;

pub use compare::{KeyChange, Widening, widening};
pub use giving::{given_anew, giving};
pub use table::{Class, Direction, FileKind, KEYS};
