//! What people do in a scenario, as far as it changes what the engine decides.

use super::world::World;
use crate::act::{class, instant};
use crate::book::Act;
use jiff::SignedDuration;
use std::sync::Arc;
use tenure_model::{CaseLabel, CutOff, Hold, IdentityId};

/// When somebody looks at a cut-off again; no scenario waits for it.
const REVIEW_AFTER: SignedDuration = SignedDuration::from_hours(14 * 24);

impl World {
    /// Does what a person does. What must be refused is refused by the application, and work on systems is done there:
    /// neither happens here.
    pub(super) fn act(&mut self, act: &Act) -> Result<(), String> {
        if act.refused.is_some() || act.done.is_some() || act.attest.is_some() || act.again.is_some() {
            return Ok(());
        }
        let actor = act.by.as_deref().map(|by| self.person(by)).transpose()?;
        let actor = actor.ok_or_else(|| format!("nobody does {act:?}"))?;
        if let Some(person) = &act.cut_off {
            let (review, reason) = (self.now + REVIEW_AFTER, act.reason.as_deref().unwrap_or("scenario"));
            let cut = CutOff { at: self.now, by: actor, reason: Arc::from(reason), review };
            self.change_cut_off(person, Some(cut), actor)
        } else if let Some(person) = &act.lift {
            self.change_cut_off(person, None, actor)
        } else if let Some(person) = &act.erase {
            self.erase(person, act.reason.is_some())
        } else if let Some(person) = act.hold.as_ref().or(act.lift_hold.as_ref()) {
            self.change_holds(person, act, actor)
        } else if let Some(person) = act.approve.as_ref().or(act.deny.as_ref()) {
            self.vote(person, act.rule.as_deref(), act.approve.is_some(), actor)
        } else if let Some(scope) = &act.release {
            self.release(scope, &act.only)
        } else if let Some(record) = act.same.as_ref().or(act.new.as_ref()) {
            let whose = act.person.as_deref().map(|p| self.person(p)).transpose()?;
            self.resolve(record, whose, actor)
        } else if let (Some(from), Some(into)) = (&act.merge, &act.into) {
            self.merge(from, into, actor)
        } else if let (Some(record), Some(person)) = (&act.split, &act.person) {
            self.split(person, record, actor)
        } else {
            Err(format!("the engine alone cannot do {act:?}: say why in `without.engine`"))
        }
    }

    fn change_holds(&mut self, person: &str, act: &Act, actor: IdentityId) -> Result<(), String> {
        let id = self.person(person)?;
        let mut after = self.known[&id].subject.identity.clone();
        let class = class(act);
        after.decisions.holds.retain(|h| h.class != class);
        if act.hold.is_some() {
            let reason = Arc::from(act.reason.as_deref().unwrap_or("scenario"));
            after.decisions.holds.push(Hold {
                class,
                from: self.now,
                until: instant(act),
                by: actor,
                reason,
            });
        }
        let decision = self.weigh(after, None, Some(actor));
        self.commit(decision);
        self.tell_others();
        Ok(())
    }

    fn change_cut_off(&mut self, person: &str, cut: Option<CutOff>, actor: IdentityId) -> Result<(), String> {
        let id = self.person(person)?;
        let mut after = self.known[&id].subject.identity.clone();
        let label = cut.is_some().then_some(CaseLabel::CutOff);
        after.decisions.cut_off = cut;
        let decision = self.weigh(after, label, Some(actor));
        self.commit(decision);
        self.tell_others();
        Ok(())
    }
}
