//! Signs the head of the ledger: once per batch of work, in the database and outside it. Only a continuation of the last signed
//! head is signed, as a C2SP witness requires.

use super::Proofs;
use super::ledger::authentic;
use super::outside::root_at;
use crate::{AppError, Vault};
use std::sync::Arc;
use tenure_ledger::{Checkpoint, Frontier, Hash};
use tenure_store::{Change, Store, Unit};

/// Entries that are read at once.
const ENTRIES_AT_ONCE: u64 = 1024;

impl Proofs<'_> {
    /// The signed head of the ledger; it is signed now if the ledger grew since the last time. The caller writes it outside.
    ///
    /// # Errors
    /// When the store or the key fails, or the ledger is not a continuation of the one signed before.
    pub async fn checkpoint(&self) -> Result<Arc<str>, AppError> {
        sign_head(&*self.app.store, &self.app.vault).await
    }
}

/// The same, before there is a configuration.
///
/// # Errors
/// As [`Proofs::checkpoint`].
pub async fn sign_head(store: &dyn Store, vault: &Vault) -> Result<Arc<str>, AppError> {
    store.numbered().await?;
    let head = store.ledger_head().await?;
    let frontier = Frontier::from_bytes(&head.frontier)?;
    let origin = vault.signer().verifier().name().to_owned();
    let last = match &head.checkpoint {
        Some(text) => Some(vault.open_checkpoint(text).map_err(|e| {
            AppError::Unproved(format!("the last checkpoint in the database was not signed by it: {e}"))
        })?),
        None => None,
    };
    goes_on(store, vault, last.as_ref(), &frontier).await?;
    if let (Some(text), Some(last)) = (&head.checkpoint, &last)
        && last.size == frontier.size()
        && last.origin == origin
    {
        return Ok(text.clone());
    }
    let checkpoint = Checkpoint::new(&origin, frontier.size(), frontier.root())?;
    let text: Arc<str> = Arc::from(checkpoint.sign(vault.signer())?.to_string());
    let changes = vec![Change::PutCheckpoint(frontier.size(), text.clone())];
    store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
    Ok(text)
}

/// Recomputes the head from the last signed one and the entries after it.
async fn goes_on(
    store: &dyn Store,
    vault: &Vault,
    last: Option<&Checkpoint>,
    head: &Frontier,
) -> Result<(), AppError> {
    let (size, refuse) = (head.size(), |why: String| Err(AppError::Unproved(format!("not signed: {why}"))));
    let mut again = Frontier::new();
    if let Some(last) = last {
        if last.size > size {
            return refuse(format!("{} entries were signed, and {size} are stored", last.size));
        }
        if root_at(store, last.size).await? != Some(last.root) {
            return refuse(format!("the first {} entries are not those that were signed", last.size));
        }
        again = Frontier::from_bytes(&store.ledger_at(last.size).await?)?;
    }
    while again.size() < size {
        let from = again.size();
        let limit = u32::try_from((size - from).min(ENTRIES_AT_ONCE)).unwrap_or(1);
        let leaves = store.leaves(from, limit).await?;
        if leaves.is_empty() {
            return refuse(format!("entry {from} is missing"));
        }
        for leaf in &leaves {
            authentic(vault, leaf)?;
        }
        again.append(&leaves.iter().map(|l| Hash(l.leaf)).collect::<Vec<_>>())?;
    }
    if again.root() != head.root() {
        let from = last.map_or(0, |c| c.size);
        return refuse(format!(
            "entries from {from} on do not lead to the head: one was changed after it was written"
        ));
    }
    Ok(())
}
