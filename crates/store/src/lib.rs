//! The port to storage: writes are values, reads are batched.

mod change;
pub mod codec;
mod error;
mod fold;
pub mod note;
mod port;
mod row;

pub use change::{CLOCK_JUMP, Change, Expect, Outcome, Unit};
pub use error::{StoreError, Unreadable};
pub use fold::folded;
pub use port::{
    ApprovalFilter, ApprovalPlace, CaseFilter, CasePlace, Cases, Commits, Entries, Estate, Feeds,
    FindingFilter, FindingPlace, IdentityFilter, IdsOf, Lease, Leases, Lists, QuarantineKey, QuarantinePlace,
    Questions, Queue, SearchText, Store, Subjects, TaskCounts, TaskFilter, TasksOf, UnlinkedFilter, Waiter,
    WaitingCounts, WorkLists,
};
pub use row::{
    ClassCount, ContainmentRow, CorrelationRow, Evidence, FeedResult, FeedRunRow, FindingRow, HeldChangeRow,
    IdentityRow, Keyed, LeafRow, LedgerHead, Loss, QuarantineRow, RecordIndexRow, RecordRow, SetUpRow,
    StoredSubject, UnlinkedAccount,
};
