//! A dated change that a rule asks about has its question so long ahead of the day that it can be answered (§5, "asked in time").

use super::answers::{answers, asks_at};
use super::checker::Notes;
use super::given::{days_ahead, entitlements, lasts, rules};
use super::memory::in_force;
use super::property::Property;
use super::snapshot::{Member, Snapshot};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use tenure_model::{
    AccountKey, CaseLabel, Engagement, EngagementState, EntitlementName, JustificationKind, Name as _, Phase,
    Reason,
};

pub(super) fn check(after: &Snapshot<'_>, notes: &mut Notes) {
    let policy = &after.setup().policy;
    if !after.passed || policy.ask_ahead.is_zero() || policy.approvals.is_empty() {
        return;
    }
    for member in after.living().filter(|m| !m.identity.is_cut_off() && m.phase != Phase::Departed) {
        for engagement in member.identity.engagements.iter().filter(|e| e.state == EngagementState::Stated) {
            for (at, is_move) in instants(after, member, engagement) {
                if at <= after.now.checked_add(policy.ask_ahead).unwrap_or(after.now) {
                    due(after, member, engagement, (at, is_move), notes);
                }
            }
        }
    }
}

/// The instants at which values of an engagement change, or it begins; and whether the first makes a mover.
fn instants(after: &Snapshot<'_>, member: &Member, engagement: &Engagement) -> Vec<(Timestamp, bool)> {
    let zone = after.zone(&engagement.zone.name);
    let today = after.now.to_zoned(zone.clone()).date();
    let mut days: BTreeSet<Date> = days_ahead(&member.identity, today);
    days.extend(engagement.start.filter(|start| *start > today));
    let is_here = member.phase == Phase::Active && lasts(after, &member.identity, engagement, after.now);
    let begin = |day: Date| Some(day.to_zoned(zone.clone()).ok()?.timestamp());
    days.into_iter().filter_map(|day| Some((begin(day)?, is_here && moves(after, engagement, day)))).collect()
}

/// Whether an attribute that makes movers has another value from a day on.
fn moves(after: &Snapshot<'_>, engagement: &Engagement, day: Date) -> bool {
    let attributes = &after.setup().attributes;
    let mut moving =
        engagement.attributes.iter().filter(|(name, _)| attributes.get(*name).is_some_and(|a| a.moves));
    moving.any(|(_, line)| line.entries().iter().any(|e| e.from == Some(day)))
}

/// What a rule gives at an instant and did not give before, and another one asks about.
fn due(
    after: &Snapshot<'_>,
    member: &Member,
    engagement: &Engagement,
    (at, is_move): (Timestamp, bool),
    notes: &mut Notes,
) {
    if !lasts(after, &member.identity, engagement, at) || is_away(after, engagement, at) {
        return;
    }
    let eve = at.checked_sub(SignedDuration::from_hours(1)).unwrap_or(at);
    let before: Vec<_> = match lasts(after, &member.identity, engagement, eve) {
        true => rules(after, &member.identity, engagement, eve).iter().map(|r| r.name.clone()).collect(),
        false => Vec::new(),
    };
    for rule in rules(after, &member.identity, engagement, at) {
        if before.contains(&rule.name) {
            continue;
        }
        for what in entitlements(rule).filter(|e| !is_kept_apart(after, e)) {
            let reason = Reason {
                account: AccountKey { system: what.system(), kind: after.context.kind_of(what) },
                entitlement: what.clone(),
                kind: JustificationKind::Baseline,
                reference: rule.name.as_str().into(),
                engagement: Some(engagement.id),
                from: None,
            };
            if in_force(after, member).any(|(_, _, given)| given == reason) {
                continue;
            }
            for asking in &after.setup().policy.approvals {
                let change = match asking.when.source().contains("change") {
                    true if !is_move => continue,
                    true => Some(CaseLabel::Mover),
                    false => None,
                };
                if asks_at(after, member, asking, &reason, change, at)
                    && !is_asked(after, member, asking.name.as_str(), &reason)
                {
                    let lacks = format!(
                        "{} {what} from {at}: `{}` asks, and no question is there",
                        member.name, asking.name
                    );
                    notes.add(Property::AskedInTime, lacks);
                }
            }
        }
    }
}

/// Whether an absence that is known begins before an instant and lasts until then: what it brings is asked about on the return.
fn is_away(after: &Snapshot<'_>, engagement: &Engagement, at: Timestamp) -> bool {
    let day = at.to_zoned(after.zone(&engagement.zone.name)).date();
    engagement.absences.iter().any(|a| a.from <= day && a.until.is_none_or(|until| until >= day))
}

/// Whether a separation may keep it away: no yes could take effect then.
fn is_kept_apart(after: &Snapshot<'_>, what: &EntitlementName) -> bool {
    after.setup().policy.separations.iter().any(|s| s.not_both.iter().any(|side| side.contains(what)))
}

/// Whether a question of a rule waits about what a reason gives, or was answered.
fn is_asked(after: &Snapshot<'_>, member: &Member, rule: &str, reason: &Reason) -> bool {
    let waits = after.asked.iter().any(|r| {
        r.identity == member.identity.id && r.rule.as_str() == rule && r.grants.contains(&reason.entitlement)
    });
    waits || answers(member, reason).any(|a| a.rule.as_str() == rule)
}
