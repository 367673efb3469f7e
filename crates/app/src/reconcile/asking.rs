//! Accounts that a scan does not list are read one by one, by their own id: an account that is missing from a list neither counts as gone
//! nor is created a second time.

use super::snapshot::Scope;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_connect::{AccountRef, Gap, RemoteAccount};
use tenure_model::AccountState;

/// After this many existing but hidden accounts of one scan no more are read: the scan proves nothing any more.
const HIDDEN_MAX: u32 = 50;
/// After this many failed reads no more are made.
const FAILED_MAX: u32 = 8;

/// The system's answer about one account.
#[derive(PartialEq, Eq)]
pub(super) enum Asked {
    /// It exists.
    There(Box<RemoteAccount>),
    /// It does not exist.
    Gone,
    /// It could not be read.
    Unknown,
}

impl Asked {
    /// The account, where it exists.
    pub(super) fn there(&self) -> Option<&RemoteAccount> {
        match self {
            Self::There(remote) => Some(remote),
            Self::Gone | Self::Unknown => None,
        }
    }
}

/// Results of the reads so far.
#[derive(Default)]
pub(super) struct Asking {
    hidden: u32,
    failed: u32,
    /// Whether an enabled account is not listed.
    pub(super) hides: bool,
    /// What could not be read.
    pub(super) gaps: BTreeSet<Gap>,
}

impl Asking {
    /// Reads an account that the list does not show. Many services leave disabled accounts out of lists, which is no gap;
    /// an account that was moved outside the list's range is none either.
    pub(super) async fn ask(
        &mut self,
        scope: &Scope<'_>,
        account: &AccountRef,
        due: AccountState,
        is_listed: bool,
    ) -> Asked {
        if is_listed
            || due == AccountState::Absent
            || !scope.wired.capabilities.read
            || account.external_id.is_none() && account.name.is_empty()
        {
            return Asked::Gone;
        }
        if self.failed >= FAILED_MAX || self.hidden >= HIDDEN_MAX && due == AccountState::Enabled {
            return Asked::Unknown;
        }
        match scope.wired.reader.read(account).await {
            Ok(None) => Asked::Gone,
            Ok(Some(remote)) => {
                if due == AccountState::Enabled && remote.outside.is_none() {
                    self.hidden += 1;
                    self.hides = true;
                }
                Asked::There(Box::new(remote))
            }
            Err(e) => {
                self.failed += 1;
                let why = format!("`{}` is not listed and could not be read by name: {e}", account.name);
                self.gaps.insert(Gap { entitlement: None, why: Arc::from(why) });
                Asked::Unknown
            }
        }
    }
}
