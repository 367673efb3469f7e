//! Findings about the organisation as a whole: they stay as long as each pass finds them.

use crate::{AppError, DecisionContext};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use tenure_model::Name as _;
use tenure_model::{Finding, FindingDetail, FindingId, FindingKind, IdentityId, SystemName};
use tenure_store::{Change, FindingRow};

crate::app::part! {
    /// Open findings.
    FindingRows, finding_rows
}

/// Findings that are read together.
const PAGE: u32 = 2_048;
/// Findings in one unit.
pub(crate) const CHUNK: usize = 1_000;
/// Most findings about the organisation as a whole that one pass stores; a later pass stores the rest once some are dealt with.
pub(crate) const KEPT_MAX: u32 = 100_000;

/// Whether each pass determines the findings of a kind from everything stored: one that it does not find any more ends.
pub(crate) fn is_looked_for(kind: FindingKind) -> bool {
    use FindingKind as K;
    match kind {
        K::NoOwner
        | K::NoApprover
        | K::LastResort
        | K::OverdueFeed
        | K::RecycledName
        | K::UnknownSecret
        | K::OverdueHeldChange
        | K::UnansweredRecord
        | K::OverdueCutOff
        | K::Damage
        | K::NeverReconciled => true,
        K::UnresolvedReference
        | K::DepartedReference
        | K::CircularReference
        | K::Unused
        | K::UnknownZone
        | K::NoSource
        | K::EarlierEnd
        | K::SeparationConflict
        | K::UnknownEntitlement
        | K::NoIdentifier
        | K::Orphan
        | K::Unjustified
        | K::UndeclaredContainment
        | K::Reenabled
        | K::DisabledByHand
        | K::MissingAccount
        | K::MovedAccount
        | K::MissingEntitlement
        | K::PartialScan
        | K::RefusedAccess
        | K::OldFeed
        | K::Quarantined
        | K::MistypedKey
        | K::AttributeDrift
        | K::LateEnd
        | K::CutOffReview
        | K::Watched
        | K::Unanswered
        | K::AmbiguousAccount
        | K::Review => false,
    }
}

/// A finding about the organisation as a whole.
#[derive(Debug, Clone)]
pub(crate) struct OrganisationFinding {
    pub(crate) finding: Finding,
    /// The owner, where the kind does not determine it.
    pub(crate) owner: Option<Arc<str>>,
    /// The deadline, where the kind does not determine it.
    pub(crate) deadline: Option<Timestamp>,
}

impl OrganisationFinding {
    pub(crate) fn new(about: impl Into<Arc<str>>, detail: FindingDetail) -> Self {
        Self { finding: Finding::new(about, detail), owner: None, deadline: None }
    }

    pub(crate) fn owned_by(self, owner: &Arc<str>) -> Self {
        Self { owner: Some(owner.clone()), ..self }
    }

    pub(crate) fn due(self, deadline: Timestamp) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    pub(crate) fn row(self, now: Timestamp) -> FindingRow {
        let Self { finding, owner, deadline } = self;
        let id = organisation_finding_id(finding.kind(), &finding.about);
        FindingRow { id, identity: None, system: None, finding, owner, deadline, since: now }
    }
}

/// The id of a finding about a source, or about a name of the configuration.
pub(crate) fn organisation_finding_id(kind: FindingKind, about: &str) -> FindingId {
    finding_id(&[b"whole", about.as_bytes(), kind.as_str().as_bytes()])
}

/// A finding about a source, or about a name of the configuration.
pub(crate) fn about_organisation(finding: Finding, moment: &DecisionContext) -> Change {
    let looked = OrganisationFinding { finding, owner: None, deadline: None };
    Change::PutFinding(looked.row(moment.now))
}

impl FindingRows<'_> {
    /// The stored findings that match, read page by page.
    pub(crate) async fn findings_where(
        &self,
        wanted: impl Fn(&FindingRow) -> bool + Send,
    ) -> Result<Vec<FindingRow>, AppError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let some = self.app.store.findings_after(after, PAGE).await?;
            let Some(last) = some.last() else { return Ok(found) };
            after = Some(last.id);
            found.extend(some.into_iter().filter(&wanted));
        }
    }

    /// A finding about a system, or an identity in it.
    pub(crate) fn finding(
        &self,
        system: &SystemName,
        identity: Option<IdentityId>,
        finding: Finding,
        moment: &DecisionContext,
    ) -> Change {
        Change::PutFinding(FindingRow {
            id: of_system(system, &finding),
            identity,
            system: Some(system.clone()),
            finding,
            owner: None,
            deadline: None,
            since: moment.now,
        })
    }
}

/// The id of a finding: the same finding found again is the same row.
pub(crate) fn finding_id(parts: &[&[u8]]) -> FindingId {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    FindingId::from_digest(id)
}

/// The id of a finding about a system: the same finding found again is the same row.
pub(crate) fn of_system(system: &SystemName, finding: &Finding) -> FindingId {
    finding_id(&[system.as_str().as_bytes(), &finding.cause()])
}
