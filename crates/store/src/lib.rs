//! The port to storage: writes are values, reads are batched.

mod change;
pub mod codec;
mod error;
mod fold;
mod port;
mod row;

pub use change::{CLOCK_JUMP, Change, Expect, Outcome, Unit};
pub use error::{StoreError, Unreadable};
pub use fold::folded;
pub use port::{
    CaseFilter, Cases, Commits, Entries, Estate, Feeds, IdentityFilter, IdsOf, Lease, Leases, Lists,
    QuarantinePlace, Questions, Queue, SearchText, Store, Subjects, TaskCounts, TasksOf, Waiter,
};
pub use row::{
    ClassCount, ContainmentRow, CorrelationRow, Evidence, FeedResult, FeedRunRow, FindingRow, HeldChangeRow,
    IdentityRow, Keyed, LeafRow, LedgerHead, Loss, QuarantineRow, RecordIndexRow, RecordRow, SetUpRow,
    StoredSubject, UnlinkedAccount,
};
