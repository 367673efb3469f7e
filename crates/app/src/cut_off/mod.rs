//! Immediate, sticky cut-offs, ahead of all queues: of an identity, of any identity that appears with a key, of an orphan account.

mod account;
mod beside;
mod lift;
mod new;
mod order;
mod ordered_again;
mod outside;
mod person;
mod read;
mod second;
mod unreviewed;

pub use beside::{CutOffAsked, OrderedBeside};
pub use lift::LiftDone;
pub use new::{NewCutOff, REVIEW_AFTER, REVIEW_MAX, UNREVIEWED_MAX};
pub use outside::Taken;
pub use person::CutOffDone;
pub use read::CutOffShown;
pub(crate) use read::tells_reason;

crate::app::part! {
    /// Cut-offs: set, reviewed, lifted.
    CutOffs, cut_off
}

crate::app::part! {
    /// Cut-offs in advance: by key or by account.
    CutOffOrders, cut_off_orders
}

crate::app::part! {
    /// The file outside the database that keeps cut-offs.
    CutOffJournal, cut_off_journal
}
