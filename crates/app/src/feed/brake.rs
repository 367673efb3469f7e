//! The brake of a source: how many people may lose access by it in a day without a release.

use super::FeedRuns;
use super::counted::{counts_as_gain, counts_as_loss};
use super::ingest::{ATTEMPTS_MAX, Ingest};
use super::pending::{FeedRun, IdentityChanges};
use crate::limits::{WINDOW, source_scope, system_scope, trips};
use crate::{About, AppError, Damage, Decision};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{HeldChangeId, IdentityId};
use tenure_policy::Source;
use tenure_store::{Change, FeedResult, HeldChangeRow, Loss, Outcome, Unit};

/// How long a held change may wait for a decision.
const HELD_FOR: SignedDuration = SignedDuration::from_hours(24);
/// People in one unit of a release.
const CHUNK_PEOPLE: usize = 512;

/// A change that waits for the brake.
pub(crate) struct Deferred {
    pub(crate) pending: IdentityChanges,
    /// The loss or gain, in words.
    pub(crate) what: Arc<str>,
    /// Whether access would be lost.
    pub(crate) loses: bool,
    /// Whether the brake on additions counts it.
    pub(crate) gains: bool,
    /// The time of its first loss, where that is in the future.
    pub(crate) later: Option<Timestamp>,
}

/// The scope that counts people who gain access by a source.
fn added(source: &Source) -> Arc<str> {
    Arc::from(format!("additions of source {}", source.name))
}

impl FeedRuns<'_> {
    /// The change of a source that is held now.
    pub(crate) async fn held_by(&self, source: &Source) -> Result<Option<HeldChangeRow>, AppError> {
        let scope = source_scope(source);
        Ok(self.app.stored().held_changes().await?.into_iter().find(|h| h.scope == scope))
    }
}

/// The brake of the source whose feed is taken.
pub(crate) struct SourceBrake<'i, 'a> {
    pub(crate) ingest: &'i mut Ingest<'a>,
}

impl SourceBrake<'_, '_> {
    /// Commits the losses, or holds them all as one change.
    pub(crate) async fn pass_brake(&mut self) -> Result<FeedResult, AppError> {
        let before = self.ingest.app.feed().held_by(self.ingest.source).await?;
        let deferred = std::mem::take(&mut self.ingest.deferred);
        let scope = source_scope(self.ingest.source);
        let since = tenure_model::range::moved_back(self.ingest.moment.now, WINDOW);
        let losing = deferred.iter().filter(|d| d.loses).map(|d| d.pending.id).collect();
        let losing = self.with_those_before(losing, &scope, since).await?;
        let gaining = deferred.iter().filter(|d| d.gains).map(|d| d.pending.id).collect();
        let gaining = self.with_those_before(gaining, &added(self.ingest.source), since).await?;
        let known = self.ingest.index.values().filter(|r| r.identity.is_some()).count();
        let population = u64::try_from(known).unwrap_or(u64::MAX);
        let name = &self.ingest.source.name;
        let brake =
            self.ingest.app.limits().brake_now(&scope, self.ingest.source.brake, self.ingest.moment).await?;
        if deferred.iter().any(|d| d.loses) && trips(brake, losing, population) {
            let reason = format!(
                "{losing} of {population} people of source {name} would lose access or be renamed by what it reported within 24 hours; the \
                 brake allows {} % or {}",
                brake.percent, brake.count
            );
            return self.hold(deferred, before, Arc::from(reason)).await;
        }
        let additions = self.ingest.source.additions.filter(|b| trips(*b, gaining, population));
        if let Some(brake) = additions.filter(|_| deferred.iter().any(|d| d.gains)) {
            let reason = format!(
                "{gaining} of {population} people of source {name} would gain access by what it reported within 24 hours; the brake on \
                 additions allows {} % or {}",
                brake.percent, brake.count
            );
            let adding = self.lose_beside(deferred).await?;
            return self.hold(adding, before, Arc::from(reason)).await;
        }
        self.lose_all(deferred.into_iter().map(|d| d.pending).collect()).await?;
        if let Some(mut held) = before {
            let why = "a later feed made it small enough";
            let payload = json!({ "v": 1, "held": held.id.to_string(), "why": why });
            let recorder = self.ingest.app.recorder(self.ingest.moment);
            let evidence = recorder.evidence("brake.ended", About::default(), payload)?;
            held.ended = Some((self.ingest.moment.now, Arc::from(why)));
            let (expect, put) = held.rewritten();
            let changes = vec![put, Change::Append(evidence)];
            self.ingest.app.store.commit(vec![Unit { expects: vec![expect], changes }]).await?;
        }
        Ok(FeedResult::Taken)
    }

