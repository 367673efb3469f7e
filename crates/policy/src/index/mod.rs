//! Which baseline rules a class can match: found by value, so that most rules are never evaluated.

mod answer;
mod build;
mod cache;
mod class;
mod constraint;

pub use answer::ClassAnswer;
pub use build::Index;
pub use cache::{CLASSES_CACHED_MAX, ClassCache};
pub use class::{ClassKey, Read};

pub(crate) use constraint::{Demand, demands, impossible};
