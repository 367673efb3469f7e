//! Access by individual decision: requests, emergencies, exceptions, and what keeps or ends them.

use super::holder::{Holder, Wish, limit, live};
use super::refusal::DecisionRefusal;
use crate::Context;
use crate::individual::runs;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tenure_model::range::moved;
use tenure_model::when::add_days;
use tenure_model::{
    BUNDLE, EntitlementName, Identity, IdentityId, IndividualDecision, Instant, JustificationKind, Name as _,
};

/// How long adopted access continues when it is kept, in days.
const KEPT_DAYS: i32 = 90;

/// Requests access. It is due from now on, and waits for a yes.
///
/// # Errors
/// When it cannot be requested, or is already requested.
pub fn request(
    context: &Context,
    identity: &mut Identity,
    wish: &Wish<'_>,
    now: Timestamp,
) -> Result<(), DecisionRefusal> {
    let holder = Holder::of(context, identity, now)?;
    let until = holder.until(wish.until, limit(context, wish.what)?)?;
    // A request of an engagement that is over is over with it.
    let is_past = |s: &IndividualDecision| {
        s.kind == JustificationKind::Request
            && s.entitlement == *wish.what
            && s.engagement != Some(holder.engagement.id)
            && !runs(context, identity, s, now)
    };
    let past: Vec<bool> = identity.decisions.individual.iter().map(is_past).collect();
    let mut past = past.into_iter();
    identity.decisions.individual.retain(|_| !past.next().unwrap_or(false));
    if live(identity, JustificationKind::Request, wish.what, now).is_some() {
        return Err(DecisionRefusal::Requested { entitlement: wish.what.clone() });
    }
    identity.decisions.individual.push(holder.decision(JustificationKind::Request, wish, until)?);
    Ok(())
}

/// Moves the end of a request. The addition waits for a yes; the old end stays until then.
///
/// # Errors
/// When it was not requested, or the end is too far.
pub fn extend(
    context: &Context,
    identity: &mut Identity,
    wish: &Wish<'_>,
    now: Timestamp,
) -> Result<(), DecisionRefusal> {
    let holder = Holder::of(context, identity, now)?;
    let (until, reason) = (holder.until(wish.until, limit(context, wish.what)?)?, wish.reason()?);
    let Some(decision) = live(identity, JustificationKind::Request, wish.what, now) else {
        return Err(DecisionRefusal::NotRequested { entitlement: wish.what.clone() });
    };
    if decision.until.is_none_or(|old| until <= old) {
        return Err(DecisionRefusal::NotLater { entitlement: wish.what.clone() });
    }
    (decision.until, decision.reason, decision.requester) = (Some(until), reason, Some(wish.by));
    // A new request is a new question: an old no does not answer it.
    let what = wish.what;
    identity.decisions.answers.retain(|_, a| {
        a.approved || a.reason.kind != JustificationKind::Request || *a.reason.reference != *what.as_str()
    });
    Ok(())
}

/// Gives access at once, without a yes, for a short time.
///
/// # Errors
/// When the time is too long, or the last emergency is not reviewed yet.
pub fn emergency(
    context: &Context,
    identity: &mut Identity,
    wish: &Wish<'_>,
    lasts: SignedDuration,
    now: Timestamp,
) -> Result<(), DecisionRefusal> {
    let holder = Holder::of(context, identity, now)?;
    limit(context, wish.what)?;
    if wish.what.system_str() == BUNDLE {
        return Err(DecisionRefusal::EmergencyOfBundle);
    }
    let longest = context.setup.policy.request.emergency_max;
    if lasts > longest || lasts <= SignedDuration::ZERO {
        return Err(DecisionRefusal::EmergencyTooLong {
            minutes: u64::try_from(longest.as_mins()).unwrap_or_default(),
        });
    }
    let is_open = |s: &IndividualDecision| {
        s.kind == JustificationKind::Emergency && s.entitlement == *wish.what && s.reviewed.is_none()
    };
    if identity.decisions.individual.iter().any(is_open) {
        return Err(DecisionRefusal::EmergencyUnreviewed { entitlement: wish.what.clone() });
    }
    let until = moved(now, lasts);
    if let Err(e) = Instant::real_end(until) {
        return Err(DecisionRefusal::EmergencyEndInvalid { until, problem: e.to_string().into() });
    }
    identity.decisions.individual.push(holder.decision(JustificationKind::Emergency, wish, until)?);
    Ok(())
}

