//! Approvals: who is asked, who is asked next, and the effect of an answer.

mod later;

crate::app::part! {
    /// Approval requests: put, put again, expired.
    Approvals, approvals
}
