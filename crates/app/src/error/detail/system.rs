//! Refusals about systems and the accounts in them. A `problem` is quoted as the connector said it.

use super::area::refusals;
use std::sync::Arc;
use tenure_model::SystemName;

refusals! {
    /// A refusal about a system and its accounts.
    SystemRefusal {
        /// The system is in `enforce`.
        InEnforce = "adoption-in-enforce" of SystemInEnforce { system: SystemName };
        /// The identity has an account of this kind there.
        HasAccount = "has-account-of-kind" of HasAccount { identity: Arc<str>, system: SystemName, account: Arc<str> };
        /// The account cannot be read.
        AccountUnreadable = "account-not-readable" of AccountUnreadable {
            system: SystemName, account: Arc<str>, problem: Arc<str>,
        };
        /// The account does not exist.
        AccountGone = "account-does-not-exist" of AccountUnreadable { system: SystemName, account: Arc<str> };
        /// The system did not answer about an account.
        Unread = "system-not-read" of SystemFailed { system: SystemName, account: Arc<str>, problem: Arc<str> };
        /// The system cannot be scanned.
        NotScannable = "system-not-scannable" of NotScannable { system: SystemName };
        /// The scan was interrupted.
        ScanInterrupted = "scan-interrupted" of ScanBrokeOff { system: SystemName, problem: Arc<str> };
    }
}
