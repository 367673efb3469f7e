//! What others must be told after commits, and who needs no telling because it was decided later.

use crate::Decision;
use std::collections::{BTreeMap, BTreeSet};
use tenure_model::IdentityId;
use tenure_store::Keyed;

/// Whose phase or names changed, and which keys are new, over rounds of commits: who was decided after the round in which
/// somebody changed has read that change already.
#[derive(Debug, Default)]
pub(crate) struct Aftermath {
    /// Rounds of commits so far.
    rounds: u64,
    /// Who changed, by the round.
    changed: BTreeMap<u64, BTreeSet<IdentityId>>,
    /// Keys that somebody has who did not have them.
    pub(crate) keys: BTreeSet<Keyed>,
    /// Who names others than before.
    pub(crate) anew: BTreeSet<IdentityId>,
    /// Whether others may have had these keys before: a person said whose they are.
    pub(crate) shared: bool,
    /// The rounds that whoever was decided had seen.
    seen: BTreeMap<IdentityId, u64>,
    /// What takes something away later and waits for a brake; `None`: nothing waits.
    pub(crate) later: Option<Vec<Decision>>,
    /// Of whom a brake holds such a change already: it stays held when its day has come.
    held: BTreeSet<IdentityId>,
}

impl Aftermath {
    /// One that keeps back what takes something away later, and of those whom a brake holds already also what does so now.
    pub(crate) fn holding_back(held: &BTreeSet<IdentityId>) -> Self {
        Self { later: Some(Vec::new()), held: held.clone(), ..Self::default() }
    }

    /// Takes out of decisions what is kept back.
    pub(crate) fn hold_back(&mut self, decisions: Vec<Decision>) -> Vec<Decision> {
        let Some(later) = &mut self.later else { return decisions };
        let held = &self.held;
        let loses = |d: &Decision| if d.removes() { held.contains(&d.id) } else { !d.later.is_empty() };
        let waits = |d: &Decision| loses(d) && !d.is_new && !d.timed;
        let (wait, rest): (Vec<_>, Vec<_>) = decisions.into_iter().partition(waits);
        later.extend(wait);
        rest
    }

    /// Rounds of commits so far: what is read now has seen these.
    pub(crate) fn rounds(&self) -> u64 {
        self.rounds
    }

    /// Notes a decision of the round that is being noted, made on what was there after `seen` rounds.
    pub(crate) fn note_seen(&mut self, decision: &Decision, seen: u64) {
        if decision.concerns_others {
            self.changed.entry(self.rounds + 1).or_default().insert(decision.id);
        }
        self.keys.extend(decision.keys.iter().cloned());
        self.anew.extend(decision.refers_anew.then_some(decision.id));
        self.seen.insert(decision.id, seen);
    }

    /// Notes identities whose accounts have other names for others now, and nothing else by which others would hear of it.
    pub(crate) fn note_named(&mut self, ids: impl IntoIterator<Item = IdentityId>) {
        self.changed.entry(self.rounds + 1).or_default().extend(ids);
    }

    /// Notes a decision that nothing of this aftermath came before.
    pub(crate) fn note(&mut self, decision: &Decision) {
        self.note_seen(decision, 0);
    }

    /// The round is noted: what is read from now on has seen it.
    pub(crate) fn end_round(&mut self) {
        self.rounds += 1;
    }

    /// Takes who changed, with the round in which they did.
    pub(crate) fn take_changed(&mut self) -> BTreeMap<u64, BTreeSet<IdentityId>> {
        std::mem::take(&mut self.changed)
    }

    /// Whether somebody was last decided on what was there after this round.
    pub(crate) fn saw(&self, id: IdentityId, round: u64) -> bool {
        self.seen.get(&id).is_some_and(|seen| *seen >= round)
    }

    /// Adds what happened after all of this.
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
