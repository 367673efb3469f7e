//! All of it together, as the application holds it.

use super::{Cases, Commits, Entries, Estate, Feeds, Leases, Lists, Questions, Queue, Subjects, WorkLists};

/// Storage. All methods may be called from any task; reads see everything committed before they began. Instants are stored to the
/// microsecond: finer ones are truncated.
pub trait Store:
    Cases + Commits + Entries + Estate + Feeds + Leases + Lists + Questions + Queue + Subjects + WorkLists
{
}

impl<
    T: Cases + Commits + Entries + Estate + Feeds + Leases + Lists + Questions + Queue + Subjects + WorkLists,
> Store for T
{
}
