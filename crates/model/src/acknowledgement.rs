//! Acknowledgement of a finding by its owner, for a limited time: it is still listed, and counts as open again afterwards.

use crate::{FindingId, IdentityId};
use jiff::Timestamp;
use std::sync::Arc;

/// An identity takes responsibility for a finding until an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The finding.
    pub finding: FindingId,
    /// The identity that the finding is about.
    pub about: Option<IdentityId>,
    /// Digest of what was found: a different cause is a different finding.
    pub cause: [u8; 32],
    /// Who acknowledged it.
    pub by: IdentityId,
    /// When.
    pub at: Timestamp,
    /// First instant at which it counts as open again.
    pub until: Timestamp,
    /// Why.
    pub reason: Arc<str>,
    /// Increases with every write: two concurrent acknowledgements cannot overwrite each other.
    pub revision: u64,
}

impl Acknowledgement {
    /// Whether it covers a finding of this cause at an instant.
    #[must_use]
    pub fn holds(&self, cause: &[u8; 32], now: Timestamp) -> bool {
        self.cause == *cause && now < self.until
    }
}
