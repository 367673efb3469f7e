//! The first entry of a ledger: the purpose of its database, and the folder it belongs to.

use crate::{About, AppError, Born, DecisionContext, Machine, Recorder, Vault};
use serde_json::json;
use std::sync::Arc;
use tenure_store::note::{NoteOf as _, kinds};
use tenure_store::{Change, Store, Unit};

impl Vault {
    /// Starts the ledger: its first entry states the purpose of the database, and the folder it belongs to, if any.
    /// A ledger that has started stays as it is.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begin(
        &mut self,
        store: &dyn Store,
        machine: &Machine,
        born: Born,
        folder: Option<&str>,
    ) -> Result<(), AppError> {
        if store.ledger_head().await?.size > 0 {
            return Ok(());
        }
        let moment =
            DecisionContext { now: machine.clock.now(), with_now: false, actor: None, clock_doubt: None };
        let recorder = Recorder { vault: self, machine, setup: None, moment: &moment };
        let payload = json!({ "v": 1, "origin": self.signer.verifier().name(), "folder": folder });
        let evidence = recorder.evidence(born.entry_kind(), About::default(), payload)?;
        let changes = folder
            .map(|path| kinds::Folder.is(Arc::from(path)))
            .into_iter()
            .chain([Change::Append(evidence)])
            .collect();
        store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        self.born = born;
        Ok(())
    }
}
