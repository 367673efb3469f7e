//! Approvals: who is asked, who is asked next, and what an answer does.

mod directory;
mod later;

pub(crate) use directory::{Directory, delegates_key, phase_now};
pub(crate) use later::rewritten;
