//! Settles identities again: because time passed, or because something they depend on changed.

use crate::dependents::Dependents;
use crate::references::{Resolved, given_keys, is_circular, wants};
use crate::{AccessRefusal, AppError, Candidate, Configured, Decision, DecisionContext};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::reference_texts;
use tenure_model::{CaseLabel, IdentityId};
use tenure_policy::ClassCache;
use tenure_store::{Keyed, Outcome, StoredSubject, Unit};

crate::app::part! {
    /// Identities that are settled again.
    Settler, settle
}

/// Identities that are settled together.
const CHUNK: usize = 512;
/// The same as the store's limit.
const CHUNK_LIMIT: u32 = 512;
/// Most attempts to decide an identity that changes concurrently.
const ATTEMPTS_MAX: u32 = 8;
/// Most rounds of settling dependents: no chain of managers is longer.
const ROUNDS_MAX: u32 = 64;

/// Number of changes by label.
pub type Labels = BTreeMap<CaseLabel, u64>;

/// Why identities are settled again.
pub(crate) struct Because<'a> {
    /// For the evidence.
    pub(crate) what: &'a Value,
    /// Each is written again, even when nothing differs.
    pub(crate) refresh: bool,
    /// Whether another configuration is the cause.
    pub(crate) configured: Configured,
}

