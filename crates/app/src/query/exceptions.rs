//! Access outside policy as a list: who has it, who answers for it, what compensates, and when it ends.

use super::Query;
use super::page::{Listed, Page, no_place};
use crate::decide::{EXCEPTION_KEY, exception_end};
use crate::{AppError, IdentityShown};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{EntitlementName, IdentityId, IndividualDecision, JustificationKind};
use tenure_store::{Keyed, StoredSubject};

/// An exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionShown {
    /// The holder.
    pub who: IdentityShown,
    /// What it is for.
    pub entitlement: EntitlementName,
    /// Who answers for it.
    pub owner: Option<Arc<str>>,
    /// Who signed it.
    pub signed_by: Option<Arc<str>>,
    /// The compensating control.
    pub instead: Arc<str>,
    /// Why.
    pub reason: Arc<str>,
    /// First instant.
    pub from: Option<Timestamp>,
    /// First instant after it.
    pub until: Option<Timestamp>,
    /// Whether its entitlement is given by it now; else it waits.
    pub is_given: bool,
}

impl Query<'_> {
    /// Exceptions that have not ended, those that end soonest first.
    ///
    /// # Errors
    /// When the page begins at no place of this list, or the store fails.
    pub async fn exceptions(&self, page: &Page) -> Result<Listed<ExceptionShown>, AppError> {
        let after = page.after.as_deref().map(place).transpose()?;
        let keys = self.app.store.keys_after(EXCEPTION_KEY, after, page.limit().saturating_add(1)).await?;
        let text = |(key, id): &(Keyed, IdentityId)| Arc::from(format!("{}/{id}", key.value));
        let Listed { rows, next } = page.of(keys.into_iter().map(|k| (text(&k), k)).collect());
        let ids: BTreeSet<IdentityId> = rows.iter().map(|(_, id)| *id).collect();
        let subjects = self.app.stored().readable(&ids.into_iter().collect::<Vec<_>>()).await?;
        let exceptions = subjects.iter().flat_map(|s| &s.identity.decisions.individual);
        let people: BTreeSet<IdentityId> =
            exceptions.flat_map(|s| [s.owner, s.requester]).flatten().collect();
        let names = self.names(&people.into_iter().collect::<Vec<_>>()).await?;
        let name = |id: IdentityId| names.get(&id).cloned().unwrap_or_else(|| Arc::from(id.short()));
        let mut shown = Vec::new();
        for (key, id) in rows {
            let Some(stored) = subjects.iter().find(|s| s.identity.id == id) else { continue };
            let is_meant = |s: &&IndividualDecision| {
                s.kind == JustificationKind::Exception
                    && *exception_end(s) == *key.value
                    && s.until.is_none_or(|until| self.now() < until)
            };
            shown.extend(stored.identity.decisions.individual.iter().filter(is_meant).map(|s| {
                ExceptionShown {
                    who: self.app.people().shown_at(stored, self.now()),
                    entitlement: s.entitlement.clone(),
                    owner: s.owner.map(name),
                    signed_by: s.requester.map(name),
                    instead: s.compensating.clone(),
                    reason: s.reason.clone(),
                    from: s.from,
                    until: s.until,
                    is_given: is_given(stored, s),
                }
            }));
        }
        Ok(Listed { rows: shown, next })
    }
}

fn is_given(stored: &StoredSubject, exception: &IndividualDecision) -> bool {
    stored.grants.iter().filter(|g| g.holding.is_decided()).any(|g| {
        g.justifications.iter().any(|j| j.kind == exception.kind && j.reference == exception.reference)
    })
}

/// Reads a place: `2026-03-31T22:00:00Z/ID`.
fn place(text: &str) -> Result<(Arc<str>, IdentityId), AppError> {
    let parts =
        text.rsplit_once('/').and_then(|(value, id)| Some((Arc::from(value), IdentityId::parse(id)?)));
    parts.ok_or_else(|| no_place(text))
}
