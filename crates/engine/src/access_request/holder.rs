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

/// Why something cannot be done, for the requester.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{1}")]
pub struct Refused(pub DecisionRefusal, pub String);

pub(super) fn wrong<T>(why: DecisionRefusal, text: impl Into<String>) -> Result<T, Refused> {
    Err(Refused(why, text.into()))
}

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
    pub(super) fn reason(&self) -> Result<Arc<str>, Refused> {
        let reason = self.reason.trim();
        if reason.is_empty() {
            wrong(DecisionRefusal::ReasonMissing, "a reason is missing")
        } else {
            Ok(Arc::from(reason))
        }
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
    pub(super) fn of(context: &'c Context, identity: &Identity, now: Timestamp) -> Result<Self, Refused> {
        if identity.is_cut_off() {
            return wrong(
                DecisionRefusal::HolderCutOff,
                "the identity is cut off and cannot be granted access: lift the cut-off first",
            );
        }
        let primary = primary_engagement(context, identity, now);
        let Some(engagement) = identity.engagements.iter().find(|e| Some(e.id) == primary) else {
            return wrong(
                DecisionRefusal::HolderHasLeft,
                "the identity has left and cannot be granted access",
            );
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
    ) -> Result<Timestamp, Refused> {
        let furthest = longest.and_then(|l| self.now.checked_add(l).ok()).map(|t| local_date(t, &self.zone));
        let Some(day) = day.or(furthest) else {
            return wrong(DecisionRefusal::EndMissing, "a last day is missing");
        };
        if let Err(e) = Day::real_end(day) {
            return wrong(DecisionRefusal::TooFar, format!("{day} cannot be the last day: {e}"));
        }
        if day < self.today {
            return wrong(
                DecisionRefusal::DateOver,
                format!("{day} is past: give the last day, which is included"),
            );
        }
        match furthest {
            Some(furthest) if day > furthest => wrong(
                DecisionRefusal::TooFar,
                format!("{day} is too far: it may last until {furthest}, and can be extended then"),
            ),
            _ => Ok(end_of_day(day, &self.zone)),
        }
    }

    /// A new decision. A bundle has no account of its own: each of its entitlements has one.
    pub(super) fn decision(
        &self,
        kind: JustificationKind,
        wish: &Wish<'_>,
        until: Timestamp,
    ) -> Result<IndividualDecision, Refused> {
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
pub(super) fn limit(context: &Context, what: &EntitlementName) -> Result<Option<SignedDuration>, Refused> {
    if what.system_str() == BUNDLE {
        let Some(bundle) = context.setup.policy.bundles.get(what.local()) else {
            return wrong(
                DecisionRefusal::NotDeclared,
                format!("the policy does not declare the bundle `{}`", what.local()),
            );
        };
        return Ok(bundle.entitlements.iter().filter_map(|e| context.entitlement(e)?.max).min());
    }
    match context.entitlement(what) {
        Some(e) if e.owner.is_some() => Ok(e.max),
        Some(_) => wrong(
            DecisionRefusal::NoOwner,
            format!("{what} has no owner, and access without an owner is never granted; declare its owner"),
        ),
        None => wrong(
            DecisionRefusal::NotDeclared,
            format!("no system declares {what}: see systems/{}.toml", what.system_str()),
        ),
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
