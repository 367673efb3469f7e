//! Ends everything at once, sticky, ahead of all queues: of somebody, of whoever comes with a key, of an account of nobody.

mod account;
mod beside;
mod lift;
mod new;
mod order;
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
    /// The file beside the database in which cut-offs are kept.
    CutOffJournal, cut_off_journal
}
