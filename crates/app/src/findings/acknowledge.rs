//! An owner acknowledges a finding for a time: with a reason, in their name, and never a finding that must be dealt with.

use super::Findings;
use super::owner::gave;
use super::register::OpenFinding;
use crate::authority::Target;
use crate::describe::FindingForm;
use crate::{About, AppError, DecisionContext, Operation, Permit, WorkRefusal};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use tenure_model::{
    Acknowledgement, Finding, FindingId, FindingKind, IdentityId, Name as _, RecordKey, SourceName,
};
use tenure_store::{Change, Expect, Outcome, StoredSubject, Unit};

/// The longest time for which a finding is acknowledged.
pub const ACKNOWLEDGED_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The longest reason, in characters.
const REASON_MAX: usize = 1_000;

impl Findings<'_> {
    /// Acknowledges a finding until an instant: it counts as open again from then on, or as soon as its cause changes.
    ///
    /// # Errors
    /// When the finding is not open, must be dealt with, or is about the actor; when the actor is neither its owner nor
    /// in the escalation group; when no reason is given, or the instant is past or too far away.
    pub async fn acknowledge(
        &self,
        id: FindingId,
        reason: &str,
        until: Timestamp,
        moment: &DecisionContext,
    ) -> Result<OpenFinding, AppError> {
        let found = self.found(id, moment).await?;
        let about = self.people_of(&found).await?;
        let also_about = self.people_of_held(&found).await?;
        let owner = Some(found.owner.clone());
        let requesters = match found.finding.kind() {
            FindingKind::Review => about.iter().flat_map(|s| gave(&s.identity)).collect(),
            _ => Vec::new(),
        };
        let requesters = requesters
            .into_iter()
            .filter(|(what, _)| what.as_str() == &*found.finding.about)
            .map(|(_, by)| by)
            .collect();
        let target = Target { about: about.iter().collect(), also_about, owner, requesters, ..Target::all() };
        let permit = self.app.authority().permit(Operation::AcknowledgeFinding, &target, moment).await?;
        if found.is_firm {
            return Err(AppError::precondition(WorkRefusal::MustBeResolved {
                kind: found.finding.kind(),
                about: found.finding.about.clone(),
            }));
        }
        let until = bounded(until, permit.moment())?;
        let reason = stated(reason)?;
        let said = Acknowledgement {
            finding: id,
            about: found.identity.or_else(|| about.first().map(|s| s.identity.id)),
            cause: found.cause(),
            by: permit.actor()?.id,
            at: moment.now,
            until,
            reason,
            revision: self.app.store.acknowledgement(id).await?.map_or(0, |a| a.revision),
        };
        let holder = about.iter().find(|s| Some(s.identity.id) == said.about);
        self.put_acknowledgement(said.clone(), &found, holder, &permit).await?;
        Ok(OpenFinding { acknowledged: Some(said), ..found })
    }

    /// The people that a finding is about: its identity, or the identity or candidates of a record.
    async fn people_of(&self, found: &OpenFinding) -> Result<Vec<StoredSubject>, AppError> {
        let mut ids: Vec<IdentityId> = found.identity.into_iter().collect();
        if matches!(
            found.finding.kind(),
            FindingKind::Quarantined | FindingKind::UnansweredRecord | FindingKind::MistypedKey
        ) && let Some((source, key)) = found.finding.about.split_once(':')
            && let (Ok(source), Ok(key)) =
                (tenure_model::Name::new(source), <RecordKey as tenure_model::Name>::new(key))
        {
            let source: SourceName = source;
            let records = self.app.store.records(&source, std::slice::from_ref(&key)).await?;
            ids.extend(records.into_iter().filter_map(|r| r.identity));
            let asked = self.app.stored().questions().await?.into_iter();
            let same = asked.filter(|q| q.source == source && q.key == key);
            ids.extend(same.flat_map(|q| q.candidates).map(|(id, _)| id));
        }
        ids.sort();
        ids.dedup();
        self.app.stored().readable(&ids).await
    }

    /// The people that a held change is about.
    async fn people_of_held(&self, found: &OpenFinding) -> Result<Vec<IdentityId>, AppError> {
        if found.finding.kind() != FindingKind::OverdueHeldChange {
            return Ok(Vec::new());
        }
        let held =
            self.app.stored().held_changes().await?.into_iter().filter(|h| h.scope == found.finding.about);
        Ok(held.flat_map(|h| h.people).map(|(id, _)| id).collect())
    }

    async fn put_acknowledgement(
        &self,
        mut said: Acknowledgement,
        found: &OpenFinding,
        holder: Option<&StoredSubject>,
        permit: &Permit,
    ) -> Result<(), AppError> {
        let key = holder.and_then(|h| self.app.stored().key_of(h.identity.id, h.person_key.as_deref()));
        let identity = holder.map(|h| h.identity.id).zip(key.as_ref());
        let payload = json!({
            "v": 1, "finding": found.id.to_string(), "found": found_json(&found.finding), "until": said.until.to_string(), "reason": &*said.reason,
        });
        let about = About { identity, ..About::default() };
        let evidence = self.app.recorder(permit.moment()).evidence("finding.acknowledged", about, payload)?;
        let mut expects = vec![Expect::Acknowledgement(said.finding, said.revision)];
        // A finding that ended meanwhile is not acknowledged: it would be silent when it comes back.
        let about = found.identity.map(|id| [id]);
        let stored = self.app.store.findings_about(about.as_ref().map_or(&[], |ids| &ids[..])).await?;
        let is_it = stored.into_iter().find(|row| row.id == found.id);
        expects.extend(is_it.map(|row| Expect::Finding(row.id, Some(row.since))));
        said.revision += 1;
        let changes = vec![
            Change::PutAcknowledgement(said),
            Change::BusinessTime(permit.moment().now),
            Change::Append(evidence),
        ];
        if self.app.store.commit(vec![Unit { expects, changes }]).await?.iter().all(Outcome::is_committed) {
            return Ok(());
        }
        Err(AppError::ConcurrentChange(Arc::from(format!("finding {}", found.id.short()))))
    }
}

/// What was found, in evidence about it.
pub(super) fn found_json(finding: &Finding) -> Value {
    json!(FindingForm::from(finding))
}

fn bounded(until: Timestamp, moment: &DecisionContext) -> Result<Timestamp, AppError> {
    if until <= moment.now {
        return Err(AppError::precondition(WorkRefusal::AcknowledgedPast { until }));
    }
    let last = tenure_model::range::moved(moment.now, ACKNOWLEDGED_MAX);
    if until > last {
        return Err(AppError::precondition(WorkRefusal::AcknowledgedTooFar {
            until,
            days: (ACKNOWLEDGED_MAX.as_hours() / 24).unsigned_abs(),
            latest: last,
        }));
    }
    Ok(until)
}

pub(super) fn stated(reason: &str) -> Result<Arc<str>, AppError> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return Err(AppError::refused(WorkRefusal::FindingReasonMissing {
            longest: u64::try_from(REASON_MAX).unwrap_or(u64::MAX),
        }));
    }
    Ok(Arc::from(reason))
}
