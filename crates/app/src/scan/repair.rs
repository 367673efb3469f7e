//! Repairs drift: decides from what is really there, under the system's brake.

use super::look::Scope;
use super::report::ScanReport;
use crate::feed::{Aftermath, WINDOW, loses, trips};
use crate::{About, App, AppError, Candidate, Cause, Decision, Labels, Moment};
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{CaseLabel, HeldChangeId, IdentityId, Name};
use tenure_policy::ClassCache;
use tenure_store::{Change, HeldChangeRow, Loss, StoredSubject, Unit};

/// How long a held repair may wait for somebody.
const HELD_FOR: SignedDuration = SignedDuration::from_hours(24);

impl App {
    pub(crate) async fn repair(
        &self,
        scope: &Scope<'_>,
        drifted: Vec<StoredSubject>,
        released: &BTreeSet<IdentityId>,
        report: &mut ScanReport,
        moment: &Moment,
    ) -> Result<(), AppError> {
        let mut cache = ClassCache::default();
        let what = json!({ "scan": scope.name.as_str() });
        let candidates: Vec<Candidate> = drifted
            .into_iter()
            .map(|subject| Candidate {
                cause: Cause { label: Some(CaseLabel::Drift), what: what.clone(), refresh: false },
                ..Candidate::again(subject, what.clone())
            })
            .collect();
        let decisions = self.decide(candidates, &mut cache, moment).await?;
        let (losing, fine): (Vec<Decision>, Vec<Decision>) =
            decisions.into_iter().partition(|d| d.removes() && !released.contains(&d.id));
        let brake = format!("system {}", scope.name);
        let since = moment.now.checked_sub(WINDOW).unwrap_or(jiff::Timestamp::MIN);
        let count = u64::try_from(losing.len()).unwrap_or(u64::MAX);
        let all = count.saturating_add(self.store.losses(&brake, since).await?);
        let population = self.store.account_count(scope.name).await?;
        let mut go = fine;
        if count > 0 && trips(scope.system.brake, all, population) {
            report.held = Some(self.hold_repair(scope, &brake, &losing, all, population, moment).await?);
        } else {
            go.extend(losing);
        }
        let mut aftermath = Aftermath::default();
        let mut units = Vec::new();
        for decision in go {
            let Some(mut unit) = decision.unit.clone() else { continue };
            if decision.removes() {
                let scope = Arc::from(brake.as_str());
                unit.changes.push(Change::PutLoss(Loss { scope, at: moment.now, identity: decision.id }));
            }
            aftermath.note(&decision);
            units.push(unit);
        }
        // A unit that moved was overtaken by a newer decision; the next scan looks again.
        let outcomes = self.store.commit(units).await?;
        report.repaired =
            u64::try_from(outcomes.iter().filter(|o| o.is_committed()).count()).unwrap_or(u64::MAX);
        self.tell_others(aftermath, &mut cache, moment, &mut Labels::new()).await
    }

    async fn hold_repair(
        &self,
        scope: &Scope<'_>,
        brake: &str,
        losing: &[Decision],
        all: u64,
        population: u64,
        moment: &Moment,
    ) -> Result<(HeldChangeId, Arc<str>), AppError> {
        let before = self.store.held_changes().await?.into_iter().find(|h| &*h.scope == brake);
        let (ms, random) = self.machine.id();
        let limits = scope.system.brake;
        let reason: Arc<str> = Arc::from(format!(
            "{all} of {population} people would lose access in {} within 24 hours; the brake allows {} % or {}",
            scope.name, limits.percent, limits.count
        ));
        let held = HeldChangeRow {
            id: before.as_ref().map_or_else(|| HeldChangeId::new(ms, random), |b| b.id),
            scope: Arc::from(brake),
            reason: reason.clone(),
            owner: scope.system.owner.clone(),
            since: before.as_ref().map_or(moment.now, |b| b.since),
            deadline: moment.now.checked_add(HELD_FOR).unwrap_or(jiff::Timestamp::MAX),
            people: losing.iter().map(|d| (d.id, loses(d))).collect(),
            ended: None,
        };
        let payload =
            json!({ "v": 1, "held": held.id.to_string(), "reason": &*reason, "people": held.people.len() });
        let evidence = self.recorder(moment).evidence("brake.held", About::default(), payload)?;
        let id = held.id;
        let changes = vec![Change::PutHeldChange(held), Change::Append(evidence)];
        self.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok((id, reason))
    }
}
