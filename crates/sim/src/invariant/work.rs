//! Observed state: what differs from what is decided is worked on, held or told; what is confirmed is so; brakes hold what they
//! counted.

use super::checker::Notes;
use super::property::Property;
use super::snapshot::{Member, Snapshot, SystemsSnapshot};
use crate::place::Real;
use std::collections::BTreeSet;
use tenure_model::{
    Account, AccountKey, AccountState, CaseState, Fact, FactState, FindingKind, Holding, IdentityId,
    Name as _, Obligation, Observed, Phase, SystemName, TaskState,
};

/// The connector of systems that people change by hand.
const MANUAL: &str = "manual";
/// The entitlement that stands for the account itself.
const ACCOUNT: &str = "account";

pub(super) fn check(after: &Snapshot<'_>, notes: &mut Notes) {
    let Some(outside) = &after.outside else { return };
    for what in &outside.unreadable {
        notes.add(Property::StoredIsReadable, what.as_str());
    }
    for who in &outside.unevidenced {
        notes.add(Property::DecidedIsEvidenced, format!("{who} changed without an entry in the ledger"));
    }
    for member in after.living() {
        if after.passed {
            for account in &member.accounts {
                differences(after, outside, member, account, notes);
            }
        }
        cut_off(after, outside, member, notes);
    }
    brakes(after, outside, notes);
    facts(after, outside, notes);
}

/// Whether work on an account, a hold, a finding or a correlation question about an account covers a difference.
fn is_known(after: &Snapshot<'_>, outside: &SystemsSnapshot, member: &Member, key: &AccountKey) -> bool {
    let id = member.identity.id;
    let worked =
        |t: &tenure_model::Task| t.identity == id && &t.account == key && !matches!(t.state, TaskState::Done);
    let held = || {
        let all = outside.held.iter().filter(|h| h.ended.is_none());
        all.flat_map(|h| &h.people).any(|(who, _)| *who == id)
    };
    let told = || {
        let name = member.account_name(after.setup(), key);
        let of = |f: &tenure_store::FindingRow| {
            f.identity == Some(id)
                || (f.system.as_ref() == Some(&key.system)
                    && (f.identity.is_none()
                        && name.as_ref().is_some_and(|n| f.finding.about.contains(n.as_str()))))
        };
        // An account that no task creates before its system was reconciled once.
        let of_system = |f: &tenure_store::FindingRow| {
            f.finding.kind() == FindingKind::NeverReconciled && *f.finding.about == *key.system.as_str()
        };
        outside.findings.iter().any(|f| of(f) || of_system(f))
    };
    // In `observe` an account that rules found waits until its owner adopts it; each scan reports it.
    let adopts = || {
        let system = after.setup().systems.get(&key.system);
        system.is_some_and(|s| s.mode == tenure_policy::Mode::Observe && s.tells_holders())
    };
    let asked = || adopts() || outside.maybe.contains(&(key.system.clone(), id));
    outside.tasks.iter().any(worked) || held() || told() || asked()
}

fn differences(
    after: &Snapshot<'_>,
    outside: &SystemsSnapshot,
    member: &Member,
    account: &Account,
    notes: &mut Notes,
) {
    let Some(system) = after.setup().systems.get(&account.key.system) else { return };
    // What cannot be read is attested: nothing is ever seen of it.
    let mut differs = observed(member, account, &*system.connector == MANUAL);
    differs.extend(really(after, outside, member, account));
    if !differs.is_empty() && !is_known(after, outside, member, &account.key) {
        for what in differs {
            notes.add(Property::DifferenceIsKnown, format!("{} in {}: {what}", member.name, account.key));
        }
    }
}

/// How what Tenure saw last differs from what is decided.
fn observed(member: &Member, account: &Account, by_hand: bool) -> Vec<String> {
    let mut differs = Vec::new();
    match (&account.observed, account.target.state) {
        (Observed::Present { enabled: true, .. }, AccountState::Disabled | AccountState::Absent) => {
            differs.push("seen usable, decided unusable".to_owned());
        }
        (Observed::Present { enabled: false, .. }, AccountState::Enabled) => {
            differs.push("seen unusable, decided usable".to_owned());
        }
        (Observed::Absent { .. }, AccountState::Enabled) => {
            differs.push("seen absent, decided usable".to_owned());
        }
        (Observed::Unknown, AccountState::Enabled) if !by_hand => {
            differs.push("not seen, decided usable".to_owned());
        }
        _ => {}
    }
    let open = |h: Holding| matches!(h, Holding::Ordered | Holding::Ending);
    for grant in member.grants.iter().filter(|g| g.account == account.key && open(g.holding)) {
        if grant.entitlement.local() != ACCOUNT {
            differs.push(format!("{} is {}", grant.entitlement, grant.holding.as_str()));
        }
    }
    differs
}

