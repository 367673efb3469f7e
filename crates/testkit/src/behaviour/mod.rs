//! The one behaviour suite: every sentence of the connector contract as a check, gated by capability, for every connector.

mod accounts;
mod attributes;
mod endings;
mod entitlements;
mod harness;
mod list;
mod naming;
mod probe;
mod report;
mod scanning;
mod unsupported;

pub use harness::{Harness, awkward_names};
pub use list::run;
pub use report::{BehaviourResult, Failures, Outcome, Report};
