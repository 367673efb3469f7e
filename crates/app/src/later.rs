//! The brakes of systems for later losses by another configuration: a handover that begins because a rule was narrowed is
//! counted on the day on which the configuration becomes active (docs/adr/0095).

use crate::dependents::Dependents;
use crate::limits::SCOPE;
use crate::limits::system_scope;
use crate::limits::{WINDOW, loses, loses_later, trips};
use crate::{About, AppError, Candidate, Cause, Configured, Decision, DecisionContext, Labels};
use jiff::SignedDuration;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{HeldChangeId, IdentityId, SystemName};
use tenure_policy::ClassCache;
use tenure_store::{Change, HeldChangeRow, Loss, Unit};

crate::app::part! {
    /// Later losses by another configuration.
    LaterLosses, later
}

/// How long they may wait for a decision.
const HELD_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Identities that are decided together.
const CHUNK: usize = 512;

impl LaterLosses<'_> {
    /// Removes identities from that list that lose nothing by the configuration any more: they were cut off, or left as announced before.
    pub(crate) async fn shorten_later(
        &self,
        cache: &mut ClassCache,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let Some(mut held) = self.app.limits().held_later().await? else { return Ok(()) };
        let ids: Vec<IdentityId> = held.people.iter().map(|(id, _)| *id).collect();
        let what = json!({ "set_up": self.app.context.setup.hash.to_string() });
        let mut over = BTreeSet::new();
        for some in ids.chunks(CHUNK) {
            let again = |subject| {
                let mut candidate = Candidate::again(subject, what.clone());
                candidate.cause.configured = Configured::Anew;
                candidate
            };
            let candidates = self.app.stored().readable(some).await?.into_iter().map(again).collect();
            let decisions = self.app.decide().decide(candidates, cache, moment).await?;
            over.extend(decisions.iter().filter(|d| systems(d).is_empty()).map(|d| d.id));
        }
        if over.is_empty() {
            return Ok(());
        }
        held.people.retain(|(id, _)| !over.contains(id));
        let shortened = self.app.limits().shortened(held, moment)?;
        self.app.store.commit(vec![shortened]).await?;
        Ok(())
    }

    /// Commits the later losses, and counts them for each system; or holds all of them as one change.
    pub(crate) async fn pass_later(
        &self,
        later: Vec<Decision>,
        cache: &mut ClassCache,
        moment: &DecisionContext,
        labels: &mut Labels,
    ) -> Result<(), AppError> {
        let before = self.app.limits().held_later().await?;
        // A hold under this configuration is not released because some of its identities have left meanwhile.
        let stays = !later.is_empty() && !self.app.limits().is_reconfigured().await?;
        let held = before.as_ref().filter(|_| stays).map(|b| b.reason.clone());
        if let Some(reason) = self.too_many_later(&later, moment).await?.or(held) {
            return self.hold_later(later, reason, before, moment).await;
        }
        let ids: Vec<IdentityId> = later.iter().map(|d| d.id).collect();
        self.lose_later(&ids, cache, moment, labels).await?;
        let Some(mut held) = before else { return Ok(()) };
        let why = "a later configuration made it small enough";
        let payload = json!({ "v": 1, "held": held.id.to_string(), "why": why });
        let evidence = self.app.recorder(moment).evidence("brake.ended", About::default(), payload)?;
        held.ended = Some((moment.now, Arc::from(why)));
        let (expect, put) = held.rewritten();
        let changes = vec![put, Change::Append(evidence)];
        self.app.store.commit(vec![Unit { expects: vec![expect], changes }]).await?;
        Ok(())
    }

    /// Why it is too much for the brake of a system.
    async fn too_many_later(
        &self,
        later: &[Decision],
        moment: &DecisionContext,
    ) -> Result<Option<Arc<str>>, AppError> {
        let mut people: BTreeMap<SystemName, BTreeSet<IdentityId>> = BTreeMap::new();
        for decision in later {
            for system in systems(decision) {
                people.entry(system).or_default().insert(decision.id);
            }
        }
        let since = tenure_model::range::moved_back(moment.now, WINDOW);
        for (name, mut losing) in people {
            let name = &name;
            let Some(system) = self.app.context.setup.systems.get(name) else { continue };
            losing.extend(self.app.stored().losses(&system_scope(name), since).await?);
            let (losing, usable) = (number(losing.len()), self.app.store.account_count(name).await?);
            let brake = self.app.limits().brake_now(&system_scope(name), system.brake, moment).await?;
            if trips(brake, losing, usable) {
                return Ok(Some(Arc::from(format!(
                    "{losing} of {usable} people would lose access in {name} later by the configuration that became active; \
                     the brake allows {} % or {} within 24 hours",
                    brake.percent, brake.count
                ))));
            }
        }
        Ok(None)
    }

    async fn hold_later(
        &self,
        later: Vec<Decision>,
        reason: Arc<str>,
        before: Option<HeldChangeRow>,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let (ms, random) = self.app.machine.id();
        let words = |d: &Decision| -> Arc<str> {
            if d.later.is_empty() {
                return loses(d);
            }
            let systems = d.loses_in().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            Arc::from(format!("{} in {systems}", loses_later(d)))
        };
        let since = before.as_ref().map_or(moment.now, |b| b.since);
        let own = tenure_model::range::moved(since, HELD_FOR);
        let first_loss = later.iter().filter_map(Decision::first_loss).min();
        let held = HeldChangeRow {
            id: before.as_ref().map_or_else(|| HeldChangeId::new(ms, random), |b| b.id),
            scope: Arc::from(SCOPE),
            reason: reason.clone(),
            owner: Arc::from(format!("group:{}", self.app.context.setup.settings.last_resort)),
            since,
            deadline: first_loss.map_or(own, |at| at.min(own)),
            people: later.iter().map(|d| (d.id, words(d))).collect(),
            ended: None,
            revision: before.as_ref().map_or(0, |b| b.revision),
        };
        let payload =
            json!({ "v": 1, "held": held.id.to_string(), "reason": &*reason, "people": held.people.len() });
        let evidence = self.app.recorder(moment).evidence("brake.held", About::default(), payload)?;
        let (expect, put) = held.rewritten();
        let changes = vec![put, Change::BusinessTime(moment.now), Change::Append(evidence)];
        self.app.store.commit(vec![Unit { expects: vec![expect], changes }]).await?;
        Ok(())
    }

    /// Decides the later losses of these people, counted for each system.
    pub(crate) async fn lose_later(
        &self,
        ids: &[IdentityId],
        cache: &mut ClassCache,
        moment: &DecisionContext,
        labels: &mut Labels,
    ) -> Result<(), AppError> {
        let what = json!({ "set_up": self.app.context.setup.hash.to_string() });
        let mut dependents = Dependents::default();
        for some in ids.chunks(CHUNK) {
            let mut candidates = Vec::new();
            for subject in self.app.stored().readable(some).await? {
                let passes = self.app.context.setup.systems.keys().cloned().collect();
                let cause = Cause {
                    what: what.clone(),
                    counted: true,
                    passes,
                    configured: Configured::Anew,
                    ..Cause::default()
                };
                candidates.push(Candidate { cause, ..Candidate::again(subject, what.clone()) });
            }
            let (mut units, mut sent) = (Vec::new(), Vec::new());
            for mut decision in self.app.decide().decide(candidates, cache, moment).await? {
                let Some(mut unit) = decision.unit.take() else { continue };
                let loss = |system: &SystemName| Loss {
                    scope: system_scope(system),
                    at: moment.now,
                    identity: decision.id,
                };
                unit.changes.extend(decision.loses_in().iter().map(loss).map(Change::PutLoss));
                units.push(unit);
                sent.push(decision);
            }
            // A decision that failed was replaced by the concurrent change.
            let outcomes = self.app.store.commit(units).await?;
            for (decision, _) in sent.iter().zip(outcomes).filter(|(_, o)| o.is_committed()) {
                if let Some(label) = decision.label {
                    *labels.entry(label).or_default() += 1;
                }
                self.app.witness(decision);
                dependents.note(decision);
            }
        }
        self.app.settle().resettle_dependents(dependents, cache, moment, labels).await
    }
}

/// The systems of losses, now or later.
fn systems(decision: &Decision) -> BTreeSet<SystemName> {
    let now = decision.plan.steps.iter().filter(|s| s.kind.removes()).map(|s| s.account.system.clone());
    decision.loses_in().into_iter().chain(now).collect()
}

fn number(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
