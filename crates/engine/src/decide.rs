//! Applies a gated plan to what was decided before: the rows that change, and what must be confirmed afterwards.

use crate::Context;
use crate::ended::ends;
use crate::estate::{account_name, kept_name};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use tenure_model::{
    Account, AccountKey, AccountState, AccountTarget, Gate, Grant, Holding, Obligation, Observed, Plan,
    Settlement, Step, StepKind, Subject, Urgency,
};
use tenure_policy::Mode;

/// The local name of the entitlement that is the account itself: it is never written to a system; it only states that an account is
/// due.
pub const ACCOUNT_ITSELF: &str = "account";

/// What a decision changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decided {
    /// Accounts whose target changed, with their new generation.
    pub accounts: Vec<Account>,
    /// Grants that changed.
    pub grants: Vec<Grant>,
    /// What must become true, by account and generation.
    pub obligations: Vec<(AccountKey, Obligation, u64)>,
    /// Obligations that a new grant or account made obsolete.
    pub overtaken: Vec<(AccountKey, Obligation)>,
    /// Work: which account, who does it, how urgent.
    pub work: Vec<Work>,
}

/// Work on one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// The account.
    pub account: AccountKey,
    /// The generation to bring about.
    pub generation: u64,
    /// Which queue.
    pub urgency: Urgency,
    /// Whether a brake counts it: an identity loses access by it, or is renamed. Ending something already unusable is no loss.
    pub braked: bool,
    /// Whether it also carries out an earlier decided loss on the account that is not confirmed.
    pub behind: bool,
    /// Whether the system's owner does it (mode `observe`).
    pub by_owner: bool,
}

impl Decided {
    /// Whether anything changes in a system.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.grants.is_empty()
    }
}

/// The decision that a gated plan makes. `renewed`: the identity comes back from a cut-off or from a long time without access, so that
/// every enabled account gets new credentials.
#[must_use]
pub fn decide(
    context: &Context,
    subject: &Subject,
    settlement: &Settlement,
    plan: &Plan,
    renewed: bool,
    now: Timestamp,
) -> Decided {
    let mut decided = Decided::default();
    let mut by_account: BTreeMap<&AccountKey, Vec<&Step>> = BTreeMap::new();
    for step in plan.steps.iter().filter(|s| counts(context, s)) {
        by_account.entry(&step.account).or_default().push(step);
    }
    decided.grants = grants(subject, settlement, &by_account);
    for (key, steps) in &by_account {
        let account = account(context, subject, settlement, key, steps);
        for step in steps {
            oblige(&mut decided, &account, &step.kind, now);
            expose(context, &mut decided, &account, &step.kind);
        }
        oblige_credentials(&mut decided, &account, settlement, steps, renewed);
        decided.work.push(Work {
            account: (*key).clone(),
            generation: account.generation,
            urgency: urgency(settlement, steps),
            braked: steps.iter().any(|s| is_braked(&s.kind)),
            behind: is_behind(subject, &account, &decided.grants),
            by_owner: steps.iter().any(|s| s.gate == Gate::Mode),
        });
        decided.accounts.push(account);
    }
    decided
}

/// Whether an identity loses something by a step, or is renamed. The end of a reason for the account itself is no loss: if it was the
/// last one, the account is disabled as well.
pub(crate) fn is_braked(kind: &StepKind) -> bool {
    match kind {
        StepKind::Disable | StepKind::Rename(_) => true,
        StepKind::Revoke(e) => e.local() != ACCOUNT_ITSELF,
        _ => false,
    }
}

