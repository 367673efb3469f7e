//! Identities that are no person, stated by command: who answers for them, what for, until when.

mod handover;
mod list;
mod secrets;
mod state;
mod statement;

pub use list::{Custodian, Custody};
pub use statement::{CustodyChange, NewCustody};

crate::app::part! {
    /// Non-human identities and who answers for them.
    Custodies, custody
}
