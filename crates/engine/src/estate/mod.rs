//! Accounts that existed before Tenure: the identity of each, or its class as an orphan.

mod classify;
mod named;
mod orphan;
mod people;
mod take_in;
mod whose;

pub use classify::{Orphan, classify};
pub use named::{give_up, is_unused, kept_names, named_by, take_name};
pub use orphan::{OrphanIdentity, orphan_identity};
pub use people::Estate;
pub use take_in::{ScannedAccount, TakenIn, as_seen, note_adopter, take_in};
pub use whose::{AccountSeen, Whose, account_name};
pub(crate) use whose::{due_name, kept_name};
