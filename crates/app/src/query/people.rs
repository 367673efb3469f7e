//! Identities as a list: by text, phase, kind, source and system.

use super::Query;
use super::page::{Listed, Page, no_place};
use crate::{AppError, IdentityShown};
use std::sync::Arc;
use tenure_model::{IdentityId, IdentityKind, Phase, SourceName, SystemName};
use tenure_store::IdentityFilter;

/// Which identities to list; all that are named must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleFilter {
    /// A part of a name, a key or an issued name.
    pub text: Option<Arc<str>>,
    /// In this phase, as last settled.
    pub phase: Option<Phase>,
    /// Of this kind.
    pub kind: Option<IdentityKind>,
    /// With a record of this source.
    pub source: Option<SourceName>,
    /// With an account in this system.
    pub system: Option<SystemName>,
}

impl Query<'_> {
    /// Identities, by name.
    ///
    /// # Errors
    /// When the page begins after no identity, or the store fails.
    pub async fn people(
        &self,
        filter: &PeopleFilter,
        page: &Page,
    ) -> Result<Listed<IdentityShown>, AppError> {
        let people = self.app.people();
        let filter = IdentityFilter {
            text: filter.text.as_deref().map(|text| people.search(text)),
            phase: filter.phase,
            kind: filter.kind,
            source: filter.source.clone(),
            system: filter.system.clone(),
            entitlement: None,
        };
        let (ids, next) = self.page_of_identities(&filter, page).await?;
        if ids.is_empty() {
            self.has(filter.source.as_ref(), filter.system.as_ref())?;
        }
        Ok(Listed { rows: people.shown(&ids).await?, next })
    }

    /// The identities of a page, and the place after which the next one begins.
    pub(super) async fn page_of_identities(
        &self,
        filter: &IdentityFilter,
        page: &Page,
    ) -> Result<(Vec<IdentityId>, Option<Arc<str>>), AppError> {
        let after = page.after_identity()?;
        if let Some(after) = after
            && self.app.store.subjects(&[after]).await?.is_empty()
        {
            return Err(no_place(&after.to_string()));
        }
        let found = self.app.store.find(filter, after, page.limit().saturating_add(1)).await?;
        let rows = found.into_iter().map(|(id, _)| (Arc::from(id.to_string()), id)).collect();
        let Listed { rows, next } = page.of(rows);
        Ok((rows, next))
    }
}