    /// Commits what the brake on additions does not count: the losses of others, and the end in a row that would also add
    /// access. Returns what the brake holds.
    async fn lose_beside(&mut self, deferred: Vec<Deferred>) -> Result<Vec<Deferred>, AppError> {
        let (mut adding, others): (Vec<_>, Vec<_>) = deferred.into_iter().partition(|d| d.gains);
        let mut losing: Vec<IdentityChanges> = others.into_iter().map(|d| d.pending).collect();
        let ends: Vec<IdentityChanges> =
            adding.iter().filter(|d| d.loses).map(|d| d.pending.ends()).collect();
        let decisions = self.ingest.decisions(&ends, BTreeSet::new()).await?;
        let only_lose = |d: &Decision| counts_as_loss(d) && !counts_as_gain(d);
        let ends = ends.into_iter().zip(decisions).filter(|(_, d)| only_lose(d)).map(|(end, _)| end);
        let ends: BTreeMap<IdentityId, IdentityChanges> = ends.map(|end| (end.id, end)).collect();
        adding.iter_mut().filter(|d| ends.contains_key(&d.pending.id)).for_each(|d| d.later = None);
        losing.extend(ends.into_values());
        self.lose_all(losing).await?;
        Ok(adding)
    }

    async fn lose_all(&mut self, mut pending: Vec<IdentityChanges>) -> Result<(), AppError> {
        while !pending.is_empty() {
            let rest = pending.split_off(pending.len().min(CHUNK_PEOPLE));
            self.lose(std::mem::replace(&mut pending, rest)).await?;
        }
        Ok(())
    }

    /// Their number, including those counted earlier within the window.
    async fn with_those_before(
        &self,
        mut people: BTreeSet<IdentityId>,
        scope: &str,
        since: Timestamp,
    ) -> Result<u64, AppError> {
        people.extend(self.ingest.app.stored().losses(scope, since).await?);
        Ok(u64::try_from(people.len()).unwrap_or(u64::MAX))
    }

    /// Commits changes by which people lose access, and counts them.
    pub(crate) async fn lose(&mut self, pending: Vec<IdentityChanges>) -> Result<(), AppError> {
        let mut open = pending;
        for _ in 0..ATTEMPTS_MAX {
            if open.is_empty() {
                return Ok(());
            }
            let seen = self.ingest.dependents.rounds();
            let decisions = self.ingest.decisions(&open, BTreeSet::new()).await?;
            let (mut units, mut sent) = (Vec::new(), Vec::new());
            for (pending, mut decision) in open.into_iter().zip(decisions) {
                if let Some(mut unit) = decision.unit.take() {
                    self.pass_both(&mut unit, &decision);
                    let gains = self.ingest.source.additions.is_some() && counts_as_gain(&decision);
                    let loses = counts_as_loss(&decision) || !gains;
                    let scopes = loses.then(|| source_scope(self.ingest.source)).into_iter();
                    let scopes = scopes.chain(gains.then(|| added(self.ingest.source)));
                    let (at, identity) = (self.ingest.moment.now, pending.id);
                    let counted = scopes.map(|scope| Change::PutLoss(Loss { scope, at, identity }));
                    unit.changes.extend(counted);
                    units.push(unit);
                    sent.push((pending, decision));
                }
            }
            let outcomes = self.ingest.app.store.commit(units).await?;
            open = self.ingest.committed(sent, seen, outcomes);
        }
        for stuck in open {
            // No other process writes: the stored data of this identity is inconsistent, and must not hold up the others.
            let what = format!(
                "what source {} says of identity {} cannot be committed: what is stored of it does not fit together",
                self.ingest.source.name, stuck.id
            );
            self.ingest.app.in_hand.meet(Damage::new(&what, stuck.id.as_bytes()).apart());
        }
        Ok(())
    }

