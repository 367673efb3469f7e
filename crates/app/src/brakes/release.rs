//! Releases what a brake holds, completely or for some people, by a person who did not cause it.

use super::Brakes;
use crate::authority::Target;
use crate::feed::{IdentityChanges, Ingest, SourceBrake, released};
use crate::limits::{WINDOW, released_by};
use crate::limits::{source_scope, system_scope};
use crate::{About, AppError, DecisionContext, Item, Labels, Operation, Permit, WorkRefusal};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{FeedRunId, HeldChangeId, IdentityId, RecordState, SystemName};
use tenure_policy::{ClassCache, Source};
use tenure_store::{Change, FeedResult, HeldChangeRow, Outcome, RecordRow, Unit};

/// Most runs of a source's feed that are searched for the last one before a hold: one a minute for two months.
const RUNS_MAX: u32 = 100_000;

/// The result of a release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Released {
    /// People whose change was released.
    pub people: BTreeSet<IdentityId>,
    /// Labels of the changes that were decided by it.
    pub labels: Labels,
}

/// Configurations that are read together, each with its files.
const SET_UPS_AT_ONCE: u32 = 16;

impl Brakes<'_> {
    /// Releases a held change, whole or for `only` some people. What is released is decided by the present state.
    ///
    /// # Errors
    /// When there is no such held change, no actor is given, or the actor is not permitted: neither its owner nor in the escalation group, or
    /// an author of a configuration that may have caused it.
    pub async fn release(
        &self,
        id: HeldChangeId,
        only: Option<&BTreeSet<IdentityId>>,
        moment: &DecisionContext,
    ) -> Result<Released, AppError> {
        let Some(mut held) = self.app.store.held_change(id).await?.filter(|h| h.ended.is_none()) else {
            return Err(AppError::unknown(Item::HeldChange, id.to_string()));
        };
        let permit = self.may_release(&held.scope, &held.owner, held.since, moment).await?;
        let moment = permit.moment();
        let chosen = |id: &IdentityId| only.is_none_or(|o| o.contains(id));
        let people: Vec<IdentityId> = held.people.iter().map(|(id, _)| *id).filter(chosen).collect();
        let setup = &self.app.context.setup;
        let labels = if let Some(source) = setup.sources.values().find(|s| source_scope(s) == held.scope) {
            self.release_feed(source, &people, moment).await?
        } else if let Some(system) = setup.systems.values().find(|s| system_scope(&s.name) == held.scope) {
            self.let_through(system, &chosen, moment).await?;
            Labels::new()
        } else if *held.scope == *crate::limits::SCOPE {
            let mut labels = Labels::new();
            self.app.later().lose_later(&people, &mut ClassCache::default(), moment, &mut labels).await?;
            labels
        } else {
            return Err(AppError::precondition(WorkRefusal::ScopeGone { scope: held.scope }));
        };
        held.people.retain(|(id, _)| !chosen(id));
        if held.people.is_empty() {
            held.ended = Some((moment.now, released_by(moment)));
        }
        self.record_release(held, &people, moment).await?;
        Ok(Released { people: people.into_iter().collect(), labels })
    }

    /// Who may release: the owner of what the brake guards or the escalation group, but no author of a configuration that may have
    /// caused it. This includes configurations made active since: they may have added to what is held, and the hold does not show who caused it.
    async fn may_release(
        &self,
        scope: &str,
        owner: &str,
        began: Timestamp,
        moment: &DecisionContext,
    ) -> Result<Permit, AppError> {
        let since = self.may_have_begun(scope, began).await?;
        let mut authors = Vec::new();
        let mut after = None;
        loop {
            let some = self.app.store.set_ups_since(since, after, SET_UPS_AT_ONCE).await?;
            let Some(last) = some.last() else { break };
            after = Some((last.at, last.hash.clone()));
            for set_up in &some {
                authors.extend(self.app.people().authors(&set_up.by).await?);
            }
        }
        let target = Target { owner: Some(Arc::from(owner)), authors, ..Target::all() };
        self.app.authority().permit(Operation::Release, &target, moment).await
    }

    /// Systems whose brake the actor may release: one release then passes both.
    async fn releasable(&self, moment: &DecisionContext) -> Result<BTreeSet<SystemName>, AppError> {
        let mut able = BTreeSet::new();
        for system in self.app.context.setup.systems.values() {
            match self.may_release(&system_scope(&system.name), &system.owner, moment.now, moment).await {
                Ok(_) => drop(able.insert(system.name.clone())),
                Err(AppError::Forbidden(..)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(able)
    }

    /// What other brakes hold about these people: after a release, another person must release it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn held_about(&self, people: &BTreeSet<IdentityId>) -> Result<Vec<HeldChangeRow>, AppError> {
        let mut held = self.app.stored().held_changes().await?;
        held.retain(|h| h.people.iter().any(|(id, _)| people.contains(id)));
        Ok(held)
    }

    /// The earliest time at which a configuration may have caused what is held: for a system's brake, the start of its window; for a
    /// source's brake, the last feed that was taken before.
    async fn may_have_begun(&self, of: &str, began: Timestamp) -> Result<Timestamp, AppError> {
        let window = tenure_model::range::moved_back(began, WINDOW);
        let Some(source) = self.app.context.setup.sources.values().find(|s| *source_scope(s) == *of) else {
            return Ok(window);
        };
        let runs = self.app.store.feed_runs(&source.name, RUNS_MAX).await?;
        let last = runs.into_iter().find(|r| r.at < began && r.result == FeedResult::Taken);
        Ok(last.and_then(|r| r.at.checked_add(SignedDuration::from_micros(1)).ok()).unwrap_or(window))
    }

    async fn release_feed(
        &self,
        source: &Source,
        people: &[IdentityId],
        moment: &DecisionContext,
    ) -> Result<Labels, AppError> {
        let (ms, random) = self.app.machine.id();
        let mut cache = ClassCache::default();
        let run = FeedRunId::new(ms, random);
        let mut ingest = Ingest::new(self.app, source, moment, (&mut cache, run));
        ingest.passes = self.releasable(moment).await?;
        let pending = self.held_acts(source, people).await?;
        SourceBrake { ingest: &mut ingest }.lose(pending).await?;
        let Ingest { dependents, mut report, .. } = ingest;
        self.app.settle().resettle_dependents(dependents, &mut cache, moment, &mut report.labels).await?;
        Ok(report.labels)
    }

    pub(super) async fn held_acts(
        &self,
        source: &Source,
        people: &[IdentityId],
    ) -> Result<Vec<IdentityChanges>, AppError> {
        let mut pending = Vec::new();
        for id in people {
            let rows = self.app.store.records_of(*id).await?;
            let is_held = |r: &RecordRow| {
                matches!(r.state, RecordState::Held | RecordState::HeldInPart | RecordState::HeldReread)
            };
            let held: Vec<RecordRow> =
                rows.into_iter().filter(|r| r.source == source.name && is_held(r)).collect();
            let missed = self.app.feed().missed(&source.name, &held).await?;
            let since = |row: &RecordRow| missed.get(&row.key).copied();
            let acts: Vec<_> = held.into_iter().map(|row| (since(&row), row)).collect();
            let acts: Vec<_> = acts.into_iter().map(|(missed, row)| released(row, missed)).collect();
            if !acts.is_empty() {
                pending.push(IdentityChanges { id: *id, acts });
            }
        }
        Ok(pending)
    }

    async fn record_release(
        &self,
        held: HeldChangeRow,
        people: &[IdentityId],
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let payload = json!({
            "v": 1,
            "held": held.id.to_string(),
            "released": people.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "left": held.people.len(),
        });
        let evidence = self.app.recorder(moment).evidence("brake.released", About::default(), payload)?;
        let scope = held.scope.clone();
        let (expect, put) = held.rewritten();
        let changes = vec![put, Change::BusinessTime(moment.now), Change::Append(evidence)];
        let unit = Unit { expects: vec![expect], changes };
        if self.app.store.commit(vec![unit]).await?.iter().all(Outcome::is_committed) {
            return Ok(());
        }
        Err(AppError::ConcurrentChange(Arc::from(format!("the held change of {scope}"))))
    }
}
