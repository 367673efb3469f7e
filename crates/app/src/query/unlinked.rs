//! Accounts that are linked to no identity, as a list.

use super::Query;
use super::page::{Listed, Page, no_place};
use crate::{AppError, IdentityShown};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{IdentityId, Name as _, SystemName};
use tenure_store::{UnlinkedAccount, UnlinkedFilter};

/// An account that is linked to no identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlinkedShown {
    /// The account.
    pub account: UnlinkedAccount,
    /// The identities that it may belong to, and how well each fits, in percent.
    pub candidates: Vec<(IdentityShown, u8)>,
}

impl UnlinkedShown {
    /// `orphan` where no identity was found for it, `unlinked` where one was, `disputed` where several were.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self.account.candidates.len() {
            0 => "orphan",
            1 => "unlinked",
            _ => "disputed",
        }
    }
}

impl Query<'_> {
    /// Accounts that are linked to no identity, by system and external id.
    ///
    /// # Errors
    /// When the page begins at no place of this list, or the store fails.
    pub async fn unlinked(
        &self,
        filter: &UnlinkedFilter,
        page: &Page,
    ) -> Result<Listed<UnlinkedShown>, AppError> {
        let after = page.after.as_ref().map(read).transpose()?;
        let rows = self.app.store.unlinked_after(filter, after, page.limit().saturating_add(1)).await?;
        let place = |a: &UnlinkedAccount| Arc::from(format!("{}/{}", a.system, a.external_id));
        let Listed { rows, next } = page.of(rows.into_iter().map(|a| (place(&a), a)).collect());
        if rows.is_empty() {
            self.has(None, filter.system.as_ref())?;
        }
        let ids: BTreeSet<IdentityId> = rows.iter().flat_map(|a| &a.candidates).map(|(id, _)| *id).collect();
        let people: BTreeMap<IdentityId, IdentityShown> = self
            .app
            .people()
            .shown(&ids.into_iter().collect::<Vec<_>>())
            .await?
            .into_iter()
            .map(|p| (p.id, p))
            .collect();
        let shown = |account: UnlinkedAccount| {
            let candidates = account.candidates.iter();
            let candidates =
                candidates.filter_map(|(id, fit)| Some((people.get(id)?.clone(), *fit))).collect();
            UnlinkedShown { candidates, account }
        };
        Ok(Listed { rows: rows.into_iter().map(shown).collect(), next })
    }
}

/// `directory/cn=x`: an external id may have any characters, so it comes last.
fn read(text: &Arc<str>) -> Result<(SystemName, Arc<str>), AppError> {
    let (system, external_id) = text.split_once('/').ok_or_else(|| no_place(text))?;
    Ok((SystemName::new(system).map_err(|_| no_place(text))?, Arc::from(external_id)))
}
