//! Manual overrides of values, and delegation.

use super::holder::{Holder, Refused, wrong};
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
) -> Result<(), Refused> {
    let holder = Holder::of(context, identity, now)?;
    let Some(declared) = context.setup.attributes.get(attribute) else {
        return wrong(
            DecisionRefusal::NotDeclared,
            format!("the policy does not declare the attribute `{attribute}`"),
        );
    };
    let Some(value) = declared.value_type.typed(text) else {
        return wrong(
            DecisionRefusal::NotAValue,
            format!(
                "`{text}` is not a value of `{attribute}`: a value is {}",
                declared.value_type.in_words()
            ),
        );
    };
    if reason.trim().is_empty() {
        return wrong(DecisionRefusal::ReasonMissing, "a reason is missing");
    }
    let Some(day) = until else {
        return wrong(DecisionRefusal::EndMissing, "a value set by hand needs an end date");
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
) -> Result<(), Refused> {
    let holder = Holder::of(context, identity, now)?;
    if to == identity.id {
        return wrong(DecisionRefusal::OwnRecord, "you cannot be your own delegate");
    }
    let Some(day) = until else {
        return wrong(DecisionRefusal::EndMissing, "a delegation needs an end date");
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
pub fn accept_delegation(identity: &mut Identity, by: IdentityId, now: Timestamp) -> Result<(), Refused> {
    if identity.decisions.delegations.iter().any(|d| d.to == by && d.is_accepted_at(now)) {
        return wrong(
            DecisionRefusal::AlreadyInForce,
            "this delegation is accepted already: nothing is left to do",
        );
    }
    let mut asked = identity.decisions.delegations.iter_mut().filter(|d| d.to == by && now < d.until);
    let Some(delegation) = asked.find(|d| d.accepted.is_none()) else {
        return wrong(DecisionRefusal::NotInForce, "that identity did not name you as its delegate");
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
pub fn answer_oneself(identity: &mut Identity, to: IdentityId, now: Timestamp) -> Result<(), Refused> {
    let lasting = identity.decisions.delegations.iter().any(|d| d.to == to && now < d.until);
    end_delegation(identity, to, now);
    if !lasting {
        return wrong(DecisionRefusal::NotInForce, "that identity is not a delegate");
    }
    Ok(())
}

/// Removes a manual override.
///
/// # Errors
/// When there is none.
pub fn clear_override(identity: &mut Identity, attribute: &AttributeName) -> Result<(), Refused> {
    let before = identity.decisions.overrides.len();
    identity.decisions.overrides.retain(|o| o.attribute != *attribute);
    if identity.decisions.overrides.len() == before {
        return wrong(DecisionRefusal::NotInForce, format!("`{attribute}` is not set by hand"));
    }
    Ok(())
}
