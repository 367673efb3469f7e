//! What a scan found and did.

use std::sync::Arc;
use tenure_model::{FindingKind, SystemName};

/// What one scan found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanReport {
    /// The system.
    pub system: SystemName,
    /// Accounts seen.
    pub accounts: u64,
    /// Whether the scan was proved complete: only then does absence mean anything.
    pub complete: bool,
    /// Everything found: sort, about what, in words.
    pub findings: Vec<(FindingKind, Arc<str>, Arc<str>)>,
    /// Accounts that belong to nobody.
    pub orphans: u64,
    /// Accounts about which a person is asked whose they are.
    pub asked: u64,
    /// Identities for which a repair was decided.
    pub repaired: u64,
    /// Tasks that waited for a person and are tried again, because nothing stands in their way any more.
    pub again: u64,
}

impl ScanReport {
    pub(crate) fn of(system: &SystemName) -> Self {
        Self {
            system: system.clone(),
            accounts: 0,
            complete: false,
            findings: Vec::new(),
            orphans: 0,
            asked: 0,
            repaired: 0,
            again: 0,
        }
    }
}
