//! Answers to the question "same person?": link, merge, split, one or many at once.

mod answer;
mod bulk;

pub use answer::record_name;

crate::app::part! {
    /// Answers to the question "same person?".
    Correlations, correlation
}
