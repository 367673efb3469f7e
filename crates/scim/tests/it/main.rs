//! The examples of RFC 7644 and properties that hold for all inputs.

mod filter;
mod patch;
mod properties;
