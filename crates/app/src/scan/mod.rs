//! Looks at a whole system: what belongs to nobody, what nobody decided, what is missing; and puts it right.

mod adopt;
mod asking;
mod by_hand;
mod claim;
mod compare;
mod estate;
mod look;
mod named;
mod nested;
mod observe;
mod ordered;
mod repair;
mod report;
mod unlinked;

pub use estate::{Adoption, AskedAccount, Link};
pub(crate) use look::{Scope, Seen};
pub(crate) use observe::is_due_nothing;
pub(crate) use ordered::{is_scanned, is_to_be_made};
pub use report::ScanReport;
pub(crate) use unlinked::seen;
