//! Accounts that a scan does not list are asked for one by one, by their own id: none counts as gone, and none is made a second time,
//! because a list does not show it.

use super::compare::HIDES;
use super::look::Scope;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_connect::{AccountRef, Gap, RemoteAccount};
use tenure_model::AccountState;

/// Accounts of one scan that are there and hidden, after which the others are not asked for: nothing follows from it any more.
const HIDDEN_MAX: u32 = 50;
/// Answers that fail, after which no more are asked for.
const FAILED_MAX: u32 = 8;

/// What the system says of one account.
#[derive(PartialEq, Eq)]
pub(super) enum Asked {
    /// It is there.
    There(Box<RemoteAccount>),
    /// It is not there.
    Gone,
    /// Nobody knows.
    Unknown,
}

impl Asked {
    /// The account, where it is there.
    pub(super) fn there(&self) -> Option<&RemoteAccount> {
        match self {
            Self::There(remote) => Some(remote),
            Self::Gone | Self::Unknown => None,
        }
    }
}

/// What asking brought so far.
#[derive(Default)]
pub(super) struct Asking {
    hidden: u32,
    failed: u32,
    /// What the list did not show, and what could not be asked for.
    pub(super) gaps: BTreeSet<Gap>,
}

impl Asking {
    /// Asks for an account that the list does not show. Many services leave out of lists what is switched off, which is no gap;
    /// what was moved to where the list does not look is none either.
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
            || account.native.is_none() && account.name.is_empty()
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
                    self.gaps.insert(Gap { entitlement: None, why: Arc::from(HIDES) });
                }
                Asked::There(Box::new(remote))
            }
            Err(e) => {
                self.failed += 1;
                let why = format!("`{}` is not listed and could not be asked for: {e}", account.name);
                self.gaps.insert(Gap { entitlement: None, why: Arc::from(why) });
                Asked::Unknown
            }
        }
    }
}
