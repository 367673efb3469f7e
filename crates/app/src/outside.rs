//! The checkpoint outside the database: a database that is behind it was set back, and is not served until somebody says
//! that its ledger goes on under a new origin.

use crate::authority::Target;
use crate::vault::SUPERSEDED;
use crate::{About, App, AppError, Moment, Operation, Refusal, Vault};
use serde_json::json;
use std::sync::Arc;
use tenure_ledger::note::SignedNote;
use tenure_ledger::{Checkpoint, OldHead};
use tenure_store::{Change, Store, Unit};

/// A ledger that goes on under a new origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reopened {
    /// The head that it goes on after, as it was signed outside.
    pub old: OldHead,
    /// Entries that the database still had.
    pub kept: u64,
    /// The new origin.
    pub origin: String,
}

/// Whether what is kept outside is a checkpoint at all: an empty or garbled file shows nothing about the database.
#[must_use]
pub fn is_checkpoint(text: &str) -> bool {
    SignedNote::parse(text.as_bytes()).is_ok()
}

/// The checkpoint outside, where there is one and the database holds all that it covers; `None` too where it is the one that
/// a new origin goes on after.
///
/// # Errors
/// When the database is behind it, or holds something else.
pub async fn proved(
    store: &dyn Store,
    vault: &Vault,
    outside: Option<&str>,
) -> Result<Option<Checkpoint>, AppError> {
    let Some(text) = outside else { return Ok(None) };
    if store.note(SUPERSEDED).await?.as_deref() == Some(text.as_bytes()) {
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
            "the database was set back: its ledger is `{origin}`, and the checkpoint outside it is of `{}`, by which it went on",
            checkpoint.origin
        )));
    }
    if checkpoint.size > size {
        return Err(AppError::Unproved(format!(
            "the database was set back: the checkpoint outside it covers {} entries of `{origin}`, it has {size}",
            checkpoint.size
        )));
    }
    let stored = store.checkpoint(checkpoint.size).await?;
    let stored = stored.and_then(|t| vault.open_checkpoint(&t).ok());
    if stored.is_none_or(|s| s.root != checkpoint.root) {
        return Err(AppError::Unproved(format!(
            "the database was set back and went another way: its first {} entries are not those that the checkpoint outside \
             it covers",
            checkpoint.size
        )));
    }
    Ok(Some(checkpoint))
}

impl App {
    /// Lets the ledger of a database that was set back go on under a new origin, whose first entry names the head outside.
    /// The key stays and signs for the new origin from the next start on.
    ///
    /// # Errors
    /// When nobody acts, no reason is given, the database is not behind, or the checkpoint outside is not its own.
    pub async fn reopen_ledger(
        &self,
        outside: Option<&str>,
        reason: &str,
        moment: &Moment,
    ) -> Result<Reopened, AppError> {
        self.permit(Operation::Reopen, &Target::all(), moment).await?;
        if reason.trim().is_empty() {
            return Err(AppError::Forbidden(
                Refusal::ReasonMissing,
                Arc::from("a new origin needs a reason: --reason \"…\""),
            ));
        }
        let Some(text) = outside.filter(|t| SignedNote::parse(t.as_bytes()).is_ok()) else {
            return Err(AppError::NotNow(
                Refusal::NoCheckpoint,
                Arc::from("there is no checkpoint outside the database that it could be behind"),
            ));
        };
        match proved(&*self.store, &self.vault, outside).await {
            Err(AppError::Unproved(_)) => {}
            Err(e) => return Err(e),
            Ok(_) => {
                return Err(AppError::NotNow(
                    Refusal::NotBehind,
                    Arc::from(
                        "the database is not behind the checkpoint outside it: its ledger goes on as it is",
                    ),
                ));
            }
        }
        let Checkpoint { origin, size, root, .. } = self.vault.open_checkpoint(text).map_err(|e| {
            AppError::Unproved(format!(
                "the checkpoint outside the database was not signed by this database, so its ledger cannot go on after it: {e}"
            ))
        })?;
        let old = OldHead { origin, size, root };
        let here = self.vault.signer().verifier().name();
        let new = next_origin(&old.origin, here);
        let kept = self.store.ledger_head().await?.size;
        let payload = json!({
            "v": 1, "reason": reason, "origin": new, "kept": kept,
            "old": { "origin": old.origin, "size": old.size, "root": old.root.to_string() },
        });
        let recorder = self.recorder(moment);
        let evidence =
            recorder.evidence_after(Some(old.clone()), "ledger.reopened", About::default(), payload)?;
        let mut changes = self.vault.rename(&new, &self.machine)?;
        changes.push(Change::PutNote(Arc::from(SUPERSEDED), Arc::from(text.as_bytes())));
        changes.push(Change::BusinessTime(moment.now));
        changes.push(Change::Append(evidence));
        self.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(Reopened { old, kept, origin: new })
    }
}

/// `acme/tenure`, `acme/tenure/2`, `acme/tenure/3`: one more than both what was signed outside and what is here, so that no
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