/// How the system differs from what is decided, where it was not changed since the last reconciliation.
fn really(
    after: &Snapshot<'_>,
    outside: &SystemsSnapshot,
    member: &Member,
    account: &Account,
) -> Vec<String> {
    let mut differs = Vec::new();
    let key = &account.key;
    if outside.touched.contains(&key.system) || !after.is_enforced(&key.system) {
        return differs;
    }
    let Some(real) = real(after, outside, member, key) else { return differs };
    if real.usable != (account.target.state == AccountState::Enabled) {
        differs.push(format!("is {}, decided {}", word(real.usable), account.target.state.as_str()));
    }
    let setup = after.setup();
    let managed = |local: &str| {
        let all = setup.systems[&key.system].entitlements.iter();
        all.clone().any(|e| e.name.local() == local && e.owner.is_some())
    };
    let decided: BTreeSet<&str> = member
        .decided()
        .filter(|g| g.account == *key)
        .map(|g| g.entitlement.local())
        .filter(|l| *l != ACCOUNT)
        .collect();
    let held: BTreeSet<&str> = real.holds.iter().map(String::as_str).filter(|l| managed(l)).collect();
    for more in held.difference(&decided) {
        differs.push(format!("holds {more}, which is not decided"));
    }
    let missing = decided.iter().filter(|l| managed(l) && !held.contains(**l));
    differs.extend(missing.map(|local| format!("does not hold {local}, which is decided")));
    differs
}

fn word(usable: bool) -> &'static str {
    if usable { "usable" } else { "unusable" }
}

fn real<'o>(
    after: &Snapshot<'_>,
    outside: &'o SystemsSnapshot,
    member: &Member,
    key: &AccountKey,
) -> Option<&'o Real> {
    let name = member.account_name(after.setup(), key)?;
    outside.real.get(&key.system)?.iter().find(|r| r.name == name)
}

/// An account of a cut-off identity that is usable is worked on.
fn cut_off(after: &Snapshot<'_>, outside: &SystemsSnapshot, member: &Member, notes: &mut Notes) {
    if !member.identity.is_cut_off() || !after.passed {
        return;
    }
    for account in &member.accounts {
        let usable = real(after, outside, member, &account.key).is_some_and(|r| r.usable);
        if usable
            && !outside.touched.contains(&account.key.system)
            && !is_known(after, outside, member, &account.key)
        {
            notes.add(
                Property::CutOffIsOff,
                format!("{} is cut off, and {} is usable", member.name, account.key),
            );
        }
    }
}

/// No brake of a system holds the work of a person who is cut off, or whose end came after what was held.
fn brakes(after: &Snapshot<'_>, outside: &SystemsSnapshot, notes: &mut Notes) {
    for task in outside.tasks.iter().filter(|t| matches!(t.state, TaskState::Held { .. })) {
        let Some(member) = after.members.get(&task.identity) else { continue };
        if member.identity.is_cut_off() {
            notes.add(
                Property::BrakeHoldsCounted,
                format!("{} is cut off, and a brake holds {}", member.name, task.account),
            );
        }
        let since = held_since(outside, &task.account.system, task.identity);
        if since.is_none() {
            notes.add(
                Property::BrakeHoldsCounted,
                format!("{} is in no held change, and a brake holds {}", member.name, task.account),
            );
        }
        if task.brake_passed {
            notes.add(
                Property::BrakeHoldsCounted,
                format!("{} was counted or released, and a brake holds {}", member.name, task.account),
            );
        }
        if !after.passed || !matches!(member.phase, Phase::Departed) {
            continue;
        }
        let ends = member
            .identity
            .engagements
            .iter()
            .filter_map(|e| Some(e.stated_end()?.instant(&after.zone(&e.zone.name))));
        if let (Some(end), Some(since)) = (ends.max(), since)
            && end > since
        {
            notes.add(
                Property::BrakeHoldsCounted,
                format!("{} ended at {end}, and a brake holds {} since {since}", member.name, task.account),
            );
        }
    }
}

/// Since when a brake holds something of a person in a system.
fn held_since(outside: &SystemsSnapshot, system: &SystemName, id: IdentityId) -> Option<jiff::Timestamp> {
    let scope = format!("system {system}");
    let held = outside.held.iter().filter(|h| h.ended.is_none() && *h.scope == *scope);
    held.filter(|h| h.people.iter().any(|(who, _)| *who == id)).map(|h| h.since).max()
}

/// What is confirmed is so, and an open fact belongs to an open case.
fn facts(after: &Snapshot<'_>, outside: &SystemsSnapshot, notes: &mut Notes) {
    for fact in &outside.facts {
        let Some(member) = after.members.get(&fact.identity) else { continue };
        let case = outside.cases.iter().find(|c| c.id == fact.case);
        if fact.state.is_open() && case.is_some_and(|c| c.state != CaseState::Open) {
            notes.add(
                Property::OpenFactOpenCase,
                format!("{} {fact} is {}, and its case is closed", member.name, fact.state.as_str()),
            );
        }
        if matches!(fact.state, FactState::Confirmed(_)) && is_false(after, outside, member, fact) {
            notes.add(
                Property::ConfirmedIsSo,
                format!("{} {fact} is confirmed, and it is not so", member.name),
            );
        }
    }
}

/// Whether the system shows the contrary of a confirmed fact that still counts.
fn is_false(after: &Snapshot<'_>, outside: &SystemsSnapshot, member: &Member, fact: &Fact) -> bool {
    let Some(key) = &fact.account else { return false };
    let Some(account) = member.accounts.iter().find(|a| a.key == *key) else { return false };
    if outside.touched.contains(&key.system) || account.generation != fact.generation {
        return false;
    }
    let Some(real) = real(after, outside, member, key) else { return false };
    match &fact.obligation {
        Obligation::AccountUnusable => real.usable,
        Obligation::EntitlementGone(what) => {
            let again = member.decided().any(|g| g.account == *key && g.entitlement == *what);
            !again && real.holds.contains(what.local())
        }
        Obligation::SessionsEnded => real.sessions > 0 && account.target.state != AccountState::Enabled,
        _ => false,
    }
}
