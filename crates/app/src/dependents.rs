//! Collects which dependents must be settled again after commits, and which need not because they were decided later.

use crate::Decision;
use std::collections::{BTreeMap, BTreeSet};
use tenure_model::IdentityId;
use tenure_store::Keyed;

/// Identities whose phase or names changed, and new keys, over rounds of commits. An identity that was decided after the round of
/// a change has read that change already.
#[derive(Debug, Default)]
pub(crate) struct Dependents {
    /// Rounds of commits so far.
    rounds: u64,
    /// Changed identities, by round.
    changed: BTreeMap<u64, BTreeSet<IdentityId>>,
    /// Keys that are new to their identity.
    pub(crate) keys: BTreeSet<Keyed>,
    /// Identities with changed references.
    pub(crate) anew: BTreeSet<IdentityId>,
    /// Whether other identities may have had these keys before: a person answered whose they are.
    pub(crate) shared: bool,
    /// For each decided identity, the rounds that the decision had seen.
    seen: BTreeMap<IdentityId, u64>,
    /// Decisions by which access is lost later and that wait for a brake; `None`: nothing waits.
    pub(crate) later: Option<Vec<Decision>>,
    /// Identities of which a brake holds such a change already: it stays held when its day has come.
    held: BTreeSet<IdentityId>,
}

impl Dependents {
    /// An dependents that holds back later losses, and also present losses of identities that a brake holds already.
    pub(crate) fn holding_back(held: &BTreeSet<IdentityId>) -> Self {
        Self { later: Some(Vec::new()), held: held.clone(), ..Self::default() }
    }

    /// Takes the held-back decisions out of these.
    pub(crate) fn hold_back(&mut self, decisions: Vec<Decision>) -> Vec<Decision> {
        let Some(later) = &mut self.later else { return decisions };
        let held = &self.held;
        let loses = |d: &Decision| if d.removes() { held.contains(&d.id) } else { !d.later.is_empty() };
        let waits = |d: &Decision| loses(d) && !d.is_new && !d.timed;
        let (wait, rest): (Vec<_>, Vec<_>) = decisions.into_iter().partition(waits);
        later.extend(wait);
        rest
    }

    /// Rounds of commits so far: a read from now on has seen these.
    pub(crate) fn rounds(&self) -> u64 {
        self.rounds
    }

    /// Notes a decision of the current round, made on the state after `seen` rounds.
    pub(crate) fn note_seen(&mut self, decision: &Decision, seen: u64) {
        if decision.concerns_others {
            self.changed.entry(self.rounds + 1).or_default().insert(decision.id);
        }
        self.keys.extend(decision.keys.iter().cloned());
        self.anew.extend(decision.refers_anew.then_some(decision.id));
        self.seen.insert(decision.id, seen);
    }

    /// Notes identities whose only change for others is the names of their accounts.
    pub(crate) fn note_named(&mut self, ids: impl IntoIterator<Item = IdentityId>) {
        self.changed.entry(self.rounds + 1).or_default().extend(ids);
    }

    /// Notes a decision that had seen all earlier rounds.
    pub(crate) fn note(&mut self, decision: &Decision) {
        self.note_seen(decision, 0);
    }

    /// Ends the round: reads from now on have seen it.
    pub(crate) fn end_round(&mut self) {
        self.rounds += 1;
    }

    /// Takes the changed identities, with the round of each change.
    pub(crate) fn take_changed(&mut self) -> BTreeMap<u64, BTreeSet<IdentityId>> {
        std::mem::take(&mut self.changed)
    }

    /// Whether the last decision about an identity was made on the state after this round.
    pub(crate) fn saw(&self, id: IdentityId, round: u64) -> bool {
        self.seen.get(&id).is_some_and(|seen| *seen >= round)
    }

    /// Appends what happened after all of this.
    pub(crate) fn then(&mut self, later: Self) {
        let before = self.rounds;
        self.changed.extend(later.changed.into_iter().map(|(round, ids)| (before + round, ids)));
        self.keys.extend(later.keys);
        self.anew.extend(later.anew);
        self.shared |= later.shared;
        self.seen.extend(later.seen.into_iter().map(|(id, seen)| (id, before + seen)));
        self.rounds += later.rounds;
    }
}
