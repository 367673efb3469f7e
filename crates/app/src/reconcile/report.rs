//! Result of a scan.

use tenure_model::{Finding, SystemName};

/// Result of one scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanReport {
    /// The system.
    pub system: SystemName,
    /// Accounts seen.
    pub accounts: u64,
    /// Whether the scan was proved complete: only then is absence evidence.
    pub complete: bool,
    /// All findings.
    pub findings: Vec<Finding>,
    /// Accounts that are linked to no identity.
    pub orphans: u64,
    /// Accounts about which a person is asked.
    pub asked: u64,
    /// Identities for which a repair was decided.
    pub repaired: u64,
    /// Tasks that needed a person and are tried again, because nothing prevents them any more.
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
