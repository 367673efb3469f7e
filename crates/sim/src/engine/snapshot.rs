//! The snapshot of what the engine alone knows.

use super::world::World;
use crate::book::Step;
use crate::invariant::{Again, Member, Snapshot};
use tenure_model::{ApprovalState, IdentityId, Name as _};

impl World {
    /// Everything after a step.
    pub(crate) fn snapshot(&mut self, step: &Step) -> Snapshot<'_> {
        let again = if step.run { self.decide_again() } else { Again::default() };
        let member = |id: &IdentityId| {
            let known = &self.known[id];
            Member {
                name: self.name(*id),
                identity: known.subject.identity.clone(),
                phase: known.phase,
                next: known.next,
                accounts: known.subject.accounts.clone(),
                grants: known.subject.grants.clone(),
            }
        };
        let pending = |s: &ApprovalState| matches!(s, ApprovalState::Pending { .. });
        Snapshot {
            now: self.now,
            passed: step.run,
            is_quiet: step.is_quiet(),
            is_answered: step.is_answered(),
            context: &self.context,
            members: self.known.keys().map(|id| (*id, member(id))).collect(),
            asked: self.asked.iter().filter(|r| pending(&r.state)).cloned().collect(),
            kept_back: self.kept_back.clone(),
            again,
            misplanned: Vec::new(),
            outside: None,
        }
    }

    /// What every identity's decision, made once more, would do now; and what it would ask or shows as waiting that is not stored
    /// so, or the other way round.
    fn decide_again(&mut self) -> Again {
        let mut again = Again::default();
        // What a brake holds is decided by its release.
        let is_kept = |id: &IdentityId| self.kept_back.contains(id);
        let others: Vec<IdentityId> = self.known.keys().copied().filter(|id| !is_kept(id)).collect();
        for id in others {
            let name = self.name(id);
            let decision = self.weigh(self.known[&id].subject.identity.clone(), None, None);
            again.steps(&name, &decision.gated.plan.steps, |rule, what| {
                self.is_asked(id, rule.as_str(), what)
            });
            let questions = decision.gated.questions.iter();
            again.unstored.extend(questions.map(|q| format!("{name}: `{}` would be asked", q.rule)));
            let stored = self.asked.iter().filter(|r| r.identity == id);
            let idle = stored.filter(|r| !r.bindings.iter().all(|b| decision.gated.waiting.contains_key(b)));
            again
                .unstored
                .extend(idle.map(|r| format!("{name}: `{}` asks about what does not wait", r.rule)));
        }
        again
    }
}
