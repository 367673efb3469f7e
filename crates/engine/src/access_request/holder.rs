//! The holder of a decision by command, what is requested, and its limits.

use super::refusal::DecisionRefusal;
use crate::Context;
use crate::grants::account_of;
use crate::settle::primary_engagement;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tenure_model::when::{end_of_day, local_date};
use tenure_model::{
    BUNDLE, Day, Engagement, EntitlementName, Identity, IdentityId, IndividualDecision, JustificationKind,
};

/// What a requester wants for a holder.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    /// An entitlement, or `bundle:name`.
    pub what: &'a EntitlementName,
    /// The requester.
    pub by: IdentityId,
    /// The reason given.
    pub reason: &'a str,
    /// The last day.
    pub until: Option<Date>,
}

impl Wish<'_> {
    pub(super) fn reason(&self) -> Result<Arc<str>, DecisionRefusal> {
        let reason = self.reason.trim();
        if reason.is_empty() { Err(DecisionRefusal::ReasonMissing) } else { Ok(Arc::from(reason)) }
    }
}

/// An identity that has not departed, with the engagement that decisions belong to.
pub(super) struct Holder<'c> {
    context: &'c Context,
    pub(super) engagement: Engagement,
    zone: TimeZone,
    pub(super) today: Date,
    now: Timestamp,
}

impl<'c> Holder<'c> {
    pub(super) fn of(
        context: &'c Context,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<Self, DecisionRefusal> {
        if identity.is_cut_off() {
            return Err(DecisionRefusal::HolderCutOff);
        }
        let primary = primary_engagement(context, identity, now);
        let Some(engagement) = identity.engagements.iter().find(|e| Some(e.id) == primary) else {
            return Err(DecisionRefusal::HolderHasLeft);
        };
        let zone = context.zones.get(&engagement.zone.name).unwrap_or(TimeZone::UTC);
        let today = local_date(now, &zone);
        Ok(Self { context, engagement: engagement.clone(), zone, today, now })
    }

    /// The end of the last day, which must not be over and not beyond the limit; without a day, the limit.
    pub(super) fn until(
        &self,
        day: Option<Date>,
        longest: Option<SignedDuration>,
    ) -> Result<Timestamp, DecisionRefusal> {
        let furthest = longest.and_then(|l| self.now.checked_add(l).ok()).map(|t| local_date(t, &self.zone));
        let Some(day) = day.or(furthest) else {
            return Err(DecisionRefusal::LastDayMissing);
        };
        if let Err(e) = Day::real_end(day) {
            return Err(DecisionRefusal::LastDayInvalid { day, problem: e.to_string().into() });
        }
        if day < self.today {
            return Err(DecisionRefusal::LastDayPast { day });
        }
        match furthest {
            Some(furthest) if day > furthest => Err(DecisionRefusal::LastDayTooFar { day, latest: furthest }),
            _ => Ok(end_of_day(day, &self.zone)),
        }
    }

    /// A new decision. A bundle has no account of its own: each of its entitlements has one.
    pub(super) fn decision(
        &self,
        kind: JustificationKind,
        wish: &Wish<'_>,
        until: Timestamp,
    ) -> Result<IndividualDecision, DecisionRefusal> {
        Ok(IndividualDecision {
            kind,
            account: account_of(self.context, wish.what),
            entitlement: wish.what.clone(),
            engagement: Some(self.engagement.id),
            from: Some(self.now),
            until: Some(until),
            reference: Arc::from(wish.what.to_string()),
            owner: None,
            reason: wish.reason()?,
            requester: Some(wish.by),
            compensating: Arc::from(""),
            reviewed: None,
            work: (kind == JustificationKind::Request).then(|| self.engagement.kind.clone()),
            converted: None,
            learnt: Vec::new(),
            counted: None,
        })
    }
}

/// What may be requested, and for how long at most: the shortest limit of all entitlements of a bundle.
pub(super) fn limit(
    context: &Context,
    what: &EntitlementName,
) -> Result<Option<SignedDuration>, DecisionRefusal> {
    if what.system_str() == BUNDLE {
        let Some(bundle) = context.setup.policy.bundles.get(what.local()) else {
            return Err(DecisionRefusal::BundleUnknown { bundle: what.local().into() });
        };
        return Ok(bundle.entitlements.iter().filter_map(|e| context.entitlement(e)?.max).min());
    }
    match context.entitlement(what) {
        Some(e) if e.owner.is_some() => Ok(e.max),
        Some(_) => Err(DecisionRefusal::NoOwner { entitlement: what.clone() }),
        None => Err(DecisionRefusal::EntitlementUnknown { entitlement: what.clone() }),
    }
}

pub(super) fn live<'i>(
    identity: &'i mut Identity,
    kind: JustificationKind,
    what: &EntitlementName,
    now: Timestamp,
) -> Option<&'i mut IndividualDecision> {
    let lasts = |s: &&mut IndividualDecision| s.until.is_none_or(|u| now < u);
    let mut all = identity.decisions.individual.iter_mut().filter(lasts);
    all.find(|s| s.kind == kind && s.entitlement == *what)
}
