//! The register of findings: what is found, who owns it, until when it is dealt with, and who lets it stand for how long.

mod acknowledge;
mod dismiss;
mod organisation;
mod owner;
mod register;

pub use acknowledge::ACKNOWLEDGED_MAX;
pub use register::{OpenFinding, Register};

crate::app::part! {
    /// Findings about the organisation, with owner and deadline.
    Findings, findings
}
