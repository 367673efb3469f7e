//! The difference between what is due and what was decided before, as ordered steps.

use crate::Context;
use crate::decide::ACCOUNT_ITSELF;
use crate::ended::outlived;
use crate::rename::misnamed;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{
    Account, AccountKey, AccountState, AttributeName, DueAccount, EntitlementName, Gate, Grant,
    Justification, Phase, Plan, Settlement, Step, StepKind, Subject, Value,
};
use tenure_policy::Mode;

/// The plan that turns what was decided into what is due. Steps that a system's mode does not permit carry [`Gate::Mode`];
/// [`crate::gate`] handles approvals.
#[must_use]
pub fn diff(context: &Context, subject: &Subject, settlement: &Settlement) -> Plan {
    let mut steps = Vec::new();
    let before: BTreeMap<&AccountKey, &Account> = subject.accounts.iter().map(|a| (&a.key, a)).collect();
    let due: BTreeMap<&AccountKey, &DueAccount> = settlement.accounts.iter().map(|a| (&a.key, a)).collect();
    let keys: BTreeSet<&AccountKey> = before.keys().chain(due.keys()).copied().collect();
    for key in keys {
        account_steps(before.get(key).copied(), due.get(key).copied(), key, &mut steps);
    }
    for account in outlived(subject, settlement) {
        let note = Arc::from("it was disabled already; its keys and sessions end now");
        steps.push(step(&account.key, StepKind::EndSessions, &[], &note));
    }
    for (account, name) in misnamed(context, subject) {
        let stays = due.get(&account.key).is_some_and(|d| d.state > AccountState::Absent);
        if stays && account.target.state > AccountState::Absent {
            let note = Arc::from("its holder's name changed");
            steps.push(step(&account.key, StepKind::Rename(name), &[], &note));
        }
    }
    grant_steps(context, subject, settlement, &mut steps);
    sorted(&mut steps);
    for step in &mut steps {
        if !allowed(context, settlement, step) {
            step.gate = Gate::Mode;
        }
    }
    Plan { identity: subject.identity.id, steps }
}

/// Sorts steps into their order of execution.
pub(crate) fn sorted(steps: &mut [Step]) {
    steps.sort_by(|a, b| (&a.account, &a.kind).cmp(&(&b.account, &b.kind)));
}

pub(crate) fn step(account: &AccountKey, kind: StepKind, because: &[Justification], note: &Arc<str>) -> Step {
    Step { account: account.clone(), kind, gate: Gate::Open, because: because.to_vec(), note: note.clone() }
}

fn account_steps(
    before: Option<&Account>,
    due: Option<&DueAccount>,
    key: &AccountKey,
    steps: &mut Vec<Step>,
) {
    let was = before.map_or(AccountState::Absent, |a| a.target.state);
    let none = Arc::from("not due any more");
    let (is, note) = due.map_or((AccountState::Absent, &none), |d| (d.state, &d.because));
    let mut push = |kind| steps.push(step(key, kind, &[], note));
    if was == AccountState::Enabled && is < AccountState::Enabled {
        push(StepKind::Disable);
        push(StepKind::EndSessions);
    }
    if was > AccountState::Absent && is == AccountState::Absent {
        push(StepKind::Delete);
    }
    if was == AccountState::Absent && is > AccountState::Absent {
        push(StepKind::Create);
    }
    if was < AccountState::Enabled && is == AccountState::Enabled {
        push(StepKind::Enable);
    }
    if let (Some(due), true) = (due, is > AccountState::Absent && was > AccountState::Absent) {
        let names = differing(before.map(|a| &a.target.attributes), &due.attributes);
        if !names.is_empty() {
            push(StepKind::Update(names));
        }
    }
}

fn differing(
    before: Option<&BTreeMap<AttributeName, Value>>,
    due: &BTreeMap<AttributeName, Value>,
) -> Vec<AttributeName> {
    let Some(before) = before else { return due.keys().cloned().collect() };
    let names: BTreeSet<&AttributeName> = before.keys().chain(due.keys()).collect();
    names.into_iter().filter(|n| before.get(*n) != due.get(*n)).cloned().collect()
}

fn grant_steps(context: &Context, subject: &Subject, settlement: &Settlement, steps: &mut Vec<Step>) {
    type Key<'a> = (&'a AccountKey, &'a EntitlementName);
    let held: BTreeMap<Key<'_>, &Grant> = subject
        .grants
        .iter()
        .filter(|g| g.holding.is_decided())
        .map(|g| ((&g.account, &g.entitlement), g))
        .collect();
    let due: BTreeSet<Key<'_>> = settlement.grants.iter().map(|g| (&g.account, &g.entitlement)).collect();
    for grant in &settlement.grants {
        if !held.contains_key(&(&grant.account, &grant.entitlement)) {
            let kind = StepKind::Grant(grant.entitlement.clone());
            steps.push(step(&grant.account, kind, &grant.justifications, &Arc::from("")));
        }
    }
    let note: Arc<str> = Arc::from(if settlement.cut_off { "cut off" } else { "no reason is left" });
    // An entitlement without an owner is not managed: it stays as it is until it has an owner.
    let is_managed = |e: &EntitlementName| e.local() == ACCOUNT_ITSELF || context.is_managed(e);
    for (key, grant) in held {
        if !due.contains(&key) && is_managed(&grant.entitlement) {
            steps.push(step(
                &grant.account,
                StepKind::Revoke(grant.entitlement.clone()),
                &grant.justifications,
                &note,
            ));
        }
    }
}

/// Whether the system's mode lets Tenure execute a step. A cut-off reaches every mode.
fn allowed(context: &Context, settlement: &Settlement, step: &Step) -> bool {
    let Some(system) = context.setup.systems.get(&step.account.system) else { return false };
    match system.mode {
        Mode::Enforce => true,
        _ if settlement.cut_off => true,
        Mode::Observe => false,
        Mode::AddOnly => !step.kind.removes(),
        Mode::EndOnly => {
            !step.kind.removes()
                || settlement.phase == Phase::Departed
                || settlement.between.is_some()
                || expired(step)
        }
    }
}

/// Whether what is removed had a stated end: then it expired, and no decision was changed.
fn expired(step: &Step) -> bool {
    matches!(step.kind, StepKind::Revoke(_))
        && !step.because.is_empty()
        && step.because.iter().all(|j| j.until.is_some())
}
