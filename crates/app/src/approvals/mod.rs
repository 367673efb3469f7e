//! Approvals: who is asked, who is asked next, and what an answer does.

mod later;
