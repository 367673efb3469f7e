//! What every method answers, and an answer of the writer that is not of the asked type.

use crate::write::Answer;
use tenure_store::StoreError;

pub(super) type Result<T> = std::result::Result<T, StoreError>;

/// The writer's answer has the wrong type, which would be a defect.
pub(super) fn mixed_up<T>(answer: &Answer) -> Result<T> {
    Err(StoreError::Inconsistent {
        what: "the answer of the writer".to_owned(),
        why: format!("it is {answer:?}"),
    })
}
