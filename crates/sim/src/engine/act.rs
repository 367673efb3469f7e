//! What people do in a scenario, as far as it changes what the engine decides.

use super::world::World;
use crate::act::{class, instant};
use crate::cut_off::{cut_off_class, is_about_cut_off};
use crate::verbs::Act;
use jiff::SignedDuration;
use std::sync::Arc;
use tenure_engine::cut_off::{leaves_nobody, means};
use tenure_model::{
    CaseLabel, CutOff, CutOffOrder, CutOffOrderId, CutOffTarget, Hold, IdentityId, Phase, Reference,
    ReferenceState,
};

/// When a cut-off is reviewed, as the application has it.
const REVIEW_AFTER: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The same for an issuer who has no role in it.
const UNREVIEWED_MAX: SignedDuration = SignedDuration::from_hours(24);

/// What the application refuses or does in systems.
fn is_elsewhere(act: &Act) -> bool {
    let on_systems = [
        &act.done,
        &act.attest,
        &act.again,
        &act.accept,
        &act.activate,
        &act.renew,
        &act.acknowledge,
        &act.enable,
        &act.keep_disabled,
    ];
    act.refused.is_some() || act.reads.is_some() || on_systems.iter().any(|verb| verb.is_some())
}

impl World {
    /// Executes an act of a person. What must be refused is refused by the application, and work on systems is done there:
    /// neither happens here.
    pub(super) fn act(&mut self, act: &Act) -> Result<(), String> {
        if is_elsewhere(act) {
            return Ok(());
        }
        if let Some(finding) = &act.dismiss {
            self.dismiss(finding);
            return Ok(());
        }
        let actor = act.by.as_deref().map(|by| self.person(by)).transpose()?;
        let actor = actor.ok_or_else(|| format!("no actor does {act:?}"))?;
        if is_about_cut_off(act) {
            self.cut_off_act(act, actor)
        } else if let Some(person) = &act.lift {
            let identity = self.known[&self.person(person)?].subject.identity.clone();
            // The first of two people who lift together is only noted.
            if !self.last_resort().contains(&actor) && self.first_words.insert(identity.id) {
                return Ok(());
            }
            self.first_words.remove(&identity.id);
            self.orders.retain(|o| !means(o, &identity));
            self.change_cut_off(person, None, actor)
        } else if let Some(person) = &act.erase {
            self.erase(person, act.reason.is_some())
        } else if let Some(person) = act.hold.as_ref().or(act.lift_hold.as_ref()) {
            self.change_holds(person, act, actor)
        } else if let Some(person) = act.approve.as_ref().or(act.deny.as_ref()) {
            self.vote(person, act.rule.as_deref(), act.approve.is_some(), actor)
        } else if let Some(scope) = &act.release {
            self.release(scope, &act.only)
        } else if act.claim.is_some() || act.disclaim.is_some() {
            self.claim(act)
        } else if let Some(kind) = &act.same_by {
            self.resolve_by(kind, actor)
        } else if let Some(person) = &act.rename {
            self.ask_names_again(person, actor)
        } else if let Some(record) = act.same.as_ref().or(act.new.as_ref()) {
            let whose = act.person.as_deref().map(|p| self.person(p)).transpose()?;
            self.resolve(record, whose, actor)
        } else if let (Some(from), Some(into)) = (&act.merge, &act.into) {
            self.merge(from, into, actor)
        } else if let (Some(record), Some(person)) = (&act.split, &act.person) {
            self.split(person, record, actor)
        } else if let Some(name) = &act.custody {
            self.state_custody(name, act, actor)
        } else if let Some(name) = act.end.as_ref().filter(|_| act.person.is_none()) {
            self.end_custody(name, actor)
        } else if self.decide_access(act, actor)? {
            Ok(())
        } else {
            Err(format!("no stage can do {act:?}"))
        }
    }

