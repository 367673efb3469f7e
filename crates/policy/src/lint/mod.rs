//! What is valid and still probably wrong: mostly warnings, each with a code.

mod configuration;
mod overlap;

pub(crate) use configuration::lint;
