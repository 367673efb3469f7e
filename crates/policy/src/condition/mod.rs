//! CEL conditions and expressions: parsed by `cel`, type-checked and evaluated by our code, over declared inputs only.
//!
//! The `cel` crate has no checker, and its interpreter has neither dates nor bounds. So only its parser is used, and the tree becomes
//! a typed [`node::Node`] that cannot fail for a reason visible at load. A test compares our evaluation with `cel`'s own for texts
//! that both can evaluate.

mod calls;
mod check;
mod eval;
mod functions;
mod inputs;
mod node;
mod operators;
mod parse;
mod problem;
mod scope;
mod wrap;

pub(crate) use check::{Checked, compile};
pub(crate) use eval::{Read, Val};
pub(crate) use node::{Compare, Node, Type};
pub(crate) use parse::Mistake;
pub(crate) use problem::Fault;
pub(crate) use scope::{Declared, Scope};

pub use functions::TEXT_BYTES_MAX;
pub use inputs::{Builtin, GrantInput, Inputs, Lines, Reads};
pub use parse::{EXPRESSION_CHARS_MAX, NESTING_MAX};
pub use problem::Problem;
pub use wrap::{Condition, Expression};
