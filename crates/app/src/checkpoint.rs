//! Signs the head of the ledger: once per batch of work, in the database and outside it.

use crate::{App, AppError};
use std::sync::Arc;
use tenure_ledger::{Checkpoint, Frontier};
use tenure_store::{Change, Unit};

impl App {
    /// Signs a checkpoint when the ledger grew since the last one. Returns its text; the caller writes it outside.
    ///
    /// # Errors
    /// When the store or the key fails.
    pub async fn checkpoint(&self) -> Result<Option<Arc<str>>, AppError> {
        let head = self.store.ledger_head().await?;
        let frontier = Frontier::from_bytes(&head.frontier)?;
        if let Some(last) = &head.checkpoint
            && let Ok(last) = Checkpoint::open(last.as_bytes(), &[self.vault.signer().verifier().clone()])
            && last.size == frontier.size()
        {
            return Ok(None);
        }
        let origin = self.vault.signer().verifier().name().to_owned();
        let checkpoint = Checkpoint::new(&origin, frontier.size(), frontier.root())?;
        let text: Arc<str> = Arc::from(checkpoint.sign(self.vault.signer())?.to_string());
        let changes = vec![Change::PutCheckpoint(frontier.size(), text.clone())];
        self.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(Some(text))
    }
}
