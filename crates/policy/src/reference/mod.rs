//! Every key of a configuration: what it takes, whether it is mandatory, its default, and what it means. For documentation.

mod key;
mod policy;
#[cfg(test)]
mod proved;
mod settings;
mod source;
mod system;

pub use key::{Need, ReferenceKey, reference};
