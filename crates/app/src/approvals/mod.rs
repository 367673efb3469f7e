//! Approvals: who is asked, who is asked next, and what an answer does.

mod later;

crate::app::part! {
    /// Questions that are put, put again and expire.
    Approvals, approvals
}
