//! What waits for an answer, as lists: requests for approval, correlation questions, held changes with their people, cut-off orders.

use super::Query;
use super::page::{Listed, Page, no_place};
use crate::{AppError, IdentityShown};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{ApprovalId, ApprovalRequest, ApprovalState, CorrelationId, HeldChangeId, IdentityId};
use tenure_store::{ApprovalFilter, ApprovalPlace, CorrelationRow, HeldChangeRow};

/// An identity of a held change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPerson {
    /// Its id.
    pub id: IdentityId,
    /// The identity; `None` where it cannot be read.
    pub who: Option<IdentityShown>,
    /// What it would lose.
    pub loses: Arc<str>,
}

impl Query<'_> {
    /// Pending requests for approval, the earliest deadline first.
    ///
    /// # Errors
    /// When the page begins at no place of this list, or the store fails.
    pub async fn approvals_listed(
        &self,
        filter: &ApprovalFilter,
        page: &Page,
    ) -> Result<Listed<ApprovalRequest>, AppError> {
        let read = |text: &Arc<str>| place_of_request(text).ok_or_else(|| no_place(text));
        let after = page.after.as_ref().map(read).transpose()?;
        let rows =
            self.app.store.approvals_by_deadline(filter, after, page.limit().saturating_add(1)).await?;
        let place = |r: &ApprovalRequest| {
            let deadline = match r.state {
                ApprovalState::Pending { deadline } => deadline,
                _ => r.asked_at,
            };
            Arc::from(format!("{deadline}/{}/{}", r.asked_at, r.id))
        };
        Ok(page.of(rows.into_iter().map(|r| (place(&r), r)).collect()))
    }

    /// Correlation questions without an answer, the oldest first.
    ///
    /// # Errors
    /// When the page begins at no place of this list, or the store fails.
    pub async fn questions(&self, page: &Page) -> Result<Listed<CorrelationRow>, AppError> {
        let after = after(page, CorrelationId::parse)?;
        let rows = self.app.store.correlations_after(after, page.limit().saturating_add(1)).await?;
        Ok(page.of(rows.into_iter().map(|q| (Arc::from(format!("{}/{}", q.since, q.id)), q)).collect()))
    }

    /// Held changes, the oldest first.
    ///
    /// # Errors
    /// When the page begins at no place of this list, or the store fails.
    pub async fn held_changes(&self, page: &Page) -> Result<Listed<HeldChangeRow>, AppError> {
        let after = after(page, HeldChangeId::parse)?;
        let rows = self.app.store.held_changes_after(after, page.limit().saturating_add(1)).await?;
        Ok(page.of(rows.into_iter().map(|h| (Arc::from(format!("{}/{}", h.since, h.id)), h)).collect()))
    }

    /// The people of a held change, in the order of ids.
    ///
    /// # Errors
    /// When the page begins after no identity, or the store fails.
    pub async fn people_of(&self, held: &HeldChangeRow, page: &Page) -> Result<Listed<HeldPerson>, AppError> {
        let after = page.after_identity()?;
        let mut people: Vec<&(IdentityId, Arc<str>)> =
            held.people.iter().filter(|(id, _)| after.is_none_or(|after| *id > after)).collect();
        people.sort_by_key(|(id, _)| *id);
        people.truncate(page.rows().saturating_add(1));
        let Listed { rows, next } =
            page.of(people.into_iter().map(|row| (Arc::from(row.0.to_string()), row)).collect());
        let ids: Vec<IdentityId> = rows.iter().map(|(id, _)| *id).collect();
        let mut who: BTreeMap<IdentityId, IdentityShown> =
            self.app.people().shown(&ids).await?.into_iter().map(|who| (who.id, who)).collect();
        let shown = |(id, loses): &(IdentityId, Arc<str>)| HeldPerson {
            id: *id,
            who: who.remove(id),
            loses: loses.clone(),
        };
        Ok(Listed { rows: rows.into_iter().map(shown).collect(), next })
    }
}

/// An instant and an id.
fn after<T>(page: &Page, parse: impl Fn(&str) -> Option<T>) -> Result<Option<(Timestamp, T)>, AppError> {
    let read = |text: &Arc<str>| {
        let (at, id) = text.split_once('/')?;
        Some((at.parse::<Timestamp>().ok()?, parse(id)?))
    };
    page.after.as_ref().map(|text| read(text).ok_or_else(|| no_place(text))).transpose()
}

fn place_of_request(text: &str) -> Option<ApprovalPlace> {
    let mut parts = text.split('/');
    let place = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, ApprovalId::parse(parts.next()?)?);
    parts.next().is_none().then_some(place)
}
