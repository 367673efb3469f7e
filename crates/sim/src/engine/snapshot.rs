//! The snapshot of what the engine alone knows.

use super::world::World;
use crate::book::Step;
use crate::invariant::{Member, Snapshot};
use tenure_model::{ApprovalState, Gate, IdentityId, Name as _, StepKind};

impl World {
    /// Everything after a step.
    pub(crate) fn snapshot(&mut self, step: &Step) -> Snapshot<'_> {
        let (undecided, unstored) = match step.run {
            true => self.decide_again(),
            false => (Vec::new(), Vec::new()),
        };
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
            context: &self.context,
            members: self.known.keys().map(|id| (*id, member(id))).collect(),
            asked: self.asked.iter().filter(|r| pending(&r.state)).cloned().collect(),
            undecided,
            unstored,
            outside: None,
        }
    }

    /// What everybody's decision, made once more, would do now; and what it would ask or shows as waiting that is not stored so.
    fn decide_again(&mut self) -> (Vec<String>, Vec<String>) {
        let (mut undecided, mut unstored) = (Vec::new(), Vec::new());
        let everybody: Vec<IdentityId> = self.known.keys().copied().collect();
        for id in everybody {
            let name = self.name(id);
            let decision = self.weigh(self.known[&id].subject.identity.clone(), None, None);
            for step in &decision.gated.plan.steps {
                match (&step.gate, &step.kind) {
                    (Gate::Open, _) => {
                        undecided.push(format!("{name}: {}", tenure_app::describe::step_words(step)));
                    }
                    (Gate::Approval(rule), StepKind::Grant(what))
                        if !self.is_asked(id, rule.as_str(), what) =>
                    {
                        unstored.push(format!("{name}: {what} waits for `{rule}`"));
                    }
                    _ => {}
                }
            }
            let questions = decision.gated.questions.iter();
            unstored.extend(questions.map(|q| format!("{name}: `{}` would be asked", q.rule)));
        }
        (undecided, unstored)
    }
}
