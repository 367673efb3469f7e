//! What people decide by command: whether it can be done, and what the decisions are then.

mod access;
mod holder;
mod own;
mod refusal;

pub use access::{emergency, end, except, extend, keep, request, seen};
pub use holder::{Wish, Wrong};
pub use own::{accept_delegation, answer_oneself, delegate, let_be, set_by_hand};
pub use refusal::DecisionRefusal;