    /// Lets the work of a released change pass the brakes of systems that the releaser may release as well, counted there too. Its later
    /// losses carry a mark.
    fn pass_both(&self, unit: &mut Unit, decision: &Decision) {
        let identity = decision.id;
        let later = decision.loses_in();
        let later = later.iter().filter(|system| self.ingest.passes.contains(*system));
        let mut counted: BTreeSet<Arc<str>> = later.map(system_scope).collect();
        for change in &mut unit.changes {
            if let Change::PutTask(task) = change
                && self.ingest.passes.contains(&task.account.system)
                && !task.brake_passed
            {
                task.brake_passed = true;
                counted.insert(system_scope(&task.account.system));
            }
        }
        let losses = counted.into_iter().map(|scope| Loss { scope, at: self.ingest.moment.now, identity });
        unit.changes.extend(losses.map(Change::PutLoss));
    }

    async fn hold(
        &mut self,
        deferred: Vec<Deferred>,
        before: Option<HeldChangeRow>,
        reason: Arc<str>,
    ) -> Result<FeedResult, AppError> {
        let (ms, random) = self.ingest.app.machine.id();
        let people: Vec<(IdentityId, Arc<str>)> =
            deferred.iter().map(|d| (d.pending.id, d.what.clone())).collect();
        let first_loss = deferred.iter().filter_map(|d| d.later).min();
        // A later feed with the same change does not move the deadline.
        let since = before.as_ref().map_or(self.ingest.moment.now, |b| b.since);
        let own = tenure_model::range::moved(since, HELD_FOR);
        let held = HeldChangeRow {
            id: before.as_ref().map_or_else(|| HeldChangeId::new(ms, random), |b| b.id),
            scope: source_scope(self.ingest.source),
            reason: reason.clone(),
            owner: self.ingest.source.owner.clone(),
            since,
            // The deadline is no later than the first loss.
            deadline: first_loss.map_or(own, |at| at.min(own)),
            people,
            ended: None,
            revision: before.as_ref().map_or(0, |b| b.revision),
        };
        let payload = json!({
            "v": 1,
            "held": held.id.to_string(),
            "reason": &*reason,
            "people": held.people.iter().map(|(id, what)| json!({ "id": id.to_string(), "loses": &**what })).collect::<Vec<_>>(),
        });
        let evidence =
            self.ingest.app.recorder(self.ingest.moment).evidence("brake.held", About::default(), payload)?;
        let origin =
            FeedRun { source: self.ingest.source, run: self.ingest.run, remapped: self.ingest.remapped };
        let mut changes: Vec<Change> = deferred.iter().flat_map(|d| d.pending.held(origin)).collect();
        let there: Vec<IdentityChanges> =
            deferred.iter().filter_map(|d| d.pending.present(|key| self.ingest.was_missing(key))).collect();
        let id = held.id;
        let (expect, put) = held.rewritten();
        changes.extend([put, Change::BusinessTime(self.ingest.moment.now), Change::Append(evidence)]);
        let unit = Unit { expects: vec![expect], changes };
        if !self.ingest.app.store.commit(vec![unit]).await?.iter().all(Outcome::is_committed) {
            return Err(AppError::ConcurrentChange(Arc::from(format!(
                "what source {} holds",
                self.ingest.source.name
            ))));
        }
        // A held row is present: its person is not ended as missing meanwhile.
        self.ingest.decide(there).await?;
        self.ingest.report.held = Some((id, reason));
        Ok(FeedResult::Held(id))
    }
}
