//! Whether a non-human identity may run: it has an owner and is used; otherwise it ends, never silently.

use crate::Context;
use crate::grants::{Collected, EvaluatedEngagement};
use crate::references::{OWNER, answers};
use crate::values::value_on;
use crate::window::window;
use jiff::{SignedDuration, Timestamp};
use tenure_model::when::{add_days, end_of_day};
use tenure_model::{
    AccountState, Finding, FindingDetail, Identity, IdentityKind, Name, Phase, ReferenceState, Subject, Value,
};

/// What its custody permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Custody {
    /// All that it is given.
    Runs,
    /// What is enabled stays enabled for a limited time; nothing else is enabled.
    GoesOn,
    /// Nothing, and the reason.
    Stops(&'static str),
}

/// Records since when a non-human identity has no owner who answers: from the settlement that finds it so, however late that is, so
/// that there is always time to name a new owner.
pub(crate) fn note_silence(context: &Context, subject: &mut Subject, now: Timestamp) {
    if subject.identity.kind == IdentityKind::Person {
        return;
    }
    let identity = &subject.identity;
    let mut phases = identity.engagements.iter().map(|e| window(context, identity, e, now).phase);
    let silent = phases.any(|phase| phase != Phase::Departed) && !is_answered(subject);
    let since = subject.identity.decisions.unanswered;
    subject.identity.decisions.unanswered = silent.then(|| since.unwrap_or(now));
}

/// Whether the owner answers, else the deputy.
fn is_answered(subject: &Subject) -> bool {
    subject.references.iter().any(answers)
}

/// The identity that `subject` refers to as its owner.
#[must_use]
pub fn owner_of(subject: &Subject) -> Option<tenure_model::IdentityId> {
    subject.references.iter().filter(|r| r.attribute.as_str() == OWNER).find_map(|r| match r.state {
        ReferenceState::Resolved { id, .. } => Some(id),
        _ => None,
    })
}

/// What custody permits. People have no custody.
pub(crate) fn custody(
    context: &Context,
    subject: &Subject,
    primary: Option<&EvaluatedEngagement<'_>>,
    now: Timestamp,
    out: &mut Collected,
) -> Custody {
    if subject.identity.kind == IdentityKind::Person {
        return Custody::Runs;
    }
    let Some(primary) = primary else { return Custody::Stops("departed") };
    let unused = unused(context, subject, primary, now, out);
    if is_answered(subject) {
        return unused;
    }
    let answer = silence(context, subject, primary, now, out);
    if unused == Custody::Runs { answer } else { unused }
}

/// The consequence of having no owner who answers: an enabled identity goes on for the time that policy gives.
fn silence(
    context: &Context,
    subject: &Subject,
    primary: &EvaluatedEngagement<'_>,
    now: Timestamp,
    out: &mut Collected,
) -> Custody {
    let until = silent_until(context, subject.identity.decisions.unanswered.unwrap_or(now));
    let runs = subject.accounts.iter().any(|a| a.target.state == AccountState::Enabled);
    let (custody, detail) = if runs && now < until {
        out.edges.push(until);
        (Custody::GoesOn, FindingDetail::OwnerlessUntil { until })
    } else {
        (Custody::Stops("it has no owner"), FindingDetail::Ownerless)
    };
    out.findings.push(Finding::new(primary.engagement.key_text(), detail));
    custody
}

/// Until when an identity without an owner since `since` may go on.
fn silent_until(context: &Context, since: Timestamp) -> Timestamp {
    let grace = SignedDuration::from_hours(24 * i64::from(context.setup.policy.custody.silence_days));
    tenure_model::range::moved(since, grace)
}

/// Until when an identity goes on that has no owner from this settlement on; `None` if it had none `before`.
pub(crate) fn falls_silent(
    context: &Context,
    before: Option<&Identity>,
    identity: &Identity,
) -> Option<Timestamp> {
    let was_silent = before.is_some_and(|b| b.decisions.unanswered.is_some());
    let since = identity.decisions.unanswered.filter(|_| !was_silent)?;
    Some(silent_until(context, since))
}

/// The consequence of not being used for as long as policy states: a notice, then the end.
fn unused(
    context: &Context,
    subject: &Subject,
    primary: &EvaluatedEngagement<'_>,
    now: Timestamp,
    out: &mut Collected,
) -> Custody {
    let rule = &context.setup.policy.custody;
    let (identity, window) = (&subject.identity, &primary.window);
    let value = rule
        .last_used
        .as_ref()
        .and_then(|name| value_on(context, identity, primary.engagement, name, window.day, now));
    let Some((Value::Date(day), _)) = value else { return Custody::Runs };
    let after = |days: u32| end_of_day(add_days(*day, i32::try_from(days).unwrap_or(i32::MAX)), &window.zone);
    let (found, off) = (after(rule.unused_days), after(rule.unused_days.saturating_add(rule.notice_days)));
    out.edges.extend([found, off]);
    if now < found {
        return Custody::Runs;
    }
    let since = *day;
    let (custody, detail) = match now < off {
        true => (Custody::Runs, FindingDetail::UnusedUntil { since, until: off }),
        false => (Custody::Stops("nothing uses it"), FindingDetail::UnusedDisabled { since }),
    };
    out.findings.push(Finding::new(primary.engagement.key_text(), detail));
    custody
}
