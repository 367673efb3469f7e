//! The port, method by method: writes go to the writer, reads to a reader.

mod cases;
mod commits;
mod entries;
mod estate;
mod feeds;
mod leases;
mod questions;
mod queue;
mod subjects;

use crate::write::Answer;
use tenure_store::StoreError;

type Result<T> = std::result::Result<T, StoreError>;

/// The writer's answer has the wrong type, which would be a defect.
fn mixed_up<T>(answer: &Answer) -> Result<T> {
    Err(StoreError::Inconsistent {
        what: "the answer of the writer".to_owned(),
        why: format!("it is {answer:?}"),
    })
}
