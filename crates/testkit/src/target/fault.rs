//! What can be wrong with the fake system, one fault per thing that real ones do.

use std::time::Duration;
use tenure_connect::ConnectError;

/// What goes wrong with one call. Several at once apply in the order in which they were set; delays add up, the first
/// other one decides.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It takes this long before anything happens.
    Slow(Duration),
    /// It is done at once, the answer takes this long: a caller that gives up earlier does not know.
    SlowAnswer(Duration),
    /// It answers success and does nothing; a read answers that there is nothing.
    Lie,
    /// Nothing is done and this error is the answer.
    FailBefore(ConnectError),
    /// It is done, and the answer leaves that open ([`tenure_connect::Status::UnknownOutcome`]).
    FailAfter,
    /// It is done, and undone after this long.
    Forget(Duration),
}

/// How far reads are behind writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lag {
    /// The first so many reads and scans after a write still show the old state.
    Reads(u64),
    /// Reads within so long after a write still show the old state.
    For(Duration),
}

/// Scans that show a part, and end as if it were the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// So many accounts are shown.
    pub accounts: usize,
    /// Whether the total that is named is that of all; else it is that of the part.
    pub admits: bool,
}
