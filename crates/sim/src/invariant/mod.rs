//! What must be so after every step, whatever the scenario expects: the promises of the design as checks over what is decided and
//! what is observed. They are written from the promises, not from the engine.

mod ahead;
mod answers;
mod application;
mod asked;
mod before;
mod braked;
mod checker;
mod decided;
mod evidence;
mod given;
mod kept;
mod known;
mod losses;
mod memory;
mod moves;
mod names;
mod property;
mod question;
mod snapshot;
mod work;
mod yes;

pub(crate) use application::Touched;
pub(crate) use checker::Checker;
pub(crate) use known::sorted_out;
pub(crate) use property::Violation;
pub(crate) use snapshot::{Again, Member, Snapshot};
