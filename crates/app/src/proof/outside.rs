//! The checkpoint outside the database: a database that is behind it was restored, and is not served until its ledger is reopened
//! under a new origin.

use super::Proofs;
use crate::authority::Target;
use crate::{About, AppError, DecisionContext, Operation, OperationRefusal, Vault};
use serde_json::json;
use std::sync::Arc;
use tenure_ledger::note::SignedNote;
use tenure_ledger::{Checkpoint, Frontier, Hash, OldHead};
use tenure_store::{Change, Store, StoreError, Unit};

/// A ledger that continues under a new origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reopened {
    /// The head that it continues after, as signed outside.
    pub old: OldHead,
    /// Entries that the database still had.
    pub kept: u64,
    /// The new origin.
    pub origin: String,
}

/// Whether the outside file is a checkpoint at all: an empty or garbled file proves nothing about the database.
#[must_use]
pub fn is_checkpoint(text: &str) -> bool {
    SignedNote::parse(text.as_bytes()).is_ok()
}

/// The checkpoint outside, where there is one and the database holds all that it covers; `None` where the ledger is empty, and
/// where a new origin has just started to continue after that checkpoint.
///
/// # Errors
/// When the database is behind it or holds something else, and when there is none although the ledger has entries.
pub async fn proved(
    store: &dyn Store,
    vault: &Vault,
    outside: Option<&str>,
) -> Result<Option<Checkpoint>, AppError> {
    let Some(text) = outside else {
        missing(store, vault).await?;
        return Ok(None);
    };
    if vault.is_superseded(store, text).await? {
        return Ok(None);
    }
    let checkpoint = vault.open_checkpoint(text).map_err(|e| {
        AppError::Unproved(format!(
            "the checkpoint outside the database was not signed by this database: {e}"
        ))
    })?;
    let (size, origin) = (store.ledger_head().await?.size, vault.signer().verifier().name());
    if checkpoint.origin != origin {
        return Err(AppError::Unproved(format!(
            "the database was restored to an earlier state: its ledger is `{origin}`, and the checkpoint outside it is of \
             `{}`, its successor",
            checkpoint.origin
        )));
    }
    if checkpoint.size > size {
        return Err(AppError::Unproved(format!(
            "the database was restored to an earlier state: the checkpoint outside it covers {} entries of `{origin}`, it \
             has {size}",
            checkpoint.size
        )));
    }
    if root_at(store, checkpoint.size).await? != Some(checkpoint.root) {
        return Err(AppError::Unproved(format!(
            "the database was restored to an earlier state and then changed, or was changed outside Tenure: its first {} \
             entries are not those that the checkpoint outside it covers",
            checkpoint.size
        )));
    }
    Ok(Some(checkpoint))
}

