//! The folder of a live database: files with a relative path are read there, and from no other folder.

use super::Proofs;
use crate::authority::Target;
use crate::{About, AppError, DecisionContext, Operation, OperationRefusal};
use serde_json::json;
use std::sync::Arc;
use tenure_store::note::{NoteOf as _, kinds, read_note};
use tenure_store::{Change, Store, Unit};

/// The folder of a database; `None` where it has none: a replay, and a ledger without entries.
///
/// # Errors
/// When the store fails.
pub async fn home(store: &dyn Store) -> Result<Option<String>, AppError> {
    Ok(read_note(store, &kinds::Folder).await?.value()?.map(|path| path.to_string()))
}

/// The same where it can be read: a folder that is not known delays no cut-off, and can be stated again.
///
/// # Errors
/// When the store fails.
pub async fn home_if_readable(store: &dyn Store) -> Result<Option<String>, AppError> {
    Ok(read_note(store, &kinds::Folder).await?.readable().map(|path| path.to_string()))
}

impl Proofs<'_> {
    /// Assigns the database to another folder, because its folder was moved. Returns the previous folder.
    ///
    /// # Errors
    /// When the actor is no member of the escalation group, no reason is given, or the store fails.
    pub async fn move_folder(
        &self,
        to: &str,
        reason: &str,
        moment: &DecisionContext,
    ) -> Result<String, AppError> {
        self.app.authority().permit(Operation::Reopen, &Target::all(), moment).await?;
        if reason.trim().is_empty() {
            return Err(AppError::refused(OperationRefusal::FolderReasonMissing));
        }
        // Where the stored path cannot be read, this is how it is stated again.
        let from = read_note(&*self.app.store, &kinds::Folder).await?.readable().unwrap_or_default();
        let from = from.to_string();
        if from == to {
            return Err(AppError::precondition(OperationRefusal::FolderNotMoved { folder: to.into() }));
        }
        let payload = json!({ "v": 1, "reason": reason.trim(), "from": from, "to": to });
        let evidence = self.app.recorder(moment).evidence("folder.moved", About::default(), payload)?;
        let changes =
            vec![kinds::Folder.is(Arc::from(to)), Change::BusinessTime(moment.now), Change::Append(evidence)];
        self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(from)
    }
}
