//! CEL conditions and expressions: parsed by `cel`, type-checked and evaluated by us, over declared inputs only.
//!
//! The `cel` crate has no checker, and its interpreter has neither dates nor bounds; so its parser is used, and the tree
//! becomes a typed [`node::Node`] that cannot fail for a reason that was visible at load. A test holds our evaluation
//! to `cel`'s own where both can evaluate the same text.

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
