//! What people decide by command about somebody's access and values: whether it can be done, and what the decisions are then.

use crate::Context;
use crate::grants::account_of;
use crate::settle::primary_engagement;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tenure_model::when::{add_days, end_of_day, local_date};
use tenure_model::{
    AttributeName, BUNDLE, Engagement, EntitlementName, Identity, IdentityId, JustificationKind, Override,
    Standing, Value, ValueType,
};

/// How long adopted access goes on that somebody keeps, in days.
const KEPT_DAYS: i32 = 90;

/// Why something cannot be done, for the one who asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Wrong(pub String);

fn wrong<T>(text: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong(text.into()))
}

/// What somebody wants for a person.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    /// An entitlement, or `bundle:name`.
    pub what: &'a EntitlementName,
    /// Who wants it.
    pub by: IdentityId,
    /// Why.
    pub reason: &'a str,
    /// The last day.
    pub until: Option<Date>,
}

impl Wish<'_> {
    fn reason(&self) -> Result<Arc<str>, Wrong> {
        let reason = self.reason.trim();
        if reason.is_empty() { wrong("it needs a reason: --reason \"…\"") } else { Ok(Arc::from(reason)) }
    }
}

/// Somebody who is here, with the engagement that decisions belong to.
struct Holder<'c> {
    context: &'c Context,
    engagement: Engagement,
    zone: TimeZone,
    today: Date,
    now: Timestamp,
}

impl<'c> Holder<'c> {
    fn of(context: &'c Context, identity: &Identity, now: Timestamp) -> Result<Self, Wrong> {
        if identity.is_cut_off() {
            return wrong("somebody who is cut off is given nothing: lift the cut-off first");
        }
        let primary = primary_engagement(context, identity, now);
        let Some(engagement) = identity.engagements.iter().find(|e| Some(e.id) == primary) else {
            return wrong("somebody who has left is given nothing");
        };
        let zone = context.zones.get(&engagement.zone.name).unwrap_or(TimeZone::UTC);
        let today = local_date(now, &zone);
        Ok(Self { context, engagement: engagement.clone(), zone, today, now })
    }

    /// The end of the last day, which is not over and not beyond what is allowed; without a day, the furthest.
    fn until(&self, day: Option<Date>, longest: Option<SignedDuration>) -> Result<Timestamp, Wrong> {
        let furthest = longest.and_then(|l| self.now.checked_add(l).ok()).map(|t| local_date(t, &self.zone));
        let Some(day) = day.or(furthest) else { return wrong("it needs a last day: --until DATE") };
        if day < self.today {
            return wrong(format!("{day} is over already: --until takes the last day with it"));
        }
        match furthest {
            Some(furthest) if day > furthest => wrong(format!(
                "{day} is too far: it may last until {furthest}, and somebody can extend it then"
            )),
            _ => Ok(end_of_day(day, &self.zone)),
        }
    }

    /// A new decision; the account of a bundle is no account: each of its entitlements has its own.
    fn standing(
        &self,
        kind: JustificationKind,
        wish: &Wish<'_>,
        until: Timestamp,
    ) -> Result<Standing, Wrong> {
        Ok(Standing {
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
        })
    }
}

/// What may be asked for, and for how long at most: the shortest limit of all that a bundle holds.
fn limit(context: &Context, what: &EntitlementName) -> Result<Option<SignedDuration>, Wrong> {
    if what.system_str() == BUNDLE {
        let Some(bundle) = context.setup.policy.bundles.get(what.local()) else {
            return wrong(format!("no policy declares the bundle `{}`", what.local()));
        };
        return Ok(bundle.entitlements.iter().filter_map(|e| context.entitlement(e)?.max).min());
    }
    match context.entitlement(what) {
        Some(e) if e.owner.is_some() => Ok(e.max),
        Some(_) => wrong(format!("nobody owns {what}: what nobody owns is never given; declare its owner")),
        None => wrong(format!("no system declares {what}: see systems/{}.toml", what.system_str())),
    }
}

fn live<'i>(
    identity: &'i mut Identity,
    kind: JustificationKind,
    what: &EntitlementName,
    now: Timestamp,
) -> Option<&'i mut Standing> {
    let lasts = |s: &&mut Standing| s.until.is_none_or(|u| now < u);
    let mut all = identity.decisions.standing.iter_mut().filter(lasts);
    all.find(|s| s.kind == kind && s.entitlement == *what)
}

