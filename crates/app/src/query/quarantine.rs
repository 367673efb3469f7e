//! Rows that could not be read, as a list.

use super::Query;
use super::page::{Listed, Page, no_place};
use crate::{AppError, InQuarantine};
use std::sync::Arc;
use tenure_model::{Name as _, SourceName};
use tenure_store::{QuarantinePlace, QuarantineRow};

impl Query<'_> {
    /// Faults of rows in quarantine, of one source or all, by source and key; also of sources that the configuration does not have.
    ///
    /// # Errors
    /// When the page begins at no place of this list, or the store fails.
    pub async fn quarantine(
        &self,
        source: Option<&SourceName>,
        page: &Page,
    ) -> Result<Listed<InQuarantine>, AppError> {
        let after = page.after.as_deref().map(read).transpose()?;
        let rows = self.app.store.quarantine_after(source, after, page.limit().saturating_add(1)).await?;
        let Listed { rows, next } = page.of(rows.into_iter().map(|row| (place(&row), row)).collect());
        if rows.is_empty() {
            self.has(source, None)?;
        }
        let quarantine = self.app.quarantine();
        let rows = rows.into_iter().map(|row| quarantine.with_owner(row, self.permit.moment())).collect();
        Ok(Listed { rows, next })
    }
}

/// `hr/0/W1`: a key may have any characters, so it comes last.
fn place(row: &QuarantineRow) -> Arc<str> {
    Arc::from(format!("{}/{}/{}", row.source, row.nth, row.key))
}

fn read(text: &str) -> Result<QuarantinePlace, AppError> {
    let mut parts = text.splitn(3, '/');
    let source = parts.next().and_then(|s| SourceName::new(s).ok());
    let nth = parts.next().and_then(|n| n.parse().ok());
    let place = source.zip(nth).zip(parts.next());
    place.map(|((source, nth), key)| (source, Arc::from(key), nth)).ok_or_else(|| no_place(text))
}
