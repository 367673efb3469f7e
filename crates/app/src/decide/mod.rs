//! From changed identities to units: identifiers, references, settle, diff, gate, case, tasks and evidence, in batches.

mod batch;
mod braked;
mod identifiers;
mod index;
mod orders;
mod owed;
mod tasks;
mod title;
mod unit;

pub(crate) use batch::InFlight;
pub(crate) use index::{CUT_OFF_KEY, EXCEPTION_KEY, cut_off_key, exception_end};
pub(crate) use unit::rewritten;

crate::app::part! {
    /// Decisions about identities, as units.
    Decider, decide
}
