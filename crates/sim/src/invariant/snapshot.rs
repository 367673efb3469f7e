//! An organisation after a step, as any stage keeps it.

use crate::place::Real;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use tenure_engine::Context;
use tenure_model::{
    Account, AccountKey, ApprovalRequest, Case, EntitlementName, Fact, Gate, Grant, Identity, IdentityId,
    Phase, RuleName, Step, StepKind, SystemName, Task,
};
use tenure_policy::{Mode, SetUp};
use tenure_store::{FindingRow, HeldChangeRow};

/// Everything after a step.
pub(crate) struct Snapshot<'a> {
    /// Business time.
    pub(crate) now: Timestamp,
    /// Whether a pass ran in the step: then everything that is due has been settled.
    pub(crate) passed: bool,
    /// Whether no person did anything in the step: only feeds, systems and time changed something.
    pub(crate) is_quiet: bool,
    /// Whether people only answered questions in it.
    pub(crate) is_answered: bool,
    /// The active configuration and the zones.
    pub(crate) context: &'a Context,
    /// Every identity, merged and erased ones too.
    pub(crate) members: BTreeMap<IdentityId, Member>,
    /// Questions that wait.
    pub(crate) asked: Vec<ApprovalRequest>,
    /// The identities that an open held change of the configuration lists.
    pub(crate) kept_back: BTreeSet<IdentityId>,
    /// What deciding every identity once more would do.
    pub(crate) again: Again,
    /// How what brakes hold after a pass differs from what a plan said before it, where the stage plans.
    pub(crate) misplanned: Vec<String>,
    /// What there is beside decisions, where the stage has it.
    pub(crate) outside: Option<SystemsSnapshot>,
}

/// What deciding every identity once more, at the same instant and with the same input, would do; in words.
#[derive(Default)]
pub(crate) struct Again {
    /// New decisions.
    pub(crate) undecided: Vec<String>,
    /// What waits or is held in it and is not stored so, and what is stored so and does not wait in it.
    pub(crate) unstored: Vec<String>,
    /// What takes access away and waits for a yes.
    pub(crate) removals_asked: Vec<String>,
}

impl Again {
    /// Takes note of the steps of an identity's plan.
    pub(crate) fn steps(
        &mut self,
        name: &str,
        steps: &[Step],
        is_asked: impl Fn(&RuleName, &EntitlementName) -> bool,
    ) {
        for step in steps {
            let words = || format!("{name}: {}", tenure_app::describe::step_words(step));
            match (&step.gate, &step.kind) {
                (Gate::Open, _) => self.undecided.push(words()),
                (Gate::Approval(_), kind) if kind.removes() => self.removals_asked.push(words()),
                (Gate::Approval(rule), StepKind::Grant(what)) if !is_asked(rule, what) => {
                    self.unstored.push(format!("{name}: {what} waits for `{rule}`"));
                }
                _ => {}
            }
        }
    }
}

/// An identity as it was last decided.
pub(crate) struct Member {
    /// Its name in the scenario.
    pub(crate) name: String,
    pub(crate) identity: Identity,
    pub(crate) phase: Phase,
    pub(crate) next: Option<Timestamp>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) grants: Vec<Grant>,
}

/// Work, facts, findings and the systems as they really are.
#[derive(Default)]
pub(crate) struct SystemsSnapshot {
    pub(crate) tasks: Vec<Task>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) cases: Vec<Case>,
    pub(crate) findings: Vec<FindingRow>,
    pub(crate) held: Vec<HeldChangeRow>,
    /// Possible holders of an account whose system's owner is asked which identity it belongs to: none is created for them meanwhile.
    pub(crate) maybe: BTreeSet<(SystemName, IdentityId)>,
    /// The accounts of each system that can be looked into.
    pub(crate) real: BTreeMap<SystemName, Vec<Real>>,
    /// Systems that were changed outside Tenure since the last reconciliation.
    pub(crate) touched: BTreeSet<SystemName>,
    /// Systems that were reconciled in the step: what is over there was seen so.
    pub(crate) reconciled: BTreeSet<SystemName>,
    /// Identities with more changes than entries in the ledger.
    pub(crate) unevidenced: Vec<String>,
    /// What could not be read back.
    pub(crate) unreadable: Vec<String>,
}

impl Snapshot<'_> {
    pub(crate) fn setup(&self) -> &SetUp {
        &self.context.setup
    }

    /// Its name in the scenario.
    pub(crate) fn name(&self, id: IdentityId) -> String {
        self.members.get(&id).map_or_else(|| id.to_string(), |m| m.name.clone())
    }

    /// Identities that are themselves: neither merged into others nor erased.
    pub(crate) fn living(&self) -> impl Iterator<Item = &Member> {
        self.members.values().filter(|m| m.identity.merged_into.is_none() && !m.identity.is_erased())
    }

    /// Whether Tenure may do everything by itself in a system.
    pub(crate) fn is_enforced(&self, system: &SystemName) -> bool {
        self.setup().systems.get(system).is_some_and(|s| s.mode == Mode::Enforce)
    }

    /// The zone of a name, or UTC.
    pub(crate) fn zone(&self, name: &str) -> TimeZone {
        self.context.zones.get(name).unwrap_or(TimeZone::UTC)
    }
}

impl Member {
    /// Grants that Tenure wants to be there.
    pub(crate) fn decided(&self) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter(|g| g.holding.is_decided())
    }

    /// The name under which one of its accounts is in its system.
    pub(crate) fn account_name(&self, setup: &SetUp, key: &AccountKey) -> Option<String> {
        let account = self.accounts.iter().find(|a| &a.key == key)?;
        let issued = || self.identity.identifiers.get(setup.systems.get(&key.system)?.name_of(&key.kind));
        account.target.name.as_ref().or_else(issued).map(ToString::to_string)
    }
}
