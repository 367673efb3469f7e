//! Which accounts are due, their due state, and the attributes written to them.

use crate::Context;
use crate::custody::Custody;
use crate::grants::{Collected, EvaluatedEngagement};
use crate::reasons::prepared;
use crate::references::is_available;
use crate::settle::precedence;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{
    Account, AccountKey, AccountState, AttributeName, DueAccount, Finding, FindingDetail, Hold, Identity,
    Name, Phase, ReferenceState, Subject, Value,
};
use tenure_policy::{Builtin, OnManualDisable, Outbound, Strength, System};

/// The accounts due, sorted by key.
#[expect(clippy::too_many_arguments, reason = "the parts of one settlement, all different, used once")]
pub(crate) fn accounts(
    context: &Context,
    subject: &Subject,
    seats: &[EvaluatedEngagement<'_>],
    primary: Option<&EvaluatedEngagement<'_>>,
    phase: Phase,
    custody: Custody,
    now: Timestamp,
    out: &mut Collected,
) -> Vec<DueAccount> {
    let due: BTreeSet<AccountKey> = out.due.keys().map(|(a, _)| a.clone()).collect();
    let waits = prepared(out);
    let held = subject.identity.held(now);
    // A hold also stops a deletion that is decided and not yet confirmed.
    let existing: BTreeMap<&AccountKey, &Account> = subject
        .accounts
        .iter()
        .filter(|a| a.target.state != AccountState::Absent || (held.is_some() && a.confirmed != a.generation))
        .map(|a| (&a.key, a))
        .collect();
    let keys: BTreeSet<AccountKey> =
        due.iter().chain(&out.foreseen).chain(&waits).chain(existing.keys().copied()).cloned().collect();
    let mut accounts = Vec::with_capacity(keys.len());
    for key in keys {
        let Some(system) = context.setup.systems.get(&key.system) else { continue };
        let was = existing.get(&key).copied();
        let (state, because) = if subject.identity.is_cut_off() {
            // A cut-off is not a hold: an account of a departed identity that policy deletes is deleted.
            match unused(system, seats, phase, held, now, &mut out.edges) {
                deleted @ (AccountState::Absent, _) => deleted,
                _ => (AccountState::Disabled, "cut off"),
            }
        } else if due.contains(&key) {
            match off_by_hand(subject, system, &key, &mut out.findings) {
                Some(off) => (AccountState::Disabled, off),
                None => usable(context, &key, phase, custody, was),
            }
        } else if waits.contains(&key) {
            // An unanswered question keeps no account usable.
            let runs = was.is_some_and(|a| a.target.state == AccountState::Enabled);
            (
                AccountState::Disabled,
                if runs { "what is due waits for an answer" } else { "required by policy" },
            )
        } else if out.foreseen.contains(&key) {
            (AccountState::Disabled, if phase == Phase::Absent { "away" } else { "prepared" })
        } else {
            unused(system, seats, phase, held, now, &mut out.edges)
        };
        if was.is_none() && subject.identity.is_cut_off() {
            continue;
        }
        let attributes = match primary {
            Some(primary) => attributes(subject, system, &key, primary, was, &mut out.findings),
            None => left_behind(context, subject, system, &key, seats, was, &mut out.findings),
        };
        accounts.push(DueAccount { key, state, attributes, because: Arc::from(because) });
    }
    accounts
}

/// Drops the records of manual account changes for departed identities, and where they no longer count.
pub(crate) fn follow_by_hand(context: &Context, identity: &mut Identity, now: Timestamp) {
    if identity.decisions.off_by_hand.is_empty() {
        return;
    }
    let has_left = crate::settle::phase(context, identity, now) == Phase::Departed;
    let systems = &context.setup.systems;
    let counts = |key: &AccountKey| {
        systems.get(&key.system).is_some_and(|s| s.on_manual_disable != OnManualDisable::Enable)
    };
    identity.decisions.off_by_hand.retain(|key, _| !has_left && counts(key));
}

/// What is due for an account that was disabled by hand: it stays disabled until the system's owner decides otherwise. This removes no
/// access, because none of it can be used.
fn off_by_hand(
    subject: &Subject,
    system: &System,
    key: &AccountKey,
    findings: &mut Vec<Finding>,
) -> Option<&'static str> {
    let off = subject.identity.decisions.off_by_hand.get(key)?;
    let asks = system.on_manual_disable == OnManualDisable::Ask && off.kept.is_none();
    let since = off.since;
    let detail = if asks {
        let (owner, system) = (system.owner.clone(), system.name.clone());
        FindingDetail::DisabledByHandAsked { since, owner, system }
    } else {
        FindingDetail::DisabledByHandKept { since }
    };
    findings.push(Finding::new(key.to_string(), detail));
    Some("disabled by hand")
}

