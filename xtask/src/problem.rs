//! What stops a command: one message for the person at the terminal.

use std::fmt;

/// Why a command could not be finished, with what to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem(String);

/// The result of a command.
pub(crate) type Done = Result<(), Problem>;

impl Problem {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// For `map_err`: the action, and the system's message.
    pub(crate) fn doing<E: fmt::Display>(what: impl fmt::Display) -> impl FnOnce(E) -> Self {
        move |error| Self(format!("{what}: {error}"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
