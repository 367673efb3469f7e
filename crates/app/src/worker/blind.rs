//! Reads an account before it is written; an account that must not be usable is ended although it cannot be read.

use super::task::{Convergence, Failure};
use super::written::Written;
use std::sync::Arc;
use tenure_connect::{AccountRef, RemoteAccount, Status};
use tenure_model::{AccountState, Holding};

impl Convergence<'_> {
    /// The account as its system shows it; `None` where it does not exist.
    pub(super) async fn read_first(
        &self,
        account: &AccountRef,
        written: &mut Written,
    ) -> Result<Option<RemoteAccount>, Failure> {
        match self.job.wired.writer.read(account).await {
            Ok(None) if account.external_id.is_none() => self.under_a_former_name(account).await,
            Ok(found) => Ok(found),
            Err(unread) => {
                self.end_unread(account, written).await?;
                Err(unread.into())
            }
        }
    }

    /// An account that must not be usable is disabled by its id although it cannot be read. Ending entitlements and
    /// sessions of any account are ended too: a failed read keeps no access open. The writes are claimed, and confirmed by a later read.
    async fn end_unread(&self, account: &AccountRef, written: &mut Written) -> Result<(), Failure> {
        if account.external_id.is_none() {
            return Ok(());
        }
        self.job.goes_on()?;
        if self.job.account.target.state != AccountState::Enabled {
            let disabled = self.job.wired.writer.disable(account).await;
            // An unresponsive system is tried again later; one that refuses this may still allow the rest.
            let is_silent = disabled.as_ref().is_err_and(|e| e.status != Status::Permanent);
            written.disabled(disabled);
            if is_silent {
                return Ok(());
            }
        }
        for grant in self.grants().filter(|g| g.holding == Holding::Ending) {
            let local: Arc<str> = Arc::from(grant.entitlement.local());
            let result = self.job.wired.writer.revoke(account, &local).await;
            if result.is_ok() {
                written.revoked.insert(local.clone());
            }
            let is_silent = result.as_ref().is_err_and(|e| e.status != Status::Permanent);
            written.note(format!("revoked {local}"), result);
            if is_silent {
                return Ok(());
            }
        }
        self.close_sessions(account, written).await;
        Ok(())
    }
}