/// Asks for access. It is due from now on, and waits for a yes.
///
/// # Errors
/// When it cannot be asked for, or is asked for already.
pub fn request(
    context: &Context,
    identity: &mut Identity,
    wish: &Wish<'_>,
    now: Timestamp,
) -> Result<(), Wrong> {
    let holder = Holder::of(context, identity, now)?;
    let until = holder.until(wish.until, limit(context, wish.what)?)?;
    if live(identity, JustificationKind::Request, wish.what, now).is_some() {
        return wrong(format!("{} is asked for already: `tenure request extend` moves its end", wish.what));
    }
    identity.decisions.standing.push(holder.standing(JustificationKind::Request, wish, until)?);
    Ok(())
}

/// Moves the end of what was asked for. What is added waits for a yes; the old end stays until then.
///
/// # Errors
/// When it was not asked for, or the end is too far.
pub fn extend(
    context: &Context,
    identity: &mut Identity,
    wish: &Wish<'_>,
    now: Timestamp,
) -> Result<(), Wrong> {
    let holder = Holder::of(context, identity, now)?;
    let (until, reason) = (holder.until(wish.until, limit(context, wish.what)?)?, wish.reason()?);
    let Some(standing) = live(identity, JustificationKind::Request, wish.what, now) else {
        return wrong(format!("{} was not asked for: `tenure request add` asks", wish.what));
    };
    if standing.until.is_none_or(|old| until <= old) {
        return wrong(format!("{} does not end earlier than that: `tenure request end` ends it", wish.what));
    }
    (standing.until, standing.reason, standing.requester) = (Some(until), reason, Some(wish.by));
    // Who asks again asks anew: an old no does not answer it.
    let what = wish.what;
    identity.decisions.answers.retain(|_, a| a.approved || a.grant != *what);
    Ok(())
}

/// Gives access at once, without a yes, for a short time.
///
/// # Errors
/// When the time is too long, or nobody has looked at the last emergency yet.
pub fn emergency(
    context: &Context,
    identity: &mut Identity,
    wish: &Wish<'_>,
    lasts: SignedDuration,
    now: Timestamp,
) -> Result<(), Wrong> {
    let holder = Holder::of(context, identity, now)?;
    limit(context, wish.what)?;
    if wish.what.system_str() == BUNDLE {
        return wrong("an emergency is about one entitlement, not about a bundle");
    }
    let longest = context.setup.policy.request.emergency_max;
    if lasts > longest || lasts <= SignedDuration::ZERO {
        return wrong(format!("an emergency lasts at most {} minutes", longest.as_mins()));
    }
    let is_open = |s: &Standing| {
        s.kind == JustificationKind::Emergency && s.entitlement == *wish.what && s.reviewed.is_none()
    };
    if identity.decisions.standing.iter().any(is_open) {
        return wrong(format!(
            "nobody has looked at the last emergency about {} yet: its owner does by `tenure request seen`",
            wish.what
        ));
    }
    let Ok(until) = now.checked_add(lasts) else { return wrong("that is beyond all dates") };
    identity.decisions.standing.push(holder.standing(JustificationKind::Emergency, wish, until)?);
    Ok(())
}

/// Signs an exception, or renews one that lasts.
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
) -> Result<(), Wrong> {
    let holder = Holder::of(context, identity, now)?;
    let rule = &context.setup.policy.request;
    if wish.what.system_str() == BUNDLE {
        return wrong("an exception is about one entitlement, not about a bundle");
    }
    if compensating.trim().is_empty() {
        return wrong("an exception says what is done instead: --instead \"…\"");
    }
    let Some(day) = wish.until else { return wrong("an exception always ends: --until DATE") };
    let longest = SignedDuration::from_hours(i64::from(rule.exception_days) * 24);
    let until =
        holder.until(Some(day), Some(limit(context, wish.what)?.map_or(longest, |m| m.min(longest))))?;
    let mut new = holder.standing(JustificationKind::Exception, wish, until)?;
    (new.compensating, new.owner) = (Arc::from(compensating.trim()), Some(owner));
    if let Some(old) = live(identity, JustificationKind::Exception, wish.what, now) {
        (new.from, new.reviewed) = (old.from, Some(now));
        *old = new;
    } else {
        identity.decisions.standing.push(new);
    }
    let signed = identity
        .decisions
        .standing
        .iter()
        .filter(|s| s.kind == JustificationKind::Exception && s.entitlement == *wish.what);
    let all: SignedDuration = signed
        .filter_map(|s| Some(s.until?.duration_since(s.from?)))
        .fold(SignedDuration::ZERO, |a, b| a + b);
    if all > SignedDuration::from_hours((i64::from(rule.exception_total_days) + 1) * 24) {
        return wrong(format!(
            "all exceptions for {} together may last {} days: change the policy, or end the need",
            wish.what, rule.exception_total_days
        ));
    }
    Ok(())
}

