//! Individual decisions about access and values, as the engine alone sees them.

use super::world::World;
use crate::verbs::Act;
use jiff::SignedDuration;
use tenure_app::RefusalDetail;
use tenure_engine::access_request::{self, Wish};
use tenure_engine::{DecisionRefusal, ask_again};
use tenure_model::{AttributeName, EntitlementName, Identity, IdentityId, JustificationKind, Name as _};

fn words(why: DecisionRefusal) -> String {
    tenure_words::refusal(&RefusalDetail::from(why))
}

impl World {
    /// Executes it; returns whether it is one of these.
    pub(super) fn decide_access(&mut self, act: &Act, by: IdentityId) -> Result<bool, String> {
        if let Some(from) = &act.accept_delegation {
            let from = self.person(from)?;
            return self.accept_delegation(from, by).map(|()| true);
        }
        if let Some(to) = &act.delegate {
            return self.delegate(to, act, by).map(|()| true);
        }
        let Some(person) = &act.person else { return Ok(false) };
        let id = self.person(person)?;
        let mut after = self.known[&id].subject.identity.clone();
        let owner = act.owner.as_deref().map(|o| self.person(o)).transpose()?.unwrap_or(by);
        let known = match &act.set_value {
            Some(value) => self.value_by_hand(&mut after, act, value, by).map(|()| true),
            None => self.access(&mut after, act, by, owner),
        };
        if !known.map_err(|why| format!("{act:?} failed: {}", words(why)))? {
            return Ok(false);
        }
        let decision = self.weigh(after, None, Some(by));
        self.commit(decision);
        self.resettle_dependents();
        Ok(true)
    }

    /// Asks again about a rename that was refused.
    pub(super) fn ask_names_again(&mut self, person: &str, by: IdentityId) -> Result<(), String> {
        let id = self.person(person)?;
        let mut after = self.known[&id].subject.identity.clone();
        ask_again(&mut after).map_err(words)?;
        let decision = self.weigh(after, None, Some(by));
        self.commit(decision);
        Ok(())
    }

    /// A delegate accepts.
    pub(super) fn accept_delegation(&mut self, from: IdentityId, by: IdentityId) -> Result<(), String> {
        let mut after = self.known[&from].subject.identity.clone();
        access_request::accept_delegation(&mut after, by, self.now)
            .map_err(|why| format!("accepting a delegation failed: {}", words(why)))?;
        let decision = self.weigh(after, None, Some(by));
        self.commit(decision);
        self.put_requests_again();
        Ok(())
    }

    fn delegate(&mut self, to: &str, act: &Act, by: IdentityId) -> Result<(), String> {
        let to = self.person(to)?;
        let mut after = self.known[&by].subject.identity.clone();
        let reason = act.reason.as_deref().unwrap_or("scenario");
        let done = match act.day() {
            Some(day) => {
                access_request::delegate(&self.context, &mut after, to, (Some(day), reason), self.now)
            }
            None => access_request::answer_oneself(&mut after, to, self.now),
        };
        done.map_err(|why| format!("{act:?} failed: {}", words(why)))?;
        let decision = self.weigh(after, None, Some(by));
        self.commit(decision);
        self.put_requests_again();
        Ok(())
    }

    fn value_by_hand(
        &self,
        after: &mut Identity,
        act: &Act,
        value: &str,
        by: IdentityId,
    ) -> Result<(), DecisionRefusal> {
        let (name, value) = value.split_once('=').map_or((value, None), |(n, v)| (n, Some(v)));
        let attribute = AttributeName::new(name).unwrap();
        let by = (by, act.reason.as_deref().unwrap_or("scenario"));
        match value {
            Some(value) => access_request::set_by_hand(
                &self.context,
                after,
                (&attribute, value),
                by,
                act.day(),
                self.now,
            ),
            None => access_request::clear_override(after, &attribute),
        }
    }

    fn access(
        &self,
        after: &mut Identity,
        act: &Act,
        by: IdentityId,
        owner: IdentityId,
    ) -> Result<bool, DecisionRefusal> {
        let (context, now) = (&self.context, self.now);
        let reason = act.reason.as_deref().unwrap_or("scenario");
        let verbs =
            [&act.request, &act.extend, &act.end, &act.keep, &act.emergency, &act.seen, &act.exception];
        let Some(what) = verbs.into_iter().flatten().next() else { return Ok(false) };
        let what = &EntitlementName::new(what).unwrap();
        let wish = Wish { what, by, reason, until: act.day() };
        if act.request.is_some() {
            access_request::request(context, after, &wish, now)?;
        } else if act.extend.is_some() {
            access_request::extend(context, after, &wish, now)?;
        } else if act.end.is_some() {
            access_request::end(after, &JustificationKind::ALL, what, now)?;
        } else if act.keep.is_some() {
            access_request::keep(context, after, what, act.day(), now)?;
        } else if act.emergency.is_some() {
            let lasts = SignedDuration::from_hours(act.hours.unwrap_or(1));
            access_request::emergency(context, after, &wish, lasts, now)?;
        } else if act.seen.is_some() {
            access_request::seen(after, what, now)?;
        } else {
            access_request::except(
                context,
                after,
                &wish,
                act.instead.as_deref().unwrap_or_default(),
                owner,
                now,
            )?;
        }
        Ok(true)
    }
}
