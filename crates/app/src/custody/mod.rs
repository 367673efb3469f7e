//! Non-human identities, stated by command: their owners, purposes and expiries.

mod handover;
mod list;
mod secrets;
mod state;
mod statement;

pub use list::{Custodian, Custody};
pub use statement::{CustodyChange, NewCustody};

crate::app::part! {
    /// Non-human identities and their owners.
    Custodies, custody
}
