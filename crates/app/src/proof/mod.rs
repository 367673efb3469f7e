//! Evidence that others can check: the ledger, its checkpoints outside, packs, and the folder of the database.

mod checkpoint;
mod examine;
mod home;
mod ledger;
mod outside;
mod pack;
mod population;

pub use checkpoint::sign_head;
pub use examine::Examined;
pub use home::{home, home_if_readable};
pub(crate) use ledger::authentic;
pub use ledger::{LedgerCheck, Sink};
pub use outside::{Reopened, is_checkpoint, proved};
pub use pack::{NewPack, PACKED_MAX, PackOf};

crate::app::part! {
    /// The ledger, its checkpoints and packs.
    Proofs, proof
}
