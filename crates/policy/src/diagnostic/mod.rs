//! Diagnostics of a configuration: what is wrong, where, and what to do; for people (rendered) and programs (plain fields).

mod codes;
mod finding;
mod render;
mod suggest;

pub(crate) use suggest::{did_you_mean, list, nearest};

pub use codes::{Code, codes};

pub(crate) use codes::code;
pub use finding::{Diagnostic, Label, Severity};
