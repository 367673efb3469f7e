//! Compares one account as seen with its decision: the differences, and the subject as it really is.

use super::snapshot::Snapshot;
use crate::cases::is_due_nothing;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_connect::RemoteAccount;
use tenure_engine::{ACCOUNT_ITSELF, Context, Reach, account_name};
use tenure_model::{
    Account, AccountKey, AccountState, Decisions, EntitlementName, Finding, FindingDetail, Grant, Holding,
    Observed, OffByHand, Phase,
};
use tenure_policy::{Mode, OnManualDisable, Strength, System};
use tenure_store::StoredSubject;

/// Rewrites `subject` to what the scan saw of one account and returns the differences from the decision. Deciding from the
/// rewritten subject is the repair: the usual diff turns the present state into the due state.
pub(crate) fn observe(
    context: &Context,
    system: &System,
    subject: &mut StoredSubject,
    key: &AccountKey,
    remote: Option<(&RemoteAccount, &Snapshot)>,
    at: jiff::Timestamp,
) -> Vec<Finding> {
    let title = subject.title.clone();
    let mut found = Vec::new();
    let Some(account) = subject.accounts.iter_mut().find(|a| &a.key == key) else { return found };
    let mut note = |detail| found.push(Finding::new(format!("{title} in {key}"), detail));
    let Some((remote, seen)) = remote else {
        if is_due_nothing(subject.phase, &subject.identity, account) {
            return found;
        }
        if account.target.state != AccountState::Absent && account.confirmed > 0 {
            note(FindingDetail::AccountRemoved);
            account.target.state = AccountState::Absent;
            account.external_id = None;
            account.observed = Observed::Absent { at };
            for grant in subject.grants.iter_mut().filter(|g| &g.account == key && g.holding == Holding::Held)
            {
                grant.holding = Holding::Ended;
            }
        }
        return found;
    };
    if !by_hand(system, &subject.identity.decisions, subject.phase, account, remote) {
        usability(account, remote, &mut note);
    } else if let Some(off) = switched(account, at) {
        subject.identity.decisions.off_by_hand.insert(account.key.clone(), off);
    } else {
        subject.identity.decisions.off_by_hand.remove(&account.key);
    }
    let name = account_name(system, &subject.identity, account);
    let other = name.filter(|n| n.to_lowercase() != remote.name.to_lowercase());
    if let Some(name) = other {
        note(FindingDetail::NameDiffers { is: remote.name.clone(), due: name.clone() });
    }
    let misnamed = other.is_some().then(|| remote.name.clone());
    attributes(system, account, remote, &mut note);
    let through = context.declared_of(&key.system, &remote.indirect);
    if let Some(place) = &remote.outside {
        note(FindingDetail::AccountMoved { place: Arc::from(&**place) });
    }
    let (external_id, enabled) = (remote.external_id.clone(), remote.enabled);
    account.observed = Observed::Present { at, external_id, enabled, name: misnamed, through };
    grants(context, &mut subject.grants, key, (remote, seen), &mut note);
    found
}

/// Whether an account was disabled by hand, or enabled again after that: what its system's owner decides is no drift.
fn by_hand(
    system: &System,
    decisions: &Decisions,
    phase: Phase,
    account: &Account,
    remote: &RemoteAccount,
) -> bool {
    if remote.unread.enabled.is_some()
        || decisions.cut_off.is_some()
        || matches!(system.mode, Mode::Observe)
        || system.on_manual_disable == OnManualDisable::Enable
    {
        return false;
    }
    match (account.target.state, remote.enabled) {
        (AccountState::Enabled, false) => true,
        (AccountState::Disabled, true) => {
            phase == Phase::Active && decisions.off_by_hand.contains_key(&account.key)
        }
        _ => false,
    }
}

