//! Manual overrides of values, and delegation.

use super::holder::Holder;
use super::refusal::DecisionRefusal;
use crate::Context;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tenure_model::{AttributeName, Delegation, Identity, IdentityId, Override};

/// Maximum length of a delegation, in days.
const DELEGATED_DAYS: i64 = 92;

/// Overrides what sources state for an attribute, for a limited time.
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
) -> Result<(), DecisionRefusal> {
    let holder = Holder::of(context, identity, now)?;
    let Some(declared) = context.setup.attributes.get(attribute) else {
        return Err(DecisionRefusal::AttributeUnknown { attribute: attribute.clone() });
    };
    let Some(value) = declared.value_type.typed(text) else {
        return Err(DecisionRefusal::NotAValue {
            attribute: attribute.clone(),
            value: text.into(),
            expected: declared.value_type,
        });
    };
    if reason.trim().is_empty() {
        return Err(DecisionRefusal::ReasonMissing);
    }
    let Some(day) = until else {
        return Err(DecisionRefusal::OverrideEndMissing);
    };
    let longest = SignedDuration::from_hours(i64::from(context.setup.policy.request.override_days) * 24);
    let until = holder.until(Some(day), Some(longest))?;
    identity.decisions.overrides.retain(|o| o.attribute != *attribute);
    let reason = Arc::from(reason.trim());
    identity.decisions.overrides.push(Override { attribute: attribute.clone(), value, owner, reason, until });
    Ok(())
}

/// Delegates one's answers to another person, until a day.
///
/// # Errors
/// When the delegate is the delegator, or the time is too long.
pub fn delegate(
    context: &Context,
    identity: &mut Identity,
    to: IdentityId,
    (until, reason): (Option<Date>, &str),
    now: Timestamp,
) -> Result<(), DecisionRefusal> {
    let holder = Holder::of(context, identity, now)?;
    if to == identity.id {
        return Err(DecisionRefusal::OwnDelegate);
    }
    let Some(day) = until else {
        return Err(DecisionRefusal::DelegationEndMissing);
    };
    let until = holder.until(Some(day), Some(SignedDuration::from_hours(DELEGATED_DAYS * 24)))?;
    end_delegation(identity, to, now);
    identity.decisions.delegations.push(Delegation {
        to,
        until,
        reason: Arc::from(reason.trim()),
        accepted: None,
    });
    Ok(())
}

/// The delegate accepts: from now on they are barred from questions about the delegator.
///
/// # Errors
/// When this person was not asked to.
pub fn accept_delegation(
    identity: &mut Identity,
    by: IdentityId,
    now: Timestamp,
) -> Result<(), DecisionRefusal> {
    if identity.decisions.delegations.iter().any(|d| d.to == by && d.is_accepted_at(now)) {
        return Err(DecisionRefusal::DelegationAccepted);
    }
    let mut asked = identity.decisions.delegations.iter_mut().filter(|d| d.to == by && now < d.until);
    let Some(delegation) = asked.find(|d| d.accepted.is_none()) else {
        return Err(DecisionRefusal::DelegationNotOffered);
    };
    delegation.accepted = Some(now);
    Ok(())
}

/// Ends a delegation: an accepted one is remembered, because what the delegate approved counts as the delegator's approval.
fn end_delegation(identity: &mut Identity, to: IdentityId, now: Timestamp) {
    identity.decisions.delegations.retain_mut(|d| {
        if d.to == to && now < d.until {
            d.until = now;
        }
        d.to != to || d.accepted.is_some_and(|accepted| accepted < d.until)
    });
}

/// Ends a delegation by the delegator.
///
/// # Errors
/// When that person is not a delegate.
pub fn answer_oneself(
    identity: &mut Identity,
    to: IdentityId,
    now: Timestamp,
) -> Result<(), DecisionRefusal> {
    let lasting = identity.decisions.delegations.iter().any(|d| d.to == to && now < d.until);
    end_delegation(identity, to, now);
    if !lasting {
        return Err(DecisionRefusal::NotADelegate);
    }
    Ok(())
}

/// Removes a manual override.
///
/// # Errors
/// When there is none.
pub fn clear_override(identity: &mut Identity, attribute: &AttributeName) -> Result<(), DecisionRefusal> {
    let before = identity.decisions.overrides.len();
    identity.decisions.overrides.retain(|o| o.attribute != *attribute);
    if identity.decisions.overrides.len() == before {
        return Err(DecisionRefusal::NotOverridden { attribute: attribute.clone() });
    }
    Ok(())
}
