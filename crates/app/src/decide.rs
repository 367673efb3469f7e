//! From changed identities to units: identifiers, references, settle, diff, gate, case, tasks and evidence, in batches.

mod batch;
mod identifiers;
mod unit;

pub(crate) use unit::finding_id;
pub use batch::{Candidate, Cause, Decision};