/// The root of the first `size` entries, from their stored data; `None` where that is inconsistent.
pub(crate) async fn root_at(store: &dyn Store, size: u64) -> Result<Option<Hash>, AppError> {
    match store.ledger_at(size).await {
        Ok(frontier) => Ok(Frontier::from_bytes(&frontier).ok().map(|f| f.root())),
        Err(StoreError::Inconsistent { .. }) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// Accepts that there is no outside checkpoint before the first entry, and after a new origin that began without one: then only until
/// its first checkpoint is signed.
async fn missing(store: &dyn Store, vault: &Vault) -> Result<(), AppError> {
    let head = store.ledger_head().await?;
    if head.size == 0 {
        return Ok(());
    }
    let origin = vault.signer().verifier().name();
    let last = head.checkpoint.and_then(|text| vault.open_checkpoint(&text).ok());
    if last.is_none_or(|c| c.origin != origin) && vault.is_superseded(store, "").await? {
        return Ok(());
    }
    Err(AppError::Unproved(format!(
        "the checkpoint outside the database is missing: its ledger `{origin}` has {} entries, and nothing proves that \
         these are all",
        head.size
    )))
}

/// The head that a new origin continues after: the one outside, or the last signed one where there is none outside.
async fn old_head(store: &dyn Store, vault: &Vault, outside: Option<&str>) -> Result<OldHead, AppError> {
    let stored = match outside {
        Some(text) => Some(Arc::from(text)),
        None => store.ledger_head().await?.checkpoint,
    };
    let Some(text) = stored.filter(|t| SignedNote::parse(t.as_bytes()).is_ok()) else {
        return Err(AppError::precondition(OperationRefusal::NoCheckpointOutside));
    };
    let Checkpoint { origin, size, root, .. } = vault.open_checkpoint(&text).map_err(|e| {
        AppError::Unproved(format!(
            "the checkpoint outside the database was not signed by this database, so its ledger cannot go on after it: {e}"
        ))
    })?;
    Ok(OldHead { origin, size, root })
}

impl Proofs<'_> {
    /// Continues the ledger of a restored database under a new origin, whose first entry names the head outside.
    /// The key stays and signs for the new origin from the next start on.
    ///
    /// # Errors
    /// When no actor is given, no reason is given, the database is not behind, or the checkpoint outside is not its own.
    pub async fn reopen_ledger(
        &self,
        outside: Option<&str>,
        reason: &str,
        moment: &DecisionContext,
    ) -> Result<Reopened, AppError> {
        self.app.authority().permit(Operation::Reopen, &Target::all(), moment).await?;
        if reason.trim().is_empty() {
            return Err(AppError::refused(OperationRefusal::OriginReasonMissing));
        }
        match proved(&*self.app.store, &self.app.vault, outside).await {
            Err(AppError::Unproved(_)) => {}
            Err(e) => return Err(e),
            Ok(_) => {
                return Err(AppError::precondition(OperationRefusal::NotBehind));
            }
        }
        let old = old_head(&*self.app.store, &self.app.vault, outside).await?;
        let here = self.app.vault.signer().verifier().name();
        let new = next_origin(&old.origin, here);
        let kept = self.app.store.ledger_head().await?.size;
        let payload = json!({
            "v": 1, "reason": reason, "origin": new, "kept": kept,
            "old": { "origin": old.origin, "size": old.size, "root": old.root.to_string() },
        });
        let recorder = self.app.recorder(moment);
        let evidence =
            recorder.evidence_after(Some(old.clone()), "ledger.reopened", About::default(), payload)?;
        let mut changes = self.app.vault.rename(&new, &self.app.machine)?;
        changes.push(self.app.vault.superseded(outside.unwrap_or_default(), &self.app.machine)?);
        changes.push(Change::BusinessTime(moment.now));
        changes.push(Change::Append(evidence));
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(Reopened { old, kept, origin: new })
    }
}

/// `acme/tenure`, `acme/tenure/2`, `acme/tenure/3`: one more than both the outside origin and the one here, so that no
/// origin ever has two histories.
fn next_origin(outside: &str, here: &str) -> String {
    let parts = |origin: &str| match origin.rsplit_once('/') {
        Some((name, number)) if number.parse::<u64>().is_ok_and(|n| n > 1) => {
            (name.to_owned(), number.parse().unwrap_or(1))
        }
        _ => (origin.to_owned(), 1_u64),
    };
    let (name, there) = parts(outside);
    let (_, here) = parts(here);
    format!("{name}/{}", there.max(here).saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::next_origin;

    #[test]
    fn origins_are_counted() {
        for (outside, here, next) in [
            ("acme/tenure", "acme/tenure", "acme/tenure/2"),
            ("acme/tenure/2", "acme/tenure", "acme/tenure/3"),
            ("acme/tenure/9", "acme/tenure/10", "acme/tenure/11"),
            ("acme/1", "acme/1", "acme/1/2"),
        ] {
            assert_eq!(next_origin(outside, here), next);
        }
    }
}
