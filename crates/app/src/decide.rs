//! From changed identities to units: identifiers, references, settle, diff, gate, case, tasks and evidence, in batches.

mod batch;
mod decision;
mod identifiers;
mod owed;
mod unit;

pub(crate) use batch::Beside;
pub use decision::{Candidate, Cause, Decision};
pub(crate) use unit::{by_hand, finding_id};
