//! Signs the head of the ledger: once per batch of work, in the database and outside it.

use crate::{App, AppError};
use std::sync::Arc;
use tenure_ledger::{Checkpoint, Frontier};
use tenure_store::{Change, Unit};

impl App {
    /// The signed head of the ledger, signed now when the ledger grew since the last time. The caller writes it outside.
    ///
    /// # Errors
    /// When the store or the key fails.
    pub async fn checkpoint(&self) -> Result<Arc<str>, AppError> {
        let head = self.store.ledger_head().await?;
        let frontier = Frontier::from_bytes(&head.frontier)?;
        if let Some(text) = &head.checkpoint
            && let Ok(last) = Checkpoint::open(text.as_bytes(), &[self.vault.signer().verifier().clone()])
            && last.size == frontier.size()
        {
            return Ok(text.clone());
        }
        let origin = self.vault.signer().verifier().name().to_owned();
        let checkpoint = Checkpoint::new(&origin, frontier.size(), frontier.root())?;
        let text: Arc<str> = Arc::from(checkpoint.sign(self.vault.signer())?.to_string());
        let changes = vec![Change::PutCheckpoint(frontier.size(), text.clone())];
        self.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(text)
    }
}
