//! What a read did not show: entitlements are read one by one where their end must be confirmed, and unknown ones are
//! distinguished from absent ones.

use super::task::{Confirmation, Failure};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_connect::{AccountRef, ErrorKind, Holds, RemoteAccount};
use tenure_engine::ACCOUNT_ITSELF;
use tenure_model::{Grant, Holding, Obligation};

/// The system's answers about single entitlements, by local name.
#[derive(Debug, Default)]
pub(crate) struct Asked(BTreeMap<Arc<str>, Holds>);

impl Asked {
    /// Whether the system could not answer about at least one of them.
    pub(crate) fn is_unread(&self) -> bool {
        self.0.values().any(|holds| matches!(holds, Holds::Unreadable(_)))
    }

    /// Whether an entitlement is still held, although the account does not show it.
    pub(crate) fn still(&self, entitlement: &str) -> bool {
        matches!(self.0.get(entitlement), Some(Holds::Yes))
    }

    /// Why it is unknown whether an entitlement is held.
    pub(crate) fn unknown<'a>(
        &'a self,
        entitlement: &str,
        remote: Option<&'a RemoteAccount>,
    ) -> Option<&'a Arc<str>> {
        match self.0.get(entitlement) {
            Some(Holds::Unreadable(why)) => Some(why),
            Some(_) => None,
            None => {
                let remote = remote.filter(|r| !r.entitlements.contains(entitlement))?;
                remote.unread.of(entitlement)
            }
        }
    }

    /// Why it is unknown whether an obligation is met.
    pub(crate) fn unmet<'a>(
        &'a self,
        obligation: &Obligation,
        remote: Option<&'a RemoteAccount>,
    ) -> Option<&'a Arc<str>> {
        match obligation {
            Obligation::EntitlementGone(e) => self.unknown(e.local(), remote),
            Obligation::AccountUnusable => remote?.unread.enabled.as_ref(),
            _ => None,
        }
    }

    /// Why it is unknown whether a grant is as decided.
    pub(crate) fn of<'a>(&'a self, grant: &Grant, remote: Option<&'a RemoteAccount>) -> Option<&'a Arc<str>> {
        match (grant.entitlement.local(), grant.holding) {
            (ACCOUNT_ITSELF, _) | (_, Holding::Ended) => None,
            (local, _) => self.unknown(local, remote),
        }
    }
}

impl Confirmation<'_> {
    /// Reads each entitlement whose end must be confirmed and that the account does not show.
    pub(crate) async fn ask(
        &self,
        account: &AccountRef,
        remote: Option<&RemoteAccount>,
    ) -> Result<Asked, Failure> {
        let mut asked = Asked::default();
        if remote.is_none() && account.external_id.is_none() {
            return Ok(asked);
        }
        let owed = self.job.facts.iter().filter(|f| f.is_of(&self.job.task.account) && f.state.is_open());
        let owed = owed.filter_map(|f| match &f.obligation {
            Obligation::EntitlementGone(e) => Some(e.local()),
            _ => None,
        });
        let mine = self.job.subject.grants.iter().filter(|g| g.account == self.job.task.account);
        let ending = mine.filter(|g| g.holding == Holding::Ending).map(|g| g.entitlement.local());
        for local in owed.chain(ending).filter(|local| *local != ACCOUNT_ITSELF) {
            let shown = remote.is_some_and(|r| r.entitlements.contains(local));
            if shown || asked.0.contains_key(local) {
                continue;
            }
            let name: Arc<str> = Arc::from(local);
            let holds = match self.job.wired.reader.holds(account, &name).await {
                Ok(holds) => holds,
                Err(e) if e.kind == ErrorKind::Unsupported => Holds::Unreadable(e.message),
                Err(e) => return Err(e.into()),
            };
            asked.0.insert(name, holds);
        }
        Ok(asked)
    }
}
