//! What is valid and still probably wrong: mostly warnings, each with a code.

mod overlap;
mod whole;

pub(crate) use whole::lint;
