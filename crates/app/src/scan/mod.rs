//! Looks at a whole system: what belongs to nobody, what nobody decided, what is missing; and puts it right.

mod adopt;
mod again;
mod asking;
mod by_hand;
mod claim;
mod compare;
mod estate;
mod inherited;
mod look;
mod named;
mod observe;
mod repair;
mod report;
mod unlinked;

pub use estate::{Adoption, AskedAccount, Link};
pub use report::ScanReport;

crate::app::part! {
    /// Reconciliation of systems.
    Reconciliation, reconcile
}

crate::app::part! {
    /// Accounts that were there already: adopted, linked, disclaimed.
    Adoptions, adoption
}
