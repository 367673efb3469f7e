//! Decisions by command: whether each is possible, and the resulting decisions.

mod access;
mod holder;
mod own;
mod refusal;

pub use access::{emergency, end, except, extend, keep, request, seen};
pub use holder::{Wish, Wrong};
pub use own::{accept_delegation, answer_oneself, delegate, let_be, set_by_hand};
pub use refusal::DecisionRefusal;