/// Whether an earlier decided loss on an account is still due and not confirmed: a brake may hold it. `decided` are the grants as now
/// decided: a grant that is given again is no longer to be lost.
fn is_behind(subject: &Subject, account: &Account, decided: &[Grant]) -> bool {
    let Some(before) = subject.accounts.iter().find(|a| a.key == account.key) else { return false };
    let stays_off = || account.target.state.max(before.target.state) < AccountState::Enabled;
    let given_again = |g: &Grant| {
        let same = |d: &&Grant| d.account == g.account && d.entitlement == g.entitlement;
        decided.iter().find(same).is_some_and(|d| d.holding != Holding::Ending)
    };
    let is_ending = |g: &Grant| g.account == account.key && g.holding == Holding::Ending && !given_again(g);
    before.confirmed != before.generation
        && (stays_off() || before.observed.other_name().is_some() || subject.grants.iter().any(is_ending))
}

/// Whether a step is decided now. Work of a system in `observe` is decided here and executed by its owner.
fn counts(context: &Context, step: &Step) -> bool {
    match step.gate {
        Gate::Open => true,
        Gate::Mode => {
            context.setup.systems.get(&step.account.system).is_some_and(|s| s.mode == Mode::Observe)
        }
        _ => false,
    }
}

fn urgency(settlement: &Settlement, steps: &[&Step]) -> Urgency {
    if settlement.cut_off {
        Urgency::CutOff
    } else if steps.iter().any(|s| s.kind.removes() || s.kind == StepKind::Reset) {
        Urgency::Removal
    } else {
        Urgency::Normal
    }
}

/// The account after its steps.
fn account(
    context: &Context,
    subject: &Subject,
    settlement: &Settlement,
    key: &AccountKey,
    steps: &[&Step],
) -> Account {
    let before = subject.accounts.iter().find(|a| &a.key == key);
    let mut account = before.cloned().unwrap_or_else(|| Account {
        key: key.clone(),
        target: AccountTarget { state: AccountState::Absent, attributes: BTreeMap::new(), name: None },
        generation: 0,
        confirmed: 0,
        external_id: None,
        observed: Observed::Unknown,
    });
    let due = settlement.accounts.iter().find(|a| &a.key == key);
    for step in steps {
        match &step.kind {
            StepKind::Disable => account.target.state = AccountState::Disabled,
            StepKind::Create => {
                account.target.state = AccountState::Disabled;
                account.target.name = None;
            }
            StepKind::Delete => account.target.state = AccountState::Absent,
            StepKind::Enable => account.target.state = AccountState::Enabled,
            StepKind::Rename(_) => rename(context, subject, &mut account),
            StepKind::Update(_)
            | StepKind::EndSessions
            | StepKind::Reset
            | StepKind::Activate
            | StepKind::Grant(_)
            | StepKind::Revoke(_) => {}
        }
        if let (StepKind::Create | StepKind::Update(_), Some(due)) = (&step.kind, due) {
            account.target.attributes.clone_from(&due.attributes);
        }
    }
    account.generation += 1;
    account
}

/// The account under its new name; the present name stays known until then.
fn rename(context: &Context, subject: &Subject, account: &mut Account) {
    let Some(system) = context.setup.systems.get(&account.key.system) else { return };
    let old = account_name(system, &subject.identity, account).cloned();
    if let Observed::Present { name, .. } = &mut account.observed {
        *name = name.take().or(old);
    }
    account.target.name = kept_name(system, &subject.identity, account).cloned();
}

/// A person who loses access to a shared account knew its secret.
fn expose(context: &Context, decided: &mut Decided, account: &Account, kind: &StepKind) {
    let StepKind::Revoke(entitlement) = kind else { return };
    let opens = context.entitlement(entitlement).and_then(|e| e.opens.clone());
    let owed = opens.map(|name| (account.key.clone(), Obligation::SecretRotated(name), account.generation));
    decided.obligations.extend(owed);
}

