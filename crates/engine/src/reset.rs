//! Which old passwords and secrets a change makes invalid: those of a returning identity, and those known to a person who may no
//! longer know them.

use crate::Context;
use crate::gap::{is_back, note_gap};
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{
    AccountKey, AccountState, Decisions, Gate, Identity, IdentityKind, Obligation, Phase, Plan, Step,
    StepKind, Subject,
};
use tenure_policy::{How, Mode};

/// Records whose passwords must not work again when an identity comes back: a rehire, a long gap, or a lifted cut-off. An old password
/// may be known to others by now. Returns whether its keys and tokens end as well.
pub(crate) fn note_return(
    context: &Context,
    before: Option<(&Identity, Phase)>,
    phase: Phase,
    subject: &mut Subject,
    now: Timestamp,
) -> bool {
    let after = &subject.identity;
    let lifted = before.is_some_and(|(b, _)| b.is_cut_off()) && !after.is_cut_off();
    let is_back = lifted || is_back(context, before, after, phase, now);
    // A departure has already ended keys and tokens; a gap may have been short when it began.
    let renewed = is_back && before.is_none_or(|(_, was)| lifted || was != Phase::Departed);
    note_gap(before.map(|(_, phase)| phase), phase, &mut subject.identity, now);
    if subject.identity.kind != IdentityKind::Person || !is_back {
        return renewed;
    }
    let there = subject.accounts.iter().filter(|a| a.target.state != AccountState::Absent);
    let void: Vec<AccountKey> = there.map(|a| a.key.clone()).filter(|key| handles(context, key)).collect();
    let all = &mut subject.identity.decisions.void;
    all.extend(void);
    all.sort();
    all.dedup();
    renewed
}

/// Whether Tenure manages passwords in the account's system.
fn handles(context: &Context, key: &AccountKey) -> bool {
    context
        .setup
        .systems
        .get(&key.system)
        .is_some_and(|s| s.activation.as_ref().is_some_and(|a| a.how != How::Federated))
}

/// Adds to a gated plan what it means for passwords. A new account of a person is activated when it is first enabled. An account
/// marked as void is reset when it is enabled; `exposed` resets every usable one.
pub(crate) fn add_resets(context: &Context, subject: &mut Subject, exposed: bool, plan: &mut Plan) {
    let is_person = subject.identity.kind == IdentityKind::Person;
    let Decisions { void, inactive, .. } = &mut subject.identity.decisions;
    let mut resets = Vec::new();
    let mut first = Vec::new();
    for step in plan.steps.iter().filter(|s| is_person && s.kind == StepKind::Create) {
        if handles(context, &step.account) && !inactive.contains(&step.account) {
            inactive.push(step.account.clone());
        }
    }
    for step in plan.steps.iter().filter(|s| s.kind == StepKind::Enable) {
        if matches!(step.gate, Gate::Open | Gate::Mode) && void.contains(&step.account) {
            void.retain(|account| *account != step.account);
            resets.push((step.account.clone(), step.gate.clone()));
            first.push((step.account.clone(), step.gate.clone()));
        } else if matches!(step.gate, Gate::Open | Gate::Mode) && inactive.contains(&step.account) {
            first.push((step.account.clone(), step.gate.clone()));
        }
    }
    inactive.retain(|account| first.iter().all(|(begun, _)| begun != account));
    if exposed {
        for account in subject.accounts.iter().filter(|a| a.target.state == AccountState::Enabled) {
            let ends =
                |s: &Step| s.account == account.key && matches!(s.kind, StepKind::Disable | StepKind::Delete);
            let observed =
                context.setup.systems.get(&account.key.system).is_some_and(|s| s.mode == Mode::Observe);
            if !plan.steps.iter().any(ends) {
                resets.push((account.key.clone(), if observed { Gate::Mode } else { Gate::Open }));
            }
        }
    }
    let step = |kind: StepKind, note: &'static str| {
        let note: Arc<str> = Arc::from(note);
        move |(account, gate)| Step {
            account,
            kind: kind.clone(),
            gate,
            because: Vec::new(),
            note: note.clone(),
        }
    };
    plan.steps
        .extend(resets.into_iter().map(step(StepKind::Reset, "the old one may be known to other people")));
    plan.steps.extend(first.into_iter().map(step(StepKind::Activate, "a first password")));
    plan.steps.sort_by(|a, b| (&a.account, &a.kind).cmp(&(&b.account, &b.kind)));
}

/// The obligation of a reset: a password newer than the decision.
pub(crate) fn owed(now: Timestamp) -> Obligation {
    // Systems report whole seconds.
    Obligation::CredentialsReset(Timestamp::from_second(now.as_second()).unwrap_or(now))
}