/// Says that access is still needed although the work changed, or that adopted access goes on. It belongs to what the person
/// does now.
///
/// # Errors
/// When there is nothing to keep.
pub fn keep(
    context: &Context,
    identity: &mut Identity,
    what: &EntitlementName,
    until: Option<Date>,
    now: Timestamp,
) -> Result<(), Wrong> {
    let holder = Holder::of(context, identity, now)?;
    if let Some(request) = live(identity, JustificationKind::Request, what, now) {
        if until.is_some() {
            return wrong("keeping does not lengthen: `tenure request extend` asks for a later end");
        }
        (request.engagement, request.reviewed) = (Some(holder.engagement.id), Some(now));
        (request.work, request.converted) = (Some(holder.engagement.kind), None);
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
        None => wrong(format!("{what} is held for no request and was not adopted: there is nothing to keep")),
    }
}

/// Says that somebody looked at what was done in an emergency.
///
/// # Errors
/// When there was none that waits for it.
pub fn seen(identity: &mut Identity, what: &EntitlementName, now: Timestamp) -> Result<(), Wrong> {
    let open = |s: &&mut Standing| {
        s.kind == JustificationKind::Emergency && s.entitlement == *what && s.reviewed.is_none()
    };
    match identity.decisions.standing.iter_mut().find(open) {
        Some(emergency) => {
            emergency.reviewed = Some(now);
            Ok(())
        }
        None => wrong(format!("no emergency about {what} waits for somebody to look at it")),
    }
}

/// Ends what people decided: a request, an emergency, an exception or adopted access. An emergency stays to be looked at.
///
/// # Errors
/// When there is none.
pub fn end(
    identity: &mut Identity,
    kinds: &[JustificationKind],
    what: &EntitlementName,
    now: Timestamp,
) -> Result<(), Wrong> {
    let meant =
        |s: &Standing| kinds.contains(&s.kind) && s.entitlement == *what && s.until.is_none_or(|u| now < u);
    if !identity.decisions.standing.iter().any(meant) {
        return wrong(format!("{what} rests on no decision of a person: there is nothing to end"));
    }
    for standing in identity.decisions.standing.iter_mut().filter(|s| meant(s)) {
        standing.until = Some(now);
    }
    Ok(())
}

/// Sets a value over what sources say, for a time.
///
/// # Errors
/// When the attribute is not declared, the value has another type, or the time is too long.
pub fn set_by_hand(
    context: &Context,
    identity: &mut Identity,
    (attribute, text): (&AttributeName, &str),
    (owner, reason): (IdentityId, &str),
    until: Option<Date>,
    now: Timestamp,
) -> Result<(), Wrong> {
    let holder = Holder::of(context, identity, now)?;
    let Some(declared) = context.setup.attributes.get(attribute) else {
        return wrong(format!("no policy declares the attribute `{attribute}`"));
    };
    let value = match declared.value_type {
        ValueType::Text => Some(Value::text(text)),
        ValueType::Texts => Some(Value::texts(text.split(',').map(str::trim).filter(|t| !t.is_empty()))),
        ValueType::Int => text.parse().ok().map(Value::Int),
        ValueType::Bool => text.parse().ok().map(Value::Bool),
        ValueType::Date => text.parse().ok().map(Value::Date),
    };
    let Some(value) = value else { return wrong(format!("`{text}` is no value of `{attribute}`")) };
    if reason.trim().is_empty() {
        return wrong("it needs a reason: --reason \"…\"");
    }
    let Some(day) = until else { return wrong("a value by hand always ends: --until DATE") };
    let longest = SignedDuration::from_hours(i64::from(context.setup.policy.request.override_days) * 24);
    let until = holder.until(Some(day), Some(longest))?;
    identity.decisions.overrides.retain(|o| o.attribute != *attribute);
    let reason = Arc::from(reason.trim());
    identity.decisions.overrides.push(Override { attribute: attribute.clone(), value, owner, reason, until });
    Ok(())
}

/// Takes a value by hand back.
///
/// # Errors
/// When there is none.
pub fn let_be(identity: &mut Identity, attribute: &AttributeName) -> Result<(), Wrong> {
    let before = identity.decisions.overrides.len();
    identity.decisions.overrides.retain(|o| o.attribute != *attribute);
    if identity.decisions.overrides.len() == before {
        return wrong(format!("`{attribute}` is not set by hand"));
    }
    Ok(())
}
