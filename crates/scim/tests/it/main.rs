//! The examples of RFC 7644 and properties that hold for all inputs.

#[cfg(test)]
mod filter;
#[cfg(test)]
mod patch;
#[cfg(test)]
mod properties;
