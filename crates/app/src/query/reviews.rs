//! What a person must review: by whom, until when, and what happens otherwise.

use super::Query;
use super::page::{Listed, Page};
use crate::{AppError, FindingsFilter, IdentityShown, OpenFinding};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{
    EntitlementName, Finding, FindingId, FindingKind, IdentityId, IndividualDecision, JustificationKind,
};
use tenure_store::StoredSubject;

/// A review that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewShown {
    /// The id of its finding.
    pub id: FindingId,
    /// The identity whose access or cut-off is reviewed.
    pub who: Option<IdentityShown>,
    /// What is reviewed.
    pub what: ReviewOf,
    /// The reviewer, as the configuration names them.
    pub reviewer: Arc<str>,
    /// The group that is asked as well: the deadline passed, or the reviewer is not here.
    pub escalated: Option<Arc<str>>,
    /// Since when it is due.
    pub since: Timestamp,
    /// Its deadline.
    pub deadline: Timestamp,
    /// What is found.
    pub finding: Finding,
}

/// What is reviewed, and so what happens without a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewOf {
    /// Access by an individual decision of this kind, with its end.
    Access(JustificationKind, EntitlementName, Option<Timestamp>),
    /// A cut-off: it goes on.
    CutOff,
    /// Access that is not there any more, or another thing with this name.
    Other(Arc<str>),
}

impl Query<'_> {
    /// Reviews that are due, the earliest deadline first.
    ///
    /// # Errors
    /// When the page begins at no place of this list, or the store fails.
    pub async fn reviews(&self, page: &Page) -> Result<Listed<ReviewShown>, AppError> {
        let kinds = vec![FindingKind::Review, FindingKind::CutOffReview];
        let filter = FindingsFilter { kinds, acknowledged: Some(false), ..FindingsFilter::default() };
        let Listed { rows, next } = self.findings(&filter, page).await?;
        let ids: BTreeSet<IdentityId> = rows.iter().filter_map(|f| f.identity).collect();
        let subjects = self.app.stored().readable(&ids.into_iter().collect::<Vec<_>>()).await?;
        let subjects: BTreeMap<IdentityId, StoredSubject> =
            subjects.into_iter().map(|s| (s.identity.id, s)).collect();
        let of = |f: &OpenFinding| f.identity.and_then(|id| subjects.get(&id));
        let shown = rows.into_iter().map(|f| (of(&f), f)).map(|(s, f)| ReviewShown::of(self, f, s)).collect();
        Ok(Listed { rows: shown, next })
    }
}

impl ReviewShown {
    fn of(query: &Query<'_>, found: OpenFinding, stored: Option<&StoredSubject>) -> Self {
        let standing = stored.into_iter().flat_map(|s| &s.identity.decisions.individual);
        let is_it = |s: &&IndividualDecision| s.reference == found.finding.about;
        let what = match (found.finding.kind(), standing.filter(|s| is_it(s)).max_by_key(|s| s.from)) {
            (FindingKind::CutOffReview, _) => ReviewOf::CutOff,
            (_, Some(s)) => ReviewOf::Access(s.kind, s.entitlement.clone(), s.until),
            (_, None) => ReviewOf::Other(found.finding.about.clone()),
        };
        Self {
            id: found.id,
            who: stored.map(|s| query.app.people().shown_at(s, query.now())),
            what,
            reviewer: found.owner,
            escalated: found.escalated,
            since: found.since,
            deadline: found.deadline,
            finding: found.finding,
        }
    }
}
