//! What the rules of an earlier configuration still give: only a held change of the configuration keeps it, for the people whom it
//! lists and until it is released (promise 6).

use super::snapshot::{Member, Snapshot};
use std::collections::BTreeMap;
use tenure_model::{Grant, IdentityId, Justification, JustificationKind, Name as _, Phase, Reason};

/// What a rule says of a reason that it gives.
#[derive(Clone, Copy)]
struct Said {
    /// Whether it also gives it to those who have left.
    outlives: bool,
}

/// The reasons that rules give: those of the active configuration, and those that a held change keeps from the one before.
#[derive(Default)]
pub(super) struct Kept(BTreeMap<IdentityId, BTreeMap<Reason, Said>>);

impl Kept {
    /// The reasons after a step. A reason that the active configuration does not know is only carried on: from the step before, and for a
    /// person whom the held change lists.
    pub(super) fn follow(&mut self, after: &Snapshot<'_>) {
        let before = std::mem::take(&mut self.0);
        for member in after.living() {
            let is_listed = after.kept_back.contains(&member.identity.id);
            let was = before.get(&member.identity.id).filter(|_| is_listed);
            let said = |reason: &Reason| {
                let kept = || was.and_then(|was| was.get(reason).copied());
                by_rule(after, reason).or_else(kept)
            };
            let reasons = of(member).filter_map(|reason| Some((said(&reason)?, reason)));
            self.0.insert(member.identity.id, reasons.map(|(said, reason)| (reason, said)).collect());
        }
    }

    /// Whether a rule gives it, or a held change keeps what a rule gave before.
    pub(super) fn knows(&self, member: &Member, grant: &Grant, because: &Justification) -> bool {
        self.said(member, grant, because).is_some()
    }

    /// Whether such a rule also gives it to those who have left.
    pub(super) fn outlives(&self, member: &Member, grant: &Grant, because: &Justification) -> bool {
        self.said(member, grant, because).is_some_and(|said| said.outlives)
    }

    fn said(&self, member: &Member, grant: &Grant, because: &Justification) -> Option<Said> {
        let reason = Reason::of(&grant.account, &grant.entitlement, because);
        self.0.get(&member.identity.id)?.get(&reason).copied()
    }
}

/// The reasons of all that is decided to be held.
fn of(member: &Member) -> impl Iterator<Item = Reason> {
    let all = |g: &Grant| {
        let reason = |j: &Justification| Reason::of(&g.account, &g.entitlement, j);
        g.justifications.iter().map(reason).collect::<Vec<_>>()
    };
    member.decided().flat_map(all)
}

/// What the rule of the active configuration says that a reason names, where there is one.
fn by_rule(after: &Snapshot<'_>, reason: &Reason) -> Option<Said> {
    let policy = &after.setup().policy;
    let is = |name: &str| *name == *reason.reference;
    match reason.kind {
        JustificationKind::Baseline => {
            let rule = policy.baselines.iter().find(|b| is(b.name.as_str()))?;
            Some(Said { outlives: rule.during.contains(&Phase::Departed) })
        }
        JustificationKind::Handover => {
            policy.handovers.iter().any(|h| is(h.name.as_str())).then_some(Said { outlives: false })
        }
        JustificationKind::Exception => {
            policy.exceptions.iter().any(|e| is(e.name.as_str())).then_some(Said { outlives: false })
        }
        JustificationKind::Request | JustificationKind::Emergency | JustificationKind::Adopted => None,
    }
}
