//! The register of findings: each with its owner, its deadline, and its acknowledgement.

mod acknowledge;
mod dismiss;
mod organisation;
mod owner;
mod reader;
mod register;

pub use acknowledge::ACKNOWLEDGED_MAX;
pub use reader::{FindingsFilter, FindingsPlace};
pub use register::{OpenFinding, Register};

crate::app::part! {
    /// Findings about the organisation, with owner and deadline.
    Findings, findings
}
