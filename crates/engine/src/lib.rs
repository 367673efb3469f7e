//! Settle, diff, label: what is due, what differs, what it is called.

mod accounts;
mod apply;
mod asking;
mod class;
mod context;
pub mod correlate;
mod decide;
mod diff;
mod foreseen;
mod gate;
mod grants;
mod identifier;
mod label;
mod local;
pub mod normalise;
mod references;
mod separation;
mod settle;
mod values;
mod whatif;
mod window;

pub use apply::{apply_missing, apply_readable, apply_record, engagement_id};
pub use asking::{Asking, answers, outcome};
pub use class::{decode_class, encode_class};
pub use context::Context;
pub use decide::{ACCOUNT_ITSELF, Decided, Work, decide};
pub use diff::diff;
pub use foreseen::{foreseen, late_end};
pub use gate::{Gated, Question, gate};
pub use identifier::{NUMBERED_MAX, Wanted, wanted};
pub use label::{Change, effective_at, label, precedes};
pub use local::withheld;
pub use references::{DEPUTY, OWNER, ReferenceText, reference_texts, stands};
pub use settle::{classes, settle};
pub use values::{Won, value_on, values_on};
pub use whatif::{ChangedClass, compare_classes, same_classes};