impl Settler<'_> {
    /// Settles all identities whose answer changes by itself at or before the moment.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn settle_due(
        &self,
        cache: &mut ClassCache,
        moment: &DecisionContext,
    ) -> Result<Labels, AppError> {
        let mut labels = Labels::new();
        let mut before = Vec::new();
        loop {
            let due = self.app.store.due(moment.now, CHUNK_LIMIT).await?;
            // An identity that is still due cannot be read, or changed eight times: it is noted, and the others continue.
            if due.is_empty() || due == before {
                return Ok(labels);
            }
            before.clone_from(&due);
            let dependents = self
                .settle_again(
                    &due,
                    &json!({ "time": moment.now.to_string() }),
                    false,
                    cache,
                    moment,
                    &mut labels,
                )
                .await?;
            self.resettle_dependents(dependents, cache, moment, &mut labels).await?;
        }
    }

    /// Settles all identities because of `what`; with `refresh`, each is written again.
    pub(crate) async fn settle_all(
        &self,
        what: &Value,
        refresh: bool,
        cache: &mut ClassCache,
        moment: &DecisionContext,
        labels: &mut Labels,
    ) -> Result<(), AppError> {
        let because = Because { what, refresh, configured: Configured::Before };
        self.settle_all_but(&|_| false, None, &because, cache, moment, labels).await
    }

    /// Settles all identities except some, because of `what`; with `refresh`, each is written again. `later` collects decisions by which access is
    /// lost later; they are not committed here.
    pub(crate) async fn settle_all_but(
        &self,
        left_out: &(dyn Fn(&StoredSubject) -> bool + Sync),
        mut later: Option<&mut Vec<Decision>>,
        because: &Because<'_>,
        cache: &mut ClassCache,
        moment: &DecisionContext,
        labels: &mut Labels,
    ) -> Result<(), AppError> {
        let mut after = None;
        let held = if later.is_some() { self.app.limits().held_later().await? } else { None };
        let held = held.iter().flat_map(|h| &h.people).map(|(id, _)| *id).collect();
        loop {
            let ids = self.app.store.identities(after, CHUNK_LIMIT).await?;
            let Some(last) = ids.last() else { return Ok(()) };
            after = Some(*last);
            let mut subjects = self.app.stored().readable(&ids).await?;
            subjects.retain(|s| !left_out(s));
            let mut dependents =
                if later.is_some() { Dependents::holding_back(&held) } else { Dependents::default() };
            self.settle_chunk(subjects, because, cache, moment, labels, &mut dependents).await?;
            if let Some(later) = &mut later {
                later.extend(dependents.later.take().unwrap_or_default());
            }
            self.resettle_dependents(dependents, cache, moment, labels).await?;
        }
    }

    /// Identities whose references now turn out to be circular: the reference that closed the circle was decided in the same pass.
    async fn in_circles(
        &self,
        anew: BTreeSet<IdentityId>,
        moment: &DecisionContext,
    ) -> Result<BTreeSet<IdentityId>, AppError> {
        let mut found = BTreeSet::new();
        let anew: Vec<IdentityId> = anew.into_iter().collect();
        for some in anew.chunks(CHUNK) {
            let subjects = self.app.stored().readable(some).await?;
            let texts: Vec<_> = subjects
                .iter()
                .map(|s| (s.identity.id, reference_texts(&self.app.context, &s.identity, moment.now)))
                .collect();
            let all: Vec<_> = texts.iter().flat_map(|(_, texts)| texts.iter().cloned()).collect();
            let resolved = Resolved::load(self.app, &all, moment).await?;
            let circular = texts.iter().filter(|(id, texts)| is_circular(&resolved.of(*id, texts)));
            found.extend(circular.map(|(id, _)| *id));
        }
        Ok(found)
    }

    /// Completes an interrupted pass: settles all identities, and those that wait for a key that is known by now. Writes nothing
    /// where nothing is open.
    pub(crate) async fn settle_after_break(
        &self,
        cache: &mut ClassCache,
        moment: &DecisionContext,
    ) -> Result<Labels, AppError> {
        let mut labels = Labels::new();
        let what = json!({ "resumed": "the last pass was interrupted" });
        let because = Because { what: &what, refresh: false, configured: Configured::Before };
        let mut after = None;
        loop {
            let ids = self.app.store.identities(after, CHUNK_LIMIT).await?;
            let Some(last) = ids.last() else { return Ok(labels) };
            after = Some(*last);
            let subjects = self.app.stored().readable(&ids).await?;
            let mut dependents = Dependents::default();
            dependents.keys.extend(subjects.iter().flat_map(|s| given_keys(&s.identity)));
            self.settle_chunk(subjects, &because, cache, moment, &mut labels, &mut dependents).await?;
            self.resettle_dependents(dependents, cache, moment, &mut labels).await?;
        }
    }

    /// Settles these identities again.
    pub(crate) async fn settle_again(
        &self,
        ids: &[IdentityId],
        what: &Value,
        refresh: bool,
        cache: &mut ClassCache,
        moment: &DecisionContext,
        labels: &mut Labels,
    ) -> Result<Dependents, AppError> {
        let because = Because { what, refresh, configured: Configured::Before };
        let mut dependents = Dependents::default();
        for some in ids.chunks(CHUNK) {
            let subjects = self.app.stored().readable(some).await?;
            self.settle_chunk(subjects, &because, cache, moment, labels, &mut dependents).await?;
        }
        Ok(dependents)
    }

    /// Settles identities as they were just read; those that changed meanwhile are read again. `dependents` may hold some back.
    async fn settle_chunk(
        &self,
        subjects: Vec<StoredSubject>,
        because: &Because<'_>,
        cache: &mut ClassCache,
        moment: &DecisionContext,
        labels: &mut Labels,
        dependents: &mut Dependents,
    ) -> Result<(), AppError> {
        let mut open = subjects;
        for _ in 0..ATTEMPTS_MAX {
            if open.is_empty() {
                return Ok(());
            }
            let again = self.settle_once(open, because, cache, moment, labels, dependents).await?;
            open = self.app.stored().readable(&again).await?;
        }
        if let Some(stuck) = open.first() {
            // It stays due, and holds up no other identity.
            tracing::warn!(identity = %stuck.identity.id, "changed concurrently each time it was decided; left for the next pass");
        }
        Ok(())
    }

    async fn settle_once(
        &self,
        subjects: Vec<StoredSubject>,
        because: &Because<'_>,
        cache: &mut ClassCache,
        moment: &DecisionContext,
        labels: &mut Labels,
        dependents: &mut Dependents,
    ) -> Result<Vec<IdentityId>, AppError> {
        let seen = dependents.rounds();
        let candidates = subjects
            .into_iter()
            .map(|s| {
                let mut candidate = Candidate::again(s, because.what.clone());
                candidate.cause.refresh = because.refresh;
                candidate.cause.configured = because.configured.clone();
                candidate
            })
            .collect();
        let decisions = self.app.decide().decide(candidates, cache, moment).await?;
        let decisions = dependents.hold_back(decisions);
        let (units, sent): (Vec<_>, Vec<_>) =
            decisions.into_iter().filter_map(|mut d| d.unit.take().map(|u| (u, d))).unzip();
        let outcomes = self.app.store.commit(units).await?;
        let mut again = Vec::new();
        for (decision, outcome) in sent.into_iter().zip(outcomes) {
            if !outcome.is_committed() {
                again.push(decision.id);
                continue;
            }
            if decision.is_of_access_alone() {
                self.app.in_hand.count_access_alone();
            }
            if let Some(label) = decision.label {
                *labels.entry(label).or_default() += 1;
            }
            self.app.witness(&decision);
            dependents.note_seen(&decision, seen);
        }
        dependents.end_round();
        Ok(again)
    }

    /// Settles the identities that refer to a changed identity, and those that waited for a key that is known now.
    pub(crate) async fn resettle_dependents(
        &self,
        mut dependents: Dependents,
        cache: &mut ClassCache,
        moment: &DecisionContext,
        labels: &mut Labels,
    ) -> Result<(), AppError> {
        let kinds: BTreeSet<&Arc<str>> =
            self.app.context.setup.attributes.values().filter_map(|d| d.reference.as_ref()).collect();
        for _ in 0..ROUNDS_MAX {
            let mut keys = std::mem::take(&mut dependents.keys);
            keys.retain(|k| kinds.contains(&k.kind));
            let mut readers = self.in_circles(std::mem::take(&mut dependents.anew), moment).await?;
            if std::mem::take(&mut dependents.shared) {
                // References to the earlier holder of such a key may mean the new holder now.
                let keys: Vec<Keyed> = keys.iter().cloned().collect();
                let had: BTreeSet<IdentityId> =
                    self.app.store.by_keys(&keys).await?.into_iter().map(|(_, id)| id).collect();
                readers.extend(self.app.stored().readers_of(&had.into_iter().collect::<Vec<_>>()).await?);
            }
            let keys: Vec<Keyed> =
                keys.into_iter().map(|k| Keyed { kind: wants(&k.kind), value: k.value }).collect();
            for (round, changed) in dependents.take_changed() {
                let changed: Vec<IdentityId> = changed.into_iter().collect();
                for some in changed.chunks(CHUNK) {
                    let found = self.app.stored().readers_of(some).await?;
                    readers.extend(found.into_iter().filter(|reader| !dependents.saw(*reader, round)));
                }
            }
            let mut waiting = BTreeSet::new();
            for some in keys.chunks(CHUNK) {
                waiting.extend(self.app.store.by_keys(some).await?.into_iter().map(|(_, id)| id));
            }
            let readers: Vec<IdentityId> = readers.difference(&waiting).copied().collect();
            if readers.is_empty() && waiting.is_empty() {
                return Ok(());
            }
            let what = json!({ "reference": "an identity that this one refers to changed" });
            let waiting: Vec<IdentityId> = waiting.into_iter().collect();
            dependents = self.settle_again(&waiting, &what, true, cache, moment, labels).await?;
            let more = self.settle_again(&readers, &what, true, cache, moment, labels).await?;
            dependents.then(more);
        }
        Ok(())
    }

    /// Decides candidates and commits them together, all or none. Returns the last decision.
    pub(crate) async fn commit_together(
        &self,
        candidates: Vec<Candidate>,
        moment: &DecisionContext,
    ) -> Result<Decision, AppError> {
        let mut cache = ClassCache::default();
        let mut decisions = self.app.decide().decide(candidates, &mut cache, moment).await?;
        let mut whole = Unit::default();
        let mut dependents = crate::dependents::Dependents::default();
        dependents.shared = true;
        for decision in &mut decisions {
            dependents.note(decision);
            if let Some(unit) = decision.unit.take() {
                whole.expects.extend(unit.expects);
                whole.changes.extend(unit.changes);
            }
        }
        let outcomes = self.app.store.commit(vec![whole]).await?;
        if !outcomes.iter().all(Outcome::is_committed) {
            return Err(AppError::ConcurrentChange(Arc::from("an identity of this answer")));
        }
        self.resettle_dependents(dependents, &mut cache, moment, &mut Labels::new()).await?;
        decisions.pop().ok_or_else(|| AppError::precondition(AccessRefusal::NothingToDecide))
    }
}