/// Marks the account as switched by hand; returns the note to keep where it is disabled.
fn switched(account: &mut Account, at: jiff::Timestamp) -> Option<OffByHand> {
    let is_off = account.target.state == AccountState::Enabled;
    account.target.state = if is_off { AccountState::Disabled } else { AccountState::Enabled };
    // From now on it counts as seen in its decided state.
    account.generation += 1;
    account.confirmed = account.generation;
    is_off.then_some(OffByHand { since: at, kept: None })
}

fn usability(account: &mut Account, remote: &RemoteAccount, note: &mut impl FnMut(FindingDetail)) {
    if remote.unread.enabled.is_some() {
        return;
    }
    match (account.target.state, remote.enabled) {
        (AccountState::Disabled | AccountState::Absent, true) => {
            note(FindingDetail::AccountEnabled);
            account.target.state = AccountState::Enabled;
        }
        (AccountState::Enabled, false) => {
            note(FindingDetail::AccountDisabled);
            account.target.state = AccountState::Disabled;
        }
        _ => {}
    }
}

fn attributes(
    system: &System,
    account: &mut Account,
    remote: &RemoteAccount,
    note: &mut impl FnMut(FindingDetail),
) {
    for outbound in system.attributes_of(&account.key.kind).iter().filter(|o| o.strength == Strength::Always)
    {
        let (is, due) =
            (remote.attributes.get(&outbound.name), account.target.attributes.get(&outbound.name));
        if is == due {
            continue;
        }
        let shown = |v: Option<&tenure_model::Value>| v.map(|v| Arc::from(v.to_string()));
        let (attribute, is_now, due) = (outbound.name.clone(), shown(is), shown(due));
        note(FindingDetail::AttributeDiffers { attribute, is: is_now, due });
        match is {
            Some(value) => account.target.attributes.insert(outbound.name.clone(), value.clone()),
            None => account.target.attributes.remove(&outbound.name),
        };
    }
}

fn grants(
    context: &Context,
    grants: &mut Vec<Grant>,
    key: &AccountKey,
    (remote, seen): (&RemoteAccount, &Snapshot),
    note: &mut impl FnMut(FindingDetail),
) {
    for local in &remote.entitlements {
        let Ok(entitlement) = EntitlementName::of(&key.system, local) else { continue };
        let known = grants.iter_mut().find(|g| &g.account == key && g.entitlement == entitlement);
        match known {
            Some(g) if g.holding != Holding::Ended => {}
            // An entitlement without an owner is inventoried and never changed.
            _ if !context.is_managed(&entitlement) => {}
            other => {
                note(FindingDetail::GrantUnjustified { entitlement: entitlement.clone() });
                let found = Grant {
                    account: key.clone(),
                    entitlement,
                    justifications: Vec::new(),
                    holding: Holding::Held,
                };
                match other {
                    Some(g) => *g = found,
                    None => grants.push(found),
                }
            }
        }
    }
    let decided = || grants.iter().filter(|g| &g.account == key && g.holding != Holding::Ended);
    // What a grant is declared to contain has the justification of that grant.
    let declared: BTreeSet<EntitlementName> =
        decided().flat_map(|g| Reach::declared(context).from(&g.entitlement)).cloned().collect();
    for (local, path) in &remote.indirect {
        let Ok(entitlement) = EntitlementName::of(&key.system, local) else { continue };
        if context.is_managed(&entitlement) && !declared.contains(&entitlement) {
            note(FindingDetail::InheritedUnjustified { entitlement, path: path.clone() });
        }
    }
    for grant in grants.iter_mut().filter(|g| &g.account == key && g.holding == Holding::Held) {
        let local = grant.entitlement.local();
        if local == ACCOUNT_ITSELF || remote.entitlements.contains(local) {
            continue;
        }
        if let Some(why) = seen.unknown(remote, local) {
            let (entitlement, problem) = (grant.entitlement.clone(), Arc::from(why.to_string()));
            note(FindingDetail::HoldingUnread { entitlement, problem });
        } else {
            note(FindingDetail::GrantRemoved { entitlement: grant.entitlement.clone() });
            grant.holding = Holding::Ended;
        }
    }
}