/// Signs an exception, or renews one in force.
///
/// # Errors
/// When one lasts too long, or all of them together.
pub fn except(
    context: &Context,
    identity: &mut Identity,
    wish: &Wish<'_>,
    compensating: &str,
    owner: IdentityId,
    now: Timestamp,
) -> Result<(), DecisionRefusal> {
    let holder = Holder::of(context, identity, now)?;
    let rule = &context.setup.policy.request;
    if wish.what.system_str() == BUNDLE {
        return Err(DecisionRefusal::ExceptionOfBundle);
    }
    if compensating.trim().is_empty() {
        return Err(DecisionRefusal::CompensationMissing);
    }
    let Some(day) = wish.until else {
        return Err(DecisionRefusal::ExceptionEndMissing);
    };
    let longest = SignedDuration::from_hours(i64::from(rule.exception_days) * 24);
    let until =
        holder.until(Some(day), Some(limit(context, wish.what)?.map_or(longest, |m| m.min(longest))))?;
    let mut new = holder.decision(JustificationKind::Exception, wish, until)?;
    (new.compensating, new.owner) = (Arc::from(compensating.trim()), Some(owner));
    if let Some(old) = live(identity, JustificationKind::Exception, wish.what, now) {
        (new.from, new.reviewed) = (old.from, Some(now));
        *old = new;
    } else {
        identity.decisions.individual.push(new);
    }
    let signed = identity
        .decisions
        .individual
        .iter()
        .filter(|s| s.kind == JustificationKind::Exception && s.entitlement == *wish.what);
    let all: SignedDuration = signed
        .filter_map(|s| Some(s.until?.duration_since(s.from?)))
        .fold(SignedDuration::ZERO, |a, b| a + b);
    if all > SignedDuration::from_hours((i64::from(rule.exception_total_days) + 1) * 24) {
        return Err(DecisionRefusal::ExceptionsTooLong {
            entitlement: wish.what.clone(),
            days: rule.exception_total_days.into(),
        });
    }
    Ok(())
}

/// Confirms that access is still needed although the work changed, or that adopted access continues. It then belongs to the person's
/// present engagement.
///
/// # Errors
/// When there is nothing to keep.
pub fn keep(
    context: &Context,
    identity: &mut Identity,
    what: &EntitlementName,
    until: Option<Date>,
    now: Timestamp,
) -> Result<(), DecisionRefusal> {
    let holder = Holder::of(context, identity, now)?;
    if let Some(request) = live(identity, JustificationKind::Request, what, now) {
        if until.is_some() {
            return Err(DecisionRefusal::KeepingMovesNoEnd);
        }
        (request.engagement, request.reviewed) = (Some(holder.engagement.id), Some(now));
        (request.work, request.converted) = (Some(holder.engagement.kind), None);
        request.learnt.clear();
        request.counted = None;
        return Ok(());
    }
    let longest = SignedDuration::from_hours(i64::from(KEPT_DAYS) * 24);
    let until = holder.until(Some(until.unwrap_or(add_days(holder.today, KEPT_DAYS))), Some(longest))?;
    match live(identity, JustificationKind::Adopted, what, now) {
        Some(adopted) => {
            (adopted.engagement, adopted.reviewed) = (Some(holder.engagement.id), Some(now));
            adopted.until = Some(until);
            Ok(())
        }
        None => Err(DecisionRefusal::NothingToKeep { entitlement: what.clone() }),
    }
}

/// Records the review of an emergency.
///
/// # Errors
/// When no emergency waits for a review.
pub fn seen(identity: &mut Identity, what: &EntitlementName, now: Timestamp) -> Result<(), DecisionRefusal> {
    let open = |s: &&mut IndividualDecision| {
        s.kind == JustificationKind::Emergency && s.entitlement == *what && s.reviewed.is_none()
    };
    match identity.decisions.individual.iter_mut().find(open) {
        Some(emergency) => {
            emergency.reviewed = Some(now);
            Ok(())
        }
        None => Err(DecisionRefusal::NothingToReview { entitlement: what.clone() }),
    }
}

/// Ends an individual decision: a request, an emergency, an exception or adopted access. An emergency must still be reviewed.
///
/// # Errors
/// When there is none.
pub fn end(
    identity: &mut Identity,
    kinds: &[JustificationKind],
    what: &EntitlementName,
    now: Timestamp,
) -> Result<(), DecisionRefusal> {
    let meant = |s: &IndividualDecision| {
        kinds.contains(&s.kind) && s.entitlement == *what && s.until.is_none_or(|u| now < u)
    };
    if !identity.decisions.individual.iter().any(meant) {
        return Err(DecisionRefusal::NothingToEnd { entitlement: what.clone() });
    }
    for decision in identity.decisions.individual.iter_mut().filter(|s| meant(s)) {
        decision.until = Some(now);
    }
    Ok(())
}
