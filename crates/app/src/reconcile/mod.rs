//! Compares a whole system with what is decided: orphans, undecided access, missing access; and repairs the differences.

mod adopt;
mod again;
mod asking;
mod by_hand;
mod claim;
mod compare;
mod estate;
mod inherited;
mod named;
mod observe;
mod repair;
mod report;
mod snapshot;
mod unlinked;

pub use estate::{Adoption, AskedAccount, Link};
pub use report::ScanReport;

crate::app::part! {
    /// Reconciliation of systems.
    Reconciliation, reconcile
}

crate::app::part! {
    /// Existing accounts: adopted, linked, disclaimed.
    Adoptions, adoption
}
