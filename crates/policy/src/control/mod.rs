//! Effect of a changed configuration on control: permissions, approvals, brakes, separation, identification, evidence.

mod compare;
#[cfg(test)]
pub(crate) mod enumerated;
mod flat;
mod giving;
mod table;

pub use compare::{KeyChange, Widening, widening};
pub use giving::{given_anew, giving};
pub use table::{Class, Direction, FileKind, KEYS};
