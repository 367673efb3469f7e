//! The port to storage: writes are values, reads are batched.

mod change;
pub mod codec;
mod error;
mod fold;
mod read;
mod row;

pub use change::{CLOCK_JUMP, Change, Expect, Outcome, Unit};
pub use error::{StoreError, Unreadable};
pub use fold::folded;
pub use read::{CaseFilter, Lease, Store, TaskCounts, TasksOf};
pub use row::{
    ClassCount, ContainmentRow, CorrelationRow, Evidence, FeedResult, FeedRunRow, FindingRow, HeldChangeRow,
    IdentityRow, Keyed, LeafRow, LedgerHead, Loss, QuarantineRow, RecordIndexRow, RecordRow, SetUpRow,
    StoredSubject, UnlinkedAccount,
};
