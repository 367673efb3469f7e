//! A finding that its owner lets stand for a time: it is listed all the same, and counts as open again afterwards.

use crate::{FindingId, IdentityId};
use jiff::Timestamp;
use std::sync::Arc;

/// That an identity answers for a finding that stands until an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The finding.
    pub finding: FindingId,
    /// The identity that the finding is about.
    pub about: Option<IdentityId>,
    /// Digest of what was found: another cause is another finding.
    pub cause: [u8; 32],
    /// Who acknowledged it.
    pub by: IdentityId,
    /// When.
    pub at: Timestamp,
    /// First instant at which it counts as open again.
    pub until: Timestamp,
    /// Why.
    pub reason: Arc<str>,
    /// Rises with every write: two who acknowledge at once cannot overwrite each other.
    pub revision: u64,
}

impl Acknowledgement {
    /// Whether it lets a finding of this cause stand at an instant.
    #[must_use]
    pub fn holds(&self, cause: &[u8; 32], now: Timestamp) -> bool {
        self.cause == *cause && now < self.until
    }
}