fn oblige(decided: &mut Decided, account: &Account, kind: &StepKind, now: Timestamp) {
    let (owed, overtaken): (Option<Obligation>, Option<Obligation>) = match kind {
        StepKind::Disable => (Some(Obligation::AccountUnusable), None),
        StepKind::EndSessions => (Some(Obligation::SessionsEnded), None),
        StepKind::Delete => (Some(Obligation::AccountDeleted), None),
        StepKind::Revoke(e) if e.local() != ACCOUNT_ITSELF => {
            (Some(Obligation::EntitlementGone(e.clone())), None)
        }
        StepKind::Grant(e) => (None, Some(Obligation::EntitlementGone(e.clone()))),
        StepKind::Reset => (Some(crate::reset::owed(now)), None),
        StepKind::Activate => (Some(Obligation::Activated(account.key.clone())), None),
        StepKind::Enable => (None, Some(Obligation::AccountUnusable)),
        StepKind::Create => (None, Some(Obligation::AccountDeleted)),
        StepKind::Revoke(_) | StepKind::Update(_) | StepKind::Rename(_) => (None, None),
    };
    decided.obligations.extend(owed.map(|o| (account.key.clone(), o, account.generation)));
    // A disabled account needs no initial password any more.
    let first = (*kind == StepKind::Disable).then(|| Obligation::Activated(account.key.clone()));
    decided.overtaken.extend(first.map(|o| (account.key.clone(), o)));
    // An identity that is let in again lost nothing: none of its sessions ends for a removal that was undone.
    let sessions = (*kind == StepKind::Enable).then_some(Obligation::SessionsEnded);
    decided.overtaken.extend(overtaken.into_iter().chain(sessions).map(|o| (account.key.clone(), o)));
}

/// Credentials of an account are revoked when the account ends (not during an absence, as the holder returns to them), and when the
/// identity comes back from a cut-off or a long time without access; any other return keeps them.
fn oblige_credentials(
    decided: &mut Decided,
    account: &Account,
    settlement: &Settlement,
    steps: &[&Step],
    renewed: bool,
) {
    let has = |kind: &StepKind| steps.iter().any(|s| s.kind == *kind);
    let off = has(&StepKind::Disable) || has(&StepKind::EndSessions);
    let key = account.key.clone();
    if (off && ends(settlement, &account.key)) || (has(&StepKind::Enable) && renewed) {
        decided.obligations.push((key, Obligation::CredentialsRevoked, account.generation));
    } else if has(&StepKind::Enable) {
        decided.overtaken.push((key, Obligation::CredentialsRevoked));
    }
}

/// Grants that change: those with steps, and those whose reasons changed.
fn grants(
    subject: &Subject,
    settlement: &Settlement,
    steps: &BTreeMap<&AccountKey, Vec<&Step>>,
) -> Vec<Grant> {
    let given: BTreeSet<_> = steps
        .values()
        .flatten()
        .filter_map(|s| match &s.kind {
            StepKind::Grant(e) => Some((&s.account, e)),
            _ => None,
        })
        .collect();
    let taken: BTreeSet<_> = steps
        .values()
        .flatten()
        .filter_map(|s| match &s.kind {
            StepKind::Revoke(e) => Some((&s.account, e)),
            _ => None,
        })
        .collect();
    let before: BTreeMap<_, &Grant> =
        subject.grants.iter().map(|g| ((&g.account, &g.entitlement), g)).collect();
    let mut changed = Vec::new();
    for due in &settlement.grants {
        let key = (&due.account, &due.entitlement);
        let was = before.get(&key);
        let is_given = given.contains(&key);
        if !is_given && !was.is_some_and(|g| g.holding.is_decided() && g.justifications != due.justifications)
        {
            continue;
        }
        changed.push(Grant {
            account: due.account.clone(),
            entitlement: due.entitlement.clone(),
            justifications: due.justifications.clone(),
            holding: if is_given { Holding::Ordered } else { was.map_or(Holding::Ordered, |g| g.holding) },
        });
    }
    changed.extend(taken.iter().filter_map(|key| before.get(key)).map(|g| {
        let mut g = (*g).clone();
        g.holding = Holding::Ending;
        g
    }));
    changed
}
