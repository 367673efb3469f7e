//! Findings with owners and deadlines, as a list.

use super::Query;
use super::page::{Listed, Page, no_place};
use crate::{AppError, FindingsFilter, FindingsPlace, OpenFinding, Register};
use std::sync::Arc;
use tenure_model::{FindingId, IdPart};

/// Most findings that are named when several have a part of an id.
const NAMED_MAX: usize = 10;

impl Query<'_> {
    /// Findings, the earliest deadline first.
    ///
    /// # Errors
    /// When the page begins at no place of this list, or the store fails.
    pub async fn findings(
        &self,
        filter: &FindingsFilter,
        page: &Page,
    ) -> Result<Listed<OpenFinding>, AppError> {
        let read = |text: &Arc<str>| FindingsPlace::parse(text).ok_or_else(|| no_place(text));
        let after = page.after.as_ref().map(read).transpose()?;
        let mut reader = self.app.findings().reader(filter.clone(), after, self.permit.moment()).await?;
        let wanted = page.rows().saturating_add(1);
        let mut rows = Vec::new();
        while rows.len() < wanted {
            let some = reader.next(page.limit().saturating_add(1)).await?;
            if some.is_empty() {
                break;
            }
            rows.extend(some.into_iter().map(|(place, found)| (Arc::from(place.to_string()), found)));
        }
        rows.truncate(wanted);
        if rows.is_empty() {
            self.has(None, filter.system.as_ref())?;
        }
        Ok(page.of(rows))
    }

    /// How many findings are open, and the first of them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn register(&self) -> Result<Register, AppError> {
        self.app.findings().register(self.permit.moment()).await
    }

    /// The id of an open finding that a text is, or is the beginning or the end of.
    ///
    /// # Errors
    /// When several findings have the part, or the store fails.
    pub async fn finding_id(&self, text: &str) -> Result<Option<FindingId>, AppError> {
        if let Some(id) = FindingId::parse(text) {
            return Ok(Some(id));
        }
        let Some(part) = IdPart::parse(text) else { return Ok(None) };
        let fits = |id: &FindingId| part.fits(id.as_bytes());
        let mut all = self.app.findings().fitting(fits, NAMED_MAX, self.permit.moment()).await?;
        if all.len() > 1 {
            let matches = all.iter().map(|f| Arc::from(f.id.to_string())).collect();
            return Err(AppError::Ambiguous { name: Arc::from(text), matches, more: 0 });
        }
        Ok(all.pop().map(|f| f.id))
    }
}
