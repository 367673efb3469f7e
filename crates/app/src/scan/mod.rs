//! Looks at a whole system: what belongs to nobody, what nobody decided, what is missing; and puts it right.

mod adopt;
mod look;
mod observe;
mod repair;
mod report;

pub(crate) use adopt::as_seen;
pub(crate) use look::{Scope, Seen};
pub use report::ScanReport;
