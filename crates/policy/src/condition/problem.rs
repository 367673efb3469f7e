//! Faults that can still occur when a checked condition meets real values.

use crate::At;
use std::sync::Arc;

/// A condition or an expression that could not be evaluated for these inputs: a number out of range, a text that is not a date. It has
/// no result: the caller treats the rule as not decided, and reports it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}: {what} in `{text}`", at.file, at.line)]
pub struct Problem {
    /// The place of the text in the configuration.
    pub at: At,
    /// The text of the condition or expression.
    pub text: Arc<str>,
    /// What went wrong, as a lowercase fragment.
    pub what: Arc<str>,
}

/// Why a node has no value; becomes a [`Problem`] with text and place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// Arithmetic left the range of 64 bits.
    #[error("a number is larger than 64 bits hold")]
    Overflow,
    /// Division or remainder by zero.
    #[error("something is divided by zero")]
    DivisionByZero,
    /// A text became longer than [`super::TEXT_BYTES_MAX`].
    #[error("a text grew beyond {max} bytes", max = super::TEXT_BYTES_MAX)]
    TooLong,
    /// `date()` of a text that is not a date.
    #[error("`{0}` is not a date (write 2026-01-31)")]
    NotADate(String),
    /// `int()` of a text that is not a number.
    #[error("`{0}` is not a whole number")]
    NotANumber(String),
    /// The checker accepted something that it should have refused.
    #[error("a value has another type than its declaration says ({0})")]
    Mismatch(&'static str),
}
