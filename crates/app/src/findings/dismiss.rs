//! A row without a key from a delta source never leaves quarantine by itself: its owner dismisses it, with a reason.

use super::Findings;
use super::acknowledge::{found_json, stated};
use super::register::OpenFinding;
use crate::authority::Target;
use crate::feed::Dismissed;
use crate::quarantine::LINE;
use crate::{About, AppError, DecisionContext, Operation, WorkRefusal};
use serde_json::json;
use std::sync::Arc;
use tenure_model::{FindingId, FindingKind, Name as _, SourceName};
use tenure_store::{Change, Outcome, Unit};

impl Findings<'_> {
    /// Dismisses a row without a key that a delta source delivered: it leaves quarantine, and comes back only with another file.
    ///
    /// # Errors
    /// When the finding is not open, or is no such row; when the actor is neither the owner of its source nor in the escalation
    /// group; when no reason is given.
    pub async fn dismiss(
        &self,
        id: FindingId,
        reason: &str,
        moment: &DecisionContext,
    ) -> Result<OpenFinding, AppError> {
        let found = self.found(id, moment).await?;
        let target = Target { owner: Some(found.owner.clone()), ..Target::all() };
        let permit = self.app.authority().permit(Operation::AcknowledgeFinding, &target, moment).await?;
        let Some((source, key)) = self.without_key(&found) else {
            return Err(AppError::precondition(WorkRefusal::NotDismissed {
                kind: found.finding.kind(),
                about: found.finding.about.clone(),
            }));
        };
        let reason = stated(reason)?;
        let (mut expects, mut changes) = (Vec::new(), vec![Change::Repaired(source.clone(), key.clone())]);
        // While the source delivers the same file, the row does not come back.
        let rows = self.app.store.quarantine_of(&[(source.clone(), key.clone())]).await?.into_iter();
        let mut dismissed = Dismissed::load(self.app, &source).await?;
        if let Some((_, file)) = self.app.feed().last_file(&source).await? {
            dismissed.add(&file, rows);
            let (expect, note) = dismissed.noted(&source);
            expects.extend(expect);
            changes.push(note);
        }
        let payload = json!({
            "v": 1, "finding": found.id.to_string(), "found": found_json(&found.finding), "reason": &*reason,
        });
        let evidence =
            self.app.recorder(permit.moment()).evidence("finding.dismissed", About::default(), payload)?;
        changes.push(Change::BusinessTime(permit.moment().now));
        changes.push(Change::Append(evidence));
        let outcomes = self.app.store.commit(vec![Unit { expects, changes }]).await?;
        match outcomes.iter().all(Outcome::is_committed) {
            true => Ok(found),
            false => Err(AppError::ConcurrentChange(Arc::from(format!("finding {}", found.id.short())))),
        }
    }

    /// The row that a finding is about, if it has no key and comes from a delta source.
    fn without_key(&self, found: &OpenFinding) -> Option<(SourceName, Arc<str>)> {
        let (source, key) = found.finding.about.split_once(':')?;
        let source = SourceName::new(source).ok()?;
        let is_delta = self.app.context.setup.sources.get(&source).is_none_or(|s| !s.snapshot);
        let is_row = found.finding.kind() == FindingKind::Quarantined && key.starts_with(LINE);
        (is_delta && is_row).then(|| (source, Arc::from(key)))
    }
}