    /// Does what is about a cut-off.
    fn cut_off_act(&mut self, act: &Act, actor: IdentityId) -> Result<(), String> {
        if let Some(person) = &act.cut_off {
            let id = self.person(person)?;
            let cut = self.cut(act, actor, Some(id));
            match leaves_nobody(id, &self.last_resort()) {
                true => self.order(CutOffTarget::Person(id), cut),
                false => self.change_cut_off(person, Some(cut), actor)?,
            }
            Ok(())
        } else if let Some(account) = &act.cut_off_account {
            self.cut_off_account(account, self.cut(act, actor, None))
        } else if let Some(key) = &act.cut_off_key {
            let (kind, value) = key.split_once('=').ok_or("a key is written kind=value")?;
            let target = CutOffTarget::Key { kind: Arc::from(kind), value: Arc::from(value) };
            self.order(target, self.cut(act, actor, None));
            Ok(())
        } else if let (Some(person), Some(review)) = (&act.keep_cut_off, act.review) {
            let cut = self.known[&self.person(person)?].subject.identity.decisions.cut_off.clone();
            self.change_cut_off(person, cut.map(|c| CutOff { review, ..c }), actor)
        } else if let Some(person) = &act.confirm {
            let target = CutOffTarget::Person(self.person(person)?);
            let place = self.orders.iter().position(|o| o.target == target);
            let order = self.orders.remove(place.ok_or_else(|| format!("nothing waits about {person}"))?);
            self.change_cut_off(person, Some(CutOff { at: self.now, ..order.cut }), actor)
        } else if let Some(order) = &act.lift_order {
            self.orders.retain(|o| o.target.to_string() != *order);
            Ok(())
        } else {
            Err(format!("{act:?} lacks something"))
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
        self.resettle_dependents();
        Ok(())
    }

    /// The cut-off that an actor orders.
    fn cut(&self, act: &Act, by: IdentityId, whom: Option<IdentityId>) -> CutOff {
        let reason = Arc::from(act.reason.as_deref().unwrap_or("scenario"));
        let after = if self.cuts_off(by, whom) { REVIEW_AFTER } else { UNREVIEWED_MAX };
        let review = act.review.unwrap_or(self.now + after);
        CutOff { at: self.now, by, reason, class: cut_off_class(act), review }
    }

    /// Whether an actor has a role in a cut-off; one by an actor without a role is reviewed within a day.
    fn cuts_off(&self, by: IdentityId, whom: Option<IdentityId>) -> bool {
        let setup = &self.context.setup;
        let owners = setup.systems.values().map(|s| &s.owner);
        let names = owners.chain(&setup.settings.cut_off_by);
        let meant = |r: &Reference| matches!(r.state, ReferenceState::Resolved { id, .. } if id == by);
        let leads = |id| self.references(&self.known[&id].subject.identity).iter().any(meant);
        self.last_resort().contains(&by)
            || names.into_iter().any(|name| self.named(name).contains(&by))
            || whom.is_some_and(|id| id == by || leads(id))
    }

    pub(super) fn order(&mut self, target: CutOffTarget, cut: CutOff) {
        let id = CutOffOrderId::new(0, self.id());
        self.orders.push(CutOffOrder { id, target, cut, ended: None });
    }

    /// The members of the escalation group who are here.
    fn last_resort(&self) -> Vec<IdentityId> {
        let settings = &self.context.setup.settings;
        let named = settings.groups[&settings.last_resort].iter().filter_map(|p| self.person(p).ok());
        named
            .filter(|id| {
                let known = &self.known[id];
                known.phase != Phase::Departed && !known.subject.identity.is_cut_off()
            })
            .collect()
    }

    fn change_cut_off(&mut self, person: &str, cut: Option<CutOff>, actor: IdentityId) -> Result<(), String> {
        let id = self.person(person)?;
        let mut after = self.known[&id].subject.identity.clone();
        let label = cut.is_some().then_some(CaseLabel::CutOff);
        after.decisions.cut_off = cut;
        let decision = self.weigh(after, label, Some(actor));
        self.commit(decision);
        self.resettle_dependents();
        Ok(())
    }
}
