//! Policy and configuration as code: parsed with spans, checked, compiled. Ring 0: files come in as texts.

mod condition;
pub mod set;

pub use condition::{Condition, Expression, Inputs, Problem};
