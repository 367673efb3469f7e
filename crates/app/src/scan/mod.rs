//! Looks at a whole system: what belongs to nobody, what nobody decided, what is missing; and puts it right.

mod adopt;
mod claim;
mod compare;
mod estate;
mod look;
mod nested;
mod observe;
mod repair;
mod report;
mod unlinked;

pub use estate::{Adoption, AskedAccount, Link};
pub(crate) use look::{Scope, Seen};
pub use report::ScanReport;
pub(crate) use unlinked::seen;