fn usable(
    context: &Context,
    key: &AccountKey,
    phase: Phase,
    custody: Custody,
    was: Option<&Account>,
) -> (AccountState, &'static str) {
    let runs = was.is_some_and(|a| a.target.state == AccountState::Enabled);
    if phase == Phase::Absent && context.setup.policy.absence.suspend.contains(&key.system) {
        return (AccountState::Disabled, "away");
    }
    match custody {
        Custody::Runs => (AccountState::Enabled, "required by policy"),
        Custody::GoesOn if runs => (AccountState::Enabled, "it stays enabled until its new owner is named"),
        Custody::GoesOn => (AccountState::Disabled, "it has no owner"),
        Custody::Stops(why) => (AccountState::Disabled, why),
    }
}

/// An account with nothing due: disabled, and deleted after the keeping time if the system deletes accounts and no hold stops it.
fn unused(
    system: &System,
    seats: &[EvaluatedEngagement<'_>],
    phase: Phase,
    held: Option<&Hold>,
    now: Timestamp,
    edges: &mut Vec<Timestamp>,
) -> (AccountState, &'static str) {
    let keep_until = seats.iter().filter_map(|s| s.window.keep_until).max();
    match keep_until {
        Some(until) if phase == Phase::Departed && system.delete => {
            if let (Some(hold), true) = (held, now >= until) {
                edges.extend(hold.until);
                return (AccountState::Disabled, "a hold keeps it from being deleted");
            }
            if now >= until {
                return (AccountState::Absent, "the keeping time is over");
            }
            edges.push(until);
            (AccountState::Disabled, "departed")
        }
        _ if phase == Phase::Departed => (AccountState::Disabled, "departed"),
        _ => (AccountState::Disabled, "nothing is due here"),
    }
}

/// Attributes of a departed identity's account: the values written last, with phase-dependent attributes computed again.
fn left_behind(
    context: &Context,
    subject: &Subject,
    system: &System,
    key: &AccountKey,
    seats: &[EvaluatedEngagement<'_>],
    was: Option<&Account>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<AttributeName, Value> {
    let mut values = was.map(|a| a.target.attributes.clone()).unwrap_or_default();
    let last = seats.iter().max_by_key(|s| (s.window.end, Reverse(precedence(context, s.engagement))));
    let Some(last) = last else { return values };
    let inputs = last.inputs(&subject.identity);
    let told = |o: &&Outbound| o.reference.is_none() && o.value.reads().builtins.contains(&Builtin::Phase);
    let always = system.attributes_of(&key.kind).iter().filter(|o| o.strength == Strength::Always);
    for outbound in always.filter(told) {
        match outbound.value.value(&inputs) {
            Ok(Some(value)) => drop(values.insert(outbound.name.clone(), value)),
            Ok(None) => drop(values.remove(&outbound.name)),
            Err(problem) => findings.push(not_written(system, outbound, &problem.to_string())),
        }
    }
    values
}

/// The attributes written to an account.
fn attributes(
    subject: &Subject,
    system: &System,
    key: &AccountKey,
    primary: &EvaluatedEngagement<'_>,
    was: Option<&Account>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<AttributeName, Value> {
    let inputs = primary.inputs(&subject.identity);
    let mut values = BTreeMap::new();
    for outbound in system.attributes_of(&key.kind) {
        let before = was.and_then(|a| a.target.attributes.get(&outbound.name));
        if outbound.strength == Strength::Initial && before.is_some() {
            values.extend(before.map(|v| (outbound.name.clone(), v.clone())));
            continue;
        }
        if let Some(reference) = &outbound.reference {
            let value = pointed(subject, system, primary, reference, before);
            values.extend(value.map(|v| (outbound.name.clone(), v)));
            continue;
        }
        match outbound.value.value(&inputs) {
            Ok(value) => values.extend(value.map(|v| (outbound.name.clone(), v))),
            Err(problem) => {
                values.extend(before.map(|v| (outbound.name.clone(), v.clone())));
                findings.push(not_written(system, outbound, &problem.to_string()));
            }
        }
    }
    values
}

/// The account name of the identity that a reference points at. None if the source names no identity or a departed one; the previous
/// name if the reference cannot be resolved.
fn pointed(
    subject: &Subject,
    system: &System,
    primary: &EvaluatedEngagement<'_>,
    attribute: &AttributeName,
    before: Option<&Value>,
) -> Option<Value> {
    let reference = subject
        .references
        .iter()
        .find(|r| r.engagement == primary.engagement.id && &r.attribute == attribute)?;
    match &reference.state {
        state @ ReferenceState::Resolved { identifiers, accounts, .. } if is_available(state) => {
            let name = accounts.get(&system.name).or_else(|| identifiers.get(&system.account_name));
            name.map(|n| Value::Text(n.clone()))
        }
        ReferenceState::Resolved { .. } => None,
        ReferenceState::Unresolved | ReferenceState::Ambiguous | ReferenceState::Circular { .. } => {
            before.cloned()
        }
    }
}

fn not_written(system: &System, outbound: &Outbound, why: &str) -> Finding {
    let detail = FindingDetail::AttributeNotComputed { problem: Arc::from(why) };
    Finding::new(format!("{}.{}", system.name.as_str(), outbound.name), detail)
}
