//! What a move gives has the yes of each rule that asks about movers, whatever else the change is called (§5, "which label a rule sees").

use super::answers::{answers, asks, words};
use super::before::{Before, values};
use super::checker::Notes;
use super::memory::{Fresh, in_force};
use super::property::Property;
use super::snapshot::{Member, Snapshot};
use tenure_model::{AttributeName, CaseLabel, JustificationKind, Name as _, Phase, Reason};

pub(super) fn check(before: &Before, after: &Snapshot<'_>, new: &Fresh, notes: &mut Notes) {
    let rules = &after.setup().policy.approvals;
    for member in after.living() {
        for (_, _, reason) in in_force(after, member) {
            if !new.contains_key(&(member.identity.id, reason.clone()))
                || !is_by_move(before, after, member, &reason)
            {
                continue;
            }
            for rule in rules.iter().filter(|r| r.when.source().contains("change")) {
                let agreed = answers(member, &reason).any(|a| a.approved && a.rule == rule.name);
                if asks(after, member, rule, &reason, Some(CaseLabel::Mover)) && !agreed {
                    let lacks =
                        format!("{} by a move, without a yes to `{}`", words(member, &reason), rule.name);
                    notes.add(Property::RuleHasYes, lacks);
                }
            }
        }
    }
}

/// Whether a baseline rule reads an attribute that makes movers and that changed since the last step, in an engagement of a person
/// who was here then.
fn is_by_move(before: &Before, after: &Snapshot<'_>, member: &Member, reason: &Reason) -> bool {
    if reason.kind != JustificationKind::Baseline {
        return false;
    }
    let Some(then) = before.members.get(&member.identity.id).filter(|t| t.phase == Phase::Active) else {
        return false;
    };
    let of = |all: &[tenure_model::Engagement]| all.iter().find(|e| Some(e.id) == reason.engagement).cloned();
    let Some(was) = of(&then.identity.engagements) else { return false };
    let Some(is) = of(&member.identity.engagements) else { return false };
    let old = values(after, &then.identity, &was, before.now);
    let new = values(after, &member.identity, &is, after.now);
    let policy = &after.setup().policy;
    let moves = |name: &AttributeName| after.setup().attributes.get(name).is_some_and(|a| a.moves);
    let rule = policy.baselines.iter().find(|b| *b.name.as_str() == *reason.reference);
    let mut reads = rule.into_iter().flat_map(|rule| &rule.when.reads().attributes);
    reads.any(|name| moves(name) && old.get(name) != new.get(name))
}
