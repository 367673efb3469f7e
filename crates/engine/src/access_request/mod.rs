//! Decisions by command: whether each is possible, and the resulting decisions.

mod access;
mod holder;
mod own;
mod refusal;

pub use access::{emergency, end, except, extend, keep, request, seen};
pub use holder::Wish;
pub use own::{accept_delegation, answer_oneself, clear_override, delegate, set_by_hand};
pub use refusal::DecisionRefusal;
