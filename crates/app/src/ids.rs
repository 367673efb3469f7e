//! Finds what an id or a part of it means: cases, tasks, requests, questions, held changes.

use crate::AppError;
use std::sync::Arc;
use tenure_model::{IdPart, TaskId};
use tenure_store::IdsOf;

crate::app::part! {
    /// Ids that people give whole or in part.
    Ids, ids
}

/// Most ids that are listed when several have the part.
const LISTED_MAX: u32 = 10;

impl Ids<'_> {
    /// The id that a text is, or is the beginning or the end of: at least 8 digits. `None` for a text that is no id, and for a part that no
    /// id has; a whole id is not looked up.
    ///
    /// # Errors
    /// When several ids have the part, or the store fails.
    pub async fn found(&self, of: IdsOf, text: &str) -> Result<Option<[u8; 16]>, AppError> {
        // All ids have one form.
        if let Some(id) = TaskId::parse(text) {
            return Ok(Some(*id.as_bytes()));
        }
        let Some(part) = IdPart::parse(text) else { return Ok(None) };
        let mut found = self.app.store.ids(of, &part, LISTED_MAX.saturating_add(1)).await?;
        if found.len() < 2 {
            return Ok(found.pop());
        }
        let more = found.len().saturating_sub(usize::try_from(LISTED_MAX).unwrap_or(usize::MAX));
        found.truncate(found.len() - more);
        let line = |id: &[u8; 16]| Arc::from(TaskId::from_bytes(*id).to_string());
        Err(AppError::Ambiguous { name: Arc::from(text), matches: found.iter().map(line).collect(), more })
    }
}
